"""Words of the cockpit's filters, and what of them the agent has chosen."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.bookings.queries.facets import Facets, Spot
from samtime.web.form_state import FormState

RADII = (5, 10, 25, 50, 100)


def part_words() -> dict[str, str]:
    """Parts of the day in the reader's language."""
    return {
        "morning": _("Morning, before 12"),
        "afternoon": _("Afternoon, 12 to 17"),
        "evening": _("Evening, after 17"),
    }


def gender_words() -> dict[str, str]:
    """Genders of practitioners, as far as clinics state them."""
    return {"female": _("Woman"), "male": _("Man")}


def language_words() -> dict[str, str]:
    """Languages practitioners speak."""
    return {
        "en": "English",
        "nb": "Norsk",
        "no": "Norsk",
        "ro": "Română",
        "hu": "Magyar",
        "de": "Deutsch",
        "fr": "Français",
        "sv": "Svenska",
    }


def group_words() -> list[tuple[str, str]]:
    """First free of what."""
    return [("", _("By time")), ("location", _("By institution")), ("doctor", _("By doctor"))]


def help_words() -> dict[str, str]:
    """What leaving out a part of the wish is called."""
    return {
        "near": _("Without the place"),
        "part": _("At any time of the day"),
        "language": _("With any language"),
        "gender": _("With any practitioner"),
        "practitioner": _("With any doctor"),
        "location": _("At any location"),
        "provider": _("At any institution"),
        "days": _("In the next 60 days"),
    }


def radius_of(state: FormState) -> float:
    """Kilometres around the place, 25 where nothing else is said."""
    given = state.text("radius")
    return float(given) if given.isdecimal() and len(given) < 5 and int(given) else 25.0


def chips(state: FormState, on: date, spot: Spot | None, facets: Facets) -> list[tuple[str, str]]:
    """Filters in use, as (field, words): each leaves with one key."""
    words: dict[str, str] = {}
    if spot:
        place = {"km": int(radius_of(state)), "place": spot.name}
        words["near"] = _("Within %(km)s km of %(place)s") % place
    if on > timezone.localdate():
        words["from"] = _("From %(day)s") % {"day": f"{on:%d.%m.}"}
    if state.text("part"):
        words["part"] = part_words().get(state.text("part"), "")
    if language := state.text("language"):
        words["language"] = language_words().get(language, language)
    if state.text("gender"):
        words["gender"] = gender_words().get(state.text("gender"), "")
    words |= {
        "provider": facets.institutions.get(state.text("provider"), ""),
        "location": facets.places.get(state.text("location"), ""),
        "practitioner": facets.doctors.get(state.text("practitioner"), ""),
    }
    return [(name, word) for name, word in words.items() if word]
