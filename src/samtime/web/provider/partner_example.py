"""The worked example: what a commission would have come to last month (P29)."""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.channels.commands import TermsValues
from samtime.channels.rules import commission
from samtime.foundation.money import Money
from samtime.organizations.models import Organization
from samtime.partners.commands.checks import Terms, check_terms
from samtime.partners.models import Partnership
from samtime.partners.queries import commission_base
from samtime.web import agreement_words
from samtime.web.templatetags.formats import money


def worked_example(
    actor: Actor, own: Organization, terms: Terms, *, today: date, found: Partnership | None
) -> str:
    """A sentence in words and money; «» while the typed terms say no commission yet.

    A partner's own bookings of last month where there are any, else all bookings at the places.
    """
    agreed, faults = check_terms(actor, own, terms)
    values = agreed.values
    faulty = any(fault.field.startswith("commission") for fault in faults)
    if faulty or values.commission_kind == "none":
        return ""
    last = today.replace(day=1)
    first = (last - timedelta(days=1)).replace(day=1)
    places, theirs = terms.location_ids, found is not None
    if not places:
        return _rule(values, own)
    channel = found.channel if found else None
    lines = commission_base(actor, start=first, end=last, places=places, channel=channel)
    if theirs and not lines:
        theirs = False
        lines = commission_base(actor, start=first, end=last, places=places, channel=None)
    return f"{_rule(values, own)} {_sum(values, own, lines, theirs=theirs)}"


def _rule(values: TermsValues, own: Organization) -> str:
    if values.commission_kind == "percentage":
        rate = agreement_words.percent(values.commission_rate)
        sentence = _("%(rate)s%% of past bookings neither cancelled nor no-show, net of VAT.")
        return sentence % {"rate": rate}
    amount = money(Money(values.commission_amount, own.currency))
    sentence = _("%(amount)s for each past booking neither cancelled nor no-show.")
    return sentence % {"amount": amount}


def _sum(
    values: TermsValues, own: Organization, lines: list[tuple[int, int]], *, theirs: bool
) -> str:
    count = sum(times for _net, times in lines)
    if not count:
        return _("Last month has no bookings here to work it out on.")
    total = sum(
        times
        * commission(
            values.commission_kind,
            net=net,
            rate=values.commission_rate,
            amount=values.commission_amount,
            currency=own.currency,
        )
        for net, times in lines
    )
    if theirs:
        sentence = ngettext(
            "On this partner's %(count)s booking of last month that would be %(sum)s.",
            "On this partner's %(count)s bookings of last month that would be %(sum)s.",
            count,
        )
    else:
        sentence = ngettext(
            "On last month's %(count)s booking at these locations that would be %(sum)s.",
            "On last month's %(count)s bookings at these locations that would be %(sum)s.",
            count,
        )
    return sentence % {"count": count, "sum": money(Money(total, own.currency))}
