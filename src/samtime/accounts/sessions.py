"""Sessions in the database, read by prepared statements: two rows for every signed-in request.

What a session is, how it is written and when it ends is Django's own.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth import get_user as get_user_slowly
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from samtime.accounts.models import User
from samtime.foundation.prepared import fetch

SESSION = """
SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s
"""
PERSON = """
SELECT id, password, last_login, public_id, email, name, phone, language, single_keys, is_active,
  created_at
FROM accounts_user WHERE id = %(id)s
"""
PERSON_FIELDS = [name.strip() for name in PERSON.split("FROM")[0].replace("SELECT", "").split(",")]


class SessionStore(DatabaseSessions):
    """The store of `SESSION_ENGINE`."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing when it has ended or never was."""
        values = {"key": self.session_key, "now": timezone.now()}
        rows = fetch(SESSION, values) if self.session_key else []
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """Who is signed in, judged as Django judges it: still active, and with the password (and so the
    sign) the session began with. Whatever is not plain is left to Django, which ends the session.
    """
    session = request.session
    ident, sign = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY)
    if ident is None:
        return AnonymousUser()
    known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    rows = fetch(PERSON, {"id": int(ident)}) if known else []
    if rows and sign:
        user = User.from_db("default", PERSON_FIELDS, rows[0])
        if user.is_active and constant_time_compare(sign, user.get_session_auth_hash()):
            return user
    return get_user_slowly(request)
