"""General terms published (P24)."""

from datetime import timedelta

from django.utils import timezone

from samtime.organizations.models import TermsDocument
from tests.web.operator.conftest import BASE
from tests.web.visitors import texts, visitor


def test_terms_are_previewed_then_published(town, operator):
    """P24: the preview publishes nothing."""
    client, day = visitor(operator), timezone.now().date() + timedelta(days=20)
    form = {
        "title_en": "General terms",
        "text_en": "1 One\r\n2 Two",
        "effective_from": day.isoformat(),
        "accept_by": day.isoformat(),
        "again": "everybody",
        "newest": "0",
    }
    page = texts(client.post(f"{BASE}terms/new/", {**form, "act": "preview"}))
    assert "nothing is published yet" in page
    assert not TermsDocument.objects.exists()
    assert client.post(f"{BASE}terms/new/", {**form, "act": "publish"}).status_code == 302
    assert TermsDocument.objects.get().text == "1 One\n2 Two"
    assert client.post(f"{BASE}terms/new/", {**form, "act": "publish"}).status_code == 412
    assert "Planned" in texts(client.get(f"{BASE}terms/"))


def test_a_version_from_before_the_register_is_shown(town, operator):
    """P24: a text without a publication of its own."""
    TermsDocument.objects.create(
        version=1,
        language="en",
        title="Old terms",
        text="1 Old",
        sha256="a" * 64,
        effective_from=timezone.now().date(),
    )
    page = visitor(operator).get(f"{BASE}terms/?open=1")
    assert page.status_code == 200
    assert "In force" in texts(page)
    assert 'role="region" aria-label="Data sheet"' in texts(page)  # another name than its panel's
