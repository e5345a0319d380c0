"""Modules (P5)."""

from samtime.organizations.models import Organization
from tests.web.operator.conftest import BASE, operator
from tests.web.visitors import texts, visitor

__all__ = ["operator"]


def test_switched_off_and_asked_again(town, operator):
    """P5: the page says so, asking twice keeps the first request."""
    visitor(operator).post(f"{BASE}organisations/{town.aurora.public_id}/off/")
    client = visitor(town.admin)
    assert "Ask to activate" in texts(client.get("/o/aurora/modules/"))
    client.post("/o/aurora/modules/")
    first = Organization.objects.get(id=town.aurora.id).module_asked_at
    client.post("/o/aurora/modules/")
    assert Organization.objects.get(id=town.aurora.id).module_asked_at == first
    assert "Customer service will answer" in texts(client.get("/o/aurora/modules/"))


def test_others_have_no_such_page(town):
    """P5: neither a stranger nor the desk."""
    assert visitor(town.outsider).get("/o/aurora/modules/").status_code == 404
    assert visitor(town.desk).get("/o/aurora/modules/").status_code == 404
