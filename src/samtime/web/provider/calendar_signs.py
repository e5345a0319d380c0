"""The signs inside the calendar's blocks.

A drawing inside each block costs a browser as much as all the rest of a week: the sign of where a
booking came from is therefore the background of its second line, a rule of style for each source.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

from samtime.web.icons import icon_svg

ROLES = {"partner": "partner", "assistance": "assist", "insurer": "insurer"}
ICONS = {"partner": "affiliate", "assistance": "headset", "insurer": "shield-half"}
SIGNS = {"arrived": "door-enter", "fulfilled": "circle-check", "pending": "hourglass"}
OTHERS = ("device-desktop", "ban", "coins", "users-group", "beach", "calendar-x", "lock")
TOKENS = Path(__file__).parents[1] / "static" / "samtime" / "tokens.css"
# Class of a block -> (icon, the colour of its words as tokens.css names it).
LINED = {
    "st-role-desk": ("device-desktop", "--st-src-desk"),
    **{f"st-role-{role}": (ICONS[kind], f"--st-src-{role}") for kind, role in ROLES.items()},
    "st-block-noshow": ("ban", "--st-danger"),
}


@lru_cache(maxsize=100)
def used(name: str) -> str:
    """An icon by reference: its shape stands once on the page, see `shapes`."""
    return f'<svg class="st-icon" aria-hidden="true"><use href="#i-{name}"/></svg>'


@lru_cache(maxsize=1)
def shapes() -> SafeString:
    """The shapes that blocks refer to."""
    return mark_safe("".join(_shapes([*ICONS.values(), *SIGNS.values(), *OTHERS])))


def _shapes(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        inner = re.sub(r"^<svg[^>]*>|</svg>$", "", icon_svg(name))
        yield f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>'


@lru_cache(maxsize=1)
def sign_rules() -> SafeString:
    """Rules of style: the background of the second line, for each source and for a no-show."""
    tokens = TOKENS.read_text("utf-8")
    return mark_safe("".join(_rule(css, *sign, tokens) for css, sign in LINED.items()))


def _rule(css: str, icon: str, color: str, tokens: str) -> str:
    found = re.search(rf"{color}: (#\w+);", tokens)
    assert found is not None
    drawn = icon_svg(icon).replace("currentColor", found[1])
    drawn = drawn.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return (
        f'.st-agenda .st-lined.{css}{{background-image:url("data:image/svg+xml,{quote(drawn)}")}}'
    )
