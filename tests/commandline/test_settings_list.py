"""`samtime settings` lists every environment variable the product reads, and nothing else."""

import ast
from pathlib import Path

from samtime.commandline.settings_list import SETTINGS, run

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "samtime"
ASKING = {"os.environ.get", "os.environ.setdefault", "os.environ.pop", "os.getenv", "_flag"}


def constants(tree):
    """Names of module constants that stand for a variable's name."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def asked_in(tree):
    """Every variable that a file asks the environment for."""
    named = constants(tree)
    for node in ast.walk(tree):
        key = None
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKING and node.args:
            key = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            key = node.slice
        elif isinstance(node, ast.Compare) and "os.environ" in map(ast.unparse, node.comparators):
            key = node.left
        if isinstance(key, ast.Constant):
            yield key.value
        elif isinstance(key, ast.Name) and isinstance(named.get(key.id), str):
            yield named[key.id]


def test_every_variable_that_is_read_is_listed_and_none_else():
    read = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in asked_in(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert len(read) > 20
    assert read == set(SETTINGS)


def test_the_reader_itself_sees_every_way_of_asking():
    tree = ast.parse(
        "N = 'BY_NAME'\nos.environ.get('GET')\nos.environ['KEY']\n'IN' in os.environ\n"
        "os.environ.setdefault('SET', '1')\n_flag('FLAG', True)\nos.environ[N]\n"
    )
    assert set(asked_in(tree)) == {"BY_NAME", "GET", "KEY", "IN", "SET", "FLAG"}


def test_the_list_is_printed_with_meaning_and_usual_value(capsys):
    assert run([]) == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == len(SETTINGS)
    assert "signs sessions and forms" in said
