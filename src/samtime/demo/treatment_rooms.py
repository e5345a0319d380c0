"""Treatment rooms at Fjord and the appointments that stand in them, through the desk's commands."""

from datetime import datetime

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars.commands.rooms import RoomGroupGiven, add_room_group
from samtime.catalog.queries import service_by_code
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.models import Location, Organization
from samtime.patients.models import Patient

SERVICE, PLACE = "F03", "fjord-sentrum"
NAMES = ("Behandlingsrom 1", "Behandlingsrom 2", "Behandlingsrom 3")
BOOKED = 12


def make(made: dict[str, Organization], now: datetime) -> None:
    """Three rooms, and a dozen long treatments in them on the next free times."""
    clinic = made["fjord"]
    with viewing_as(clinic.id):
        actor = system_actor(clinic.id)
        service = service_by_code(actor, SERVICE)
        place = Location.objects.get(organization=clinic, slug=PLACE)
        if service is None:
            return
        given = RoomGroupGiven(place.public_id, "Behandlingsrom", NAMES, (service.public_id,))
        add_room_group(actor=actor, given=given, now=now)
        wish = SlotSearch(
            start=now.date(),
            days=7,
            limit=BOOKED,
            service=service.public_id,
            location=place.public_id,
            apart=True,
        )
        free = find_slots(actor, wish, now=now).items
        known = Patient.objects.filter(provider_id=clinic.id).order_by("id")[:BOOKED]
        for slot, patient in zip(free, known, strict=False):
            booked = Wish(
                offering=slot.offering,
                start=slot.start,
                patient_id=patient.public_id,
                notify=False,
            )
            book_slot(actor=actor, wish=booked, now=now)
