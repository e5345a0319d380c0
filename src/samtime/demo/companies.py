"""The demo's company register: the town's own companies and a handful of invented others.

No such company exists; every number passes its checksum. Some are in trouble on purpose, so that
each answer of a register can be tried.
"""

from dataclasses import dataclass

from samtime.demo.people import EVERYBODY


@dataclass(frozen=True, slots=True)
class CompanyData:
    """What a register tells. `number` is the one it is asked by, digits alone.

    `state`: active, bankrupt, winding_up, struck_off, inactive; or what the register does:
    removed (Norway's 410), silent (never answers), broken (answers with an error).
    """

    country: str
    number: str
    name: str
    registration_number: str = ""
    legal_form: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    vat: bool = True
    state: str = "active"
    belongs_to: str = ""
    activity: str = "8622"


_ACTIVITIES = {"call_centre": "8220", "insurer": "6512", "assistance_company": "8299"}


def _town() -> tuple[CompanyData, ...]:
    made = []
    for data in EVERYBODY:
        digits = "".join(filter(str.isdigit, data.tax_number))
        number = {"HU": digits[:8], "SE": digits[-12:]}.get(data.country, digits)
        place = data.places[0] if data.places else None
        made.append(
            CompanyData(
                data.country,
                number,
                data.name.upper() if data.country == "NO" else data.name,
                data.registration_number,
                {"AS": "AS", "ENK": "ENK", "SRL": "SRL"}.get(data.name.rpartition(" ")[2], ""),
                place.street if place else "",
                place.postal_code if place else "",
                data.city,
                vat=not data.tax_number.isdigit(),
                activity=_ACTIVITIES.get(data.kind, "8622"),
            )
        )
    return tuple(made)


OTHERS = (
    CompanyData("NO", "999200001", "NORDVIK LEGEKONTOR AS", legal_form="AS", vat=False,
                street="Prøvekaien 3", postal_code="5004", city="BERGEN"),
    CompanyData("NO", "999200028", "RINGEPUNKT AS", legal_form="AS", activity="8220",
                street="Testgata 14", postal_code="0181", city="OSLO"),
    CompanyData("NO", "999200036", "HAVN FYSIOTERAPI AS", legal_form="AS", vat=False,
                street="Modellveien 8", postal_code="4006", city="STAVANGER"),
    CompanyData("NO", "999200044", "SOLVANG REHAB AS", legal_form="AS", state="bankrupt",
                street="Prøvebakken 2", postal_code="7010", city="TRONDHEIM"),
    CompanyData("NO", "999200052", "GAMLE KLINIKK AS", legal_form="AS", state="winding_up",
                street="Testtorget 5", postal_code="9008", city="TROMSØ"),
    CompanyData("NO", "999200060", "", state="removed"),
    CompanyData("NO", "999200079", "RINGEPUNKT AS AVD BERGEN", legal_form="BEDR",
                street="Prøvegaten 30", postal_code="5003", city="BERGEN", belongs_to="999200028"),
    CompanyData("NO", "999200087", "", state="silent"),
    CompanyData("NO", "999200095", "", state="broken"),
    CompanyData("RO", "99901007", "MEDILINK BOOKING SRL", "J2021099111404", "SRL",
                "Str. Exemplului 21", "020021", "Mun. București", activity="8220"),
    CompanyData("RO", "99901015", "CABINET MEDICAL PROBA SRL", "J40/99911/2020", "SRL",
                "Bd. Modelului 4", "300002", "Mun. Timișoara", vat=False),
    CompanyData("RO", "99901023", "CALL CENTER TEST SRL", "J2024099212005", "SRL",
                "Str. Testului 9", "700003", "Mun. Iași", state="struck_off", activity="8220"),
    CompanyData("RO", "99901031", "CLINICA INACTIVA PROBA SRL", "J2021099111123", "SRL",
                "Str. Probei 1", "400004", "Mun. Cluj-Napoca", state="inactive"),
    CompanyData("HU", "99920007", "TISZA PRÓBA RENDELŐ KFT.",
                street="MINTA UTCA 12.", postal_code="6720", city="SZEGED"),
    CompanyData("HU", "99920014", "BALATON TESZT EGÉSZSÉGHÁZ ZRT.",
                street="PRÓBA TÉR 3.", postal_code="8600", city="SIÓFOK"),
    CompanyData("HU", "99920021", "", state="broken"),
)  # fmt: skip
COMPANIES = {(company.country, company.number): company for company in (*_town(), *OTHERS)}
