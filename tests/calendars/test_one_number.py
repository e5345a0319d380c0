"""The search of one calendar counts with whole numbers; of many, with arrays. Both say the same."""

import random

import numpy as np

from samtime.calendars.rules import CELLS, free_starts, free_starts_of_one


def packed(number, width):
    return np.frombuffer(number.to_bytes(width // 8, "big"), np.uint8).reshape(1, -1)


def patchy(dice, width):
    """Stretches of set and unset bits of chance lengths, as days are."""
    bits = ""
    while len(bits) < width:
        bits += dice.choice("01") * dice.randint(1, 40)
    return int(bits[:width], 2)


def test_a_calendar_alone_has_the_starts_it_has_among_others():
    """SPEED W1: durations, buffers and days by chance; the array form is the older judge."""
    dice = random.Random(20)
    for _n in range(400):
        width = CELLS * dice.randint(1, 31)
        opened, busy = patchy(dice, width), patchy(dice, width)
        wish = {
            "before": dice.choice((0, 0, 1, 3, 12)),
            "cells": dice.randint(1, 40),
            "after": dice.choice((0, 0, 1, 2, 24)),
        }
        found = free_starts_of_one(opened, busy, width=width, **wish)
        same = free_starts(packed(opened, width), packed(busy, width), **wish)
        assert found.to_bytes(width // 8, "big") == same.tobytes(), (width, wish)
