"""Bookable time: calendars, offerings, opening rules, allocations and day masks.

Not bookings: it knows occupied time, never a person.
Serves G4, B4 to B6 and every search for a free time.
"""
