"""What goes wrong with registers and the files they are built from, in words for the one who asked."""

from __future__ import annotations


class RegisterError(Exception):
    """A file that is no register, or one that none can be built from; the message names the file and the cause."""
