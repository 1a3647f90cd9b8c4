"""What a run over many photos cannot go on with."""

from __future__ import annotations


class BatchError(RuntimeError):
    """A list, a folder or a run that cannot be used; the message names it and the cause."""
