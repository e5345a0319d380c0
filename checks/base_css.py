"""The part of Tabler that our pages use: its rules for bare elements, as one small style sheet.

No template uses a class of Tabler's (all our classes begin with `st-`), but a browser would read
and compare 9,000 rules on every page. `python checks/base_css.py` writes base.css anew from the
pinned package; a test says when it is out of date.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "node_modules" / "@tabler" / "core" / "dist" / "css" / "tabler.min.css"
OURS = ROOT / "src" / "samtime" / "web" / "static" / "samtime"
MADE = OURS / "base.css"
HEAD = "/* Made by checks/base_css.py: the rules for bare elements, and no others, of */\n"
TOKEN = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]""", re.S)
NOT = re.compile(r":not\((?:[^()]|\([^()]*\))*\)")
# What no bare element has: a class, an id, an attribute a script of Tabler's reads.
SPECIAL = re.compile(r"[.#][a-zA-Z_-]|\[(?:data-|class|dir)")
DECLARED = re.compile(r"(--[\w-]+)\s*:((?:[^;\"']|\"[^\"]*\"|'[^']*')*)")
USED = re.compile(r"var\((--[\w-]+)")
NESTED = ("@media", "@supports")


def main() -> int:
    """Write the sheet."""
    MADE.write_text(made(), "utf-8")
    return 0


def made() -> str:
    """The sheet as it must be: Tabler's licence, the kept rules, one a line."""
    text = SOURCE.read_text("utf-8")
    licence = re.search(r"/\*!.*?\*/", text, re.S)
    rules = list(_kept(_rules(text)))
    wanted = _wanted(rules)
    lines = [_line(rule, wanted) for rule in rules]
    return "\n".join([HEAD + (licence[0] if licence else ""), *filter(None, lines), ""])


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """(what is before the braces, what is in them) of each outermost rule."""
    depth = start = body = 0
    for found in TOKEN.finditer(text):
        sign = found[0]
        if sign == "{":
            depth += 1
            body = found.end() if depth == 1 else body
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield _bare(text[start : body - 1]), text[body : found.start()]
                start = found.end()
        elif sign == ";" and depth == 0:
            start = found.end()


def _bare(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S).strip()


def _kept(rules: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for before, body in rules:
        if before.startswith(NESTED):
            inner = "".join(f"{b}{{{c}}}" for b, c in _kept(_rules(body)))
            if inner:
                yield before, inner
        elif not before.startswith("@"):
            plain = [one for one in _selectors(before) if not SPECIAL.search(NOT.sub("", one))]
            if plain:
                yield ",".join(plain), body


def _selectors(text: str) -> list[str]:
    """A list of selectors, cut at the commas outside brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


def _wanted(rules: list[tuple[str, str]]) -> set[str]:
    """The custom properties that something uses: a kept rule, our own sheets, or one another."""
    declared: dict[str, str] = {}
    ahead = set()
    for before, body in rules:
        if _is_root(before):
            for name, value in DECLARED.findall(body):
                declared[name] = declared.get(name, "") + value
        plain = DECLARED.sub("", body) if _is_root(before) else body
        ahead |= set(USED.findall(plain))
    for sheet in OURS.glob("*.css"):
        if sheet != MADE:
            ahead |= set(USED.findall(sheet.read_text("utf-8")))
    found: set[str] = set()
    while ahead:
        found |= ahead
        ahead = {n for name in ahead for n in USED.findall(declared.get(name, ""))} - found
    return found


def _is_root(before: str) -> bool:
    return set(before.split(",")) <= {":root", ":host"}


def _line(rule: tuple[str, str], wanted: set[str]) -> str:
    before, body = rule
    if not _is_root(before):
        return f"{before}{{{body}}}"
    others = DECLARED.sub("", body).strip("; ")
    kept = [f"{n}:{value.strip()}" for n, value in DECLARED.findall(body) if n in wanted]
    inner = ";".join([*kept, *(part for part in others.split(";") if part.strip())])
    return f"{before}{{{inner}}}" if inner else ""


if __name__ == "__main__":
    sys.exit(main())
