"""Browsers signed in as people of the town; the town's clock stands while they look."""

from django.test import Client

from samtime.accounts.models import User


def visitor(actor):
    """A client signed in as this actor's user."""
    client = Client()
    client.force_login(
        User.objects.get(id=actor.user_id),
        backend="samtime.accounts.sign_in.ByAddress",
    )
    return client


def texts(response):
    """The page as text."""
    return response.content.decode()
