"""Mails to send: templates per language, delivery state, bounces.

Not a place that decides who is told what.
Serves invitations, confirmations and reminders (P21 to P23).
"""
