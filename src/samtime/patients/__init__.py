"""The people being booked, owned by the provider.

Not their medical records.
Serves P18 to P20 and B10.
"""
