"""The frame of a signed-in page: who sees which line of the menu."""

import pytest
from django.template import Context, Template
from django.urls import resolve, reverse

from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.rights import ROLE_RIGHTS, Right, Role
from samtime.organizations.models import Location
from samtime.web.frame import frame_for, home_of
from samtime.web.places import chosen_location

pytestmark = pytest.mark.django_db


def frame_with(rf, user, organization, rights, path="/"):
    request = rf.get(path)
    request.user = user
    request.actor = Actor(ActorKind.MEMBER, organization.id, frozenset(rights), user_id=user.id)
    return frame_for(request)


def links(frame):
    return [line.href for group in frame.menu for line in group.entries]


def test_the_frame_names_the_organization_and_the_person(signed_in, person, clinic, join):
    join(person, clinic, "admin")
    page = signed_in.get(reverse("provider:statistics", args=[clinic.slug]))
    text = page.content.decode()
    assert "<strong>Testklinikk AS</strong>" in text
    assert "vera@prove.example" in text
    assert text.count('aria-current="page"') == 1


def test_the_switcher_lists_where_else_the_person_belongs(rf, person, clinic, centre, join):
    join(person, clinic, "admin")
    assert frame_with(rf, person, clinic, Right).others == []
    join(person, centre, "agent")
    others = frame_with(rf, person, clinic, Right).others
    assert [(o.name, o.current) for o in others] == [
        ("Apropos Testsenter SRL", False),
        ("Testklinikk AS", True),
    ]


def test_a_line_without_the_right_is_absent(rf, person, clinic, join):
    """SCREENS 1.2: no right, no menu entry."""
    join(person, clinic, "admin")
    statistics = reverse("provider:statistics", args=[clinic.slug])
    assert statistics in links(frame_with(rf, person, clinic, ROLE_RIGHTS[Role.ADMIN]))
    assert statistics not in links(frame_with(rf, person, clinic, ROLE_RIGHTS[Role.RECEPTIONIST]))


def test_the_search_offers_what_the_menu_offers(rf, person, clinic, join):
    """Nothing is found that the person may not open."""
    join(person, clinic, "receptionist")
    frame = frame_with(rf, person, clinic, ROLE_RIGHTS[Role.RECEPTIONIST])
    assert {p.href for p in frame.palette} == {*links(frame), *(a.href for a in frame.account)}


def test_one_line_of_the_menu_is_the_current_one(rf, person, clinic, join):
    join(person, clinic, "admin")
    path = reverse("provider:partner_statistics", args=[clinic.slug])
    frame = frame_with(rf, person, clinic, Right, path)
    assert [e.href for g in frame.menu for e in g.entries if e.current] == [path]


def test_settings_are_folded_until_used(rf, person, clinic, join):
    """SCREENS 3: groups fold; Settings is folded until used."""
    join(person, clinic, "admin")
    groups = {g.key: g.open for g in frame_with(rf, person, clinic, Right).menu}
    assert groups["reports"]
    assert not groups.get("settings", False)


def test_a_member_of_another_organization_gets_no_menu(rf, person, clinic, centre, join):
    join(person, centre, "agent")
    assert frame_with(rf, person, clinic, Right).menu == []


def test_every_organization_has_a_home(clinic, centre):
    assert home_of(clinic).startswith("/")
    assert home_of(centre).startswith("/")


def test_own_url_stays_in_the_organization(rf, clinic):
    path = reverse("provider:statistics", args=[clinic.slug])
    request = rf.get(path)
    request.resolver_match = resolve(path)
    tag = Template('{% load look %}{% own_url "provider:partner_statistics" %}')
    written = tag.render(Context({"request": request}))
    assert written == reverse("provider:partner_statistics", args=[clinic.slug])


@pytest.fixture
def places(clinic):
    return [
        Location.objects.create(
            organization=clinic, slug=f"test-{name}", name=name, time_zone="Europe/Oslo"
        )
        for name in ("nord", "vest")
    ]


def ask_for(rf, clinic, path):
    request = rf.get(path)
    actor = Actor(ActorKind.MEMBER, clinic.id, frozenset())
    return request, chosen_location(request, actor)


def test_the_location_filter_keeps_the_other_filters(rf, clinic, places):
    request, chosen = ask_for(rf, clinic, "/x/?q=a&location=test-vest")
    assert chosen == places[1]
    assert [line.href for line in request.location_lines] == [
        "/x/?q=a",
        "/x/?q=a&location=test-nord",
        "/x/?q=a&location=test-vest",
    ]


def test_a_foreign_place_counts_as_all(rf, clinic, centre, places):
    Location.objects.create(
        organization=centre, slug="test-fremd", name="Fremd", time_zone="Europe/Bucharest"
    )
    request, chosen = ask_for(rf, clinic, "/x/?location=test-fremd")
    assert chosen is None
    assert "Fremd" not in [line.name for line in request.location_lines]
