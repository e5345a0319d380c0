"""What the signed-in frame shows around a page: organization, menu, search list, account.

A menu depends on language, organization and rights alone, so it is built once for each and kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.inbox.queries import open_count
from samtime.organizations.queries.arrival import Belonging, belongings
from samtime.web.navigation import Entry, Group, groups_for

MENUS = 512


class Named(Protocol):
    """An organization, whole or in short."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def capabilities(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A head and its lines; open unless it is folded and not in use. `counted`: the line whose
    figure is the inbox's, or -1."""

    key: str
    label: str
    entries: tuple[Line, ...]
    open: bool
    counted: int = -1


@dataclass(slots=True)
class Frame:
    """Everything `shell.html` asks for; empty lists where there is no organization.

    `menu_mark` and `side_mark` name all that the search list and the side depend on: equal marks,
    equal HTML. Empty where nothing is kept.
    """

    home: str = "/"
    organization: Named | None = None
    kind: str = ""
    others: list[Line] = field(default_factory=list)
    menu: list[MenuGroup] = field(default_factory=list)
    palette: Sequence[Line] = ()
    keys: Sequence[Line] = ()
    locations: list[Line] = field(default_factory=list)
    location_name: str = ""
    inbox_href: str = ""
    inbox_count: int = 0
    account: Sequence[Line] = ()
    sign_out: str = ""
    menu_mark: tuple[Any, ...] = ()
    side_mark: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """What one set of rights sees in one organization and language, wherever he is."""

    groups: tuple[MenuGroup, ...]
    palette: tuple[Line, ...]
    keys: tuple[Line, ...]
    inbox_href: str


@lru_cache(maxsize=8192)
def address(name: str, *args: Any) -> str:
    """The path of a named page, or «» where it is not built."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def frame_for(request: HttpRequest) -> Frame:
    """The frame of this request. The door puts `actor` there; without it only the account shows."""
    language = get_language() or "en"
    frame = Frame(sign_out=address("account_logout"), account=_account_lines(language))
    actor: Actor | None = getattr(request, "actor", None)
    user = cast(User, request.user)
    if actor is None or not user.is_authenticated:
        return frame
    now = timezone.now()
    where = belongings(user, now=now)
    own = next((one for one in where if one.organization_id == actor.organization_id), None)
    if own is None:
        return frame
    if actor.may(Right.SEE_INBOX):
        frame.inbox_count = open_count(actor, now=now)
    _fill(frame, request, actor, own, language)
    if len(where) > 1:
        frame.others = [Line(home_of(one), one.name, current=one is own) for one in where]
    frame.side_mark = (
        *(frame.menu_mark, own.name, frame.kind, tuple(frame.others), frame.inbox_count),
        tuple(line.href for group in frame.menu for line in group.entries if line.current),
    )
    return frame


def home_of(organization: Named) -> str:
    """The first page of an organization: today for a clinic, booking for a partner."""
    return _home(organization.slug, tuple(organization.capabilities))


@lru_cache(maxsize=4096)
def _home(slug: str, capabilities: tuple[str, ...]) -> str:
    provider = "provider" in capabilities
    names = ["provider:today"] if provider else ["partner:cockpit"]
    for desk in ("insurer", "operator"):
        if desk in capabilities and not provider:
            names = [f"{desk}:desk", f"{desk}:users"]
    found = (address(name, slug) for name in names)
    return next((path for path in found if path), "/")


def _fill(frame: Frame, request: HttpRequest, actor: Actor, own: Belonging, language: str) -> None:
    frame.organization = own
    frame.home = home_of(own)
    frame.kind = kind_line(own.kind, own.places)
    frame.menu_mark = (language, own.slug, tuple(own.capabilities), actor.rights)
    menu = _menu(*frame.menu_mark)
    frame.inbox_href = menu.inbox_href
    frame.menu = [_here(g, request.path, frame.home, frame.inbox_count) for g in menu.groups]
    frame.palette, frame.keys = menu.palette, menu.keys
    frame.locations = getattr(request, "location_lines", [])
    frame.location_name = getattr(request, "location_name", "")


@lru_cache(maxsize=MENUS)
def _menu(
    language: str, slug: str, capabilities: tuple[str, ...], rights: frozenset[Right]
) -> Menu:
    """`language` is the one that is active: the words are taken from it."""
    built = [_built(group, slug, rights) for group in groups_for(list(capabilities))]
    groups = tuple(group for group in built if group.entries)
    lines = tuple(line for group in groups for line in group.entries)
    palette = (*lines, *_account_lines(language))
    inbox = address("provider:inbox", slug) if Right.SEE_INBOX in rights else ""
    return Menu(groups, palette, tuple(line for line in palette if line.key), inbox)


def _built(group: Group, slug: str, rights: frozenset[Right]) -> MenuGroup:
    lines: list[Line] = []
    counted = -1
    for entry in group.entries:
        href = address(entry.url, slug)
        if not href or (entry.rights and rights.isdisjoint(entry.rights)):
            continue
        if entry.counts == "inbox":
            counted = len(lines)
        lines.append(_line(entry, group, href))
    return MenuGroup(group.key, str(group.label), tuple(lines), not group.folded, counted)


def _line(entry: Entry, group: Group, href: str) -> Line:
    label = str(entry.label)
    words = " ".join((label, *entry.aliases, str(group.label))).casefold()
    return Line(href, label, entry.icon, key=entry.key, group=str(group.label), words=words)


def _here(group: MenuGroup, path: str, home: str, count: int) -> MenuGroup:
    """The group as this page shows it: which line is the current one, how much waits."""
    lines, used = list(group.entries), False
    for place, line in enumerate(lines):
        current = _is_current(line.href, path, home)
        waiting = count if place == group.counted else 0
        used = used or current
        if current or waiting:
            lines[place] = replace(line, current=current, count=waiting)
    return replace(group, entries=tuple(lines), open=used or group.open)


def _is_current(href: str, path: str, home: str) -> bool:
    return path == href if href == home and path != href else path.startswith(href)


def kind_line(kind: str, places: int) -> str:
    """«Clinic · 3 locations», under the organization's name."""
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
    word = words.get(kind, _("Company"))
    if not places:
        return word
    counted = ngettext("%(count)s location", "%(count)s locations", places) % {"count": places}
    return f"{word} · {counted}"


@lru_cache(maxsize=16)
def _account_lines(language: str) -> tuple[Line, ...]:
    """The person's own pages, in the active language."""
    wanted = (
        ("account:profile", _("Profile"), "user"),
        ("mfa_index", _("Security and sign-in"), "shield-lock"),
        ("account:organizations", _("Switch organisation"), "building-community"),
    )
    found = [(address(name), label, icon) for name, label, icon in wanted]
    return tuple(
        Line(href, label, icon, words=label.casefold()) for href, label, icon in found if href
    )
