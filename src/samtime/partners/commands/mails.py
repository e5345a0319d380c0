"""The two letters to a partner (P23): registration for a new company, else notification."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.mailbox.commands import Letter, queue_mail
from samtime.mailbox.rules import day_written
from samtime.organizations.queries import organization_of
from samtime.partners.models import Invitation


def mail_invitation(
    actor: Actor, invitation: Invitation, secret: str, *, again: bool = False
) -> None:
    """Queue the invitation in its language; the link is nowhere else. `again`: a reminder."""
    own = organization_of(actor)
    facts = {
        "own": own,
        "partnership": invitation.partnership,
        "invitation": invitation,
        "link": f"{settings.BASE_URL}/invite/{secret}",
        "day": day_written(invitation.expires_at.date(), invitation.language),
    }
    with translation.override(invitation.language):
        subject = _("%(name)s invites you to book in its calendars") % {"name": own.name}
        if again:
            subject = _("Reminder: %(name)s waits for your answer") % {"name": own.name}
        letter = Letter(
            template=f"partner_{invitation.kind}",
            language=invitation.language,
            recipient=invitation.email,
            subject=subject,
            text=render_to_string(f"partners/{invitation.kind}.txt", facts),
            html=render_to_string(f"partners/{invitation.kind}.html", facts),
            about_kind="invitation",
            about_id=invitation.public_id,
        )
    queue_mail(actor=actor, letter=letter)
