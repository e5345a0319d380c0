"""Questions about bookings: agenda.py (what stands in calendars), slots.py (what is free)."""
