"""`python -m platelight` is the command `platelight`."""

from __future__ import annotations

from platelight.cli.app import main

if __name__ == "__main__":
    main()
