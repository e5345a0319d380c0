"""Translations: `compile` the catalogues, name what is `missing`.

Strings are found in the Python source (gettext and its kin) and in the templates.
"""

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from samtime.foundation.translations import LANGUAGES, compile_all, entries  # noqa: E402

PACKAGE = ROOT / "src" / "samtime"
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
FORMS = {"nb": 2, "ro": 3, "hu": 2}
Found = dict[tuple[str, str], str]


def python_strings(folder: Path) -> Found:
    """(context, text) of every call, with the place of the first."""
    found: Found = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for key in _of_call(node):
                    found.setdefault(key, f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def _of_call(node: ast.Call) -> list[tuple[str, str]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args[:2]]
    if name in PLAIN and texts and isinstance(texts[0], str):
        return [("", texts[0])]
    if name in PLURAL and isinstance(texts[0], str):
        return [("", texts[0])]
    if name in CONTEXT and len(texts) == 2:
        return [(str(texts[0]), str(texts[1]))]
    return []


def template_strings(folder: Path) -> Found:
    """(context, text) of every tag in the templates."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    from django.utils.translation.template import templatize

    found: Found = {}
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for call in re.finditer(r"\b(n?p?gettext|_)\(", source):
            try:
                node = ast.parse(_balanced(source, call.start())).body[0].value  # type: ignore[attr-defined]
            except SyntaxError:
                continue
            line = source.count("\n", 0, call.start()) + 1
            for key in _of_call(node):
                found.setdefault(key, f"{path.relative_to(ROOT)}:{line}")
    return found


def _balanced(source: str, start: int) -> str:
    depth, quote, place = 0, "", start
    while place < len(source):
        sign = source[place]
        if quote:
            if sign == "\\":
                place += 1
            elif source.startswith(quote, place):
                place += len(quote) - 1
                quote = ""
        elif sign in "'\"":
            quote = sign * 3 if source.startswith(sign * 3, place) else sign
            place += len(quote) - 1
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return source[start : place + 1]
        place += 1
    return source[start:]


def all_strings() -> Found:
    """Everything people can read."""
    return {**template_strings(PACKAGE), **python_strings(PACKAGE)}


def faults() -> list[str]:
    """One line per string without all its translations, per wrong placeholder, per quarrel."""
    known = defaultdict(list)
    for entry in entries():
        known[(entry.context, entry.text)].append(entry)
    found = []
    for key, place in all_strings().items():
        said = known.get(key)
        if not key[1].strip():
            continue
        if not said:
            found.append(f"{place} no translation: {key[1]!r}")
            continue
        missing = [c for c in LANGUAGES if c not in said[0].by_language]
        if missing:
            found.append(f"{place} no {', '.join(missing)}: {key[1]!r}")
    for (_context, text), said in known.items():
        found += [f"{e.part} {w}" for e in said for w in _wrong(text, e)]
        if any(e.by_language != said[0].by_language for e in said[1:]):
            parts = ", ".join(e.part for e in said)
            found.append(f"{parts} say different things for {text!r}")
    return found


def _wrong(text: str, entry: object) -> list[str]:
    wanted = set(PLACEHOLDER.findall(text))
    wrong = []
    for code, said in entry.by_language.items():  # type: ignore[attr-defined]
        if isinstance(said, list):
            if not entry.plural:  # type: ignore[attr-defined]
                wrong.append(f"{code} has forms but no plural: {text!r}")
            if len(said) != FORMS[code]:
                wrong.append(f"{code} needs {FORMS[code]} forms: {text!r}")
            continue
        if set(PLACEHOLDER.findall(said)) != wanted:
            wrong.append(f"{code} has other placeholders: {text!r}")
    return wrong


def main() -> int:
    """`compile` or `missing`."""
    if sys.argv[1:] == ["compile"]:
        compile_all()
        return 0
    found = faults()
    for line in found:
        print(line)
    print(f"{len(found)} faults in translations." if found else "Every string is translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
