"""What people do with times: taking.py (the judge), holds.py, booking.py, changes.py."""
