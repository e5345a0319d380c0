"""The table of ticks of a large clinic: SPEED of pages, size, queries."""

import pytest
from benchmarks.matrix import measure


@pytest.mark.prove
@pytest.mark.django_db
def test_two_hundred_services_and_thirty_channels_stay_usable(record_property):
    """T2, SPEED: page, weight, queries, one saved cell, against their floors."""
    lines = measure()
    for name, figure, floor, _ratio in lines:
        record_property("figure", f"{name} {figure:.1f} (at most {floor:.1f})")
    sizes = {name: figure / floor for name, figure, floor, _ratio in lines}
    assert sizes["matrix page compressed, KB"] < 1
    assert sizes["matrix page, queries"] < 1
