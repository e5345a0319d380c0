"""The table of `make prove`: promise, figure, held (INTERFACE 1).

A proof names its promises in its docstring and says a figure with `record_property("figure", ...)`.
"""

import re


def pytest_runtest_setup(item):
    """What the proof's docstring says travels with its report, from xdist's workers too."""
    said = getattr(item.function, "__doc__", None) or ""
    item.user_properties.append(("promises", " ".join(re.findall(r"\b[A-Z]\d{1,2}\b", said))))


def pytest_terminal_summary(terminalreporter):
    """One line for each proof, those that did not hold first."""
    rows = []
    for outcome in ("failed", "error", "passed"):
        for report in terminalreporter.stats.get(outcome, ()):
            if report.when == "call" or outcome != "passed":
                rows.append(_row(report, outcome))
    if not rows:
        return
    terminalreporter.section("promises")
    rows.sort(key=lambda row: (row[0] == "held", row[1], row[2]))
    for held, promises, name, figure, seconds in rows:
        terminalreporter.write_line(f"{held:8} {promises or '–':14} {name} ({seconds:.0f} s)")
        if figure:
            terminalreporter.write_line(f"{'':23} {figure}")


def _row(report, outcome):
    told = dict(report.user_properties)
    figures = "; ".join(str(v) for k, v in report.user_properties if k == "figure")
    held = "held" if outcome == "passed" else "NOT HELD"
    return held, told.get("promises", ""), report.nodeid, figures, report.duration
