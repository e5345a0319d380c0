"""Pages behind a link, without sign-in."""
