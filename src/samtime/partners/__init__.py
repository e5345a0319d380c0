"""Partnerships and their invitations.

Not their terms: those stand on the channel.
Serves the partner module (P1 to P36).
"""
