"""Catalogues from their parts: `locale/parts/*.po.toml` become .mo files, in pure Python.

A part has one table per string of the source: nb, ro, hu; for plurals lists and `plural`. A context
stands before the string, parted by «|»: ["menu|Today"] needs `context = true`.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

LOCALE = Path(__file__).resolve().parents[1] / "locale"
LANGUAGES = ("nb", "ro", "hu")


@dataclass(frozen=True, slots=True)
class Entry:
    """One string of the source with its translations."""

    text: str
    plural: str
    context: str
    by_language: dict[str, str | list[str]]
    part: str


def entries(locale: Path = LOCALE) -> list[Entry]:
    """Every string of every part, in order of file."""
    found = []
    for path in sorted((locale / "parts").glob("*.toml")):
        for key, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            context, text = "", key
            if isinstance(said.get("context"), str):
                context = said["context"]
            elif said.get("context"):
                context, _bar, text = key.partition("|")
            if context and text.startswith(f"{context}|"):
                text = text[len(context) + 1 :]
            languages = {code: said[code] for code in LANGUAGES if code in said}
            found.append(Entry(text, said.get("plural", ""), context, languages, path.name))
    return found


def compile_all(locale: Path = LOCALE) -> int:
    """Write the .mo files; answers how many strings they hold."""
    known = entries(locale)
    for code in LANGUAGES:
        catalog = Catalog(locale=code, fuzzy=False)
        for entry in known:
            said = entry.by_language.get(code)
            if not said:
                continue
            ident = (entry.text, entry.plural) if entry.plural else entry.text
            value = tuple(said) if isinstance(said, list) else said
            catalog.add(ident, value, context=entry.context or None)
        folder = locale / code / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "django.mo").open("wb") as file:
            write_mo(file, catalog)
    return len(known)
