"""What the signed-in frame shows around a page: organization, menu, search list, account."""

from dataclasses import dataclass, field
from typing import Any, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.inbox.queries import open_items
from samtime.organizations.models import Membership, Organization
from samtime.organizations.queries import memberships_of
from samtime.web.navigation import Entry, Group, groups_for


@dataclass(slots=True)
class Line:
    """A link of the frame. `words` are what the page search compares, in small letters."""

    href: str
    label: str
    icon: str = "chevron-right"
    current: bool = False
    count: int = 0
    key: str = ""
    group: str = ""
    words: str = ""

    @property
    def name(self) -> str:
        """The same word, as lists of places and companies call it."""
        return self.label


@dataclass(slots=True)
class MenuGroup:
    """A head and its lines; open unless it is folded and not in use."""

    key: str
    label: str
    entries: list[Line]
    open: bool


@dataclass(slots=True)
class Frame:
    """Everything `shell.html` asks for; empty lists where there is no organization."""

    home: str = "/"
    organization: Organization | None = None
    kind: str = ""
    others: list[Line] = field(default_factory=list)
    menu: list[MenuGroup] = field(default_factory=list)
    palette: list[Line] = field(default_factory=list)
    keys: list[Line] = field(default_factory=list)
    locations: list[Line] = field(default_factory=list)
    location_name: str = ""
    inbox_href: str = ""
    inbox_count: int = 0
    account: list[Line] = field(default_factory=list)
    sign_out: str = ""


def address(name: str, *args: Any) -> str:
    """The path of a named page, or «» where it is not built."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def frame_for(request: HttpRequest) -> Frame:
    """The frame of this request. The door puts `actor` there; without it only the account shows."""
    frame = Frame(sign_out=address("account_logout"), account=_account_lines())
    actor: Actor | None = getattr(request, "actor", None)
    user = cast(User, request.user)
    if not user.is_authenticated:
        return frame
    memberships = memberships_of(user)
    current = next(
        (m for m in memberships if actor and m.organization_id == actor.organization_id), None
    )
    if current is None or actor is None:
        return frame
    _fill(frame, request, actor, current.organization)
    frame.kind = kind_line(current)
    if len(memberships) > 1:
        frame.others = [
            Line(home_of(m.organization), m.organization.name, current=m is current)
            for m in memberships
        ]
    return frame


def home_of(organization: Organization) -> str:
    """The first page of an organization: today for a clinic, booking for a partner."""
    provider = "provider" in organization.capabilities
    names = ["provider:today"] if provider else ["partner:cockpit"]
    for desk in ("insurer", "operator"):
        if desk in organization.capabilities and not provider:
            names = [f"{desk}:desk", f"{desk}:users"]
    found = (address(name, organization.slug) for name in names)
    return next((path for path in found if path), "/")


def _fill(frame: Frame, request: HttpRequest, actor: Actor, organization: Organization) -> None:
    frame.organization = organization
    frame.home = home_of(organization)
    if actor.may(Right.SEE_INBOX):
        request.inbox_count = open_items(actor, now=timezone.now()).count()  # type: ignore[attr-defined]
        frame.inbox_count = request.inbox_count  # type: ignore[attr-defined]
        frame.inbox_href = address("provider:inbox", organization.slug)
    built = [
        _built(group, request, actor, organization)
        for group in groups_for(organization.capabilities)
    ]
    frame.menu = [group for group in built if group.entries]
    frame.palette = [line for group in frame.menu for line in group.entries] + frame.account
    frame.keys = [line for line in frame.palette if line.key]
    frame.locations = getattr(request, "location_lines", [])
    frame.location_name = getattr(request, "location_name", "")


def _built(
    group: Group, request: HttpRequest, actor: Actor, organization: Organization
) -> MenuGroup:
    lines = [
        line
        for entry in group.entries
        if not entry.rights or any(actor.may(right) for right in entry.rights)
        if (line := _line(entry, group, request, organization))
    ]
    used = any(line.current for line in lines)
    return MenuGroup(group.key, str(group.label), lines, open=used or not group.folded)


def _line(
    entry: Entry, group: Group, request: HttpRequest, organization: Organization
) -> Line | None:
    href = address(entry.url, organization.slug)
    if not href:
        return None
    label = str(entry.label)
    words = " ".join((label, *entry.aliases, str(group.label))).casefold()
    count = getattr(request, "inbox_count", 0) if entry.counts == "inbox" else 0
    current = _is_current(href, request.path, home_of(organization))
    return Line(href, label, entry.icon, current, count, entry.key, str(group.label), words)


def _is_current(href: str, path: str, home: str) -> bool:
    return path == href if href == home and path != href else path.startswith(href)


def kind_line(membership: Membership) -> str:
    """«Clinic · 3 locations», under the organization's name."""
    organization = membership.organization
    places = getattr(membership, "place_count", 0)
    words = {
        "provider": _("Clinic"),
        "call_centre": _("Call centre"),
        "doctor_practice": _("Doctor's practice"),
        "practice": _("Doctor's practice"),
        "intermediary": _("Intermediary"),
        "assistance": _("Assistance company"),
        "insurer": _("Insurer"),
        "operator": _("Network operator"),
        "partner": _("Partner"),
    }
    word = words.get(organization.kind, _("Company"))
    if not places:
        return word
    counted = ngettext("%(count)s location", "%(count)s locations", places) % {"count": places}
    return f"{word} · {counted}"


def _account_lines() -> list[Line]:
    wanted = (
        ("account:profile", _("Profile"), "user"),
        ("mfa_index", _("Security and sign-in"), "shield-lock"),
        ("account:organizations", _("Switch organisation"), "building-community"),
    )
    found = [(address(name), label, icon) for name, label, icon in wanted]
    return [Line(href, label, icon, words=label.casefold()) for href, label, icon in found if href]
