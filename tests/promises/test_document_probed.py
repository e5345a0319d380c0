"""Whatever the OpenAPI document allows is answered as it says (P20, P7).

Schemathesis makes the requests from the document alone, valid and broken ones, for keys of several
roles; each is judged by the document: known status, known type, the answer's schema. A fault (500
or more) fails at once, and so does another organization's secret in an answer.
"""

import json
from collections import Counter

import pytest
import requests
import schemathesis
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.api.conftest import Caller
from tests.promises.walls import CANARY, make_secrets

pytestmark = [pytest.mark.django_db, pytest.mark.prove]
ROLES = ("admin", "agent", "manager", "outsider")
JUDGED = [content_type_conformance, response_schema_conformance]
EACH = 6


@pytest.fixture
def probed(town, clock):
    """The town with Aurora's secrets, and the document as schemathesis reads it."""
    make_secrets(town)
    with connection.cursor() as cursor:  # a busy machine may pause longer than a page ever does
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    return town, schemathesis.openapi.from_dict(document)


def sent(client, case):
    """The case through Django's own client, inside the test's transaction; the answer as theirs."""
    ready = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    body = ready.body.encode() if isinstance(ready.body, str) else ready.body or b""
    headers = {k: v for k, v in ready.headers.items() if k.lower() != "content-length"}
    kind = headers.pop("Content-Type", "application/json")
    headers.pop("Authorization", None)
    answer = client.generic(ready.method, ready.path_url, body, kind, headers=headers)
    return Response(
        status_code=answer.status_code,
        headers={k.lower(): [v] for k, v in answer.headers.items()},
        content=answer.content,
        request=ready,
        elapsed=0.0,
        verify=False,
    )


@pytest.mark.parametrize("who", ROLES)
def test_every_call_answers_as_the_document_says(probed, who, record_property):
    """P20: no 500; P7: no secret of another organization; answers valid by their schemas."""
    town, schema = probed
    client = Caller(getattr(town, who)).client
    client.raise_request_exception = False
    own = who == "admin"
    said, calls = Counter(), 0
    for result in schema.get_all_operations():
        operation = result.ok()
        calls += 1

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EACH,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def probe(case):
            answer = sent(client, case)
            said[answer.status_code] += 1
            assert answer.status_code < 500, (case.method, case.formatted_path, answer.text)
            assert own or CANARY not in answer.text, case.formatted_path
            case.validate_response(answer, checks=JUDGED)

        probe()
    figure = f"{who}: {sum(said.values())} requests to {calls} calls, answers {dict(said)}"
    record_property("figure", figure)
    assert calls > 80
