"""Statements as the partner reads them: the same lines and sums; accepted, or disputed."""

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
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import SettlementStatement
from samtime.billing.queries.statements import one_statement
from samtime.billing.rules import ACCEPTABLE, DISPUTABLE, REASONS
from samtime.foundation.errors import NotFound, Refusal
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.money_fields import money_typed
from samtime.web.once import once_only
from samtime.web.statement_files import statement_file
from samtime.web.statement_list import LIST, listed, today_of
from samtime.web.statement_sheet import sheet_of
from samtime.web.statement_words import month_word, reason_words


@page(Right.SEE_STATEMENTS)
def statements(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The last months at every institution."""
    context = {
        **listed(request, actor, "partner"),
        "title": _("Statements"),
        "lead": _(
            "What your bookings earned at each institution, month by month, and who acts next."
        ),
        "other_word": _("Institution"),
        "empty_sentence": _("No statement sent yet."),
        "page_url": "partner:statement",
    }
    return render(request, LIST, context)


def _our_statement(actor: Actor, ident: UUID) -> SettlementStatement:
    found = one_statement(actor, ident, today=today_of(actor))
    if found.partner_id != actor.organization_id:
        raise NotFound()
    return found


@page(Right.SEE_STATEMENTS)
@once_only
def statement(request: HttpRequest, actor: Actor, statement_id: UUID) -> HttpResponse:
    """One statement; POST disputes a line or claims a missing booking."""
    found = _our_statement(actor, statement_id)
    state = FormState.posted(request.POST)
    if request.method != "POST":
        return _shown(request, actor, found, state)
    try:
        _claim(actor, found, state)
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        state.refuse(refusal)
        fresh = _our_statement(actor, statement_id)
        return _shown(request, actor, fresh, state, status=refusal.status)
    if not state.ok:
        return _shown(request, actor, found, state, status=422)
    messages.success(request, _("Disputed. The institution is told and answers."))
    return redirect(request.path)


def _claim(actor: Actor, found: SettlementStatement, state: FormState) -> None:
    wanted: int | None = None
    if state.text("wanted"):
        typed = money_typed(state, "wanted", found.currency)
        if typed is None:
            return
        wanted = typed.minor
    now, text = timezone.now(), state.text("text")
    if state.text("act") == "missing":
        commands.claim_missing_booking(
            actor=actor,
            statement=found.public_id,
            reference=state.text("reference"),
            claim=Claim("missing", wanted, text),
            now=now,
        )
        return
    line = ident_needed(state.text("line"))
    claim = Claim(state.text("reason"), wanted, text)
    commands.dispute_line(actor=actor, statement=found.public_id, line=line, claim=claim, now=now)


def _shown(
    request: HttpRequest,
    actor: Actor,
    found: SettlementStatement,
    state: FormState,
    status: int = 200,
) -> HttpResponse:
    sheet = sheet_of(actor, found, now=timezone.now(), shown=request.GET.get("show", ""))
    may = actor.may(Right.ANSWER_STATEMENTS)
    words = reason_words()
    context: dict[str, Any] = {
        "sheet": sheet,
        "found": found,
        "state": state,
        "own": False,
        "crumb": _("Statements"),
        "crumb_href": reverse("partner:statements", args=[slug_of(request)]),
        "detail_url": "partner:booking",
        "may_accept": may and found.state in ACCEPTABLE,
        "may_dispute": may and found.state in DISPUTABLE,
        "disputing": state.text("line") or request.GET.get("dispute", ""),
        "claiming": "missing" in request.GET or state.text("act") == "missing",
        "reasons": [(key, words[key]) for key in REASONS[:-1]],
        "accepting": accepting_consequences(found),
    }
    return render(request, "partner/statements/statement.html", context, status=status)


def accepting_consequences(found: SettlementStatement) -> list[str]:
    """What follows from accepting, in sentences."""
    facts = {"name": found.provider.name}
    return [
        _("You agree with every line and with the sum."),
        _("%(name)s is told and closes the month.") % facts,
    ]


@page(Right.ANSWER_STATEMENTS)
@once_only
def statement_accept(request: HttpRequest, actor: Actor, statement_id: UUID) -> HttpResponse:
    """The question before accepting, and the acceptance (grade b)."""
    found = _our_statement(actor, statement_id)
    state, status = FormState.posted(request.POST), 200
    if request.method == "POST":
        try:
            commands.accept_statement(actor=actor, statement=statement_id, now=timezone.now())
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, _("Accepted. The institution is told."))
            return redirect("partner:statement", slug_of(request), found.public_id)
    context = {
        "found": found,
        "state": state,
        "month": month_word(found.period),
        "accepting": accepting_consequences(found),
        "as_page": True,
    }
    return render(request, "partner/statements/accept.html", context, status=status)


@page(Right.SEE_STATEMENTS)
def statement_as_file(
    request: HttpRequest, actor: Actor, statement_id: UUID, kind: str
) -> HttpResponse:
    """The statement as a file."""
    found = _our_statement(actor, statement_id)
    return statement_file(sheet_of(actor, found, now=timezone.now()), kind)
