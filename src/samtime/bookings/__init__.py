"""Find, hold, book, move, cancel: the life of an appointment.

Not the relationship that allowed it.
Serves B1 to B13 and the clinic's own desk.
"""
