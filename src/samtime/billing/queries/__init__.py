"""Questions about settlement: sources.py (bookings of a month), figures.py (its sums),
statements.py (what is settled)."""
