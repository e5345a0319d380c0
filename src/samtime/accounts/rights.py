"""Rights and roles: the only list of them (DOMAIN.md 1.4).

A role is a set of rights. The effective right is role AND active grant AND object scope AND
flag, judged in the request's transaction.
"""

from enum import StrEnum
from functools import lru_cache


class Right(StrEnum):
    """One thing a person may do; named after the act."""

    SEE_CALENDAR = "see_calendar"
    EDIT_CALENDAR = "edit_calendar"
    EDIT_OWN_CALENDAR = "edit_own_calendar"
    SEE_OWN_CALENDAR = "see_own_calendar"
    BOOK = "book"
    BOOK_AT_PARTNER = "book_at_partner"
    OVERBOOK = "overbook"
    CHANGE_BOOKING = "change_booking"
    MARK_ATTENDANCE = "mark_attendance"
    TAKE_PAYMENT = "take_payment"
    SEE_PATIENTS = "see_patients"
    EDIT_PATIENTS = "edit_patients"
    EXPORT_PATIENTS = "export_patients"
    SEE_CATALOG = "see_catalog"
    EDIT_CATALOG = "edit_catalog"
    SEE_CHANNELS = "see_channels"
    EDIT_CHANNELS = "edit_channels"
    EDIT_PRICES = "edit_prices"
    SEE_PARTNERS = "see_partners"
    INVITE_PARTNER = "invite_partner"
    EDIT_TERMS = "edit_terms"
    ACCEPT_TERMS = "accept_terms"
    SEE_STATISTICS = "see_statistics"
    SEE_STATEMENTS = "see_statements"
    EDIT_STATEMENTS = "edit_statements"
    ANSWER_STATEMENTS = "answer_statements"
    SEE_ORGANIZATION = "see_organization"
    EDIT_ORGANIZATION = "edit_organization"
    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    SEE_INBOX = "see_inbox"
    SEE_JOURNAL = "see_journal"
    OPERATE = "operate"
    ACT_BY_LINK = "act_by_link"


class Role(StrEnum):
    """Role codes of DOMAIN.md 1.4 and PROMISES.md 2.2."""

    ADMIN = "admin"
    RECEPTIONIST = "receptionist"
    PRACTITIONER = "practitioner"
    FINANCE = "finance"
    PARTNER_MANAGER = "partner_manager"
    AGENT = "agent"
    NETWORK_MANAGER = "network_manager"
    CASE_HANDLER = "case_handler"
    OPERATOR = "operator"


R = Right
_PROVIDER_ADMIN = frozenset(Right) - {R.BOOK_AT_PARTNER, R.OPERATE, R.ACT_BY_LINK}
_DESK = frozenset(
    {
        R.SEE_CALENDAR,
        R.EDIT_CALENDAR,
        R.BOOK,
        R.CHANGE_BOOKING,
        R.MARK_ATTENDANCE,
        R.TAKE_PAYMENT,
        R.SEE_PATIENTS,
        R.EDIT_PATIENTS,
        R.SEE_CATALOG,
        R.SEE_CHANNELS,
        R.SEE_ORGANIZATION,
        R.SEE_INBOX,
    }
)
ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: _PROVIDER_ADMIN,
    Role.RECEPTIONIST: _DESK,
    Role.PRACTITIONER: frozenset(
        {
            R.SEE_OWN_CALENDAR,
            R.EDIT_OWN_CALENDAR,
            R.BOOK,
            R.CHANGE_BOOKING,
            R.MARK_ATTENDANCE,
            R.SEE_PATIENTS,
            R.EDIT_PATIENTS,
            R.SEE_CATALOG,
            R.SEE_ORGANIZATION,
            R.SEE_INBOX,
        }
    ),
    Role.FINANCE: frozenset(
        {
            R.SEE_STATISTICS,
            R.SEE_STATEMENTS,
            R.EDIT_STATEMENTS,
            R.ANSWER_STATEMENTS,
            R.EDIT_PRICES,
            R.EDIT_TERMS,
            R.SEE_PARTNERS,
            R.SEE_CATALOG,
            R.SEE_CHANNELS,
            R.SEE_ORGANIZATION,
            R.SEE_INBOX,
        }
    ),
    Role.PARTNER_MANAGER: frozenset(
        {
            R.SEE_PARTNERS,
            R.ACCEPT_TERMS,
            R.SEE_STATISTICS,
            R.SEE_STATEMENTS,
            R.ANSWER_STATEMENTS,
            R.EDIT_ORGANIZATION,
            R.SEE_ORGANIZATION,
            R.MANAGE_USERS,
            R.MANAGE_KEYS,
            R.CHANGE_BOOKING,
            R.SEE_INBOX,
            R.SEE_JOURNAL,
        }
    ),
    Role.AGENT: frozenset({R.BOOK_AT_PARTNER, R.CHANGE_BOOKING, R.SEE_ORGANIZATION, R.SEE_INBOX}),
    Role.NETWORK_MANAGER: frozenset(
        {
            R.SEE_PARTNERS,
            R.ACCEPT_TERMS,
            R.MANAGE_USERS,
            R.MANAGE_KEYS,
            R.SEE_ORGANIZATION,
            R.EDIT_ORGANIZATION,
            R.SEE_STATISTICS,
            R.SEE_INBOX,
            R.SEE_JOURNAL,
        }
    ),
    Role.CASE_HANDLER: frozenset({R.SEE_ORGANIZATION, R.SEE_INBOX}),
    Role.OPERATOR: frozenset(
        {R.OPERATE, R.SEE_ORGANIZATION, R.MANAGE_USERS, R.SEE_INBOX, R.MANAGE_KEYS}
    ),
}
SEES_PATIENTS = frozenset({R.SEE_CALENDAR, R.SEE_OWN_CALENDAR, R.SEE_PATIENTS, R.BOOK_AT_PARTNER})


def rights_of(roles: list[str], *, can_book_at_partner: bool) -> frozenset[Right]:
    """The union of the roles' rights; P33's flag grants or takes booking at partners."""
    return _rights(tuple(roles), can_book_at_partner)


@lru_cache(maxsize=256)
def _rights(roles: tuple[str, ...], can_book_at_partner: bool) -> frozenset[Right]:
    found: set[Right] = set()
    for role in roles:
        found |= ROLE_RIGHTS[Role(role)]
    if can_book_at_partner:
        found |= {R.BOOK_AT_PARTNER, R.CHANGE_BOOKING}
    else:
        found.discard(R.BOOK_AT_PARTNER)
    return frozenset(found)
