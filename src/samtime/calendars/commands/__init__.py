"""What people do with calendars: calendars.py, hours.py, rooms.py; staff.py by import."""
