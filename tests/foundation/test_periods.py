"""Days, instants and zones as readers meet them."""

import pytest

from samtime.foundation.periods import zone_town


@pytest.mark.parametrize(
    ("language", "town"),
    [("en", "Bucharest"), ("nb", "București"), ("ro", "București"), ("hu", "Bukarest")],
)
def test_a_zone_is_named_by_its_town_in_the_readers_language(language, town):
    """SCREENS 2: «14:30 (Bucharest)», as the reader calls the town."""
    assert zone_town("Europe/Bucharest", language) == town
