"""Working hours in words: «Monday 08:00-16:00, break 12:00-12:30», «man–fre 8–16, lunsj 12–12.30».

English, Norwegian, Romanian and Hungarian; words are compared without accents.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from samtime.foundation.cells import BadCell, clock
from samtime.foundation.headings import PLAIN

Range = tuple[time, time]
DAYS: tuple[tuple[str, ...], ...] = (
    ("monday", "mon", "mandag", "man", "luni", "lun", "hetfo"),
    ("tuesday", "tues", "tue", "tirsdag", "tirs", "tir", "marti", "mar", "kedd"),
    ("wednesday", "wed", "onsdag", "ons", "miercuri", "mie", "szerda"),
    ("thursday", "thurs", "thur", "thu", "torsdag", "tors", "tor", "joi", "csutortok"),
    ("friday", "fri", "fredag", "fre", "vineri", "vin", "pentek"),
    ("saturday", "sat", "lordag", "lor", "sambata", "sam", "szombat"),
    ("sunday", "sun", "sondag", "son", "duminica", "dum", "vasarnap"),
)
NUMBER_OF = {name: n for n, names in enumerate(DAYS, start=1) for name in names}
DAY = "|".join(sorted(NUMBER_OF, key=len, reverse=True))
TO = r"(?:-|–|—|to|til|bis|pana la|la)"
DAY_GROUP = re.compile(
    rf"\b(?:{DAY})\b\.?(?:\s*(?:{TO}|,|/|&|and|og|si|es)\s*\b(?:{DAY})\b\.?)*\s*:?"
)
CLOCK = r"\b\d{4}\b|(?:kl\.?\s*)?\b\d{1,2}(?:[:.h]\d{2})?(?::00)?"
RANGE = re.compile(rf"({CLOCK})\s*(?:{TO})\s*({CLOCK})")
BREAKS = ("break", "lunch", "pause", "lunsj", "matpause", "pauza", "pranz", "szunet", "ebed",
          "ebedszunet")  # fmt: skip
CLOSED = ("", "-", "–", "—", "closed", "off", "no", "fri", "stengt", "inchis", "liber", "zarva",
          "szabad", "nincs", "x")  # fmt: skip


SHORT = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


@dataclass(frozen=True, slots=True)
class DayHours:
    """Open stretches and breaks of one weekday, in order."""

    open: tuple[Range, ...] = ()
    breaks: tuple[Range, ...] = ()


Week = dict[int, DayHours]


def plain(text: str) -> str:
    """Small letters without accents, punctuation kept."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    return "".join(c for c in parts if not unicodedata.combining(c)).strip()


def weekday(text: str) -> int | None:
    """1 for Monday in any of the languages (or «1»), None for an empty cell."""
    word = plain(text).rstrip(".")
    if not word:
        return None
    if word in NUMBER_OF:
        return NUMBER_OF[word]
    if re.fullmatch(r"[1-7]", word):
        return int(word)
    raise BadCell(_("«%(shown)s» is not a weekday."), shown=text[:40])


def day_hours(text: str) -> DayHours:
    """The hours of one day: stretches and breaks, or nothing when it is closed.

    Refuses (BadCell): not understood, ends before it begins, not in steps of 5 minutes,
    overlapping stretches, a break outside of them.
    """
    opened: list[Range] = []
    breaks: list[Range] = []
    for part in re.split(r"[,;+&()\n]|\b(?:and|og|si|es)\b", plain(text)):
        words = part.strip()
        if words in CLOSED:
            continue
        match = RANGE.search(words)
        rest = RANGE.sub(" ", words, count=1).replace(":", " ").split() if match else []
        if match is None or any(word.strip(".") not in BREAKS for word in rest):
            raise BadCell(
                _("«%(shown)s» is not understood. Write 08:00-16:00, break 12:00-12:30."),
                shown=text.strip()[:60],
            )
        (breaks if rest else opened).append(_range(match))
    return checked(DayHours(tuple(sorted(opened)), tuple(sorted(breaks))))


def _range(match: re.Match[str]) -> Range:
    start, end = clock(match[1]), clock(match[2])
    if start is None or end is None:
        raise BadCell(_("A time is missing."))
    return start, end


def checked(hours: DayHours) -> DayHours:
    """The same hours, when they make sense. Refuses: BadCell."""
    for start, end in (*hours.open, *hours.breaks):
        if start >= end:
            raise BadCell(
                _("%(start)s–%(end)s ends before it begins."),
                start=f"{start:%H:%M}",
                end=f"{end:%H:%M}",
            )
        if start.minute % 5 or end.minute % 5:
            raise BadCell(_("Times go in steps of 5 minutes."))
    for stretches in (hours.open, hours.breaks):
        for (_a, end), (start, _b) in pairwise(stretches):
            if start < end:
                raise BadCell(_("Two stretches of this day overlap."))
    for start, end in hours.breaks:
        if not any(low <= start and end <= high for low, high in hours.open):
            raise BadCell(
                _("The break %(start)s–%(end)s is outside the working hours."),
                start=f"{start:%H:%M}",
                end=f"{end:%H:%M}",
            )
    return hours


def week_hours(text: str) -> Week:
    """A whole week in one cell; weekdays not named are closed. Refuses: BadCell."""
    words = plain(text)
    groups = list(DAY_GROUP.finditer(words))
    if not groups or words[: groups[0].start()].strip(" ,;"):
        raise BadCell(
            _("«%(shown)s» is not understood. Write Mon-Fri 08:00-16:00, break 12:00-12:30."),
            shown=text.strip()[:60],
        )
    found: Week = {}
    for group, after in zip(groups, [*groups[1:], None], strict=True):
        hours = day_hours(words[group.end() : after.start() if after else len(words)])
        for number in _days(group.group()):
            if number in found:
                raise BadCell(_("A weekday is named twice."))
            found[number] = hours
    return found


def _days(words: str) -> list[int]:
    """«mon-wed, fri» is 1, 2, 3, 5."""
    found: list[int] = []
    last, joined = 0, False
    for token in re.findall(rf"\b(?:{DAY})\b|-|–|—|\bto\b|\btil\b|pana la", words):
        if token not in NUMBER_OF:
            joined = True
            continue
        number = NUMBER_OF[token]
        found += range(last + 1, number + 1) if joined and last < number else [number]
        last, joined = number, False
    return found


def in_words(week: Week) -> str:
    """A week in short, for the preview: «Mon 08:00–16:00 (12:00–12:30), …»."""
    parts = []
    for number, hours in sorted(week.items()):
        if not hours.open:
            continue
        text = " ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in hours.open)
        pauses = " ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in hours.breaks)
        parts.append(f"{SHORT[number - 1]} {text}" + (f" ({pauses})" if pauses else ""))
    return ", ".join(parts)
