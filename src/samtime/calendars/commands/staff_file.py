"""A staff list as a table: which columns there are, and the people, places and hours in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from samtime.calendars.commands.week_words import (
    DAYS,
    DayHours,
    Week,
    checked,
    day_hours,
    week_hours,
    weekday,
)
from samtime.catalog.models import Service
from samtime.documents.rules import RowFault
from samtime.foundation import cells
from samtime.foundation.cells import BadCell
from samtime.foundation.headings import (
    Column,
    HeadingMissing,
    Table,
    TableRow,
    find_table,
    folded,
)
from samtime.foundation.sheets import Value, read_sheets
from samtime.organizations.commands.practitioners import PractitionerGiven
from samtime.organizations.models import Location

T = TypeVar("T")
WEEKDAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
            _("Sunday"))  # fmt: skip
COLUMNS: tuple[Column, ...] = (
    Column("family_name", _("Family name"), (
        "surname", "last name", "etternavn", "nume", "nume de familie", "vezetéknév", "családnév",
    )),
    Column("given_name", _("Given name"), (
        "first name", "fornavn", "prenume", "keresztnév", "utónév",
    )),
    Column("name", _("Name"), (
        "full name", "practitioner", "doctor", "employee", "therapist", "navn", "fullt navn",
        "behandler", "lege", "terapeut", "ansatt", "nume complet", "nume și prenume", "medic",
        "doctor", "practician", "név", "teljes név", "orvos", "szakember",
    )),
    Column("title", _("Title"), ("tittel", "titlu", "titulus", "cím")),
    Column("profession", _("Profession"), (
        "occupation", "role", "job", "yrke", "profesjon", "stilling", "profesie", "specialitate",
        "specialty", "foglalkozás", "szakma", "beosztás",
    )),
    Column("licence", _("Licence number"), (
        "licence", "license", "license number", "hpr", "hpr number", "hpr nummer", "hpr nr",
        "cod parafă", "parafă", "număr parafă", "nyilvántartási szám", "pecsétszám",
    )),
    Column("languages", _("Languages"), (
        "language", "språk", "limbi", "limba", "nyelvek", "nyelv",
    )),
    Column("location", _("Location"), (
        "clinic", "site", "place", "branch", "lokasjon", "klinikk", "sted", "avdeling", "locație",
        "clinică", "punct de lucru", "sediu", "telephely", "helyszín", "rendelő",
    )),
    Column("services", _("Services"), (
        "services given", "service", "examinations", "treatments", "tjenester", "behandlinger",
        "undersøkelser", "servicii", "examinări", "investigații", "szolgáltatások", "vizsgálatok",
    )),
    Column("hours", _("Working hours"), (
        "hours", "weekly hours", "schedule", "opening hours", "arbeidstid", "åpningstid", "timer",
        "timeplan", "program", "orar", "program de lucru", "munkaidő", "rendelési idő",
    )),
    Column("weekday", _("Weekday"), ("day", "ukedag", "dag", "zi", "ziua", "nap", "hét napja")),
    Column("start", _("From"), (
        "start", "starts", "begin", "fra", "fra kl", "de la", "început", "kezdés", "kezdete", "tól",
    )),
    Column("end", _("To"), (
        "end", "ends", "until", "til", "til kl", "slutt", "până la", "până", "sfârșit", "vége",
        "végzés", "ig",
    )),
    Column("break", _("Break"), (
        "lunch", "breaks", "pause", "lunsj", "pauză", "pauza de masă", "szünet", "ebédszünet",
    )),
    *(Column(f"day{n}", label, (*names, *(f"{name} hours" for name in names)))
      for n, (label, names) in enumerate(zip(WEEKDAYS, DAYS, strict=True), start=1)),
)  # fmt: skip
LANGUAGE_CODES: Mapping[str, tuple[str, ...]] = {
    "en": ("english", "engelsk", "engleza", "angol"),
    "nb": ("no", "norwegian", "norsk", "bokmal", "norvegiana", "norveg"),
    "nn": ("nynorsk",),
    "sv": ("swedish", "svensk", "suedeza", "sved"),
    "da": ("danish", "dansk", "daneza", "dan"),
    "ro": ("romanian", "rumensk", "romana", "roman"),
    "hu": ("hungarian", "ungarsk", "maghiara", "magyar"),
    "de": ("german", "tysk", "germana", "nemet"),
    "fr": ("french", "fransk", "franceza", "francia"),
    "es": ("spanish", "spansk", "spaniola", "spanyol"),
    "it": ("italian", "italiensk", "italiana", "olasz"),
    "pl": ("polish", "polsk", "poloneza", "lengyel"),
    "uk": ("ukrainian", "ukrainsk", "ucraineana", "ukran"),
    "ru": ("russian", "russisk", "rusa", "orosz"),
    "se": ("sami", "samisk", "nordsamisk"),
}
CODE_OF = {word: code for code, words in LANGUAGE_CODES.items() for word in (code, *words)}
FACTS = {
    "given_name": "given_name",
    "family_name": "family_name",
    "title": "title",
    "profession": "profession",
    "licence_number": "licence",
    "languages": "languages",
}
ALL = ("all", "alle", "toate", "mind", "osszes")


@dataclass(frozen=True, slots=True)
class Clinic:
    """What a file is read against: the organization's places, services and name order."""

    locations: Sequence[Location]
    services: Sequence[Service]
    family_first: bool


@dataclass(slots=True)
class WantedCalendar:
    """A practitioner at a location; None means that the file says nothing about it."""

    row: int
    person: PractitionerGiven
    location: Location
    services: tuple[Service, ...] | None
    week: Week | None
    letters: Mapping[str, str] = field(default_factory=dict)


def read_staff_file(
    content: bytes, clinic: Clinic
) -> tuple[list[WantedCalendar], list[RowFault], Table]:
    """Every practitioner and place of the file, rows of one joined, and every fault.

    Refuses: SheetTooLarge, SheetTooLong, SheetUnreadable, HeadingMissing, HeadingTwice.
    """
    table = find_table(read_sheets(content), COLUMNS)
    if not {"name", "family_name"} & set(table.letters):
        raise HeadingMissing(missing=str(_("Name")))
    faults: list[RowFault] = []
    found: dict[tuple[str, int], WantedCalendar] = {}
    people: dict[str, PractitionerGiven] = {}
    for row in table.rows:
        wanted = _StaffRow(row, clinic, faults).wanted()
        if wanted is not None:
            who = _who(wanted.person, people)
            people[who] = _agreed(people.get(who), wanted, faults)
            key = (who, wanted.location.pk)
            found[key] = _joined(found.get(key), wanted, faults)
    for (who, _place), wanted in found.items():
        wanted.person = people[who]
    return list(found.values()), faults, table


def person_key(person: PractitionerGiven) -> str:
    """Rows about the same human: by licence number, else by name."""
    return folded(person.licence_number) or folded(f"{person.family_name} {person.given_name}")


def _who(person: PractitionerGiven, people: Mapping[str, PractitionerGiven]) -> str:
    """The key of an earlier row about the same human: equal names, and no two licence numbers."""
    name = folded(f"{person.family_name} {person.given_name}")
    number = folded(person.licence_number)
    for key, known in people.items():
        other = folded(known.licence_number)
        if number and number == other:
            return key
        same = folded(f"{known.family_name} {known.given_name}") == name
        if same and not (number and other):
            return key
    return number or name


def _agreed(
    first: PractitionerGiven | None, more: WantedCalendar, faults: list[RowFault]
) -> PractitionerGiven:
    """What all rows about one person say together; where two differ is a fault."""
    if first is None:
        return more.person
    said: dict[str, Any] = {}
    for name, column in FACTS.items():
        before, after = getattr(first, name), getattr(more.person, name)
        if before and after and before != after:
            sentence = str(_("An earlier row says something else about this person."))
            faults.append(RowFault(more.row, more.letters.get(column, ""), sentence))
        said[name] = before or after
    return replace(first, **said)


def _joined(
    first: WantedCalendar | None, more: WantedCalendar, faults: list[RowFault]
) -> WantedCalendar:
    """One row per weekday: the rows' days and services together."""
    if first is None:
        return more
    twice = set(first.week or ()) & set(more.week or ())
    if twice or (more.week is None and more.services is None):
        sentence = _("Row %(row)s says something about the same person, place and weekday.")
        faults.append(RowFault(more.row, "", str(sentence) % {"row": first.row}))
        return first
    week = {**(first.week or {}), **(more.week or {})} or None
    services = first.services
    if more.services is not None:
        services = tuple(dict.fromkeys((*(services or ()), *more.services)))
    return replace(first, week=week, services=services)


class _StaffRow:
    """Reads one row; every fault is noted with its column."""

    def __init__(self, row: TableRow, clinic: Clinic, faults: list[RowFault]) -> None:
        self.row, self.clinic, self.faults = row, clinic, faults

    def wanted(self) -> WantedCalendar | None:
        before = len(self.faults)
        person = self._person()
        location = self._location()
        services = self._read("services", self._services)
        week = self._week()
        if len(self.faults) > before or location is None:
            return None
        letters = self.row.letters
        return WantedCalendar(self.row.number, person, location, services, week, letters)

    def _read(self, key: str, how: Callable[[Value], T]) -> T | None:
        if key not in self.row.letters:
            return None
        try:
            return how(self.row[key])
        except BadCell as bad:
            self._fault(key, bad.detail)
            return None

    def _text(self, key: str, longest: int) -> str:
        return self._read(key, lambda value: cells.text(value, longest=longest)) or ""

    def _fault(self, key: str, sentence: object, **facts: object) -> None:
        text = str(sentence) % facts if facts else str(sentence)
        self.faults.append(RowFault(self.row.number, self.row.letter(key), text))

    def _person(self) -> PractitionerGiven:
        family, given = self._text("family_name", 100), self._text("given_name", 100)
        if not family:
            family, given = self._split(self._text("name", 200))
        if not family or not given:
            key = "name" if "name" in self.row.letters else "family_name"
            self._fault(key, _("Both the given name and the family name are needed."))
        return PractitionerGiven(
            given_name=given,
            family_name=family,
            title=self._text("title", 30),
            profession=self._text("profession", 100),
            licence_number=self._text("licence", 40),
            languages=self._read("languages", _languages) or (),
        )

    def _split(self, name: str) -> tuple[str, str]:
        """Family and given name of «Moe, Ingrid Test», «Ingrid Test Moe» or «Kovács Test Éva»."""
        if "," in name:
            family, given = name.split(",", 1)
            return family.strip(), given.strip()
        words = name.split()
        if len(words) < 2:
            return (words or [""])[0], ""
        if self.clinic.family_first:
            return words[0], " ".join(words[1:])
        return words[-1], " ".join(words[:-1])

    def _location(self) -> Location | None:
        places = self.clinic.locations
        said = self._text("location", 200)
        if not said and len(places) == 1:
            return places[0]
        for place in places:
            if folded(said) in (folded(place.name), folded(place.slug)):
                return place
        known = ", ".join(place.name for place in places) or "–"
        if said:
            sentence = _("«%(said)s» is not one of: %(known)s.")
            self._fault("location", sentence, said=said, known=known)
        else:
            self._fault("location", _("The location is missing: %(known)s."), known=known)
        return None

    def _services(self, value: Value) -> tuple[Service, ...] | None:
        said = cells.lines(value, longest=5000)
        if not said:
            return None
        if folded(said) in ALL:
            return tuple(self.clinic.services)
        names: dict[str, Service] = {}
        for service in reversed(self.clinic.services):
            for name in (*service.names.values(), service.name, service.code):
                names[folded(name)] = service
        return tuple(dict.fromkeys(_matched(said, names)))

    def _week(self) -> Week | None:
        week: Week | None = None
        for number in range(1, 8):
            key = f"day{number}"
            hours = self._read(key, lambda value: day_hours(cells.lines(value, longest=200)))
            if hours is not None:
                week = {**(week or {}), number: hours}
        whole = self._read("hours", lambda value: cells.lines(value, longest=1000))
        if whole:
            week = self._read("hours", lambda _value: week_hours(whole))
        day = self._read("weekday", lambda value: weekday(cells.text(value, longest=40)))
        if day is not None:
            return {day: self._day()}
        return week if week and any(hours.open for hours in week.values()) else None

    def _day(self) -> DayHours:
        start, end = self._read("start", cells.clock), self._read("end", cells.clock)
        if start is None or end is None:
            if start is not None or end is not None:
                self._fault("end" if start else "start", _("A time is missing."))
            return DayHours()
        pauses = self._read("break", lambda value: day_hours(cells.lines(value, longest=200)))
        breaks = (*pauses.open, *pauses.breaks) if pauses else ()
        hours = self._read("end", lambda _value: checked(DayHours(((start, end),))))
        if hours is None or not breaks:
            return hours or DayHours()
        whole = DayHours(((start, end),), tuple(sorted(breaks)))
        return self._read("break", lambda _value: checked(whole)) or DayHours()


def _languages(value: Value) -> tuple[str, ...]:
    words = [word for part in cells.text(value, longest=200).split(",") for word in part.split(";")]
    found = []
    for word in words:
        for piece in word.replace("/", " ").split():
            code = CODE_OF.get(folded(piece))
            if code is None:
                raise BadCell(_("«%(shown)s» is not a language we know."), shown=piece)
            found.append(code)
    return tuple(dict.fromkeys(found))


def _matched(said: str, names: Mapping[str, Service]) -> list[Service]:
    """Codes or names between semicolons, bars, lines or commas; a name may hold a comma."""
    found = []
    for piece in said.replace("|", ";").replace("\n", ";").split(";"):
        if not piece.strip():
            continue
        whole = names.get(folded(piece))
        for word in [piece] if whole else piece.split(","):
            service = names.get(folded(word))
            if service is None and word.strip():
                raise BadCell(
                    _("«%(shown)s» is not one of your services. Import the services first."),
                    shown=word.strip()[:60],
                )
            if service is not None:
                found.append(service)
    return found


def example_practitioners(location: str, services: str) -> tuple[list[str], list[list[str | int]]]:
    """Headings in the reader's language and an invented row for a location and services."""
    keys = ("family_name", "given_name", "title", "profession", "languages", "location",
            "services", "hours")  # fmt: skip
    labels = {column.key: str(column.label) for column in COLUMNS}
    hours = "Mon-Thu 08:00-16:00, break 12:00-12:30; Fri 08:00-13:00"
    profession = str(_("Physiotherapist"))
    row: list[str | int] = ["Example", "Test", "", profession, "en", location, services, hours]
    return [labels[key] for key in keys], [row]
