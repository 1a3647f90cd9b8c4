"""The architecture as tests: what may be imported where, and what importing the package costs."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ["torch", "ray", "pyarrow", "fastapi", "av", "paho"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120, cwd=ROOT)
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import platelight",
        "import platelight.cli",
        "import platelight.cli.app",
        "from platelight import Platelight",
        "import platelight.cli.read, platelight.cli.evaluate",
    ],
)
def test_heavy_packages_are_not_loaded(code: str) -> None:
    assert loaded_after(code) & set(HEAVY) == set()


def test_help_loads_neither_the_runtime_nor_opencv() -> None:
    assert loaded_after("import platelight.cli.app, platelight.cli.read") & {"onnxruntime", "cv2"} == set()


def check_contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    script = "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run([sys.executable, "-c", script, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=120)


needs_import_linter = pytest.mark.skipif(importlib.util.find_spec("importlinter") is None, reason="needs import-linter")


@needs_import_linter
def test_import_contracts_hold() -> None:
    result = check_contracts(ROOT)
    assert result.returncode == 0, result.stdout


@needs_import_linter
def test_broken_contracts_are_noticed(tmp_path: Path) -> None:
    violations = {
        "geometry.py": "from platelight import records",
        "draw.py": "from platelight import formats",
        "images.py": "import torch",
        "decode.py": "import onnxruntime",
        "read.py": "import typer",
        "rectify.py": "import pyarrow",
        "bundle.py": "import fastapi",
        "vote.py": "import paho",
        "verify.py": "import av",
    }
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=lambda _, names: {name for name in names if "." in name and not name.endswith(".py")})
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, line in violations.items():
        with (tmp_path / "src/platelight" / file).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    result = check_contracts(tmp_path)
    assert result.returncode == 1
    assert f"0 kept, {len(PROJECT['tool']['importlinter']['contracts'])} broken" in result.stdout
    for wrong in (
        "geometry -> platelight.records",
        "draw -> platelight.formats",
        "images -> torch",
        "decode -> onnxruntime",
        "read -> typer",
        "rectify -> pyarrow",
        "bundle -> fastapi",
        "vote -> paho",
        "verify -> av",
    ):
        assert f"platelight.{wrong}" in result.stdout


def test_the_lowest_versions_tested_are_those_stated() -> None:
    stated = dict(re.match(r"([a-z-]+)>=([\d.]+)", requirement).groups() for requirement in PROJECT["project"]["dependencies"])  # type: ignore[union-attr, misc]
    pins = dict(line.split("==") for line in (ROOT / "tests/lowest.txt").read_text().splitlines() if "==" in line)
    assert {name: pins[name] for name in stated if not f"{pins[name]}.".startswith(f"{version(stated[name])}.")} == {}


def version(text: str) -> str:
    return text.removesuffix(".0")


def test_the_version_is_stated_once_more_where_programs_look() -> None:
    import platelight

    assert platelight.__version__ == PROJECT["project"]["version"]
