"""The town's clock for pages."""

import pytest
from django.utils import timezone

from tests.town import NOW


@pytest.fixture
def clock(monkeypatch):
    """Every page believes that it is the town's Monday morning."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
