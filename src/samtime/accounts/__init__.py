"""Users and sign-in, actors and rights, links with tokens.

Not the place of organizations: it knows plain ids only.
Serves P33, P34 and every permission.
"""
