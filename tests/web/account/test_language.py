"""The language choice of the top bar."""

import pytest

pytestmark = pytest.mark.django_db


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
