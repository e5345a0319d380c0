"""The company registers against real local servers of their true shapes, and misbehaving ones.

P9, P10: what is looked up; P33: a register that fails never fails us.
"""

import json
import time
from contextlib import contextmanager

import pytest

from samtime.connectors import outward
from samtime.connectors.anaf import connector as anaf
from samtime.connectors.registers import look_up, register_of
from tests.connectors.servers import drip, hang, huge, listening, reply
from tests.timing import quickest

UNIT = {
    "organisasjonsnummer": "312319489",
    "navn": "NORDVIK PRØVEKONTOR AS",
    "organisasjonsform": {"kode": "AS", "beskrivelse": "Aksjeselskap"},
    "forretningsadresse": {
        "adresse": ["Prøvegata 1", "2. etg."],
        "postnummer": "5003",
        "poststed": "BERGEN",
        "kommune": "BERGEN",
        "kommunenummer": "4601",
        "land": "Norge",
        "landkode": "NO",
    },
    "registrertIMvaregisteret": False,
    "registrertIForetaksregisteret": True,
    "konkurs": False,
    "underAvvikling": False,
    "underTvangsavviklingEllerTvangsopplosning": False,
}
FIRM = {
    "date_generale": {
        "cui": 99900028,
        "data": "2026-11-25",
        "denumire": "HELLO CALLS SRL",
        "adresa": "JUD. BRAŞOV, MUN. BRAŞOV, STR. PROBEI, NR.3",
        "nrRegCom": "J40/99901/2020",
        "codPostal": "500001",
        "stare_inregistrare": "INREGISTRAT din data 01.02.2020",
    },
    "inregistrare_scop_Tva": {"scpTVA": True, "perioade_TVA": []},
    "stare_inactiv": {"statusInactivi": False},
    "adresa_sediu_social": {
        "sdenumire_Strada": "Str. Probei",
        "snumar_Strada": "3",
        "sdenumire_Localitate": "Mun. Braşov",
        "sdenumire_Judet": "BRAŞOV",
    },
}
VALID = {
    "countryCode": "HU",
    "vatNumber": "99910015",
    "requestDate": "2026-11-25T22:10:00.000Z",
    "valid": True,
    "requestIdentifier": "",
    "name": "DUNA MEDICAL KFT.",
    "address": "PRÓBA UTCA 7.\n1051 BUDAPEST",
    "traderNameMatch": "NOT_PROCESSED",
}
ASKED = {"NO": "312319489", "RO": "99900028", "HU": "99910015"}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    outward.breaker.forget()
    monkeypatch.setattr(anaf, "turns", anaf.Turns(0))


@contextmanager
def register(settings, answer):
    """All three registers at one server."""
    with listening(answer) as (place, asked):
        settings.OUTWARD_ALLOW = {place}
        settings.BRREG_URL = settings.ANAF_URL = settings.VIES_URL = f"http://{place}/r"
        yield asked


def says(settings, country, body, *, status=200, seconds=20.0):
    """The answer to the usual question when the register says this."""

    def answer(handler):
        reply(handler, status, body if isinstance(body, bytes) else json.dumps(body).encode())

    with register(settings, answer):
        return look_up(country, ASKED[country], seconds=seconds)


def test_a_norwegian_company(settings):
    """P9, P10: name, form, address, VAT and trade register."""
    with register(settings, lambda h: reply(h, 200, json.dumps(UNIT).encode())) as asked:
        found = look_up("NO", "312319489")
    assert asked == [("GET", "/r/enheter/312319489", b"")]
    assert (found.outcome, found.source, found.name) == ("found", "brreg", UNIT["navn"])
    assert (found.legal_form, found.state) == ("AS", "active")
    assert (found.street, found.postal_code, found.city) == (
        "Prøvegata 1, 2. etg.",
        "5003",
        "BERGEN",
    )
    assert (found.registration_number, found.tax_number) == ("312319489", "312319489")
    assert (found.vat_registered, found.in_trade_register) == (False, True)


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"konkurs": True}, "bankrupt"),
        ({"underAvvikling": True}, "winding_up"),
        ({"underTvangsavviklingEllerTvangsopplosning": True}, "winding_up"),
        ({"slettedato": "2026-01-02"}, "struck_off"),
    ],
)
def test_a_norwegian_company_in_trouble(settings, more, state):
    """P9: found, and its state is told."""
    assert says(settings, "NO", {**UNIT, **more}).state == state


def test_a_branch_names_its_company(settings):
    """P9: branches are another resource, with another number."""
    branch = {
        "organisasjonsnummer": "312319489",
        "navn": "NORDVIK AVD BERGEN",
        "organisasjonsform": {"kode": "BEDR"},
        "overordnetEnhet": "999100015",
        "beliggenhetsadresse": {"adresse": ["Prøvegata 2"], "postnummer": "5003"},
    }

    def answer(handler):
        if "underenheter" in handler.path:
            reply(handler, 200, json.dumps(branch).encode())
        else:
            reply(handler, 404)

    with register(settings, answer):
        found = look_up("NO", "312319489")
    assert (found.outcome, found.belongs_to, found.street) == ("found", "999100015", "Prøvegata 2")


@pytest.mark.parametrize(("status", "outcome"), [(404, "unknown"), (410, "removed")])
def test_unknown_is_not_removed(settings, status, outcome):
    """P9: Brreg's 404 and 410."""
    assert says(settings, "NO", {"status": status}, status=status).outcome == outcome


def test_a_romanian_company(settings):
    """P9, P10: ANAF version 9."""
    body = {"cod": 200, "message": "SUCCESS", "found": [FIRM], "notFound": []}
    with register(settings, lambda h: reply(h, 200, json.dumps(body).encode())) as asked:
        found = look_up("RO", "99900028")
    method, path, sent = asked[0]
    assert (method, path) == ("POST", "/r/v9/tva")
    assert json.loads(sent)[0]["cui"] == 99900028
    assert (found.outcome, found.name) == ("found", "HELLO CALLS SRL")
    assert (found.registration_number, found.tax_number) == ("J40/99901/2020", "RO99900028")
    assert (found.street, found.city) == ("Str. Probei 3", "Mun. Braşov")
    assert (found.vat_registered, found.in_trade_register, found.state) == (True, True, "active")


@pytest.mark.parametrize(
    ("line", "home", "street", "city"),
    [
        ("MUNICIPIUL BUCUREŞTI, SECTOR 1, STR. PROBEI, NR.3", {}, "STR. PROBEI, NR.3",
         "MUNICIPIUL BUCUREŞTI, SECTOR 1"),
        ("București, ", {"sdenumire_Localitate": "București"}, "", "București"),
        ("JUD. CLUJ, COM. FLOREŞTI, STR. TESTULUI, NR.9", {"sdenumire_Judet": "CLUJ"},
         "STR. TESTULUI, NR.9", "COM. FLOREŞTI"),
        ("", {"sdenumire_Strada": "Str. Probei", "sdenumire_Localitate": "Sector 1 Mun. București",
              "sdenumire_Judet": "MUNICIPIUL BUCUREŞTI"}, "Str. Probei", "Sector 1 Mun. București"),
        ("", {"sdenumire_Strada": "Str. Probei", "sdenumire_Localitate": "Sat Florești",
              "sdenumire_Judet": "CLUJ"}, "Str. Probei", "Sat Florești, jud. CLUJ"),
    ],
)  # fmt: skip
def test_town_and_county_are_no_street(settings, line, home, street, city):
    """P10: ANAF tells an address in parts, or in one line."""
    firm = {
        **FIRM,
        "date_generale": {**FIRM["date_generale"], "adresa": line, "cod_CAEN": "8220"},
        "adresa_sediu_social": home,
    }
    found = says(settings, "RO", {"found": [firm], "notFound": []})
    assert (found.street, found.city, found.activity) == (street, city, "8220")


def test_a_romanian_company_struck_off_or_inactive(settings):
    """P9: only the text says RADIAT."""
    gone = {**FIRM["date_generale"], "stare_inregistrare": "RADIAT din data 01.02.2024"}
    told = {"cod": 200, "found": [{**FIRM, "date_generale": gone}], "notFound": []}
    assert says(settings, "RO", told).state == "struck_off"
    idle = {**FIRM, "stare_inactiv": {"statusInactivi": True}}
    assert says(settings, "RO", {"found": [idle], "notFound": []}).state == "inactive"


@pytest.mark.parametrize("status", [200, 404])
def test_a_romanian_number_that_is_not_there(settings, status):
    """P9: notFound, with either status."""
    body = {"cod": status, "message": "NOT FOUND", "found": [], "notFound": [99900028]}
    assert says(settings, "RO", body, status=status).outcome == "unknown"


def test_the_older_romanian_shape_is_not_taken_for_an_answer(settings):
    """P9: version 8 wrote «notfound»; better no answer than a wrong one."""
    assert says(settings, "RO", {"cod": 200, "found": [], "notfound": []}).outcome == "unavailable"


def test_one_question_a_second(settings, monkeypatch):
    """P33: the second of two waits its turn, and who cannot wait is told «slow»."""
    monkeypatch.setattr(anaf, "turns", anaf.Turns(0.2))
    body = {"cod": 200, "found": [FIRM], "notFound": []}
    with register(settings, lambda h: reply(h, 200, json.dumps(body).encode())) as asked:
        began = time.monotonic()
        outcomes = [look_up("RO", "99900028", seconds=20).outcome for _twice in range(2)]
        assert time.monotonic() - began >= 0.2
        monkeypatch.setattr(anaf, "turns", anaf.Turns(600))
        outcomes += [look_up("RO", "99900028", seconds=s).outcome for s in (20, 0.1)]
    assert (outcomes, len(asked)) == (["found", "found", "found", "slow"], 3)


def test_a_hungarian_company(settings):
    """P9, P10: VIES."""
    with register(settings, lambda h: reply(h, 200, json.dumps(VALID).encode())) as asked:
        found = look_up("HU", "99910015")
    assert json.loads(asked[0][2]) == {"countryCode": "HU", "vatNumber": "99910015"}
    assert (found.outcome, found.name, found.tax_number) == (
        "found",
        "DUNA MEDICAL KFT.",
        "HU99910015",
    )
    assert (found.street, found.postal_code, found.city) == ("PRÓBA UTCA 7.", "1051", "BUDAPEST")


def test_no_name_is_no_name(settings):
    """P9: «---» is not a company."""
    found = says(settings, "HU", {**VALID, "name": "---", "address": "---"})
    assert (found.outcome, found.name, found.street) == ("found", "", "")


@pytest.mark.parametrize(
    "body",
    [
        {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]},
        {"actionSucceed": False, "errorWrappers": [{"error": "MS_MAX_CONCURRENT_REQ"}]},
        {**VALID, "valid": False, "userError": "MS_UNAVAILABLE"},
    ],
)
def test_an_outage_is_not_invalid(settings, body):
    """P9: a member state that does not answer says nothing about the number."""
    assert says(settings, "HU", body).outcome == "unavailable"


def test_invalid_is_unknown(settings):
    """P9: the state answered no."""
    found = says(settings, "HU", {**VALID, "valid": False, "name": "---"})
    assert (found.outcome, found.vat_registered) == ("unknown", False)


def test_greece_is_el(settings):
    """P9: and the answer must be about what was asked."""
    body = {**VALID, "countryCode": "EL"}
    with register(settings, lambda h: reply(h, 200, json.dumps(body).encode())) as asked:
        assert look_up("GR", "99910015").outcome == "found"
    assert json.loads(asked[0][2])["countryCode"] == "EL"


@pytest.mark.parametrize("country", ["NO", "RO", "HU"])
@pytest.mark.parametrize(
    "misdeed",
    [
        lambda h: reply(h, 500, b"{}"),
        lambda h: reply(h, 200, b""),
        lambda h: reply(h, 200, b"<html>Maintenance</html>", "text/html"),
        lambda h: reply(h, 200, b"[]"),
        lambda h: reply(h, 200, b'{"found": 1, "notFound": {}, "valid": "yes"}'),
        lambda h: reply(h, 200, b"[" * 100_000),
        lambda h: reply(h, 302, b"", Location="http://127.0.0.1:1/"),
        lambda h: None,
        huge,
    ],
)
def test_a_register_that_misbehaves_is_unavailable(settings, country, misdeed):
    """P33: 500, empty, HTML, wrong JSON, redirect inside, hung up, huge."""
    with register(settings, misdeed):
        assert look_up(country, ASKED[country], seconds=20.0).outcome == "unavailable"


@pytest.mark.parametrize("country", ["NO", "RO", "HU"])
@pytest.mark.parametrize("misdeed", [hang, drip])
def test_a_register_that_takes_its_time_is_slow(settings, country, misdeed):
    """P33: the page waits no longer than it wants to."""
    with register(settings, misdeed):

        def ask():
            outward.breaker.forget()
            assert look_up(country, ASKED[country], seconds=0.2).outcome == "slow"

        assert quickest(ask, 0.7) < 0.7


def test_what_comes_back_is_treated_as_typed_by_a_stranger(settings):
    """P34: no control signs, no endless names, wrong kinds are nothing."""
    odd = {**UNIT, "navn": "A\x00\u202eB\n" + "x" * 5000, "registrertIMvaregisteret": "yes"}
    found = says(settings, "NO", odd)
    assert found.name.startswith("A B x")
    assert len(found.name) <= 200
    assert found.vat_registered is None


def test_who_is_asked_where():
    """P9: a country's own register before the European one; Iceland has none that is open."""
    found = {c: register_of(c) for c in ("NO", "RO", "HU", "SE", "DK", "FI", "IS")}
    assert {c: r.source if r else None for c, r in found.items()} == {
        "NO": "brreg",
        "RO": "anaf",
        "HU": "vies",
        "SE": "vies",
        "DK": "vies",
        "FI": "vies",
        "IS": None,
    }
