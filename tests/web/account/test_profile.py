"""The person's profile."""

import pytest

pytestmark = pytest.mark.django_db
FIELDS = {"name": "Vera Ny Test", "phone": "+47 555 01 000", "language": "hu"}


def test_saving_the_profile(signed_in, person):
    answer = signed_in.post("/account/profile/", FIELDS)
    person.refresh_from_db()
    assert answer["Location"] == "/account/profile/"
    assert (person.name, person.language, person.single_keys) == ("Vera Ny Test", "hu", False)


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 201}, {"phone": "1" * 41}, {"language": "xx"}]
)
def test_refuses_and_keeps_what_was_typed(signed_in, person, wrong):
    page = signed_in.post("/account/profile/", {**FIELDS, **wrong})
    person.refresh_from_db()
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert person.name == "Vera Prøve Test"
