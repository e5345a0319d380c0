"""Organizations, places and accounts of the town. Everybody is invented; slugs are fixed."""

from dataclasses import dataclass, field

PASSWORD = "samtime-demo"  # noqa: S105 - the demo's public password


@dataclass(frozen=True, slots=True)
class PlaceData:
    """A location: slug, name, street, postal code, city, zone, latitude and longitude."""

    slug: str
    name: str
    street: str
    postal_code: str
    city: str
    time_zone: str
    latitude: float
    longitude: float
    phone: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user: e-mail, name, roles, what the account is for, his own licence number if he treats."""

    email: str
    name: str
    roles: tuple[str, ...]
    role: str
    books_at_partners: bool = False
    licence: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationData:
    """An organization with its places and accounts; `files` are services and staff to import."""

    slug: str
    name: str
    country: str
    currency: str
    language: str
    registration_number: str
    tax_number: str
    capabilities: tuple[str, ...]
    accounts: tuple[Account, ...]
    kind: str = "provider"
    company_type: str = ""
    city: str = ""
    places: tuple[PlaceData, ...] = ()
    files: tuple[str, ...] = field(default=())


OSLO, BUCHAREST, BUDAPEST = "Europe/Oslo", "Europe/Bucharest", "Europe/Budapest"
ADMIN, DESK, AGENT = ("admin",), ("receptionist",), ("agent",)
MANAGER = ("partner_manager", "agent")

FJORD = OrganizationData(
    "fjord", "Fjord Fysio og Helse AS", "NO", "NOK", "nb", "999100015", "999100015MVA",
    ("provider",),
    (
        Account("admin@fjord.example", "Test-Marit Adminsen", ADMIN, "admin"),
        Account("desk@fjord.example", "Prøve-Per Skrankesen", DESK, "desk"),
        Account("ingrid@fjord.example", "Test-Ingrid Prøvesen", ("practitioner",), "practitioner",
                licence="9900001"),
    ),
    company_type="joint_invoicing",
    city="Bergen",
    places=(
        PlaceData("fjord-sentrum", "Fjord Sentrum", "Prøvegaten 1", "5003", "Bergen", OSLO,
                  60.3913, 5.3221, "+47 55 50 01 01"),
        PlaceData("fjord-vest", "Fjord Vest", "Testveien 22", "5165", "Laksevåg", OSLO,
                  60.3800, 5.2700, "+47 55 50 01 02"),
    ),
    files=("fjord-tjenester.csv", "fjord-behandlere.csv"),
)  # fmt: skip
AURORA = OrganizationData(
    "aurora", "Clinica Aurora SRL", "RO", "RON", "ro", "J2019012345405", "RO99900010",
    ("provider",),
    (
        Account("admin@aurora.example", "Test-Elena Administrescu", ADMIN, "admin"),
        Account("desk@aurora.example", "Proba-Ion Recepțeanu", DESK, "desk"),
    ),
    city="București",
    places=(
        PlaceData("aurora-centru", "Aurora Centru", "Str. Probei 10", "010101", "București",
                  BUCHAREST, 44.4361, 26.1003, "+40 21 555 0101"),
        PlaceData("aurora-nord", "Aurora Nord", "Bd. Testului 5", "013696", "București",
                  BUCHAREST, 44.5030, 26.0730, "+40 21 555 0102"),
        PlaceData("aurora-cluj", "Aurora Cluj", "Str. Modelului 3", "400001", "Cluj-Napoca",
                  BUCHAREST, 46.7700, 23.5900, "+40 264 555 010"),
    ),
    files=("aurora-servicii.xlsx", "aurora-medici.xlsx"),
)  # fmt: skip
DUNA = OrganizationData(
    "duna", "Duna Medical Kft.", "HU", "HUF", "hu", "01-09-999001", "99910015-2-41",
    ("provider",),
    (Account("admin@duna.example", "Teszt-Katalin Mintaházi", ADMIN, "admin"),),
    city="Budapest",
    places=(
        PlaceData("duna-budapest", "Duna Medical Budapest", "Próba utca 7.", "1051", "Budapest",
                  BUDAPEST, 47.5000, 19.0500, "+36 1 555 0101"),
    ),
    files=("duna-szolgaltatasok.csv", "duna-orvosok.csv"),
)  # fmt: skip
DELT = OrganizationData(
    "delt", "Delt Klinikk AS", "NO", "NOK", "nb", "999100023", "999100023",
    ("provider",),
    (Account("admin@delt.example", "Test-Solveig Delesen", ADMIN, "admin"),),
    company_type="shared_location",
    city="Oslo",
    places=(
        PlaceData("delt-klinikk", "Delt Klinikk", "Prøvetorget 4", "0155", "Oslo", OSLO,
                  59.9100, 10.7500, "+47 22 50 01 01"),
    ),
    files=("delt-tjenester.csv", "delt-behandlere.csv"),
)  # fmt: skip
OTHERS = (
    OrganizationData(
        "hello", "Hello Calls SRL", "RO", "RON", "ro", "J40/99901/2020", "RO99900028",
        ("partner",),
        (
            Account("admin@hello.example", "Test-Andreea Managerescu", MANAGER, "admin", True),
            Account("agent@hello.example", "Proba-Mihai Agentescu", AGENT, "agent", True),
            Account("agent2@hello.example", "Test-Bianca Apelescu", AGENT, "agent", True),
        ),
        kind="call_centre",
        city="Brașov",
    ),
    OrganizationData(
        "medpoint", "MedPoint SRL", "RO", "RON", "ro", "J40/99902/2021", "RO99900036",
        ("provider", "partner"),
        (Account("admin@medpoint.example", "Test-George Punctescu", ADMIN, "admin", True),),
        city="Ploiești",
    ),
    OrganizationData(
        "solo-en", "Solo En Osteopati ENK", "NO", "NOK", "nb", "999100031", "999100031",
        ("provider",),
        (Account("admin@solo-en.example", "Ènok-Prøve Testesen", ADMIN, "admin"),),
        company_type="invoicing_only",
        city="Oslo",
    ),
    OrganizationData(
        "solo-to", "Solo To Kiropraktikk ENK", "NO", "NOK", "nb", "999100058", "999100058",
        ("provider",),
        (Account("admin@solo-to.example", "Prøve-Tuva Tosdatter-Test", ADMIN, "admin"),),
        company_type="invoicing_only",
        city="Oslo",
    ),
    OrganizationData(
        "atlas", "Atlas Assistance SRL", "RO", "RON", "en", "J40/99903/2018", "RO99900044",
        ("assistance", "partner"),
        (
            Account("admin@atlas.example", "Test-Victor Hartescu", MANAGER, "admin", True),
            Account("agent@atlas.example", "Proba-Dana Asistescu", AGENT, "agent", True),
        ),
        kind="assistance_company",
        city="București",
    ),
    OrganizationData(
        "trygg", "Trygg Helseforsikring AS", "NO", "NOK", "nb", "999100066", "999100066MVA",
        ("insurer",),
        (
            Account("admin@trygg.example", "Test-Hanne Nettverksen", ("network_manager",), "admin"),
            Account("cases@trygg.example", "Prøve-Tor Saksen", ("case_handler",), "cases"),
        ),
        kind="insurer",
        city="Oslo",
    ),
    OrganizationData(
        "nordic", "Nordic Health Insurance AB", "SE", "SEK", "en", "5599000006",
        "SE559900000601", ("insurer",),
        (Account("admin@nordic.example", "Test-Astrid Provsson", ("network_manager",), "admin"),),
        kind="insurer",
        city="Stockholm",
    ),
    OrganizationData(
        "operator", "Samtime Network Operator", "NO", "NOK", "en", "999100074", "999100074",
        ("operator",),
        (Account("operator@samtime.example", "Test Operator", ("operator",), "operator"),),
        kind="operator",
        city="Oslo",
    ),
)  # fmt: skip
EVERYBODY = (FJORD, AURORA, DUNA, DELT, *OTHERS)
