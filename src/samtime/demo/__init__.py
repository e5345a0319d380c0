"""The demo town: twelve invented organizations with calendars, partners and six weeks of bookings.

It is not a fixture of the tests, and nothing of it exists in production.
It serves whoever wants to see Samtime work within a minute, and the acceptance checks.
"""
