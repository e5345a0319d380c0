"""General terms: versions by language, a new one published with preview, who has not accepted."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.commands.terms import (
    LANGUAGES,
    NewTerms,
    check_terms_text,
    publish_terms,
)
from samtime.organizations.models import COUNTRIES
from samtime.organizations.queries import home_zone
from samtime.organizations.queries.terms import (
    asked_again_count,
    document_of,
    standings,
    versions,
)
from samtime.web.agreement_words import country_words
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.terms_file import terms_as_file

TEMPLATE = "operator/terms/terms.html"
MOST = 500
NAMES = {"en": "English", "nb": "Norsk", "ro": "Română", "hu": "Magyar"}


@page(Right.OPERATE)
def terms(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The versions; `?open=<version>` with who accepted it and who has not."""
    found = versions(actor)
    opened, rows = None, []
    if text := request.GET.get("open", ""):
        opened = next((v for v in found if str(v.number) == text), None)
        if opened is None:
            raise NotFound()
        rows = list(standings(actor, opened.number)[:MOST])
    today = local_day(timezone.now(), home_zone(actor))
    in_force = next((v.number for v in found if v.effective_from <= today), None)
    context = {
        "versions": found,
        "opened": opened,
        "rows": rows,
        "in_force": in_force,
        "today": today,
        "names": NAMES,
    }
    return render(request, TEMPLATE, context)


@page(Right.OPERATE)
@once_only
def terms_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form of a new version: first the preview, then the publication, which never changes."""
    today = local_day(timezone.now(), home_zone(actor))
    if request.method != "POST":
        return _form(request, _fresh(actor, today))
    state = FormState.posted(request.POST, lists=["countries"])
    wish = _wish(request, state)
    try:
        if state.text("act") != "publish":
            check_terms_text(wish, today)
            return (
                _preview(request, state, wish) if not state.text("back") else _form(request, state)
            )
        made = publish_terms(actor=actor, terms=wish, today=today)
    except Refusal as refusal:
        state.refuse(refusal)
        return _form(request, state, status=refusal.status)
    said = _("Version %(version)s is published. Who has to accept it is being asked.")
    messages.success(request, said % {"version": made.version})
    return redirect(f"{_home(request)}?open={made.version}")


@page(Right.OPERATE)
def terms_file(request: HttpRequest, actor: Actor, version: int, language: str) -> HttpResponse:
    """One text as a file, with its hash."""
    document = document_of(version, language)
    if document is None or document.language != language:
        raise NotFound()
    return terms_as_file(document)


def _fresh(actor: Actor, today: Any) -> FormState:
    """The newest texts to start from, a month until they count, as long to accept."""
    newest = versions(actor)[:1]
    values: dict[str, Any] = {
        "effective_from": (today + timedelta(days=30)).isoformat(),
        "accept_by": (today + timedelta(days=30)).isoformat(),
        "again": "everybody",
        "newest": newest[0].number if newest else 0,
        "countries": [],
    }
    for document in newest[0].documents if newest else []:
        values[f"title_{document.language}"] = document.title
        values[f"text_{document.language}"] = document.text
    return FormState(values)


def _wish(request: HttpRequest, state: FormState) -> NewTerms:
    texts = {}
    for language in LANGUAGES:
        text = request.POST.get(f"text_{language}", "").replace("\r\n", "\n").replace("\x00", "")
        state.values[f"text_{language}"] = text.strip()
        texts[language] = (state.text(f"title_{language}"), text.strip())
    again = state.text("again")
    return NewTerms(
        texts=texts,
        effective_from=day_typed(state.text("effective_from")),
        accept_by=day_typed(state.text("accept_by")),
        asks_again=again != "nobody",
        countries=tuple(state["countries"]) if again == "countries" else (),
        summary=state.text("summary"),
        after=int(newest) if (newest := state.text("newest")).isdecimal() else None,
    )


def _form(request: HttpRequest, state: FormState, *, status: int = 200) -> HttpResponse:
    return render(request, "operator/terms/new.html", _context(state), status=status)


def _preview(request: HttpRequest, state: FormState, wish: NewTerms) -> HttpResponse:
    context = {
        **_context(state),
        "wish": wish,
        "given": [(NAMES[lang], lang, *pair) for lang, pair in wish.texts.items() if pair[1]],
        "missing": [NAMES[lang] for lang, pair in wish.texts.items() if not pair[1]],
        "asked": asked_again_count(wish.countries) if wish.asks_again else 0,
    }
    return render(request, "operator/terms/preview.html", context)


def _context(state: FormState) -> dict[str, Any]:
    names = country_words()
    return {
        "state": state,
        "languages": [(lang, NAMES[lang]) for lang in LANGUAGES],
        "again": [
            ("everybody", _("Everybody who accepted an earlier version")),
            ("countries", _("Only organisations in these countries")),
            ("nobody", _("Nobody: it counts for new partners only")),
        ],
        "countries": [(code, names[code]) for code in COUNTRIES],
    }


def _home(request: HttpRequest) -> str:
    return reverse("operator:terms", args=[slug_of(request)])
