"""demo.json: the accounts, and two API keys per organization that stay the same at every start."""

import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.db import transaction

from samtime.demo.people import EVERYBODY, PASSWORD, OrganizationData
from samtime.organizations.models import ApiKey, Membership

AGENT_SCOPES = ["slots.read", "bookings.read", "bookings.write", "patients.read"]


@transaction.atomic
def write_demo_json(path: Path, base_url: str) -> dict[str, Any]:
    """Write the file of INTERFACE.md section 1; keys that still open something are kept."""
    kept = _kept(path)
    facts = {
        "base_url": base_url,
        "accounts": [
            {
                "email": account.email,
                "password": PASSWORD,
                "organization": data.slug,
                "role": account.role,
            }
            for data in EVERYBODY
            for account in data.accounts
        ],
        "keys": {data.slug: _keys(data, kept.get(data.slug, {})) for data in EVERYBODY},
        "mail": f"{base_url}/demo/mail",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(facts, out, indent=2, ensure_ascii=False)
    beside.replace(path)
    return facts


def _kept(path: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(path.read_text())["keys"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _keys(data: OrganizationData, kept: dict[str, str]) -> dict[str, str]:
    by_role = {account.role: account.email for account in data.accounts}
    first = data.accounts[0].email
    second = by_role.get("agent") or by_role.get("desk") or first
    return {
        "admin": _key(data.slug, first, "demo admin", None, kept.get("admin")),
        "agent": _key(data.slug, second, "demo agent", AGENT_SCOPES, kept.get("agent")),
    }


def _key(slug: str, email: str, name: str, scopes: list[str] | None, kept: str | None) -> str:
    if kept and ApiKey.objects.filter(hash=_hash(kept), revoked_at=None).exists():
        return kept
    secret = f"st_{secrets.token_urlsafe(32)}"
    membership = Membership.objects.get(organization__slug=slug, user__email=email)
    ApiKey.objects.create(
        membership=membership, name=name, hash=_hash(secret), hint=secret[:8], scopes=scopes
    )
    return secret


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
