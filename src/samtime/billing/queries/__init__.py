"""Questions about settlement: sources.py (bookings of a month), statements.py (what is settled)."""
