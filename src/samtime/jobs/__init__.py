"""Background work: tasks, schedule, and the one table of reactions.

Not a place for business decisions.
Serves mails, sweeps and everything that happens because something happened.
"""
