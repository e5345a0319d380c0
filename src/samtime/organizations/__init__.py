"""Organizations, members, keys, locations, practitioners, terms and acceptances.

Not relationships between organizations.
Serves P9 to P12, P24, P33 and N1 to N13.
"""
