"""The look: contrast, icons, badges, formats, menu, headers, sizes."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateDoesNotExist
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from samtime.accounts.rights import Right
from samtime.bookings.models import PAYMENT_STATES, STATES
from samtime.foundation.money import Money
from samtime.web import navigation
from samtime.web.badges import BADGES
from samtime.web.form_state import FormState
from samtime.web.icons import icon_svg
from samtime.web.middleware import SecurityHeaders, content_security_policy, language_of
from samtime.web.templatetags import formats

WEB = Path(navigation.__file__).parent
STATIC = WEB / "static" / "samtime"
TOKENS = dict(
    re.findall(r"(--st-[a-z0-9-]+):\s*(#[0-9a-f]{6});", (STATIC / "tokens.css").read_text())
)
TEXT = [
    *(
        (f"--st-ink{n}", f"--st-{ground}")
        for n in ("", "-2", "-3")
        for ground in ("surface", "page")
    ),
    ("--st-ink-2", "--st-sunken"),
    ("--st-primary", "--st-surface"),
    ("--st-primary", "--st-page"),
    ("--st-primary", "--st-primary-soft"),
    ("--st-surface", "--st-primary"),
    ("--st-surface", "--st-primary-hover"),
    ("--st-surface", "--st-danger-solid"),
    ("--st-surface", "--st-ink"),
    *((f"--st-{r}", f"--st-{r}-soft") for r in ("ok", "warn", "danger", "info", "neutral")),
    *((f"--st-src-{s}", f"--st-src-{s}-soft") for s in ("desk", "partner", "assist", "insurer")),
]
CONTROLS = [("--st-control", "--st-surface"), ("--st-control", "--st-page")]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink, ground):
    """SCREENS 2.2: text and its ground differ by at least 4.5."""
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(("line", "ground"), CONTROLS)
def test_a_field_can_be_seen(line, ground):
    """SCREENS 2.2: the border of a field differs from its ground by at least 3."""
    assert contrast(line, ground) >= 3


def test_light_mode_only():
    """SCREENS 2.2: Tabler's light-dark() never switches by itself."""
    assert "color-scheme: light;" in (STATIC / "tokens.css").read_text()


@pytest.mark.parametrize("path", sorted([*STATIC.glob("*.css"), *STATIC.glob("*.js")]), ids=str)
def test_files_stay_small(path):
    assert len(path.read_text().splitlines()) < 400


def test_every_module_that_is_imported_exists():
    """A wrong file name would stop all scripts of the page."""
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text()):
            assert (STATIC / name).is_file(), f"{path.name} imports {name}"


def test_templates_hold_no_style_and_no_script_of_their_own():
    """HOUSE 9.11: the policy admits neither, so they would silently do nothing."""
    faults = []
    for path in (WEB / "templates").rglob("*.html"):
        text = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.S)
        if re.search(r"\sstyle=|\son[a-z]+=|<script>|javascript:|hx-on|js:", text):
            faults.append(path.name)
    assert not faults


def test_our_classes_start_with_st():
    """SCREENS 2.17: Tabler owns the short names."""
    faults = set()
    for path in (WEB / "templates").rglob("*.html"):
        text = re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.S)
        for names in re.findall(r'class="([^"]*)"', text):
            faults |= {n for n in names.split() if not n.startswith("st-")}
    assert not faults


@pytest.mark.parametrize("path", sorted((WEB / "templates").rglob("*.html")), ids=str)
def test_every_template_can_be_read(path):
    try:
        get_template(str(path.relative_to(WEB / "templates")))
    except TemplateDoesNotExist as missing:
        pytest.fail(str(missing))


def test_an_icon_is_inline_and_silent():
    text = icon_svg("calendar-event")
    assert 'aria-hidden="true"' in text
    assert 'stroke-width="1.75"' in text
    assert "<path" in text


@pytest.mark.parametrize("name", ["no-such-icon", "../../../package", "calendar.event"])
def test_an_unknown_icon_is_a_fault(name):
    with pytest.raises(KeyError):
        icon_svg(name)


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        ("booking", STATES),
        ("payment", PAYMENT_STATES),
        (
            "partnership",
            [
                "draft",
                "invited",
                "declined",
                "expired",
                "withdrawn",
                "active",
                "suspended",
                "notice_given",
                "ended",
            ],
        ),
        (
            "invitation",
            [
                "queued",
                "sent",
                "delivered",
                "deferred",
                "bounced",
                "failed",
                "opened",
                "accepted",
                "expired",
                "revoked",
            ],
        ),
        ("mail", ["queued", "sent", "delivered", "deferred", "bounced", "failed"]),
    ],
)
def test_every_state_has_its_sign(kind, states):
    """SCREENS 2.6: icon and word for each state of the contract."""
    for state in states:
        sign = BADGES[kind][state]
        assert str(sign.word)
        assert "<path" in icon_svg(sign.icon)


def test_a_badge_says_its_word():
    """SCREENS 1.4: colour is never the only sign."""
    text = Template('{% load look %}{% badge "payment" "paid_at_partner" %}').render(Context())
    assert "Paid at partner" in text
    assert "st-role-ok" in text
    assert "<svg" in text


MOMENT = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
THIN, SOLID = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("language", "short", "listed", "figure", "money"),
    [
        ("en", "24 Nov 2026", "Tue 24 Nov", "12,450.50", f"NOK{SOLID}12,450.50"),
        ("nb", "24.11.2026", "tir. 24. nov.", f"12{THIN}450,50", f"12{THIN}450,50{SOLID}kr"),
        ("ro", "24.11.2026", "mar., 24 nov.", "12.450,50", f"12.450,50{SOLID}lei"),
        ("hu", "2026. 11. 24.", "nov. 24., kedd", f"12{THIN}450,50", f"12{THIN}451{SOLID}Ft"),
    ],
)
def test_the_table_of_formats(language, short, listed, figure, money):
    """SCREENS 2.9, row by row."""
    home = {"en": "NOK", "nb": "NOK", "ro": "RON", "hu": "HUF"}[language]
    with translation.override(language):
        assert formats.day_short(date(2026, 11, 24)) == short
        assert formats.day_in_list(date(2026, 11, 24)) == listed
        assert formats.time_of_day(MOMENT, "Europe/Oslo") == "14:30"
        assert formats.amount(1245050, "NOK") == figure
        assert formats.money(Money(1245050, home)) == money


def test_a_day_belongs_to_the_place():
    """Half past eleven in the evening in UTC is the next day in Bucharest."""
    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    assert formats.day_in_list(late, "Europe/Bucharest") == "Wed 25 Nov"
    assert formats.time_with_zone(late, "Europe/Bucharest") == "00:30 (Bucharest)"


def test_unknown_is_a_dash_and_zero_is_zero():
    """SCREENS 2.7."""
    assert formats.money(None) == formats.number(None) == formats.day_short(None) == "–"
    assert formats.number(0) == "0"
    assert formats.amount(0, "NOK") == "0.00"
    assert formats.amount(-5, "NOK") == "−0.05"


def test_a_refused_field_says_so_to_everybody():
    """SCREENS 2.8: word, icon, aria-invalid and aria-describedby together."""
    state = FormState({"email": "x"})
    state.wrong("email", "Write an address.")
    source = '{% load look %}{% error_summary s %}{% text_field s "email" "E-mail" hint="h" %}'
    text = Template(source).render(Context({"s": state}))
    assert 'href="#id_email"' in text
    assert "There is 1 thing to correct" in text
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="id_email_helptext id_email_error"' in text
    assert 'value="x"' in text


def test_what_was_typed_comes_back_escaped():
    state = FormState({"note": '"><b>', "kind": "b"})
    source = (
        '{% load look %}{% area_field s "note" "Note" %}{% choice_field s "kind" "Kind" kinds %}'
        '{% check_field s "kind" "Kind" %}{% choices_field s "kind" "Kind" kinds %}'
    )
    text = Template(source).render(Context({"s": state, "kinds": [("a", "A"), ("b", "<B>")]}))
    assert "&quot;&gt;&lt;b&gt;" in text
    assert '<option value="b" selected>&lt;B&gt;</option>' in text
    assert "<b>" not in text
    assert "<B>" not in text


def test_the_menu_speaks_of_rights_that_exist():
    groups = (*navigation.PROVIDER, *navigation.PARTNER, *navigation.OWN)
    for entry in [entry for group in groups for entry in group.entries]:
        assert set(entry.rights) <= set(Right)
        assert "<path" in icon_svg(entry.icon)


def test_both_names_of_partners_are_found():
    """P2: the old place's name leads to Settings > Partners."""
    entries = [entry for group in navigation.PROVIDER for entry in group.entries]
    partners = next(entry for entry in entries if entry.url == "provider:partners")
    assert "Modul Partener" in partners.aliases


def test_headers_of_every_answer(rf):
    from django.http import HttpResponse

    answer = SecurityHeaders(lambda request: HttpResponse(request.csp_nonce))(rf.get("/"))
    policy = answer["Content-Security-Policy"]
    assert f"'nonce-{answer.content.decode()}'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert content_security_policy("a") != content_security_policy("b")


def test_a_view_may_say_otherwise_about_keeping():
    from django.http import HttpResponse

    kept = HttpResponse(headers={"Cache-Control": "max-age=60"})
    assert (
        SecurityHeaders(lambda _: kept)(RequestFactory().get("/"))["Cache-Control"] == "max-age=60"
    )


@pytest.mark.parametrize(
    ("header", "cookie", "expected"),
    [
        ("nn-NO,nn;q=0.9,en;q=0.5", "", "nb"),
        ("no", "", "nb"),
        ("de-DE,hu;q=0.7,en;q=0.6", "", "hu"),
        ("en;q=0.1,ro;q=0.9", "", "ro"),
        ("de", "", "en"),
        ("xx;q=abc,,;q=1", "", "en"),
        ("ro", "hu", "hu"),
        ("ro", "../../etc", "ro"),
    ],
)
def test_the_language_somebody_reads(rf, header, cookie, expected):
    request = rf.get("/", headers={"Accept-Language": header})
    request.COOKIES["django_language"] = cookie
    assert language_of(request) == expected


def test_an_error_is_never_a_toast(rf):
    """SCREENS 2.11: a toast confirms; errors stand in the page."""
    from django.contrib.messages.storage.base import Message
    from django.template.loader import render_to_string

    told = [Message(25, "Saved it"), Message(40, "Broke it")]
    toasts = render_to_string("components/toasts.html", {"messages": told})
    notes = render_to_string("components/message_notes.html", {"messages": told})
    assert "Saved it" in toasts
    assert "Broke it" not in toasts
    assert "Broke it" in notes
    assert "Saved it" not in notes


@pytest.mark.parametrize(
    ("starts", "minutes", "classes"),
    [
        (480, 45, "st-h-8 st-m-0 st-lh-0 st-lm-9"),
        (582, 60, "st-h-9 st-m-8 st-lh-1 st-lm-1"),
        (1435, 5, "st-h-23 st-m-11 st-lh-0 st-lm-1"),
        (0, 1440, "st-h-0 st-m-0 st-lh-24 st-lm-0"),
    ],
)
def test_a_block_s_place_is_classes_that_exist(starts, minutes, classes):
    from samtime.web.templatetags.look import cal_place

    css = (STATIC / "calendar.css").read_text()
    assert cal_place(starts, minutes) == classes
    assert all(f".{name} {{" in css for name in classes.split())


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "429", "500", "503"])
def test_error_pages_need_nothing(name):
    """The page of a fault must not have faults: no request, no session, no database."""
    from django.template.loader import render_to_string

    text = render_to_string(f"{name}.html")
    assert "<h1>" in text
    assert 'href="/"' in text
    assert "<form" not in text


def test_a_form_that_is_too_old_is_told_so():
    from django.test import Client

    page = Client(enforce_csrf_checks=True).post("/language/", {"language": "nb"})
    assert page.status_code == 403
    assert "This form has expired" in page.content.decode()


def test_an_unknown_address_says_nothing_about_what_exists(client):
    page = client.get("/nothing/")
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()
    assert "nonce-" in page["Content-Security-Policy"]


def test_a_database_that_is_away_is_503(client, monkeypatch):
    """HOUSE 9: the page says so and when to try again, even before any door."""
    import psycopg
    from django.db import OperationalError

    from samtime.web import middleware

    def away(_):
        raise OperationalError("gone") from psycopg.OperationalError("gone")

    monkeypatch.setattr(middleware, "language_of", away)
    page = client.get("/nothing/", headers={"Accept-Language": "en"})
    assert page.status_code == 503
    assert page["Retry-After"] == "2"
    assert "Samtime is away for a moment" in page.content.decode()
