"""Commands of partnerships: inviting, answering, changing."""

from samtime.organizations.commands import CompanyKnown
from samtime.partners.commands.answering import (
    Accepted,
    LinkDead,
    NewPerson,
    WrongAccount,
    accept_as_new_company,
    accept_by_link,
    accept_invitation,
    ask_for_new_link,
    decline_invitation,
    open_invitation,
)
from samtime.partners.commands.changing import (
    TermsChange,
    change_partner,
    change_terms,
    resume_partnership,
    suspend_partnership,
)
from samtime.partners.commands.checks import Card, Terms, number_warnings
from samtime.partners.commands.delivery import expire_invitations, note_delivery, remind_invited
from samtime.partners.commands.ending import end_partnership
from samtime.partners.commands.inviting import (
    AlreadyPartner,
    ModuleOff,
    NotPossibleInState,
    Proposal,
    invite_partner,
    resend_invitation,
    save_partner_draft,
    send_draft,
    withdraw_invitation,
)
from samtime.partners.commands.looking_up import (
    CompanyAsked,
    NoRegister,
    begin_look_up,
    keep_register_answer,
)
from samtime.partners.commands.notice import end_noticed, give_notice, take_back_notice
from samtime.partners.commands.pausing import accept_new_terms, remind_and_pause
from samtime.partners.commands.refusals import TermsNotAccepted

__all__ = [
    "Accepted",
    "AlreadyPartner",
    "Card",
    "CompanyAsked",
    "CompanyKnown",
    "LinkDead",
    "ModuleOff",
    "NewPerson",
    "NoRegister",
    "NotPossibleInState",
    "Proposal",
    "Terms",
    "TermsChange",
    "TermsNotAccepted",
    "WrongAccount",
    "accept_as_new_company",
    "accept_by_link",
    "accept_invitation",
    "accept_new_terms",
    "ask_for_new_link",
    "begin_look_up",
    "change_partner",
    "change_terms",
    "decline_invitation",
    "end_noticed",
    "end_partnership",
    "expire_invitations",
    "give_notice",
    "invite_partner",
    "keep_register_answer",
    "note_delivery",
    "number_warnings",
    "open_invitation",
    "remind_and_pause",
    "remind_invited",
    "resend_invitation",
    "resume_partnership",
    "save_partner_draft",
    "send_draft",
    "suspend_partnership",
    "take_back_notice",
    "withdraw_invitation",
]
