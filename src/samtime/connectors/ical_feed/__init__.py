"""Outside calendars by address: read through the guarded way out, told as busy times."""
