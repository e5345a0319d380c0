"""Which device a session belongs to, from what its browser says of itself."""

from django.utils.translation import gettext as _

AGENTS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """«Firefox, Windows» from what a browser says of itself."""
    browser = next((word for sign, word in AGENTS if sign in agent), _("Browser"))
    system = next((word for sign, word in SYSTEMS if sign in agent), "")
    return f"{browser}, {system}" if system else browser
