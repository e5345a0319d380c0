"""Hostile values, and requests made of them from the OpenAPI document."""

import itertools
import json
import uuid

BIG = "@5000 digits@"
DEEP = "[" * 1000 + "]" * 1000
VALUES = (
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 200_000,
    "\u202e\u200b\ufeff\U000e0001",
    "",
    " ",
    "9999-12-31",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "24:61",
    "'; DROP TABLE bookings_booking; --",
    "%s%(x)s{0}{{7*7}}",
    "../../etc/passwd",
    "-1",
    "NaN",
    -1,
    0,
    2**31,
    2**63,
    10**40,
    BIG,
    1e308,
    -0.5,
    True,
    None,
    [],
    {},
    ["x"] * 3000,
    [[[[[[[[]]]]]]]],
    {"a": {"b": {"c": None}}},
)
RAW_BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe{}",
    b'{"a": "\\ud800"}',
    b"NaN",
    DEEP.encode(),
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": 1e999}',
    b'{"a": 1, "a": 2}',
)


def as_json(body):
    """JSON text of a body that may hold 5000-digit numbers and lone surrogates."""
    return json.dumps(body).replace(json.dumps(BIG), "9" * 5000).encode()


def operations(document):
    """(verb, path, operation) of every call."""
    for path, verbs in sorted(document["paths"].items()):
        for verb, operation in verbs.items():
            yield verb, path, operation


class Sample:
    """A body that fits the schema of an operation, and the same with one value replaced."""

    def __init__(self, document, known):
        self.schemas, self.known = document["components"]["schemas"], known

    def body(self, operation):
        """A fitting body, or None where the call takes no JSON."""
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        return self.value(content["application/json"]["schema"], "")

    def value(self, schema, name):
        """A value of a schema; ids that are known by the field's name are used."""
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        for word in ("anyOf", "allOf", "oneOf"):
            if word in schema:
                return self.value(schema[word][0], name)
        if name in self.known:
            return self.known[name]
        if "enum" in schema:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type", "object")
        if kind == "object":
            return {n: self.value(s, n) for n, s in schema.get("properties", {}).items()}
        if kind == "array":
            return [self.value(schema.get("items", {}), name)]
        return self._plain(kind, schema)

    def _plain(self, kind, schema):
        if kind == "string":
            formats = {
                "uuid": str(uuid.uuid4()),
                "date": "2026-06-02",
                "date-time": "2026-06-02T09:00:00+03:00",
                "time": "09:00",
                "email": "test@probe.example",
            }
            given = schema.get("format", "")
            return formats.get(given) or (schema.get("examples") or ["Test"])[0]
        return {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True}.get(kind)


def places(body, path=()):
    """Every place of a body where a value stands, the whole included."""
    yield path
    if isinstance(body, dict):
        for name, value in body.items():
            yield from places(value, (*path, name))
    elif isinstance(body, list):
        for number, value in enumerate(body):
            yield from places(value, (*path, number))


def replaced(body, path, value):
    """The body with another value in one place."""
    if not path:
        return value
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


def turns(number):
    """An endless supply of `number` values each, going round so that all are used everywhere."""
    ring = itertools.cycle(VALUES)
    while True:
        yield [next(ring) for _ in range(number)]
