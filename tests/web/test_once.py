"""A form sent twice is carried out once, and the second answer is like the first (P14, D22)."""

import re
import threading

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.commands import once as journal_once
from samtime.journal.commands.once import Once, RequestInProgress, once
from samtime.journal.models import IdempotencyKey
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import Organization
from samtime.partners.models import Partnership
from tests.town import NOW, member
from tests.web.provider.test_partners import BASE, form
from tests.web.provider.test_users import NEW
from tests.web.visitors import texts, visitor


def key_of(page):
    """The hidden key of the form in the panel."""
    return re.findall(r'name="once" value="(\w{32})"', page)[-1]


@pytest.fixture
def admin(town):
    return visitor(town.admin)


def test_a_new_partner_sent_twice_is_one_partner_and_one_mail(town, admin):
    """P14, P26: the same address, the same sentence, nothing more."""
    given = form(town, once=key_of(texts(admin.get(f"{BASE}?new"))))
    answers = [admin.post(f"{BASE}?new", given) for _twice in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert "is on its way" in texts(admin.get(answers[1].headers["Location"]))
    with viewing_as(town.aurora.id):
        assert (Partnership.objects.count(), OutgoingMail.objects.count()) == (1, 1)
        assert IdempotencyKey.objects.count() == 1


def test_a_refused_form_keeps_no_key_and_a_corrected_one_runs(town, admin):
    """P7: what was wrong is judged anew; the same key with other fields is another form."""
    key = key_of(texts(admin.get(f"{BASE}?new")))
    wrong = form(town, once=key, **{"company.tax_number": "12345"})
    assert [admin.post(f"{BASE}?new", wrong).status_code for _twice in range(2)] == [422, 422]
    with viewing_as(town.aurora.id):
        assert not IdempotencyKey.objects.exists()
    assert admin.post(f"{BASE}?new", form(town, once=key)).status_code == 302
    again = admin.post(f"{BASE}?new", form(town, once=key, **{"representative.name": "Per Test"}))
    assert again.status_code == 409


def test_a_user_is_invited_once(town, admin):
    """P25: two POSTs, one mail, one answer."""
    given = {**NEW, "once": key_of(texts(admin.get("/o/aurora/users/?new")))}
    answers = [admin.post("/o/aurora/users/?new", given) for _twice in range(2)]
    assert [a.status_code for a in answers] == [302, 302], texts(answers[0])
    with viewing_as(town.aurora.id):
        assert OutgoingMail.objects.count() == 1


def test_the_key_of_one_person_answers_nobody_else(town, admin):
    """P36: keys are the person's own."""
    second = member(town.aurora, "third@aurora.example", "admin")
    given = form(town, once="a" * 32)
    assert admin.post(f"{BASE}?new", given).status_code == 302
    assert visitor(second).post(f"{BASE}?new", given).status_code == 409


def test_two_at_once_wait_for_each_other(lasting_town, monkeypatch):
    """P14: a double click on two connections: one partner, two equal answers, also where the first
    takes longer than anything else may be waited for."""
    town = lasting_town
    options = connections.settings["default"]["OPTIONS"]
    hasty = options["options"].replace("lock_timeout=1000", "lock_timeout=2")
    monkeypatch.setitem(options, "options", hasty)
    with transaction.atomic():
        session = visitor(town.admin).cookies["sessionid"].value
    given, answers = form(town, once="b" * 32), []

    def post():
        client = Client()
        client.cookies["sessionid"] = session
        answers.append(client.post(f"{BASE}?new", given))
        connections.close_all()

    threads = [threading.Thread(target=post) for _twice in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [302, 302]
    assert len({a.headers["Location"] for a in answers}) == 1
    with transaction.atomic(), viewing_as(town.aurora.id):
        assert Partnership.objects.count() == 1
    connection.close()


def test_who_waited_in_vain_reads_that_it_still_runs(town, monkeypatch):
    """P14: not that the database is away; and what went wrong in waiting spoils nothing else."""
    monkeypatch.setattr(journal_once, "PATIENCE", "5ms")
    call = Once(town.admin, "a key", b"a form", NOW, waits=True)
    told = []

    def second():
        with transaction.atomic():
            with pytest.raises(RequestInProgress):
                once(call, lambda: told.append("done twice"))
            told.append(Organization.objects.count())
        connections.close_all()

    def first():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        return 200, ""

    set_viewer(town.aurora.id)
    assert once(call, first) == (200, "")
    assert [type(word) for word in told] == [int]
