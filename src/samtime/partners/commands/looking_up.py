"""Looking a company up: the question is kept, then asked outside any transaction, then its answer.

The door does the three steps (HOUSE.md 9.1): `begin_look_up`, the register, `keep_register_answer`.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.connectors.registers import RegisterAnswer, register_of
from samtime.foundation.errors import FieldError, Invalid, NotFound, RateLimited, Refusal
from samtime.journal.commands import Happening, record
from samtime.partners import rules
from samtime.partners.commands.checks import PERSON, number_faults
from samtime.partners.models import RegisterCheck

# By user: a person who registers partners, not a machine that reads a register through us.
PER_MINUTE, PER_DAY = 10, 300
FRESH = timedelta(minutes=10)
ANSWERED = ("found", "unknown", "removed")


class NoRegister(Refusal):
    """The country has no register that is open to everybody."""

    code = "no_register"
    status = 422
    field = "company.country"
    sentence = _("There is no open company register for this country. Type the data in.")


@dataclass(frozen=True, slots=True)
class CompanyAsked:
    """What was typed: one of the two numbers is enough."""

    country: str
    registration_number: str = ""
    tax_number: str = ""


@transaction.atomic
def begin_look_up(*, actor: Actor, company: CompanyAsked) -> RegisterCheck:
    """The question, ready to be asked; one of the last ten minutes comes with its answer.

    Refuses: RightMissing, NoRegister, Invalid (no number, not its form, a person's number),
    RateLimited.
    """
    actor.require(Right.INVITE_PARTNER)
    register = register_of(company.country)
    if register is None:
        raise NoRegister()
    number = _number(company)
    now = timezone.now()
    known: RegisterCheck | None = (
        RegisterCheck.objects.visible_to(actor)
        .filter(country=company.country, number=number, outcome__in=ANSWERED)
        .filter(fetched_at__gte=now - FRESH)
        .order_by("-id")
        .first()
    )
    if known is not None:
        return known
    _judge_rate(actor)
    check: RegisterCheck = RegisterCheck.objects.create(
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        country=company.country,
        number=number,
        source=register.source,
        asked_at=now,
    )
    _note(actor, check, "register.asked")
    return check


@transaction.atomic
def keep_register_answer(
    *, actor: Actor, check: RegisterCheck, answer: RegisterAnswer
) -> RegisterCheck:
    """What the register said, kept beside the question. Refuses: RightMissing, NotFound."""
    actor.require(Right.INVITE_PARTNER)
    rows = RegisterCheck.objects.visible_to(actor).select_for_update()
    kept: RegisterCheck | None = rows.filter(pk=check.pk).first()
    if kept is None:
        raise NotFound()
    told: dict[str, Any] = asdict(answer)
    kept.outcome, kept.source = told.pop("outcome"), told.pop("source")
    kept.fetched_at, kept.told = told.pop("fetched_at"), told
    kept.save()
    _note(actor, kept, "register.answered", outcome=kept.outcome)
    return kept


def _number(company: CompanyAsked) -> str:
    for field, text in (
        ("company.registration_number", company.registration_number),
        ("company.tax_number", company.tax_number),
    ):
        if rules.is_persons_number(company.country, text):
            raise Invalid(FieldError(field, "person_not_company", PERSON))
    number = rules.asked_by(company.country, company.registration_number, company.tax_number)
    if number:
        return number
    typed = company.registration_number or company.tax_number
    faults = number_faults(
        company.country, company.registration_number, company.tax_number, demanded=False
    )
    if typed and faults:
        raise Invalid(*faults)
    if company.country == "NO":
        sentence = _("Write the organisation number first.")
        raise Invalid(FieldError("company.registration_number", "required", sentence))
    sentence = _("Write the tax number first: the register is asked by it.")
    raise Invalid(FieldError("company.tax_number", "required", sentence))


def _judge_rate(actor: Actor) -> None:
    with connection.cursor() as cursor:
        mark = f"register {actor.organization_id} {actor.user_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [mark])
    now = timezone.now()
    mine = RegisterCheck.objects.visible_to(actor).filter(user_id=actor.user_id)
    if mine.filter(asked_at__gt=now - timedelta(minutes=1)).count() >= PER_MINUTE:
        raise RateLimited(retry_after=60)
    if mine.filter(asked_at__gt=now - timedelta(days=1)).count() >= PER_DAY:
        raise RateLimited(retry_after=3600)


def _note(actor: Actor, check: RegisterCheck, kind: str, **data: object) -> None:
    happening = Happening(
        kind=kind,
        object_kind="register_check",
        object_id=check.public_id,
        organization_id=actor.organization_id,
        data={"country": check.country, "source": check.source, **data},
    )
    record(actor, happening)
