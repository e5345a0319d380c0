"""Roles and rights in plain sentences, for the users' pages and the page behind their link."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.accounts.rights import Right, Role, rights_of

R = Right
ROLES: dict[str, str | Promise] = {
    Role.ADMIN: _("Administrator"),
    Role.RECEPTIONIST: _("Receptionist"),
    Role.PRACTITIONER: _("Practitioner"),
    Role.FINANCE: _("Finance"),
    Role.PARTNER_MANAGER: _("Manager"),
    Role.AGENT: _("Agent"),
    Role.NETWORK_MANAGER: _("Network manager"),
    Role.CASE_HANDLER: _("Case handler"),
    Role.OPERATOR: _("Operator"),
}
# What the role is for, in one line under its box.
MEANINGS: dict[str, str | Promise] = {
    Role.ADMIN: _("May everything here: users, partners, prices, patients, settlements."),
    Role.RECEPTIONIST: _(
        "May book, move and cancel for everybody and see patients. May not change prices,"
        " partners or users."
    ),
    Role.PRACTITIONER: _(
        "May see, book and keep the own calendar: hours and absences. May not see other"
        " calendars, prices or users."
    ),
    Role.FINANCE: _(
        "May see statistics and settlements, change prices and commission. May not see calendars"
        " or patients."
    ),
    Role.PARTNER_MANAGER: _(
        "May add users, accept terms, see statistics and settlements. May not book unless that is"
        " switched on below."
    ),
    Role.AGENT: _(
        "May book at the institutions that opened their calendars. May not add users or see"
        " commission."
    ),
    Role.NETWORK_MANAGER: _("May add users, make agreements, see statistics."),
    Role.CASE_HANDLER: _("May work on cases and book for members. May not add users."),
    Role.OPERATOR: _("May run the network: organisations, terms, codes. Never sees patients."),
}
# The first of these rights that somebody has gives the sentence.
SENTENCES: Sequence[tuple[tuple[Right, ...], str | Promise]] = (
    ((R.SEE_CALENDAR,), _("Sees every calendar")),
    ((R.SEE_OWN_CALENDAR,), _("Sees the own calendar only")),
    ((R.BOOK,), _("Books, and takes a time before somebody else does")),
    ((R.CHANGE_BOOKING,), _("Moves and cancels bookings")),
    ((R.EDIT_CALENDAR,), _("Changes opening hours and absences")),
    ((R.EDIT_OWN_CALENDAR,), _("Changes own opening hours and absences")),
    ((R.SEE_PATIENTS,), _("Sees patients' names and contacts; every look is logged")),
    ((R.EXPORT_PATIENTS,), _("Downloads patients' data; every download is logged")),
    ((R.EDIT_CATALOG,), _("Changes services and practitioners")),
    ((R.EDIT_CHANNELS,), _("Ticks services under Traffic channels")),
    ((R.EDIT_PRICES,), _("Changes prices")),
    ((R.INVITE_PARTNER,), _("Invites partners and ends partnerships")),
    ((R.EDIT_TERMS,), _("Changes commission and terms")),
    ((R.ACCEPT_TERMS,), _("Accepts terms for the organisation")),
    ((R.SEE_STATISTICS,), _("Sees statistics")),
    ((R.EDIT_STATEMENTS,), _("Checks and sends settlements")),
    ((R.MANAGE_USERS,), _("Gives and ends the access of others")),
    ((R.MANAGE_KEYS,), _("Makes keys for programs")),
    ((R.SEE_JOURNAL,), _("Reads the access log")),
    ((R.OPERATE,), _("Runs the network")),
)


def role_words(roles: Sequence[str]) -> str:
    """«Receptionist, Finance», in the order of the table above."""
    return ", ".join(str(word) for role, word in ROLES.items() if role in roles)


def role_choices(roles: Sequence[str]) -> list[tuple[str, str, str]]:
    """Value, word and meaning of each role that fits."""
    return [(str(role), str(ROLES[role]), str(MEANINGS[role])) for role in roles]


def sentences(
    roles: Sequence[str], *, books_at_partners: bool, places: Sequence[str], practitioner: str
) -> list[str]:
    """The effective rights, each as a sentence. `places` [] means everywhere."""
    rights = rights_of(list(roles), can_book_at_partner=books_at_partners)
    told = [str(text) for wanted, text in SENTENCES if rights & set(wanted)]
    if R.BOOK_AT_PARTNER in rights:
        told.append(str(_("Books at partner institutions")))
    if R.SEE_OWN_CALENDAR in rights and R.SEE_CALENDAR not in rights:
        whose = str(_("Own calendar: %(name)s")) % {"name": practitioner}
        none = _("Sees no calendar until a practitioner is chosen here")
        told.append(str(whose if practitioner else none))
    if places:
        told.append(str(_("Only at: %(places)s")) % {"places": ", ".join(places)})
    return told
