"""Statistics of bookings by source.

Not a store: it has no tables of its own.
Serves R1 to R9.
"""
