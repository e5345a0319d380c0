"""A page's script with all it imports, named in the page's head.

A browser learns of an import only when it has read the file that asks for it: a script that imports
one that imports a third would cost three journeys. Named at once, they come together.
"""

import re
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*["']\./([\w.-]+)["']""", re.M)
# On every page, before the page's own.
FRAME = "samtime/main.js"


@lru_cache(maxsize=200)
def module(name: str) -> SafeString:
    """`{% module "samtime/calendar.js" %}`: the script, and its imports for the browser to fetch.

    Raises LookupError when a file is not there.
    """
    known = imports_of(FRAME) if name != FRAME else set()
    links = [
        f'<link rel="modulepreload" href="{static(one)}">'
        for one in sorted(imports_of(name) - known)
    ]
    return mark_safe("".join([*links, f'<script type="module" src="{static(name)}"></script>']))


def imports_of(name: str) -> set[str]:
    """All that this module imports, and what they import; names as `static` takes them."""
    folder, found, ahead = name.rpartition("/")[0], set[str](), [name]
    while ahead:
        place = finders.find(ahead.pop())
        if place is None:
            raise LookupError(f"no script {name}, or one of its imports")
        text = Path(str(place)).read_text("utf-8")
        new = {f"{folder}/{file}" for file in IMPORT.findall(text)} - found
        found |= new
        ahead += new
    return found
