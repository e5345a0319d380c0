"""Who sees a row: one line on the model, two walls from it.

A model says `parties = ("provider_id", "booker_id")`. From that line come
`Model.objects.visible_to(actor)` (query scope) and the row level security policy.
The viewer is set per transaction; with none set every protected table is empty.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Protocol, Self

from django.apps import apps
from django.db import Error, connection, models

from samtime.foundation.prepared import fetch

NOBODY = 0
VIEWER = "(SELECT nullif(current_setting('samtime.viewer', true), '')::bigint)"
SET_VIEWER = """
SELECT nullif(current_setting('samtime.viewer', true), ''),
  set_config('samtime.viewer', %(viewer)s, true)
"""
APPEND_ONLY = ("journal_journalentry", "journal_accesslogentry", "organizations_termsacceptance")


class Viewer(Protocol):
    """Whoever looks: only the organization counts for the walls."""

    @property
    def organization_id(self) -> int: ...


class Scoped(models.QuerySet[Any]):
    """Query scope from the model's `parties`."""

    def visible_to(self, viewer: Viewer) -> Self:
        """Rows of which the viewer's organization is a party."""
        model: Any = self.model
        wanted = models.Q()
        for party in model.parties:
            wanted |= models.Q(**{party: viewer.organization_id})
        return self.filter(wanted)


class PartyModel(models.Model):
    """A row with parties, protected by query scope and row policy."""

    parties: ClassVar[tuple[str, ...]] = ()
    objects = Scoped.as_manager()

    class Meta:
        abstract = True


@contextmanager
def viewing_as(organization_id: int) -> Iterator[None]:
    """Inside a transaction: rows of this organization are visible, until the block ends."""
    before = set_viewer(organization_id)
    try:
        yield
    except BaseException:
        # After a fault of the database nothing can be set any more: its own fault goes up.
        if not connection.needs_rollback:
            with suppress(Error):
                set_viewer(before)
        raise
    set_viewer(before)


def set_viewer(organization_id: int) -> int:
    """Set the viewer for the rest of the transaction (never for the session); answers who it was.

    The select list is worked off from left to right, so one statement reads and then sets.
    """
    before = fetch(SET_VIEWER, {"viewer": str(organization_id) if organization_id else ""})[0][0]
    return int(before) if before else NOBODY


def current_viewer() -> int:
    """The organization whose rows this transaction sees; NOBODY when none is set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nullif(current_setting('samtime.viewer', true), '')::bigint")
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] else NOBODY


@contextmanager
def on_behalf(provider_id: int, *, channel_id: int) -> Iterator[None]:
    """A partner's command acts inside the provider: only to find or create the patient (D2).

    The channel is the agreement that allows it and belongs into the journal row.
    """
    if not channel_id:
        raise ValueError("acting on behalf needs the channel that allows it")
    with viewing_as(provider_id):
        yield


def protected_models() -> list[type[PartyModel]]:
    """Every concrete model with parties, in a stable order."""
    found = [m for m in apps.get_models() if issubclass(m, PartyModel) and m.parties]
    return sorted(found, key=lambda m: m._meta.db_table)


def policy_expression(model: type[PartyModel]) -> str:
    """The row policy of a model as SQL: one of its parties is the viewer."""
    return " OR ".join(f'"{party}" = {VIEWER}' for party in model.parties)


def policy_sql(model: type[PartyModel]) -> list[str]:
    """Statements, run by the owner, that give a table its policy."""
    table, rule = model._meta.db_table, policy_expression(model)
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS parties ON "{table}"',
        f'CREATE POLICY parties ON "{table}" USING ({rule}) WITH CHECK ({rule})',
    ]


def grant_sql(role: str) -> list[str]:
    """The application role reads and writes rows; to logs it may only add."""
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}" for table in APPEND_ONLY),
    ]


def apply_row_policies(*, application_role: str = "samtime_app") -> None:
    """Run by the owner after migrations: policies, and what the application role may do."""
    with connection.cursor() as cursor:
        for model in protected_models():
            for statement in policy_sql(model):
                cursor.execute(statement)
        for statement in grant_sql(application_role):
            cursor.execute(statement)
