"""Template tags: icons, badges, fields, formats, the frame."""
