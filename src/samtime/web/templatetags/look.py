"""Tags of the look: icon, badge, the frame, form fields, the summary of errors."""

import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, Form, Select, Textarea
from django.forms.widgets import CheckboxSelectMultiple, FileInput, RadioSelect
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samtime.web.badges import badge_of
from samtime.web.form_state import FormState
from samtime.web.frame import Frame, Line, address, frame_for
from samtime.web.icons import icon_svg
from samtime.web.kept_form import mark_of
from samtime.web.scripts import module

register = template.Library()
register.simple_tag(module)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """`{% icon "calendar-event" %}`: decoration beside a word, hidden from screen readers."""
    return icon_svg(name, extra)


@register.simple_tag
def badge(kind: str, state: str, word: str = "") -> str:
    """`{% badge "partnership" item.state %}`; `word` replaces the table's word («Ends 31 Jan»)."""
    sign = badge_of(kind, state)
    facts = {
        "role": sign.role,
        "icon_name": sign.icon,
        "word": word or sign.word,
        "icon_role": sign.icon_role,
    }
    return mark_safe(render_to_string("components/badge.html", facts).strip())


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> Frame:
    """What stands around the page; see web/frame.py."""
    request = context["request"]
    given: Frame | None = getattr(request, "frame", None)
    return given or frame_for(request)


_kept: dict[tuple[Any, ...], SafeString] = {}
MOST_KEPT = 2000


@register.simple_tag(takes_context=True)
def kept(context: template.Context, name: str, mark: Any) -> SafeString:
    """`{% kept "components/palette.html" frame.menu_mark %}`: an included template that depends on
    its mark and the language alone, written once for each. An empty mark keeps nothing."""
    key = (name, get_language(), mark)
    found = _kept.get(key)
    if found is None:
        part: Any = get_template(name)
        found = part.template.render(context)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        if mark:
            _kept[key] = found
    return found


@register.simple_tag(takes_context=True)
def own_url(context: template.Context, name: str, *args: Any) -> str:
    """`{% own_url "provider:partner" item.public_id %}`: an address under this organization."""
    match = context["request"].resolver_match
    return _reversed(name, match.kwargs["slug"], *args)


@lru_cache(maxsize=8192)
def _reversed(name: str, *args: Any) -> str:
    """A page of twenty columns asks for hundreds of addresses, mostly the same ones."""
    return reverse(name, args=args)


@register.simple_tag
def cal_place(starts: int, minutes: int) -> str:
    """Classes that put a block into a calendar column; see static/samtime/calendar.css.

    `starts`: minutes after the place's midnight. Both are rounded outwards to cells of 5 minutes.
    """
    first, last = starts // 5, -(-(starts + minutes) // 5)
    cells = max(last - first, 1)
    return f"st-h-{first // 12} st-m-{first % 12} st-lh-{cells // 12} st-lm-{cells % 12}"


@register.simple_tag
def language_choices() -> dict[str, Any]:
    """Languages by their own names, the current one, and where the choice is posted."""
    names = dict(settings.LANGUAGES)
    current = names.get(get_language() or "en", "English")
    return {"all": settings.LANGUAGES, "current": current, "href": address("account:language")}


@register.simple_tag
def field(bound: BoundField, hint: str = "") -> str:
    """A Django form's field with label, hint, error and the right attributes."""
    widget = bound.field.widget
    attrs: dict[str, Any] = {"class": _css(widget)}
    if widget.attrs.get("placeholder"):
        attrs["placeholder"] = ""  # the label says it, and stays when something is typed
    hint = str(hint or bound.help_text or "")
    described = _described(bound.id_for_label, bool(hint), bool(bound.errors))
    if described:
        attrs["aria-describedby"] = described
    if isinstance(widget, Textarea):
        attrs["rows"] = 4
    if bound.errors:
        attrs["aria-invalid"] = "true"
    facts = {
        "id": bound.id_for_label or bound.auto_id,
        "label": bound.label,
        "control": bound.as_widget(attrs=attrs),
        "hint": hint,
        "errors": list(bound.errors),
        "optional": not bound.field.required,
        "group": isinstance(widget, (RadioSelect, CheckboxSelectMultiple)),
    }
    single = isinstance(widget, CheckboxInput)
    file = "components/check_field.html" if single else "components/form_field.html"
    return render_to_string(file, facts)


@register.simple_tag
def password_field(bound: BoundField) -> str:
    """A password with a «Show» button, which appears where scripts run."""
    return _wrapped(bound, {"class": "st-input"}, "components/show_password.html")


@register.simple_tag
def code_field(bound: BoundField) -> str:
    """Six digits or a recovery code: one field, paste works, phones offer the code."""
    attrs = {
        "class": "st-input st-input-code",
        "autocomplete": "one-time-code",
        "autocapitalize": "off",
        "spellcheck": "false",
        "maxlength": "20",
    }
    return _wrapped(bound, attrs, "")


def _wrapped(bound: BoundField, attrs: dict[str, Any], around: str) -> str:
    hint = str(bound.help_text or "") if not around else ""
    described = _described(bound.id_for_label, bool(hint), bool(bound.errors))
    if described:
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    attrs["placeholder"] = ""
    control = bound.as_widget(attrs=attrs)
    if around:
        control = mark_safe(
            render_to_string(around, {"control": control, "id": bound.id_for_label})
        )
    facts = {
        "id": bound.id_for_label,
        "label": bound.label,
        "control": control,
        "hint": hint,
        "errors": list(bound.errors),
    }
    return render_to_string("components/form_field.html", facts)


@register.simple_tag(takes_context=True)
def account_tabs(context: template.Context) -> list[Line]:
    """The person's own pages, as tabs; those that are not built are left out."""
    path = context["request"].path
    wanted = (
        ("account:profile", _("Profile")),
        ("account_email", _("E-mail address")),
        ("account_change_password", _("Password")),
        ("mfa_index", _("Second step")),
        ("usersessions_list", _("Signed in")),
    )
    found = [(address(name), label) for name, label in wanted]
    return [Line(href, label, current=path.startswith(href)) for href, label in found if href]


def _css(widget: Any) -> str:
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple, CheckboxInput)):
        return ""
    if isinstance(widget, Select):
        return "st-select"
    if isinstance(widget, Textarea):
        return "st-textarea"
    return "st-input" if not isinstance(widget, FileInput) else "st-input st-file"


def _described(ident: str, hint: bool, wrong: bool) -> str:
    names = [f"{ident}_helptext" if hint else "", f"{ident}_error" if wrong else ""]
    return " ".join(filter(None, names))


def _facts(state: FormState, name: str, label: str, given: dict[str, Any]) -> dict[str, Any]:
    ident = f"id_{name.replace('.', '_')}"
    return {
        "id": ident,
        "name": name,
        "label": label,
        "error": state.errors.get(name, ""),
        "warning": state.warnings.get(name, ""),
        "value": state[name],
        **given,
    }


def _control_attrs(facts: dict[str, Any], names: Iterable[str]) -> str:
    pairs = [("id", facts["id"]), ("name", facts["name"])]
    pairs += [(n, facts[n]) for n in names if facts.get(n)]
    if facts["error"]:
        pairs.append(("aria-invalid", "true"))
    described = _described(facts["id"], bool(facts.get("hint")), bool(facts["error"]))
    if described:
        pairs.append(("aria-describedby", described))
    if not facts.get("optional"):
        pairs.append(("required", "required"))
    return format_html_join("", ' {}="{}"', pairs)


@register.simple_tag
def text_field(state: FormState, name: str, label: str, **given: Any) -> str:
    """`{% text_field state "email" _("E-mail") type="email" hint=... optional=True %}`.

    Further: autocomplete, inputmode, maxlength, warning. `value` replaces the typed one.
    """
    return render_to_string("components/form_field.html", _facts(state, name, label, given))


@register.simple_tag
def hidden_field(state: FormState, name: str) -> str:
    """A value that travels with the form unseen."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, state[name] or "")


@register.simple_tag
def once_field() -> str:
    """The hidden key of a form that is carried out once, however often it is sent (web/once.py)."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4().hex)


@register.simple_tag(takes_context=True)
def person_mark(context: template.Context) -> str:
    """Whose page this is, signed: what a sign-in over the page is compared with (kept_form.py)."""
    user = context["request"].user
    return mark_of(user) if user.is_authenticated else ""


@register.simple_tag
def area_field(state: FormState, name: str, label: str, **given: Any) -> str:
    """A text of several lines; parameters as `text_field`, and `rows`."""
    facts = _facts(state, name, label, given)
    attrs = _control_attrs(facts, ("rows", "maxlength"))
    facts["control"] = format_html(
        '<textarea class="st-textarea"{}>{}</textarea>', attrs, facts["value"]
    )
    return render_to_string("components/form_field.html", facts)


@register.simple_tag
def choice_field(
    state: FormState, name: str, label: str, choices: Iterable[tuple[Any, Any]], **given: Any
) -> str:
    """A drop-down; `choices` are (value, word) pairs; parameters as `text_field`."""
    facts = _facts(state, name, label, given)
    chosen = str(facts["value"])
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((v, " selected" if str(v) == chosen else "", w) for v, w in choices),
    )
    attrs = _control_attrs(facts, ())
    facts["control"] = format_html('<select class="st-select"{}>{}</select>', attrs, options)
    return render_to_string("components/form_field.html", facts)


@register.simple_tag
def choices_field(
    state: FormState, name: str, label: str, choices: Iterable[tuple[Any, Any]], **given: Any
) -> str:
    """A set of boxes (`several=True`) or of round buttons; (value, word) pairs."""
    facts = _facts(state, name, label, {"group": True, **given})
    value = facts["value"]
    chosen = {str(v) for v in value} if isinstance(value, (list, tuple, set)) else {str(value)}
    kind = "checkbox" if given.get("several") else "radio"
    lines = (
        (
            kind,
            f"{facts['id']}_{n}",
            name,
            v,
            " checked" if str(v) in chosen else "",
            f"{facts['id']}_{n}",
            w,
        )
        for n, (v, w) in enumerate(choices)
    )
    form = (
        '<div class="st-check"><input type="{}" id="{}" name="{}" value="{}"{}>'
        '<label for="{}">{}</label></div>'
    )
    facts["control"] = format_html(
        '<div id="{}" class="st-choices">{}</div>', facts["id"], format_html_join("", form, lines)
    )
    return render_to_string("components/form_field.html", facts)


@register.simple_tag
def check_field(state: FormState, name: str, label: str, **given: Any) -> str:
    """One box with its sentence; checked when the typed value is not empty."""
    facts = _facts(state, name, label, {"optional": True, **given})
    attrs = _control_attrs(facts, ())
    checked = " checked" if facts["value"] not in ("", False, None, "0", "false") else ""
    facts["control"] = format_html('<input type="checkbox" value="1"{}{}>', attrs, checked)
    facts["errors"] = [facts["error"]] if facts["error"] else []
    return render_to_string("components/check_field.html", facts)


@register.simple_tag
def error_summary(form: Form | FormState) -> str:
    """The box at the top of a refused form, each line a link to its field; «» when all is well."""
    lines = _state_lines(form) if isinstance(form, FormState) else _form_lines(form)
    return render_to_string("components/error_summary.html", {"lines": lines})


def _state_lines(state: FormState) -> list[tuple[str, str]]:
    fields = [(f"#id_{name.replace('.', '_')}", text) for name, text in state.errors.items()]
    return [("", text) for text in state.general] + fields


def _form_lines(form: Form) -> list[tuple[str, str]]:
    lines = [("", str(text)) for text in form.non_field_errors()]
    for bound in form:
        target = f"#{bound.id_for_label or bound.auto_id}"
        lines += [(target, f"{bound.label}: {text}") for text in bound.errors]
    return lines
