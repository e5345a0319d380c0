"""The person's profile and language."""

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


def test_the_language_goes_with_the_person(signed_in, person):
    answer = signed_in.post("/language/", {"language": "nb", "next": "/account/profile/"})
    person.refresh_from_db()
    assert answer["Location"] == "/account/profile/"
    assert person.language == "nb"
    page = signed_in.get("/account/profile/").content.decode()
    assert '<html lang="nb">' in page


def test_the_language_of_a_stranger_is_a_cookie(client, db):
    client.post("/language/", {"language": "ro"})
    assert '<html lang="ro">' in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_the_language_never_leads_elsewhere(client, db, path):
    assert client.post("/language/", {"language": "ro", "next": path})["Location"] == "/"


def test_an_unknown_language_changes_nothing(signed_in, person):
    signed_in.post("/language/", {"language": "xx"})
    person.refresh_from_db()
    assert person.language == "en"
