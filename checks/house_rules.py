"""What a linter cannot know about this house (HOUSE.md). One function per rule.

Each rule takes a `Source` and yields (line, message); each has a planted offence in its own test.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "samtime"
Finding = tuple[int, str]

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handlers"}
LINES, FUNCTION_LINES, ARGUMENTS = 400, 60, 7
# Commands that no actor calls: the system, or somebody who is not signed in yet.
NO_RIGHT_NEEDED = {
    "record": "writes what a command did",
    "log_access": "writes what a query read",
    "patient_for_booking": "inside book_slot, which judged right and channel",
    "checked": "judges values, changes nothing",
    "set_listings": "its changes name the rights they need; judged first thing per change",
    "open_listing": "calls set_listings",
    "close_listing": "calls set_listings",
    "set_prices": "calls set_listings",
    "plan_practitioners": "its first statement requires two rights together",
    "import_practitioners": "its first statement requires two rights together",
    "keep_run": "called by start_import, which judged the right of the kind",
    "queue_mail": "called by commands that judged their own right",
    "send_mail": "called by commands that judged their own right",
    "note_state": "the system's word on a mail",
    "forget_opening_changes": "sweeps a record that names institutions only",
}
ON_BEHALF_ALLOWED = {
    "bookings/commands/booking.py",
    "bookings/commands/finding.py",
    "foundation/tenancy.py",
}
# Who may open a connection himself: the one way out, and the demo that looks at its own page.
WAYS_OUT = {"connectors/outward.py", "commandline/demo.py"}
HTTP_CLIENTS = {"httpcore", "httpx", "requests", "urllib3", "urllib.request", "http.client"}
MASK_WRITERS = {"calendars/masks.py"}


@dataclass(frozen=True)
class Source:
    """One file: its place under the package, its text and tree."""

    place: str
    text: str
    tree: ast.Module

    @property
    def app(self) -> str:
        """The app it belongs to."""
        return self.place.split("/")[0]

    @property
    def is_commands(self) -> bool:
        """Whether it is a commands room."""
        return "/commands" in self.place and "commandline" not in self.place


def source(place: str, text: str) -> Source:
    """From text, as the tests plant it."""
    return Source(place, text, ast.parse(text))


def nameless_files(file: Source) -> Iterator[Finding]:
    """Nothing is called utils, helpers, common, misc, manager or handlers."""
    if NAMELESS & set(re.split(r"[/._]", file.place)):
        yield 1, "a file needs a name that says what is in it"


def long_files(file: Source) -> Iterator[Finding]:
    """A room that became a hall."""
    lines = file.text.count("\n")
    if lines > LINES and "/migrations/" not in file.place:
        yield 1, f"{lines} lines, at most {LINES}"


def long_functions(file: Source) -> Iterator[Finding]:
    """A function says one thing."""
    for node in _functions(file):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {length} lines, at most {FUNCTION_LINES}"


def many_arguments(file: Source) -> Iterator[Finding]:
    """More than seven arguments want a name together."""
    for node in _functions(file):
        count = len(node.args.args) + len(node.args.kwonlyargs) + len(node.args.posonlyargs)
        if count - (1 if node.args.args and node.args.args[0].arg == "self" else 0) > ARGUMENTS:
            yield node.lineno, f"{node.name} has {count} arguments, at most {ARGUMENTS}"


def save_overrides(file: Source) -> Iterator[Finding]:
    """Models hold constraints, not behaviour."""
    if not file.place.endswith("models.py"):
        return
    for node in _functions(file):
        if node.name in ("save", "delete"):
            yield node.lineno, f"a model does not override {node.name}()"


def signals(file: Source) -> Iterator[Finding]:
    """What follows from something stands in jobs/reactions.py."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ImportFrom) and "signals" in (node.module or ""):
            yield node.lineno, "no Django signals: write a reaction"


def foreign_objects(file: Source) -> Iterator[Finding]:
    """Another app's tables are asked through its queries and changed through its commands.

    Down the floors a query may join what it must; doors never touch a table.
    """
    if file.app not in ("web", "api"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            yield node.lineno, "a door asks queries and commands, never Model.objects"


def commands(file: Source) -> Iterator[Finding]:
    """Keyword-only, and the right is judged before anything is changed."""
    if not file.is_commands:
        return
    for node in file.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        names = [a.arg for a in node.args.kwonlyargs]
        if "actor" not in names:
            continue
        if node.args.args:
            yield node.lineno, f"{node.name}: a command's arguments are keyword-only"
        if node.name not in NO_RIGHT_NEEDED and not _requires(node):
            yield node.lineno, f"{node.name}: the first statement is actor.require(Right.X)"


def _requires(node: ast.FunctionDef) -> bool:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    first = ast.unparse(body[0]) if body else ""
    return first.startswith(("actor.require(", "actor.require_any("))


def queries_write(file: Source) -> Iterator[Finding]:
    """A query never writes."""
    if "/queries" not in file.place:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            written = node.func.attr in ("save", "bulk_create", "bulk_update")
            if written or (node.func.attr in ("create", "delete") and "objects" in owner):
                yield node.lineno, f"a query does not {node.func.attr}"


def session_settings(file: Source) -> Iterator[Finding]:
    """A setting of the session outlives the request in a pool."""
    for node in _texts(file):
        if re.match(r"\s*SET\s+(?!LOCAL)(SESSION\s+)?\w+(\.\w+)?\s*(=|TO)\s", str(node.value)):
            yield node.lineno, "set_config(..., true), never SET for the session"


def bare_policies(file: Source) -> Iterator[Finding]:
    """Outside a scalar sub-select the setting is read for every row (40 times slower)."""
    if file.app not in ("foundation",) and "migrations" not in file.place:
        return
    for node in _texts(file):
        text = str(node.value)
        if re.search(r"=\s*current_setting\(", text) or re.search(
            r"=\s*nullif\(current_setting\(", text
        ):
            yield node.lineno, "a policy reads the viewer in (SELECT ...)"


def on_behalf(file: Source) -> Iterator[Finding]:
    """Acting inside another organization is for the patient of a booking alone (D2)."""
    if file.place in ON_BEHALF_ALLOWED:
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Name) and node.id == "on_behalf":
            yield node.lineno, "tenancy.on_behalf is for the patient of a booking alone"


def mask_writers(file: Source) -> Iterator[Finding]:
    """One module writes resource_day."""
    if file.place in MASK_WRITERS or "/migrations/" in file.place:
        return
    for node in _texts(file):
        if re.search(r"(UPDATE|INSERT INTO|DELETE FROM)\s+resource_day", str(node.value)):
            yield node.lineno, "only calendars/masks.py writes resource_day"


def ways_out(file: Source) -> Iterator[Finding]:
    """Another system is called through connectors/outward.py alone (P15)."""
    if file.place in WAYS_OUT:
        return
    for node in ast.walk(file.tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{a.name}" for a in node.names)]
        if any(n in HTTP_CLIENTS or n.split(".")[0] in HTTP_CLIENTS for n in names):
            yield getattr(node, "lineno", 1), "call other systems through connectors/outward.py"


def money_floats(file: Source) -> Iterator[Finding]:
    """Money is integer minor units."""
    if not file.place.endswith("models.py"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            name = getattr(node.targets[0], "id", "")
            kind = ast.unparse(node.value.func)
            if re.search(r"price|amount|commission|rate|total", name) and "Float" in kind:
                yield node.lineno, f"{name} is money: integer minor units"


def refusals_at_home(file: Source) -> Iterator[Finding]:
    """A refusal is a class where the command that says it stands (or a door's own)."""
    allowed = file.is_commands or "/queries" in file.place or file.app in ("foundation", "api")
    if allowed or file.place.endswith("sheets.py"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef) and any(ast.unparse(b) == "Refusal" for b in node.bases):
            yield node.lineno, f"{node.name}: a refusal is defined beside its command"


def loose_bodies(file: Source) -> Iterator[Finding]:
    """A request body names the fields it does not know, instead of swallowing them (P20)."""
    if not file.place.startswith("api/"):
        return
    for node in ast.walk(file.tree):
        body = isinstance(node, ast.ClassDef) and node.name.endswith(("In", "Patch"))
        if body and "Schema" in map(ast.unparse, node.bases):
            yield node.lineno, f"{node.name}: a request body is a shapes.Body, not a Schema"


def app_docstrings(file: Source) -> Iterator[Finding]:
    """What it is, what it is not, which part of the product it serves."""
    if not re.fullmatch(r"\w+/__init__\.py", file.place):
        return
    lines = [x for x in (ast.get_docstring(file.tree) or "").split("\n") if x.strip()]
    if len(lines) < 3:
        yield 1, "an app says in three lines what it is, what it is not, and whom it serves"


def template_rules(place: str, text: str) -> Iterator[Finding]:
    """The content policy allows no inline style, script or handler."""
    for number, line in enumerate(text.split("\n"), start=1):
        if re.search(r"\sstyle\s*=\s*[\"']", line):
            yield number, "no style attribute"
        if re.search(r"\son\w+\s*=\s*[\"']", line):
            yield number, "no inline handler"
        if re.search(r"<script(?![^>]*\bsrc=)", line):
            yield number, "no inline script"


WORKPLACE = re.compile(
    r"/work/|/tmp/bash_jobs|/opt/samtime|pypi\.org|registry\.npmjs|files\.pythonhosted|/root/"
)


def workplace_words(place: str, text: str) -> Iterator[Finding]:
    """The project speaks of itself alone."""
    if place == "checks/house_rules.py" or place.startswith("tests/house/"):
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if WORKPLACE.search(line):
            yield number, "a path or host of some machine"


RULES = (
    nameless_files,
    long_files,
    long_functions,
    many_arguments,
    save_overrides,
    signals,
    foreign_objects,
    commands,
    queries_write,
    session_settings,
    bare_policies,
    on_behalf,
    mask_writers,
    ways_out,
    money_floats,
    refusals_at_home,
    loose_bodies,
    app_docstrings,
)


def _functions(file: Source) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def _texts(file: Source) -> Iterator[ast.Constant]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


def tracked() -> list[str]:
    """Every file under version control."""
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in run.stdout.split("\0") if name]


def findings() -> list[str]:
    """Every offence as `path:line rule: message`."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if "/migrations/" in str(path) and "0001" in path.name:
            continue
        file = source(str(path.relative_to(PACKAGE)), path.read_text(encoding="utf-8"))
        for rule in RULES:
            found += [f"src/samtime/{file.place}:{n} {rule.__name__}: {m}" for n, m in rule(file)]
    for path in sorted(PACKAGE.rglob("*.html")):
        place = str(path.relative_to(ROOT))
        found += [f"{place}:{n} {m}" for n, m in template_rules(place, path.read_text())]
    for name in tracked():
        if name.endswith((".png", ".xlsx", ".ico")) or not (ROOT / name).is_file():
            continue
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        found += [f"{name}:{n} {m}" for n, m in workplace_words(name, text)]
    return found


def main() -> int:
    """Print and answer 1 when there is an offence."""
    found = findings()
    print("\n".join(found) if found else "The house is in order.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
