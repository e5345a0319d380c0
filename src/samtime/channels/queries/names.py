"""What a channel is called on screen: the own desk in the reader's language, others by name."""

from django.utils.translation import gettext as _


def channel_name(kind: str, name: str) -> str:
    """The name to show. The stored name of an own desk is a code word, nobody typed it."""
    return _("Own desk") if kind == "own_desk" else name
