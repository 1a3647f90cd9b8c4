"""What a measurement of speed was taken on."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from platelight import __version__

PACKAGES = ("numpy", "opencv-python-headless", "pillow", "onnxruntime", "openvino", "rapidfuzz", "typer")
CPU_FLAGS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "neon", "asimd", "asimddp", "i8mm")
"""CPU features that decide how fast an int8 network runs."""


def describe() -> dict[str, Any]:
    """Date, processor, load, system, versions of the packages, and the commit where this runs from a checkout."""
    return {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}", "cpu": processor(), "cpus": os.cpu_count(), "cpu_features": cpu_features(),
        "load": [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "platform": platform.platform(), "python": platform.python_version(),
        "packages": {"platelight": __version__} | {name: version(name) for name in PACKAGES}, "commit": commit(),
    }  # fmt: skip


def version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def cpu_features() -> list[str] | None:
    """Those of `CPU_FLAGS` that this CPU has; None where the system does not say."""
    line = _cpu_line(("flags", "Features"))
    return None if line is None else [flag for flag in CPU_FLAGS if flag in line.split()]


def processor() -> str:
    return _cpu_line(("model name",)) or platform.processor() or platform.machine()


def _cpu_line(keys: tuple[str, ...]) -> str | None:
    """The value of the first of these lines that the system tells of its CPUs; "" where there is none, None where it tells nothing."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(keys)), "")


def commit() -> str | None:
    """The commit of the checkout this package lies in; None elsewhere."""
    folder = Path(__file__).parents[3]
    if not (folder / ".git").exists():
        return None
    try:
        found = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
