"""What happened: journal rows, access log, idempotency keys.

Not a place for decisions: it stores what commands tell it.
Serves traceability (P36) and safe retries.
"""
