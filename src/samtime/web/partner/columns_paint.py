"""Columns of Show calendars as HTML, written by hand: forty days have more than a thousand blocks.

Every piece of text goes through `escape`. Free times are buttons of one form, the person's where
one stands beside: what is typed in it goes along.
"""

from collections.abc import Iterable
from html import escape as escaped
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samtime.web.frame import address
from samtime.web.partner.calendar_columns import Drawn, Piece
from samtime.web.templatetags.formats import money
from samtime.web.templatetags.look import cal_place

SHORTEST_WITH_TEXT = 15


class Words:
    """What every block says, in the reader's language."""

    def __init__(self, slug: str, form: str) -> None:
        self.slug = slug
        self.take = f'form="{form}" formaction="{address("partner:hold", slug)}" formnovalidate'
        self.free, self.taken = escaped(_("Free")), escaped(_("Taken"))
        self.held, self.ours = escaped(_("Held")), escaped(_("ours"))
        self.closed = escaped(_("Closed"))


def heads(columns: Iterable[Drawn]) -> SafeString:
    """Whose column it is, where, and at which price."""
    return mark_safe("".join(_head(column) for column in columns))


def bodies(columns: Iterable[Drawn], slug: str, form: str) -> SafeString:
    """The columns below the heads, in the same order; `form` is the one that takes a time."""
    words = Words(slug, form)
    return mark_safe("".join(_body(column, words) for column in columns))


def _head(column: Drawn) -> str:
    offering = column.offering
    where = escaped(f"{offering.provider_name}, {offering.location_name}")
    return (
        f'<div class="st-cal-who"><strong>{escaped(offering.practitioner_name)}</strong>'
        f"<small>{where}</small><small>{escaped(money(column.price))}</small></div>"
    )


def _body(column: Drawn, words: Words) -> str:
    blocks = "".join(_block(piece, column, words) for piece in column.pieces)
    return f'<div class="st-cal-column" data-free="{column.free}">{blocks}</div>'


def _block(piece: Piece, column: Drawn, words: Words) -> str:
    place = cal_place(piece.minute, piece.length)
    if piece.kind == "free":
        return _free(piece, column, place, words)
    if piece.kind == "own":
        href = address("partner:booking", words.slug, UUID(piece.ident))
        text = f"{piece.clock} {escaped(piece.text)}, {words.ours}"
        return f'<a class="st-block st-block-own {place}" href="{href}">{text}</a>'
    texts = {"taken": f"{piece.clock} {words.taken}", "held": f"{piece.clock} {words.held}"}
    text = texts.get(piece.kind, words.closed)
    if piece.kind == "taken" and piece.length < SHORTEST_WITH_TEXT:
        text = f'<span class="st-hidden">{text}</span>'
    return f'<div class="st-block st-block-{piece.kind} {place}">{text}</div>'


def _free(piece: Piece, column: Drawn, place: str, words: Words) -> str:
    slot = f"{column.offering.offering}@{piece.start}"
    who = escaped(column.offering.practitioner_name)
    return (
        f'<div class="st-block-form {place}" data-slot="{slot}" data-clock="{piece.clock}">'
        f'<button class="st-block st-block-free" {words.take} name="slot" value="{slot}">'
        f'{piece.clock} {words.free}<span class="st-hidden"> {who}</span></button></div>'
    )
