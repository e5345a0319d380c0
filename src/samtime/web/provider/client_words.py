"""Words of clients' pages: kinds of numbers and contacts, reasons, acts of the access log."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.patients.queries.accesses import Seen


def kinds() -> list[tuple[str, str]]:
    """Kinds of numbers, in the order of the choice. Names of national numbers stay as they are."""
    return [
        ("fodselsnummer", "Fødselsnummer, D-nummer (NO)"),
        ("cnp", "CNP (RO)"),
        ("taj", "TAJ (HU)"),
        ("personnummer", "Personnummer (SE)"),
        ("cpr", "CPR (DK)"),
        ("hetu", "Henkilötunnus (FI)"),
        ("kennitala", "Kennitala (IS)"),
        ("passport", _("Passport")),
        ("ehic", _("European health insurance card")),
        ("national", _("Other national number")),
    ]


def contact_kinds() -> list[tuple[str, str]]:
    """Who stands beside a client."""
    return [
        ("guardian", _("Guardian")),
        ("next_of_kin", _("Next of kin")),
        ("employer", _("Employer")),
        ("payer", _("Payer")),
        ("other", _("Somebody else")),
    ]


def reasons() -> list[tuple[str, str]]:
    """Why somebody needs to see what is hidden; the code stands in the log."""
    return [
        ("", "–"),
        ("treatment", _("Treatment")),
        ("caller", _("The client is on the phone or at the desk")),
        ("billing", _("Invoice or reimbursement")),
        ("correction", _("Correcting the data")),
    ]


def purposes() -> dict[str, str]:
    """Reasons of the log in the reader's words."""
    return {
        **dict(reasons()),
        "": "–",
        "search": _("Search of clients"),
        "booking": _("Booking"),
        "call_back": _("Call-back"),
        "call_draft": _("Interrupted call"),
        "calendar": _("Calendar"),
        "bookings": _("List of bookings"),
        "today": _("Today"),
        "client": _("Client's page"),
        "record": _("Client's record"),
        "access_log": _("Access log"),
        "recent": _("Recently seen"),
        "merge": _("Merging"),
        "export": _("Export"),
        "api": _("Program (API)"),
        "statistics": _("Statistics"),
        "day_sheet": _("Day sheet"),
        "schedule": _("Medical calendars"),
        "feed": _("Calendar feed"),
        "import": _("Import"),
        "own_link": _("The client's own link"),
    }


def acts() -> dict[str, str]:
    """Acts of the log in the reader's words."""
    return {
        "searched": _("Found in a search"),
        "opened": _("Opened"),
        "changed": _("Changed"),
        "linked": _("Booked"),
        "chosen": _("Chosen for a booking"),
        "listed": _("Seen in a list"),
        "seen": _("Seen"),
        "unmasked": _("Saw a number in full"),
        "address_shown": _("Saw the protected address"),
        "exported": _("Exported"),
        "merged": _("Merged"),
        "unmerged": _("Separated again"),
    }


def access_line(actor: Actor, entry: Seen, agreements: dict[int, str]) -> dict[str, object]:
    """One reading in plain words: who, of which organization, on which agreement, what, why."""
    own = entry.organization_id == actor.organization_id
    who = entry.user_name
    if not who:
        who = {"system": _("Samtime"), "key": _("A program (API)"), "link": _("The client")}.get(
            entry.actor_kind, "" if own else _("A user there")
        )
    act = acts().get(entry.action, entry.action)
    if entry.hits is not None:
        hits = ngettext("%(count)s hit", "%(count)s hits", entry.hits) % {"count": entry.hits}
        act = f"{act} ({hits})"
    return {
        "at": entry.at,
        "who": who or "–",
        "organization": _("Own institution") if own else entry.organization_name,
        "agreement": agreements.get(entry.channel_id or 0, "–"),
        "act": act,
        "reason": purposes().get(entry.purpose, entry.purpose or "–"),
    }
