"""Organizations, their people and places, and the terms they accepted."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from samtime.foundation.tenancy import PartyModel

COUNTRIES = ("NO", "SE", "DK", "FI", "IS", "RO", "HU")


class Organization(models.Model):
    """The tenant. What it does (provider, partner ...) are capabilities, not kinds (D17).

    `reminder_hours`: how long before a visit the patient is reminded; 0 = never.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, default="provider")
    country = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=5, default="en")
    tax_number = models.CharField(max_length=40, blank=True)
    registration_number = models.CharField(max_length=40, null=True)
    company_type = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    invoice_email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    capabilities = ArrayField(models.CharField(max_length=20), default=list)
    second_factor_required = models.BooleanField(default=True)
    partner_module = models.CharField(max_length=10, default="off")
    module_asked_at = models.DateTimeField(null=True)
    module_asked_by_id = models.BigIntegerField(null=True)
    module_contract = models.CharField(max_length=100, db_default="", default="", blank=True)
    module_since = models.DateField(null=True)
    reminder_hours = models.PositiveSmallIntegerField(default=24, db_default=24)
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["country", "registration_number"], name="organization_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(partner_module__in=["off", "asked", "on"]),
                name="organization_partner_module",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """A place of an organization, with its own time zone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="locations"
    )
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=60)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    phone = models.CharField(max_length=40, blank=True)
    ended_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class Practitioner(models.Model):
    """Somebody who treats; belongs to one provider (D19)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="practitioners"
    )
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    title = models.CharField(max_length=30, blank=True)
    profession = models.CharField(max_length=100, blank=True)
    licence_number = models.CharField(max_length=40, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list)
    gender = models.CharField(max_length=10, blank=True)
    ended_on = models.DateField(null=True)

    def __str__(self) -> str:
        return " ".join(filter(None, (self.title, self.given_name, self.family_name)))


class PractitionerRole(models.Model):
    """A practitioner at a location, and the organization that invoices for it (D19)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="roles")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="roles")
    billing_organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="billed_roles"
    )
    starts_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "location"], name="role_once")
        ]

    def __str__(self) -> str:
        return f"{self.practitioner} · {self.location}"


class Membership(models.Model):
    """A user in an organization: roles, places, and whether he may book at partners (P33)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    roles = ArrayField(models.CharField(max_length=20), default=list)
    location_ids = ArrayField(models.BigIntegerField(), null=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True)
    can_book_at_partner = models.BooleanField(default=False)
    invited_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ends_on = models.DateField(null=True)
    last_seen_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization}"


class ApiKey(models.Model):
    """A key of one user in one organization; stored hashed, shown once, revocable."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(max_length=100)
    hash = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=12)
    scopes = ArrayField(models.CharField(max_length=30), null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.hint}…"


class UserInvitation(PartyModel):
    """One sending of the link by which somebody gets access; single use, seven days (P14, P34).

    `member_id` is the public id the membership has, or will have; it stays through resends.
    `state`: queued, sent, delivered, deferred, failed, bounced, opened, accepted, expired, revoked.
    """

    parties = ("organization_id",)
    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    organization_id: int
    practitioner_id: int | None
    member_id = models.UUIDField()
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    location_ids = ArrayField(models.BigIntegerField(), null=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True)
    can_book_at_partner = models.BooleanField(default=False)
    ends_on = models.DateField(null=True)
    invited_by_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="queued")
    detail = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(ended_at__isnull=True, accepted_at__isnull=True),
                name="user_invitation_once",
            )
        ]
        indexes = [models.Index(fields=["member_id", "id"], name="user_invitation_member")]

    def __str__(self) -> str:
        return f"{self.email} {self.state}"


class TermsDocument(models.Model):
    """One immutable text: kind, version, language, hash, and from when it counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30, default="general_terms")
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=200)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    effective_from = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "version", "language"], name="terms_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version} {self.language}"


class TermsAcceptance(PartyModel):
    """Who accepted which text for whom, when, from where, with what authority (invariant 12)."""

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    document = models.ForeignKey(TermsDocument, on_delete=models.PROTECT)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    person_name = models.CharField(max_length=200)
    person_role = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    network = models.CharField(max_length=45, blank=True)
    accepted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.organization_id} {self.document_id}"


class TermsPublication(models.Model):
    """One version of the terms set in force: from when, who is asked again, and until when.

    `accept_by` None: nobody is asked again. `countries` empty: everybody who accepted before.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30, default="general_terms")
    version = models.PositiveIntegerField()
    effective_from = models.DateField()
    accept_by = models.DateField(null=True)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    summary = models.TextField(blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="publication_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class TermsStanding(models.Model):
    """Where an organization stands with one version: asked, reminded, paused, accepted.

    The register of the network operator, who sets the terms; no row policy stands over it, because
    he has no viewer (D5). What was signed is the append-only `TermsAcceptance`.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="terms_standings"
    )
    kind = models.CharField(max_length=30, default="general_terms")
    version = models.PositiveIntegerField()
    accept_by = models.DateField(null=True)
    asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    person_name = models.CharField(max_length=200, blank=True)
    person_role = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "version"], name="standing_once"
            )
        ]
        indexes = [models.Index(fields=["kind", "version"], name="standing_version")]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.kind} {self.version}"
