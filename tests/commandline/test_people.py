"""`samtime organization|user|key create`: the first people of an installation (D32)."""

import pytest

from samtime.commandline import people
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import ApiKey, Membership, Organization, UserInvitation
from samtime.organizations.queries.arrival import actor_for_key
from tests.organizations.conftest import behind, joined, mailed_secret

pytestmark = pytest.mark.django_db
NORTH = "create --slug north --name Nordklinikken --country no --capability provider partner"


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """The test's database is there already."""
    monkeypatch.setattr(people, "use_database", lambda: None)
    monkeypatch.setattr(people, "set_up", lambda: None)


def test_an_organization_and_its_first_administrator(town, capsys):
    """D32: the mail's link makes the administrator, who may do everything there."""
    assert people.organization([*NORTH.split(), "--admin", "boss@north.example"]) == 0
    assert "boss@north.example" in capsys.readouterr().out
    member = joined(mailed_secret("boss@north.example"), name="Boss Test")
    assert member.organization.slug == "north"
    assert member.roles == ["admin", "agent", "partner_manager"]
    assert member.organization.currency == "NOK"


@pytest.mark.parametrize(
    ("slug", "said"),
    [("aurora", "taken"), ("api", "reserved"), ("operator", "reserved"), ("Ål!", "small letters")],
)
def test_a_taken_or_reserved_word_is_refused_in_one_line(town, capsys, slug, said):
    """D32: exit 1, nothing is made, nobody gets a mail."""
    before = Organization.objects.count()
    given = NORTH.replace("north", slug).split()
    assert people.organization([*given, "--admin", "boss@north.example"]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert Organization.objects.count() == before
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "wrong", [["--country", "XX"], ["--capability", "bank"], ["--admin", "nobody"]]
)
def test_other_wrong_words(town, capsys, wrong):
    given = [*NORTH.split(), "--admin", "boss@north.example", *wrong]
    assert people.organization(given) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not Organization.objects.filter(slug="north").exists()


def test_the_first_operator_gets_a_link_that_is_printed(db, capsys):
    """D32: in an empty installation; nothing is mailed."""
    assert people.user(["create", "--operator", "op@samtime.example"]) == 0
    link = capsys.readouterr().out.strip()
    assert not OutgoingMail.objects.exists()
    member = joined(link.rsplit("/", 1)[1], name="Operator Test")
    assert (member.organization.slug, member.roles) == ("operator", ["operator"])
    assert people.user(["create", "--operator", "op2@samtime.example"]) == 0
    assert Organization.objects.count() == 1


def test_a_user_of_an_organization(town, capsys):
    """The role is said; another organization's people are not touched."""
    given = "create --organization aurora --email new@aurora.example --role receptionist"
    assert people.user(given.split()) == 0
    secret = capsys.readouterr().out.strip().rsplit("/", 1)[1]
    assert behind(secret).invitation.roles == ["receptionist"]
    assert people.user(["create", "--organization", "nowhere", "--email", "a@b.example"]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert people.user(given.replace("receptionist", "agent").replace("new", "n2").split()) == 1
    set_viewer(town.aurora.id)
    assert UserInvitation.objects.count() == 1


def test_a_key_is_printed_once(town, capsys):
    """INTERFACE section 1."""
    given = "create --organization aurora --user desk@aurora.example --name robot"
    assert people.key([*given.split(), "--scopes", "slots.read"]) == 0
    secret = capsys.readouterr().out.strip()
    actor = actor_for_key(secret=secret, language="en", request_id="")
    assert (actor.user_id, actor.scopes) == (town.desk.user_id, {"slots.read"})


@pytest.mark.parametrize(
    "wrong",
    [
        ["--user", "nobody@aurora.example"],
        ["--organization", "nowhere"],
        ["--scopes", "everything"],
        ["--name", ""],
    ],
)
def test_a_wrong_key_is_refused_in_one_line(town, capsys, wrong):
    given = "create --organization aurora --user desk@aurora.example --name robot"
    assert people.key([*given.split(), *wrong]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not ApiKey.objects.exists()


def test_the_verbs_are_there():
    """cli.py names functions that exist."""
    from importlib import import_module

    from samtime.cli import VERBS

    for place, _meaning in VERBS.values():
        module, name = place.split(":")
        assert callable(getattr(import_module(module), name))


def test_an_ended_person_gets_no_key(town, capsys):
    from django.utils import timezone

    Membership.objects.filter(user_id=town.desk.user_id).update(ended_at=timezone.now())
    given = "create --organization aurora --user desk@aurora.example --name robot"
    assert people.key(given.split()) == 1
