"""Lines of the log: what opens something by being known is not written there.

Django names the path of every refused request, and a mailed or subscribed address is a secret.
"""

import logging
import re

_SECRET = re.compile(
    r"(/(?:b|invite|join|calendar)/|/account/confirm-email/|/account/password/reset/key/\w+-)"
    r"(?!set-password)[^/\s'\"?&]+"
)


class LogLine(logging.Formatter):
    """The line as asked for, tracebacks included, with secret addresses cut off."""

    def format(self, record: logging.LogRecord) -> str:
        """`/b/…` in place of a patient's link, and alike for the others."""
        return _SECRET.sub(r"\1…", super().format(record))
