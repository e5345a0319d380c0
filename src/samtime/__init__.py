"""Samtime: clinics open their calendars to partners, and settle what follows.

The map of the code is HOUSE.md in the project's root.
"""
