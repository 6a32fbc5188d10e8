"""Text from outside on a terminal: what would move the cursor or turn the text about is shown as its code."""

from __future__ import annotations

import re

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters but for tabs and ends of lines, separators, and marks that turn the direction of text."""


def visible(text: str) -> str:
    r"""The text with characters that are commands to a terminal written as their codes, like ``\x1b``."""
    return _UNSEEN.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if found[0] <= "\xff" else f"\\u{ord(found[0]):04x}", text
    )
