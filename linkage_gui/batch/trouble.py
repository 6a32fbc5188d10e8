"""What can be wrong with a batch as a whole."""

from __future__ import annotations


class BatchRefused(ValueError):
    """The input or the output cannot be used. The message says what to do; nothing was decided."""


class Stopped(Exception):
    """Deciding was stopped before the last row. The message says where the answers so far are."""
