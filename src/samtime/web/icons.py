"""Icons from the pinned Tabler package, inlined so that they take the text's colour."""

import functools
import re

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

_NAME = re.compile(r"[a-z0-9-]+")
_SHAPES = re.compile(r"<path[^>]*?/>", re.S)


@functools.cache
def icon_svg(name: str, extra: str = "") -> SafeString:
    """The outline icon as an SVG that screen readers skip.

    Raises KeyError when the package has no icon of this name: a wrong name is a fault.
    """
    path = settings.NODE_MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise KeyError(f"no icon named {name}")
    shapes = (re.sub(r"\s+", " ", s) for s in _SHAPES.findall(path.read_text("utf-8")))
    kept = "".join(s for s in shapes if 'stroke="none"' not in s)
    css = f"st-icon {extra}".strip()
    return mark_safe(
        f'<svg class="{css}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" '
        f'aria-hidden="true" focusable="false">{kept}</svg>'
    )
