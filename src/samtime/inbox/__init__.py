"""What waits for somebody: stuck, bounced, undelivered, overdue.

Not a mail box and not a task planner.
Serves the promise that nothing is silent (P30).
"""
