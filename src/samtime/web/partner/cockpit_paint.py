"""The cockpit's rows as HTML, written by hand: every letter that is typed brings a new list.

Every piece of text goes through `escape`; what all rows say is looked up once.
"""

from collections.abc import Iterable
from html import escape as escaped

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samtime.web.frame import address
from samtime.web.icons import icon_svg
from samtime.web.partner.cockpit_rows import Row
from samtime.web.templatetags.formats import day_in_list, iso_day, money, time_of_day
from samtime.web.templatetags.look import badge


class Words:
    """What every row says, in the reader's language."""

    def __init__(self) -> None:
        self.today = escaped(_("Today"))
        self.to_us = escaped(_("paid to us"))
        self.there = escaped(_("paid there"))
        self.held = badge("booking", "held", _("Held"))
        self.why = escaped(_("Why not bookable?"))
        self.new_tab = escaped(_("opens in a new tab"))
        self.help = icon_svg("help-circle", "")


def painted(rows: Iterable[Row], slug: str, *, with_service: bool) -> SafeString:
    """The rows, in order; `with_service` where they are of several."""
    words, explain = Words(), address("partner:explain", slug)
    return mark_safe("".join(_row(row, words, explain, with_service) for row in rows))


def _row(row: Row, words: Words, explain: str, with_service: bool) -> str:
    slot, start = row.slot, row.slot.start.isoformat()
    clock = time_of_day(slot.start, slot.zone)
    asked = f"offering={slot.offering}&amp;on={iso_day(slot.start, slot.zone)}"
    mine = ' class="st-mine"' if row.held else ""
    who = escaped(slot.practitioner_name)
    return (
        f'<li data-slot="{row.key}" data-at="{start}"{mine}>'
        f'<button class="st-pick" type="button" data-pick data-offering="{slot.offering}"'
        f' data-start="{start}" data-clock="{clock}"><kbd aria-hidden="true">{row.number}</kbd>'
        f'<span class="st-pick-when"><strong>{clock}</strong>{_day(row, words)}</span>'
        f'<span class="st-pick-who"><strong>{who}</strong>'
        f"<small>{_where(row, with_service)}</small></span>"
        f'<span class="st-pick-price">{_price(row, words)}</span></button>'
        f'<a class="st-why-link" href="{explain}?{asked}" target="_blank" rel="noopener" data-why'
        f' title="{words.why}">{words.help}'
        f'<span class="st-hidden">{words.why} {who} ({words.new_tab})</span></a></li>'
    )


def _day(row: Row, words: Words) -> str:
    day = words.today if row.today else escaped(day_in_list(row.slot.start, row.slot.zone))
    town = f"<small>{escaped(row.town)}</small>" if row.town else ""
    return f"<small>{day}</small>{town}"


def _where(row: Row, with_service: bool) -> str:
    slot, far = row.slot, row.slot.distance_km
    service = f"{escaped(row.service)} · " if with_service else ""
    distance = f" · {far:.0f} km" if far is not None else ""
    return f"{service}{escaped(slot.provider_name)}, {escaped(slot.location_name)}{distance}"


def _price(row: Row, words: Words) -> str:
    if row.held:
        return words.held
    paid = words.to_us if row.slot.payment_place == "partner" else words.there
    return f"<strong>{escaped(money(row.price))}</strong><small>{paid}</small>"
