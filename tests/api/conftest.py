"""Callers with keys, at the town's clock."""

import hashlib
import json
import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from samtime.organizations.models import ApiKey, Membership
from tests.town import NOW


@pytest.fixture
def clock(monkeypatch):
    """The town's Monday morning."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


class Caller:
    """Calls the API with one key; every POST has a fresh idempotency key unless one is given."""

    def __init__(self, actor, **more):
        secret = uuid.uuid4().hex
        membership = Membership.objects.get(
            user_id=actor.user_id, organization_id=actor.organization_id
        )
        self.key = ApiKey.objects.create(
            membership=membership,
            name="test",
            hash=hashlib.sha256(secret.encode()).digest(),
            hint=secret[:6],
            **more,
        )
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path):
        return self._shaped(self.client.get(f"/api/v1/{path}"))

    def post(self, path, body=None, key=None, **headers):
        return self._shaped(
            self.client.post(
                f"/api/v1/{path}",
                json.dumps(body or {}),
                content_type="application/json",
                headers={"Idempotency-Key": key or uuid.uuid4().hex, **headers},
            )
        )

    def put(self, path, body):
        return self._shaped(
            self.client.put(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
        )

    def delete(self, path):
        return self.client.delete(f"/api/v1/{path}")

    def _shaped(self, response):
        body = json.loads(response.content) if response.content else None
        return SimpleNamespace(status=response.status_code, body=body, raw=response)


@pytest.fixture
def caller(town, clock):
    """`caller(town.agent)`."""
    return Caller
