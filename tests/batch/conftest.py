"""Makes `quick_jobs` importable, by the tests and by the workers that they start."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
