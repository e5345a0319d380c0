"""Numbers of persons: which pass their country's check (DOMAIN 3.2); failing never blocks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samtime.patients.rules import distance, similar_names, word_forms, words_of
from samtime.patients.rules.identifiers import (
    FIRST_WEIGHTS,
    SECOND_WEIGHTS,
    hungarian,
    is_doubtful,
    kind_of,
    norwegian,
    swedish,
)


def made(nine, remainder=0):
    """A Norwegian number with these nine digits whose first check leaves this remainder."""
    for first in range(10):
        digits = [int(d) for d in nine] + [first]
        if sum(w * d for w, d in zip(FIRST_WEIGHTS, digits, strict=True)) % 11 != remainder:
            continue
        for second in range(10):
            all_ = [*digits, second]
            if sum(w * d for w, d in zip(SECOND_WEIGHTS, all_, strict=True)) % 11 == 0:
                return "".join(map(str, all_))
    return None


@pytest.mark.parametrize("day", [0, 40])
@pytest.mark.parametrize("month", [0, 40, 65, 80])
def test_ordinary_d_h_and_synthetic_numbers_pass(day, month):
    """Ordinary, D (day + 40), H (month + 40), synthetic (month + 65, + 80)."""
    found = [made(f"{14 + day:02}{3 + month:02}61{n:03}") for n in range(100, 140)]
    numbers = [number for number in found if number]
    assert len(numbers) > 10
    assert all(norwegian(number) for number in numbers)


def test_fh_and_the_2032_series_pass():
    """FH numbers begin with 8 or 9 without a date; from 2032 remainders 0 to 3 are good."""
    assert norwegian(next(filter(None, (made(f"8{n:08}") for n in range(50)))))
    for remainder in (1, 2, 3):
        assert norwegian(next(filter(None, (made(f"140361{n:03}", remainder) for n in range(50)))))
    assert not norwegian(next(filter(None, (made(f"140361{n:03}", 5) for n in range(50)))))


@pytest.mark.parametrize("number", ["", "1", "14036112345x", "99" * 6, "٠" * 11, "00000000000"])
def test_what_is_no_number_is_doubtful_and_no_fault(number):
    for kind in ("fodselsnummer", "cnp", "taj", "personnummer", "cpr", "hetu", "kennitala"):
        assert is_doubtful(kind, number) in (True, False)
    assert not norwegian(number)
    assert not is_doubtful("passport", number)


def test_known_numbers():
    """Published examples of the formats."""
    assert not is_doubtful("cnp", "1800101221144")
    assert hungarian("123456788")
    assert not hungarian("123456789")
    assert swedish("8112289874")
    assert swedish("198112289874")
    assert not swedish("8112289873")
    assert not is_doubtful("hetu", "1310522308T"[:6] + "308T")
    assert kind_of("national", "NO") == "fodselsnummer"
    assert kind_of("national", "FR") == "national"


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzøåæșțőű", min_size=5, max_size=14)


@given(WORDS, st.randoms(use_true_random=False))
def test_one_error_in_a_word_still_meets(word, dice):
    """P21, SPEED 2.11: left out, put in, changed: the words share a form."""
    (plain,) = words_of(word)
    at = dice.randrange(len(plain))
    letter = random.Random(at).choice("abcdeox")
    for typed in (plain[:at] + plain[at + 1 :], plain[:at] + letter + plain[at:],
                  plain[:at] + letter + plain[at + 1 :]):  # fmt: skip
        assert word_forms(plain) & word_forms(typed)
        assert distance(plain, typed) <= 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ștefan Probăescu", "Probaescu Stefan", True),
        ("Astrid Vestprøve", "Astrid Vestprove", True),
        ("Astrid Marie Vestprøve", "Astrid Vestproeve", True),
        ("Peter Vestprøve", "Astrid Vestprøve", False),
        ("Anna Kovács", "Anne Kovacs", True),
        ("", "Anna", False),
    ],
)
def test_similar_names(one, other, same):
    assert similar_names(one, other) is same
