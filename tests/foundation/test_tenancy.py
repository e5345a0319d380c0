"""The second wall: row policies as the application role."""

import pytest
from django.db import ProgrammingError, connection, transaction

from samtime.foundation.tenancy import (
    APPEND_ONLY,
    current_viewer,
    protected_models,
    set_viewer,
    viewing_as,
)
from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry
from tests.rows import inbox_item, journal_entry

pytestmark = pytest.mark.django_db


def test_with_no_viewer_every_protected_table_is_empty():
    """P8: no viewer, no rows; and no row can be written for anybody."""
    with viewing_as(7):
        inbox_item(organization_id=7)
    assert not InboxItem.objects.exists()
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        inbox_item(organization_id=7)


def test_a_viewer_sees_only_rows_it_is_a_party_of():
    """P8: also without any query scope."""
    for organization in (7, 8):
        with viewing_as(organization):
            inbox_item(organization_id=organization)
    set_viewer(7)
    assert [item.organization_id for item in InboxItem.objects.all()] == [7]


def test_a_fault_inside_a_view_goes_up_as_what_it_is():
    """HOUSE 9.8: «waited too long» must not become «the transaction is aborted» on its way."""
    sid = transaction.savepoint()
    with pytest.raises(ProgrammingError, match="nowhere"), viewing_as(7):
        connection.cursor().execute("SELECT * FROM nowhere")
    transaction.savepoint_rollback(sid)
    with pytest.raises(ZeroDivisionError), viewing_as(7):
        raise ZeroDivisionError
    assert current_viewer() == 0


def test_writing_for_another_organization_is_refused():
    """P7: the wall stands for writing too."""
    set_viewer(7)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        inbox_item(organization_id=8)


def test_the_viewer_ends_with_the_transaction():
    """A pooled connection never carries a viewer to the next request."""
    sid = transaction.savepoint()
    set_viewer(7)
    transaction.savepoint_rollback(sid)
    inner = connection.cursor()
    inner.execute("SELECT current_setting('samtime.viewer', true)")
    assert not inner.fetchone()[0]


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_logs_can_only_be_added_to(table, verb):
    """P13: the application role may not change or delete what was logged."""
    tail = "SET id = id" if verb == "UPDATE" else ""
    statement = f"{verb} {'FROM' if verb == 'DELETE' else ''} {table} {tail}"
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_model_with_parties_has_a_forced_policy():
    """P8: the policy of each protected table is the one its model says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename, qual, with_check FROM pg_policies")
        policies = {table: (qual, check) for table, qual, check in cursor.fetchall()}
    tables = {model._meta.db_table: model for model in protected_models()}
    assert set(tables) == forced == set(policies)
    for table, model in tables.items():
        qual, check = policies[table]
        assert qual == check
        assert qual.count("SELECT") == len(model.parties)
        assert all(f"{party} = " in qual for party in model.parties)


def test_both_parties_see_a_row():
    """A booking's journal row belongs to the provider and to the other side."""
    with viewing_as(7):
        journal_entry(organization_id=7, other_id=8)
    set_viewer(8)
    assert JournalEntry.objects.count() == 1
