"""Day masks are derived: differences are found, named, repaired; missed nights are made up."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from samtime.calendars import masks
from samtime.commandline import schema
from samtime.commandline.check import found_faults
from samtime.foundation.tenancy import policy_expression, protected_models
from samtime.jobs import schedule
from tests.town import NOW, TODAY

pytestmark = pytest.mark.django_db
WRONG = "UPDATE resource_day SET busy = ~busy WHERE resource_id = %s AND day = %s"


def spoil(mask, day):
    with connection.cursor() as cursor:
        cursor.execute(WRONG, [mask, day])


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for name in ("use_database", "set_up"):
        monkeypatch.setattr(schema, name, lambda: None)
    monkeypatch.setenv("SAMTIME_DATABASE_OPTIONS", "")


@pytest.fixture
def whole(town, monkeypatch):
    """A short horizon, every row of it written."""
    monkeypatch.setattr(masks, "HORIZON_DAYS", 10)
    masks.rebuild_all(today=TODAY)
    return town


def test_the_command_names_a_planted_bit_and_repairs_it(whole, clock, capsys):
    """SPEED 2.4: `samtime masks check` exits 1 and names it; `rebuild` makes it right."""
    spoil(whole.dan_nord.mask_id, TODAY + timedelta(days=3))
    assert schema.day_masks(["check"]) == 1
    assert f"resource {whole.dan_nord.mask_id} on 2026-06-04" in capsys.readouterr().out
    assert schema.day_masks(["rebuild"]) == 0
    assert schema.day_masks(["check"]) == 0


def test_the_nightly_check_repairs_and_wakes_somebody(whole, clock, caplog):
    """SPEED 2.4: a difference is an error in the log, and gone."""
    spoil(whole.ana_nord.mask_id, TODAY)
    with caplog.at_level(logging.ERROR, logger="samtime.jobs"):
        schedule.check_masks(timestamp=0)
    assert str(whole.ana_nord.mask_id) in caplog.text
    assert masks.check_all(today=TODAY) == []
    caplog.clear()
    schedule.check_masks(timestamp=0)
    assert not caplog.records


def test_nights_that_were_missed_are_made_up(whole):
    """D25: the horizon is whole again after many nights without a worker; twice does nothing."""
    later = TODAY + timedelta(days=16)
    assert masks.check_all(today=later)
    assert masks.extend(today=later) > 0
    assert masks.check_all(today=later) == []
    assert masks.extend(today=later) == 0


def test_row_policies_read_the_viewer_in_a_scalar_sub_select(town):
    """SPEED 2.9: a setting standing bare in a policy costs forty times as much."""
    for model in protected_models():
        expression = policy_expression(model)
        assert expression.count("(SELECT nullif(current_setting(") == len(model.parties)
    assert not [fault for fault in found_faults() if "policy" in fault]
