"""Modules beside this one (`scenes`) and those of the video tests (`servers`) can be imported by the tests here."""

from __future__ import annotations

import sys
from pathlib import Path

for folder in (Path(__file__).parent, Path(__file__).parents[1] / "video"):
    sys.path.insert(0, str(folder))
