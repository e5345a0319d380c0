"""What a register's answer does to the form: empty fields are filled, typed ones are not lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.foundation.periods import local_day
from samtime.partners import rules
from samtime.partners.commands import CompanyAsked, number_warnings
from samtime.partners.models import RegisterCheck
from samtime.partners.queries import company_here, live_partnership
from samtime.web.form_state import FormState
from samtime.web.templatetags.formats import day_and_time, day_short

FILLED = (
    ("company.name", "name"),
    ("company.registration_number", "registration_number"),
    ("company.tax_number", "tax_number"),
    ("company.headquarters.street", "street"),
    ("company.headquarters.postal_code", "postal_code"),
    ("company.headquarters.city", "city"),
)


@dataclass(frozen=True, slots=True)
class Note:
    """A coloured line: role, icon, strong words, sentence."""

    role: str
    icon: str
    strong: str
    text: str


def asked_company(state: FormState) -> CompanyAsked:
    """Country and numbers as typed."""
    return CompanyAsked(
        state.text("company.country"),
        state.text("company.registration_number"),
        state.text("company.tax_number"),
    )


def fill(
    state: FormState, check: RegisterCheck, *, take: bool, earlier: Sequence[RegisterCheck]
) -> bool:
    """The answer into the form; True where a typed value differs and stays as it is.

    `take`: the person asked for the register's values. `earlier`: answers about other companies;
    what stands in the form as one of them told it was filled in, not typed, and makes way.
    """
    differs = False
    for field, name in FILLED:
        said, typed = str(check.told.get(name) or ""), state.text(field)
        if typed and any(typed == one.told.get(name) for one in earlier):
            typed = ""
            state.values[field] = "" if check.outcome == "found" else state.values[field]
        if not said or _same(check.country, field, typed, said):
            continue
        if take or not typed:
            state.values[field] = said
        else:
            state.warnings[field] = _("The register says: %(value)s") % {"value": said}
            differs = True
    if check.country == "NO" and not state.text("company.registration_number"):
        state.values["company.registration_number"] = check.number
    return differs


def propose_kind(actor: Actor, state: FormState, check: RegisterCheck) -> None:
    """What the company's organization here, else the register, says it is; a kind that the person
    chose stays."""
    number = rules.stored_number(check.country, state.text("company.registration_number"))
    here = company_here(actor, country=check.country, number=number)
    told = str(check.told.get("activity") or ""), str(check.told.get("legal_form") or "")
    kind = here.kind if here else rules.kind_of_activity(*told)
    standing = state.text("kind_proposed") or "provider"
    if kind in rules.KINDS and state.text("company.kind") in ("", standing):
        state.values["company.kind"] = state.values["kind_proposed"] = kind


def warn_of_numbers(state: FormState) -> None:
    """Check digits that fail, in amber at their fields (never a reason not to save)."""
    asked = asked_company(state)
    for fault in number_warnings(asked.country, asked.registration_number, asked.tax_number):
        if fault.field not in state.errors:
            state.warnings.setdefault(fault.field, str(fault.detail))


def notes_of(check: RegisterCheck, zone: str) -> list[Note]:
    """What the register said, in a receptionist's words."""
    if check.outcome != "found":
        return [_no_data(check)]
    notes = [Note("ok", "circle-check", found_words(check, zone), kind_words(check))]
    if trouble := trouble_words(check):
        notes.append(Note("warn", "alert-triangle", trouble, _("You can still invite it.")))
    if branch := str(check.told.get("belongs_to") or ""):
        number = rules.shown_number(check.country, branch)
        strong = _("This is the number of a branch.")
        text = _("Its company has the number %(number)s.") % {"number": number}
        notes.append(Note("warn", "alert-triangle", strong, text))
    return notes


def found_words(check: RegisterCheck, zone: str) -> str:
    """«Found in the company register 25 Nov 23:10.»"""
    at = day_and_time(check.fetched_at, zone)
    if check.source == "vies":
        return _("Found in the European VAT register %(at)s.") % {"at": at}
    return _("Found in the company register %(at)s.") % {"at": at}


def kind_words(check: RegisterCheck) -> str:
    """Form of company, VAT and trade register, as far as the register says."""
    vat = {True: _("VAT registered"), False: _("not VAT registered")}
    trade = {True: _("in the trade register"), False: _("not in the trade register")}
    told = check.told
    parts = [
        str(told.get("legal_form") or ""),
        vat.get(told.get("vat_registered"), ""),
        trade.get(told.get("in_trade_register"), ""),
    ]
    return " · ".join(filter(None, parts))


def trouble_words(check: RegisterCheck) -> str:
    """A company that is not simply active; «» when all is well."""
    words = {
        "struck_off": _("The register says: struck off."),
        "bankrupt": _("The register says: bankrupt."),
        "winding_up": _("The register says: being wound up."),
        "inactive": _("The register says: inactive."),
    }
    return words.get(str(check.told.get("state") or ""), "")


def _no_data(check: RegisterCheck) -> Note:
    go_on = _("Type the data in; everything else works as always.")
    words = {
        "unknown": (_("Not in the register."), _("Check the number, or type the data in.")),
        "removed": (_("Removed from the register."), _("Its data is withdrawn there.")),
        "slow": (_("The register takes too long."), go_on),
    }
    strong, text = words.get(check.outcome, (_("The register does not answer now."), go_on))
    return Note("warn", "alert-triangle", strong, text)


def letter_note(actor: Actor, state: FormState) -> tuple[Note | None, str]:
    """Which letter the company will get (P23, P24); for a partner already, its public id too."""
    country, typed = state.text("company.country"), state.text("company.registration_number")
    if not typed or rules.registration_number_fault(country, typed):
        return None, ""
    number = rules.stored_number(country, typed)
    if ours := live_partnership(actor, country=country, number=number):
        strong = _("%(name)s is already your partner.") % {"name": ours.company_name}
        text = _("Change the terms on its data sheet instead.")
        return Note("warn", "alert-triangle", strong, text), str(ours.public_id)
    here = company_here(actor, country=country, number=number)
    if here is None:
        text = _("They get a partner registration mail and must accept the general terms.")
        return Note("info", "mail", _("New company."), text), ""
    strong = _("%(name)s is here and has accepted the general terms.") % {"name": here.name}
    text = _("They get a partner notification and must approve.")
    if not here.terms_accepted:
        strong = _("%(name)s is here already.") % {"name": here.name}
        text = _("They get a partner notification, and must approve and accept the general terms.")
    return Note("info", "mail", strong, text), ""


def check_line(check: RegisterCheck | None, zone: str) -> Note:
    """The data sheet's line: when the register was asked last, and what it said."""
    if check is None or check.fetched_at is None:
        return Note("neutral", "help-circle", _("Not checked."), _("No register was asked yet."))
    day = day_short(local_day(check.fetched_at, zone))
    if check.outcome == "found":
        if trouble := trouble_words(check):
            return Note("warn", "alert-triangle", trouble, day)
        found = _("Found in company register %(day)s.") % {"day": day}
        return Note("ok", "circle-check", found, kind_words(check))
    note = _no_data(check)
    return Note(note.role, note.icon, note.strong, _("Asked %(day)s.") % {"day": day})


def _same(country: str, field: str, typed: str, said: str) -> bool:
    if field == "company.tax_number" and typed:
        asked = rules.asked_by(country, "", typed)
        return bool(asked) and asked == rules.asked_by(country, "", said)
    if field == "company.registration_number" and typed:
        return rules.stored_number(country, typed) == rules.stored_number(country, said)
    return " ".join(typed.split()).casefold() == said.casefold()
