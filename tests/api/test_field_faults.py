"""Sentences of refused fields: in the reader's language, never the parser's own English (P36)."""

import json

import pytest
from django.utils import translation
from ninja import Schema
from pydantic import ValidationError

from samtime.accounts.models import User
from samtime.api.field_faults import SENTENCES, field_fault
from samtime.organizations.models import UserInvitation

pytestmark = pytest.mark.django_db
BAD: list = [None, True, 1.5, 10**30, -1, "", "x", "x" * 6000, [], ["x"] * 250, {}, {"x": 1}]


def test_fields_are_refused_in_the_language_of_the_call_or_of_the_person(town, caller):
    """P34: Accept-Language, else the key's person; the code is the same, nothing is made."""
    admin, body = caller(town.admin), {"name": 7, "roles": "x", "who": 1}
    codes = set()
    for language, needed in {
        "en": "This is needed.",
        "nb": "Dette må oppgis.",
        "ro": "Acest câmp este necesar.",
        "hu": "Ezt meg kell adni.",
    }.items():
        User.objects.filter(id=town.admin.user_id).update(language=language)
        for headers in ({"Accept-Language": language}, {}):
            answer = admin.post("users", body, **headers)
            assert answer.status == 422
            said = {e["field"]: e["detail"] for e in answer.body["errors"]}
            assert said["email"] == needed
            with translation.override(language):
                assert said["name"] == str(SENTENCES["string_type"])
                assert said["roles"] == str(SENTENCES["list_type"])
                assert said["who"] == str(SENTENCES["extra_forbidden"])
            codes.add(json.dumps([e["code"] for e in answer.body["errors"]]))
    assert len(codes) == 1
    assert admin.post("users", body, **{"Accept-Language": "ro"}).raw["Content-Language"] == "ro"
    assert not UserInvitation.objects.exists()


def shapes(parent=Schema):
    """Every shape the calls take: bodies and queries, also those inside others."""
    for shape in parent.__subclasses__():
        if shape.__module__.startswith("samtime.api."):
            yield shape
        yield from shapes(shape)


def test_every_fault_of_every_field_has_a_sentence_of_ours():
    """P36: each field of each shape filled with wrong things; no fault is without its words."""
    codes = set()
    with translation.override("ro"):
        for shape in shapes():
            names = [f.alias or name for name, f in shape.model_fields.items()]
            for bad in BAD:
                try:
                    shape.model_validate(dict.fromkeys(names, bad) | {"who": 1})
                except ValidationError as fault:
                    faults = fault.errors()
                else:
                    continue
                for said in map(field_fault, faults):
                    codes.add(said.code)
                    assert said.code in SENTENCES
                    assert "%(" not in said.detail
                    assert str(said.detail) not in {e["msg"] for e in faults}
    assert len(codes) > 20
    assert {"missing", "extra_forbidden", "too_long", "uuid_parsing", "literal_error"} <= codes
