"""Settlements: months by partner with who acts next; a statement, sent, answered and closed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.billing import commands
from samtime.billing.models import SettlementStatement
from samtime.billing.queries.standing import is_outdated
from samtime.billing.queries.statements import one_statement
from samtime.billing.rules import EDITABLE
from samtime.foundation.errors import NotFound, Refusal
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.once import once_only
from samtime.web.statement_files import statement_file
from samtime.web.statement_list import LIST, listed, today_of
from samtime.web.statement_sheet import sheet_of
from samtime.web.statement_words import month_word, reason_words

TEMPLATE = "provider/statements/statement.html"


@page(Right.SEE_STATEMENTS)
def statements(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every partner's last months."""
    context = {
        **listed(request, actor, "provider"),
        "title": _("Settlements"),
        "lead": _("What each partner earned, month by month, and who acts next."),
        "other_word": _("Partner"),
        "empty_sentence": _("No partner bookings to settle."),
        "page_url": "provider:settlement",
    }
    return render(request, LIST, context)


def own_statement(actor: Actor, ident: UUID) -> SettlementStatement:
    """A statement of which the organization is the institution. Refuses: NotFound."""
    found = one_statement(actor, ident, today=today_of(actor))
    if found.provider_id != actor.organization_id:
        raise NotFound()
    return found


@page(Right.SEE_STATEMENTS)
@once_only
def settlement(request: HttpRequest, actor: Actor, statement_id: UUID) -> HttpResponse:
    """The statement; a POST runs the act named by its button."""
    found = own_statement(actor, statement_id)
    state = FormState.posted(request.POST)
    if request.method != "POST":
        return _shown(request, actor, found, state)
    act = ACTS.get(state.text("act"))
    if act is None:
        return _shown(request, actor, found, state, status=422)
    try:
        act[0](actor, found, state, timezone.now())
    except Refusal as refusal:
        state.refuse(refusal)
        fresh = own_statement(actor, statement_id)
        return _shown(request, actor, fresh, state, status=refusal.status)
    messages.success(request, str(act[1]()))
    return redirect(request.path)


def _shown(
    request: HttpRequest,
    actor: Actor,
    found: SettlementStatement,
    state: FormState,
    status: int = 200,
) -> HttpResponse:
    sheet = sheet_of(actor, found, now=timezone.now(), shown=request.GET.get("show", ""))
    over = found.period < today_of(actor).replace(day=1)
    context = {
        "sheet": sheet,
        "found": found,
        "state": state,
        "errors": state.errors,
        "own": True,
        "crumb": _("Settlements"),
        "crumb_href": reverse("provider:statements", args=[slug_of(request)]),
        "detail_url": "provider:booking",
        "may_edit": actor.may(Right.EDIT_STATEMENTS),
        "editable": found.state in EDITABLE,
        "over": over,
        "outdated": found.state in ("computed", "reviewed") and is_outdated(found, timezone.now()),
        "consequences": sending_consequences(found),
        "closing": closing_consequences(),
        "reasons": reason_words(),
    }
    return render(request, TEMPLATE, context, status=status)


def sending_consequences(found: SettlementStatement) -> list[str]:
    """What follows from sending, in sentences."""
    facts = {"name": found.partner.name}
    return [
        _("%(name)s gets a mail and an item in its inbox.") % facts,
        _("The lines are frozen. What changes later is corrected in a later month."),
        _("%(name)s has 14 days to accept or to dispute lines.") % facts,
    ]


def closing_consequences() -> list[str]:
    """What follows from closing, in sentences."""
    return [
        _("This month is settled for good and cannot be opened again."),
        _("What changes later is corrected in a later month."),
    ]


@page(Right.EDIT_STATEMENTS)
@once_only
def statement_send(request: HttpRequest, actor: Actor, statement_id: UUID) -> HttpResponse:
    """The question before sending, and the sending (grade b: others are told)."""
    found = own_statement(actor, statement_id)
    context = {"found": found, "consequences": sending_consequences(found)}
    return _confirmed(
        request, "send", found, context, lambda: commands.send_statement(
            actor=actor, statement=statement_id, now=timezone.now()
        ), lambda: _("Sent. The partner is told."),
    )  # fmt: skip


@page(Right.EDIT_STATEMENTS)
@once_only
def statement_close(request: HttpRequest, actor: Actor, statement_id: UUID) -> HttpResponse:
    """The question before closing; the partner's name is typed (grade c: not taken back)."""
    found = own_statement(actor, statement_id)
    context = {"found": found, "closing": closing_consequences()}
    return _confirmed(
        request, "close", found, context, lambda: commands.close_statement(
            actor=actor, statement=statement_id, now=timezone.now()
        ), lambda: _("Closed. This month is settled."),
    )  # fmt: skip


def _confirmed(
    request: HttpRequest,
    act: str,
    found: SettlementStatement,
    context: dict[str, Any],
    run: Callable[[], Any],
    said: Callable[[], str],
) -> HttpResponse:
    state, status = FormState.posted(request.POST), 200
    if request.method == "POST":
        if act == "close" and state.text("name").casefold() != found.partner.name.casefold():
            state.wrong("name", _("Type the partner's name as it stands above."))
        if state.ok:
            try:
                run()
                messages.success(request, said())
                return redirect("provider:settlement", slug_of(request), found.public_id)
            except Refusal as refusal:
                state.refuse(refusal)
                status = refusal.status
        status = status if status != 200 else 422
    context |= {"state": state, "month": month_word(found.period), "act": act, "as_page": True}
    return render(request, "provider/statements/confirm.html", context, status=status)


@page(Right.SEE_STATEMENTS)
def settlement_file(
    request: HttpRequest, actor: Actor, statement_id: UUID, kind: str
) -> HttpResponse:
    """The statement as a file."""
    found = own_statement(actor, statement_id)
    return statement_file(sheet_of(actor, found, now=timezone.now()), kind)


def _compute(actor: Actor, found: SettlementStatement, state: FormState, now: datetime) -> None:
    commands.compute_statement(
        actor=actor,
        channel=found.channel.public_id,
        period=found.period,
        now=now,
        currency=found.currency,
    )


def _review(actor: Actor, found: SettlementStatement, state: FormState, now: datetime) -> None:
    commands.review_statement(actor=actor, statement=found.public_id, now=now)


def _answer(actor: Actor, state: FormState, now: datetime, *, accept: bool) -> None:
    dispute = ident_needed(state.text("dispute"))
    commands.answer_dispute(
        actor=actor, dispute=dispute, accept=accept, reason=state.text("answer"), now=now
    )


def _accept(actor: Actor, found: SettlementStatement, state: FormState, now: datetime) -> None:
    _answer(actor, state, now, accept=True)


def _decline(actor: Actor, found: SettlementStatement, state: FormState, now: datetime) -> None:
    _answer(actor, state, now, accept=False)


Act = tuple[Callable[[Actor, SettlementStatement, FormState, datetime], None], Callable[[], str]]
ACTS: dict[str, Act] = {
    "compute": (_compute, lambda: _("Computed from the bookings as they stand now.")),
    "review": (_review, lambda: _("Reviewed. It can be sent.")),
    "accept": (_accept, lambda: _("Accepted. The next statement corrects the line.")),
    "decline": (_decline, lambda: _("Declined. The partner reads your reason.")),
}
