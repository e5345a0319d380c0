"""The demo's company register: one small server that speaks the three registers' true shapes.

It knows the companies of demo/companies.py and nobody else, on loopback; the demo reaches it
through SAMTIME_OUTWARD_ALLOW like any place on a closed network.
"""

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from samtime.demo.companies import COMPANIES, CompanyData

URLS = {
    "SAMTIME_BRREG_URL": "/enhetsregisteret/api",
    "SAMTIME_ANAF_URL": "/PlatitorTvaRest",
    "SAMTIME_VIES_URL": "/vies/rest-api",
}
SILENCE_SECONDS = 15
Said = tuple[int, Any]


class Desk(BaseHTTPRequestHandler):
    """One question, one answer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Enhetsregisteret."""
        resource, _slash, number = self.path.rpartition("/")
        branch = resource.endswith("/underenheter")
        said: Said = (404, {"status": 404})
        if branch or resource.endswith("/enheter"):
            said = norwegian(COMPANIES.get(("NO", number)), branch=branch)
        self._say(*said)

    def do_POST(self) -> None:
        """ANAF and VIES."""
        length = self.headers.get("Content-Length", "0")
        raw = self.rfile.read(min(int(length) if length.isdecimal() else 0, 10_000))
        said: Said = (404, {"message": "Not found"})
        try:
            asked = json.loads(raw)
            if self.path.endswith("/v9/tva"):
                said = romanian(str(asked[0]["cui"]))
            if self.path.endswith("/check-vat-number"):
                said = european(str(asked["countryCode"]), str(asked["vatNumber"]))
        except (ValueError, KeyError, IndexError, TypeError):
            said = (400, {"message": "Bad request"})
        self._say(*said)

    def _say(self, status: int, body: Any) -> None:
        if status == 0:
            time.sleep(SILENCE_SECONDS)
            self.close_connection = True
            return
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


def norwegian(found: CompanyData | None, *, branch: bool) -> Said:
    """`enheter/{number}` and `underenheter/{number}`."""
    if found is not None and found.state in ("silent", "broken"):
        return (0, None) if found.state == "silent" else (500, {"status": 500})
    if found is not None and found.state == "removed":
        return 410, {"organisasjonsnummer": found.number, "slettedato": "2020-01-01"}
    if found is None or bool(found.belongs_to) != branch:
        return 404, {"status": 404, "error": "Not Found"}
    address = {
        "adresse": [found.street] if found.street else [],
        "postnummer": found.postal_code,
        "poststed": found.city.upper(),
        "land": "Norge",
        "landkode": "NO",
    }
    unit: dict[str, Any] = {
        "organisasjonsnummer": found.number,
        "navn": found.name,
        "organisasjonsform": {"kode": found.legal_form, "beskrivelse": found.legal_form},
        "naeringskode1": {"kode": f"{found.activity[:2]}.{found.activity[2:]}0"},
        "registrertIMvaregisteret": found.vat,
    }
    if branch:
        return 200, {**unit, "overordnetEnhet": found.belongs_to, "beliggenhetsadresse": address}
    more = {
        "forretningsadresse": address,
        "registrertIForetaksregisteret": found.legal_form != "ENK",
        "konkurs": found.state == "bankrupt",
        "underAvvikling": found.state == "winding_up",
        "underTvangsavviklingEllerTvangsopplosning": False,
    }
    return 200, {**unit, **more}


def romanian(number: str) -> Said:
    """ANAF version 9, one company a question."""
    found = COMPANIES.get(("RO", number))
    if found is None:
        return 200, {"cod": 200, "message": "SUCCESS", "found": [], "notFound": [int(number)]}
    gone = found.state == "struck_off"
    company = {
        "date_generale": {
            "cui": int(number),
            "denumire": found.name,
            "adresa": ", ".join(filter(None, (found.city, found.street))),
            "nrRegCom": found.registration_number,
            "telefon": "",
            "codPostal": found.postal_code,
            "stare_inregistrare": f"{'RADIAT' if gone else 'INREGISTRAT'} din data 01.02.2020",
            "cod_CAEN": found.activity,
            "forma_juridica": found.legal_form,
        },
        "inregistrare_scop_Tva": {"scpTVA": found.vat, "perioade_TVA": []},
        "stare_inactiv": {"statusInactivi": found.state == "inactive"},
        "adresa_sediu_social": {
            "sdenumire_Strada": found.street,
            "snumar_Strada": "",
            "sdenumire_Localitate": found.city,
            "scod_Postal": found.postal_code,
        },
    }
    return 200, {"cod": 200, "message": "SUCCESS", "found": [company], "notFound": []}


def european(code: str, number: str) -> Said:
    """VIES `check-vat-number`; a broken one is a member state that does not answer."""
    found = COMPANIES.get(("GR" if code == "EL" else code, number))
    if found is not None and found.state == "broken":
        return 500, {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
    address = f"{found.street}\n{found.postal_code} {found.city}" if found else "---"
    return 200, {
        "countryCode": code,
        "vatNumber": number,
        "requestDate": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "valid": found is not None,
        "requestIdentifier": "",
        "name": found.name if found else "---",
        "address": address,
    }


@contextlib.contextmanager
def local_register() -> Iterator[None]:
    """Runs beside the demo, unless real registers are named; its addresses go to the children."""
    if any(os.environ.get(name) for name in URLS):
        yield
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    for name, path in URLS.items():
        os.environ[name] = f"http://{place}{path}"
    allowed = [p for p in os.environ.get("SAMTIME_OUTWARD_ALLOW", "").split(",") if p]
    os.environ["SAMTIME_OUTWARD_ALLOW"] = ",".join([*allowed, place])
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
