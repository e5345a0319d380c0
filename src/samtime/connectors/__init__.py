"""Outside systems: the one guarded way out, and one folder for each system that is asked.

Not what is done with the answers: the floors above judge and keep them.
Serves the registration of partners (P9, P10) and the promises P15 and P33.
"""
