"""`samtime <verb>`: finds the verb's function and runs it."""

import importlib
import sys

VERBS = {
    "demo": ("samtime.commandline.demo:run", "the demo town: database, web and worker"),
    "serve": ("samtime.commandline.serve:run", "the web server"),
    "worker": ("samtime.commandline.serve:worker", "background work"),
    "migrate": ("samtime.commandline.schema:migrate", "make or update the tables, as the owner"),
    "seed": ("samtime.commandline.schema:seed", "the demo town, into an empty database"),
    "check": ("samtime.commandline.check:run", "configuration and database roles"),
    "settings": ("samtime.commandline.settings_list:run", "every setting and its meaning"),
    "masks": ("samtime.commandline.schema:day_masks", "check or rebuild the day masks"),
    "organization": ("samtime.commandline.people:organization", "create an organization"),
    "user": ("samtime.commandline.people:user", "create a user"),
    "key": ("samtime.commandline.people:key", "create an API key"),
    "bounce": ("samtime.commandline.bounce:run", "a returned mail on standard input"),
    "export": ("samtime.commandline.person_export:run", "everything kept about one person"),
    "import": (
        "samtime.commandline.file_import:run",
        "services, people or patients from a file",
    ),
}
# These take no arguments: what they need stands in the environment (`samtime settings`).
PLAIN = ("demo", "serve", "worker", "migrate", "seed", "check", "settings")


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; answers the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("-h", "--help", "help"):
        return _help()
    if given[0] not in VERBS:
        print(f"samtime has no «{given[0]}».", file=sys.stderr)
        return _help(2)
    if given[0] in PLAIN and given[1:]:
        return _plain(given[0], given[1:])
    place, name = VERBS[given[0]][0].split(":")
    function = getattr(importlib.import_module(place), name)
    return int(function(given[1:]) or 0)


def _plain(verb: str, given: list[str]) -> int:
    """Help of a verb without arguments; anything else is refused before something is done."""
    if set(given) <= {"-h", "--help"}:
        print(f"usage: samtime {verb}\n\n{VERBS[verb][1]}")
        print("\nSet by environment variables: `samtime settings` names them.")
        return 0
    print(f"samtime {verb} takes no arguments: {' '.join(given)}", file=sys.stderr)
    return 2


def _help(code: int = 0) -> int:
    print("samtime <verb>\n")
    for verb, (_place, meaning) in VERBS.items():
        print(f"  {verb:<13} {meaning}")
    return code


if __name__ == "__main__":
    sys.exit(main())
