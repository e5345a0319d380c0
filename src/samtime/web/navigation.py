"""The menu as data (SCREENS.md 3): icon, word, address, the right it needs, group, search words.

An entry shows when the person has one of its rights, the organization the capability, and the
page exists. `aliases` are other names people know a page by; the page search finds them.
"""

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.accounts.rights import Right

R = Right


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. `key` is its letter after G; `rights` any one of."""

    url: str
    icon: str
    label: str | Promise
    rights: tuple[Right, ...] = ()
    key: str = ""
    aliases: tuple[str, ...] = ()
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one head; `folded` groups open on use. `capability` limits the group."""

    key: str
    label: str | Promise
    entries: tuple[Entry, ...]
    folded: bool = False
    capability: str = "provider"


KEYS = Entry(
    "provider:keys",
    "key",
    _("Keys for programs"),
    (R.MANAGE_KEYS,),
    aliases=("API keys", "API-nøkler", "Chei API", "API-kulcsok", "Integrations"),
)
CALL_BACKS = Entry(
    "partner:callbacks",
    "phone-outgoing",
    _("Call-backs"),
    (R.BOOK_AT_PARTNER, R.CHANGE_BOOKING),
    aliases=("Call back", "Ring tilbake", "Apeluri de revenit", "Visszahívások"),
)
_SEE_CALENDAR = (R.SEE_CALENDAR, R.SEE_OWN_CALENDAR)
PROVIDER = (
    Group(
        "daily",
        "",
        (
            Entry("provider:today", "home", _("Today"), key="d"),
            Entry("provider:calendar", "calendar", _("Calendar"), _SEE_CALENDAR, key="c"),
            Entry("provider:bookings", "list-check", _("Bookings"), _SEE_CALENDAR, key="l"),
            Entry("provider:patients", "users", _("Clients"), (R.SEE_PATIENTS,)),
            Entry(
                "provider:inbox",
                "inbox",
                _("Inbox"),
                (R.SEE_INBOX,),
                key="x",
                aliases=("Exceptions", "Excepții", "Avvik", "Kivételek"),
                counts="inbox",
            ),
            Entry(
                "partner:cockpit",
                "phone-call",
                _("Partner bookings"),
                (R.BOOK_AT_PARTNER,),
                key="b",
                aliases=("Rezervări la partener", "Book"),
            ),
            replace(CALL_BACKS, rights=(R.BOOK_AT_PARTNER,)),
        ),
    ),
    Group(
        "channels",
        _("Channels"),
        (
            Entry(
                "provider:traffic_channels",
                "table-options",
                _("Traffic channels"),
                (R.SEE_CHANNELS,),
                key="t",
                aliases=("Canale de trafic", "Forgalmi csatornák", "Kanaler"),
            ),
        ),
    ),
    Group(
        "money",
        _("Money"),
        (
            Entry(
                "provider:statements",
                "receipt",
                _("Settlements"),
                (R.SEE_STATEMENTS,),
                aliases=("Oppgjør", "Deconturi", "Elszámolások", "Statements"),
            ),
        ),
    ),
    Group(
        "reports",
        _("Reports"),
        (
            Entry("provider:statistics", "chart-bar", _("Statistics"), (R.SEE_STATISTICS,)),
            Entry(
                "provider:partner_statistics",
                "arrows-exchange",
                _("Statistics sent to partner"),
                (R.SEE_STATISTICS,),
                aliases=("Statistici trimise la partener",),
            ),
        ),
    ),
    Group(
        "settings",
        _("Settings"),
        (
            Entry(
                "provider:partners",
                "affiliate",
                _("Partners"),
                (R.SEE_PARTNERS,),
                key="p",
                aliases=("Modul Partener", "Partner module", "Partner modul", "Partnermodul"),
            ),
            Entry(
                "partner:partnerships",
                "heart-handshake",
                _("Agreements and invitations"),
                (R.SEE_PARTNERS,),
            ),
            Entry(
                "provider:users",
                "user-check",
                _("Admin users"),
                (R.MANAGE_USERS,),
                aliases=("Utilizatori admin", "Permissions", "Users"),
            ),
            Entry("provider:services", "stethoscope", _("Services"), (R.SEE_CATALOG,)),
            Entry(
                "provider:schedules",
                "calendar-cog",
                _("Medical calendars"),
                (R.SEE_CALENDAR, R.EDIT_CALENDAR, R.EDIT_OWN_CALENDAR),
                aliases=("Calendare medicale", "Orvosi naptárak", "Timebok"),
            ),
            Entry(
                "provider:institution",
                "building",
                _("Institution and locations"),
                (R.SEE_ORGANIZATION,),
            ),
            Entry("provider:reminders", "bell", _("Reminders"), (R.EDIT_CATALOG,)),
            Entry(
                "provider:feeds",
                "rss",
                _("Calendar feeds"),
                (R.EDIT_CALENDAR, R.SEE_OWN_CALENDAR),
                aliases=("iCal", "ICS", "Kalenderabonnement", "Abonamente calendar"),
            ),
            Entry("provider:imports", "file-import", _("Import"), (R.EDIT_CATALOG,)),
            KEYS,
            Entry("provider:access_log", "shield-check", _("Access log"), (R.SEE_JOURNAL,)),
            Entry("provider:modules", "puzzle", _("Modules"), (R.EDIT_ORGANIZATION,)),
        ),
        folded=True,
    ),
)
PARTNER = (
    Group(
        "booking",
        "",
        (
            Entry(
                "partner:cockpit",
                "phone-call",
                _("Book"),
                (R.BOOK_AT_PARTNER,),
                key="b",
                aliases=("Partner bookings", "Rezervări la partener", "First free"),
            ),
            Entry(
                "partner:show_calendars",
                "columns",
                _("Show calendars"),
                (R.BOOK_AT_PARTNER,),
                key="k",
                aliases=("Afișare calendare", "Naptárak megjelenítése"),
            ),
            Entry(
                "partner:bookings",
                "calendar-event",
                _("Our bookings"),
                (R.BOOK_AT_PARTNER, R.CHANGE_BOOKING),
                key="l",
            ),
            CALL_BACKS,
        ),
        capability="partner",
    ),
    Group(
        "terms",
        _("Terms"),
        (
            Entry(
                "partner:catalogue",
                "list-check",
                _("What we may book"),
                (R.BOOK_AT_PARTNER, R.SEE_PARTNERS),
            ),
            Entry(
                "partner:partnerships",
                "heart-handshake",
                _("Agreements and invitations"),
                (R.SEE_PARTNERS,),
            ),
            Entry("partner:terms", "file-text", _("General terms"), (R.ACCEPT_TERMS,)),
        ),
        capability="partner",
    ),
    Group(
        "money",
        _("Money"),
        (
            Entry(
                "partner:statistics",
                "chart-bar",
                _("Statistics"),
                (R.SEE_STATISTICS, R.BOOK_AT_PARTNER),
            ),
            Entry(
                "partner:statements",
                "receipt",
                _("Statements"),
                (R.SEE_STATEMENTS,),
                aliases=("Oppgjør", "Deconturi", "Elszámolások", "Settlements"),
            ),
        ),
        capability="partner",
    ),
)
OPERATOR = (
    Group(
        "network",
        _("Network"),
        (
            Entry("operator:desk", "layout-dashboard", _("Desk"), (R.OPERATE,), key="d"),
            Entry(
                "operator:organisations",
                "building-community",
                _("Organisations"),
                (R.OPERATE,),
                key="o",
            ),
            Entry("operator:terms", "file-text", _("General terms"), (R.OPERATE,), key="t"),
        ),
        capability="operator",
    ),
)
# For those who are no provider: the same pages under their own heading.
OWN = (
    Group(
        "own",
        _("Settings"),
        (
            Entry("provider:inbox", "inbox", _("Inbox"), (R.SEE_INBOX,), counts="inbox"),
            Entry("provider:institution", "building", _("Company"), (R.SEE_ORGANIZATION,)),
            KEYS,
            Entry("provider:access_log", "shield-check", _("Access log"), (R.SEE_JOURNAL,)),
        ),
        capability="",
    ),
)

# Each desk has the users' pages under its own name, first in the group above.
USERS = {
    "partner": "partner:users",
    "insurer": "insurer:users",
    "operator": "operator:users",
    "assistance": "partner:users",
}


def _own(capabilities: list[str]) -> tuple[Group, ...]:
    """The group of those who are no provider, with the users' pages of their own desk."""
    url = next((url for name, url in USERS.items() if name in capabilities), "partner:users")
    users = Entry(url, "users", _("Users"), (R.MANAGE_USERS,), aliases=("Agents", "Permissions"))
    return tuple(replace(group, entries=(users, *group.entries)) for group in OWN)


def groups_for(capabilities: list[str]) -> tuple[Group, ...]:
    """The menu of an organization; a clinic that is a partner too keeps the provider's menu."""
    if "provider" in capabilities:
        return PROVIDER
    found = OPERATOR if "operator" in capabilities else ()
    found = (*found, *PARTNER) if "partner" in capabilities else found
    return (*found, *_own(capabilities))
