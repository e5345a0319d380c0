"""What partners earned: settlement statements by channel and month, their lines and disputes.

Not the terms of a commission (channels) and not its arithmetic per booking (frozen on bookings).
Serves P13, P14, P29, R8, R9 and everything that is invoiced between organizations.
"""
