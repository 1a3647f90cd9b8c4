"""`platelight doctor`: what really works on this machine."""

from __future__ import annotations

import json
import os
import platform
import time
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platelight.cli.read import RuntimeName

if TYPE_CHECKING:
    from platelight.bundle import Role
    from platelight.session import Runtime

TRIALS = 3


class ReportFormat(StrEnum):
    text = "text"
    json = "json"


def doctor(
    form: Annotated[ReportFormat, typer.Option("--format", help="For people or for programs.")] = ReportFormat.text,
    models: Annotated[Path | None, typer.Option(metavar="DIR", help="A folder of models to check instead of the package's own.")] = None,
    runtime: Annotated[RuntimeName, typer.Option(help="What is to run the networks.")] = RuntimeName.onnxruntime,
) -> None:
    """Say what works on this machine, and what to install.

    Looks at the runtimes, runs the models, and lists the extras. The exit status is 0, or 1 if reading would not work.
    """
    report = examine(models, runtime.value)
    typer.echo(json.dumps(report, indent=2, ensure_ascii=False) if form is ReportFormat.json else _text(report))
    if report["problems"]:
        raise typer.Exit(1)


def examine(models: Path | None = None, runtime: Runtime = "onnxruntime") -> dict[str, Any]:
    """The report as plain values. `problems` is empty where `platelight read` works."""
    from platelight import __version__, session
    from platelight.bundle import has_model
    from platelight.evaluate.machine import PACKAGES, cpu_features, version

    roles: tuple[Role, ...] = ("detector", "refiner", "reader") if has_model("refiner", models) else ("detector", "reader")
    report: dict[str, Any] = {
        "python": platform.python_version(), "platform": platform.platform(), "cpus": os.cpu_count(), "cpu_features": cpu_features(),
        "packages": {"platelight": __version__} | {name: version(name) for name in PACKAGES}, "runtimes": session.available(),
        "models": [_model(role, models, runtime) for role in roles], "extras": _extras(),
    }  # fmt: skip
    report["problems"] = [f"{model['role']}: {model['error']}" for model in report["models"] if model["error"]]
    if version("opencv-python") and version("opencv-python-headless"):
        report["problems"].append("opencv-python and opencv-python-headless overwrite each other: uninstall both, then install opencv-python-headless")
    return report


def _model(role: Role, models: Path | None, runtime: Runtime) -> dict[str, Any]:
    """Load one model and run it on an empty input: what runs it, and the processor time of the fastest of a few calls in milliseconds."""
    import numpy as np

    from platelight.bundle import ModelError, ModelSpec
    from platelight.session import Session, SessionError

    found: dict[str, Any] = {"role": role} | dict.fromkeys(("name", "folder", "sha256", "quantised", "runs_on", "milliseconds", "error"))
    try:
        spec = ModelSpec.of(role, models)
        found |= {"name": spec.name, "folder": str(spec.folder), "quantised": spec.quantised}
        data = spec.network()
        found["sha256"] = "ok"
        session = Session(data, runtime=runtime)
        side = spec.input.get("long_side", 0)
        shape = (1, side, side, 3) if role == "detector" else (1, spec.input["height"], spec.input["width"], 3)
        feeds = {session.inputs[0]: np.full(shape, 114, dtype=np.uint8)}
        session.run(feeds)
        times = [_seconds(lambda: session.run(feeds)) for _ in range(TRIALS)]
        found |= {"runs_on": session.provider, "milliseconds": round(min(times) * 1000, 1)}
    except (ModelError, SessionError) as error:
        found["error"] = str(error)
    return found


def _seconds(call: Any) -> float:
    """Processor time, which other work on the machine hardly changes."""
    start = time.process_time()
    call()
    return time.process_time() - start


def _extras() -> dict[str, dict[str, Any]]:
    """Every extra: the packages it lacks here, and the line that installs it."""
    from platelight.cli.app import EXTRAS

    extras: dict[str, dict[str, Any]] = {}
    for package, extra in EXTRAS.items():
        entry = extras.setdefault(extra, {"missing": [], "install": f"pip install 'platelight[{extra}]'"})
        if not find_spec(package):
            entry["missing"].append(package)
    return extras


def _text(report: dict[str, Any]) -> str:
    features = "not known" if report["cpu_features"] is None else ", ".join(report["cpu_features"]) or "none of those that matter"
    lines = [f"Python    {report['python']} on {report['platform']}", f"CPU       {report['cpus']} logical, {features}", "Packages"]
    lines += [f"  {name:24} {version or 'not installed'}" for name, version in report["packages"].items()]
    lines += ["Runtimes", *(f"  {name:24} {state}" for name, state in report["runtimes"].items()), "Models"]
    for model in report["models"]:
        if model["error"]:
            lines.append(f"  {model['role']:24} {model['error']}")
        else:
            kind = "int8" if model["quantised"] else "fp32"
            speed = f"{model['milliseconds']} ms of processor time a call"
            lines.append(f"  {model['role']:24} {model['name']} ({kind}), sha256 ok, runs on {model['runs_on']}, {speed}")
    lines.append("Extras (reading needs none of them)")
    for extra, entry in report["extras"].items():
        state = "present" if not entry["missing"] else f"lacks {', '.join(entry['missing'])}: {entry['install']}"
        lines.append(f"  {extra:24} {state}")
    lines.append("Ready: platelight read works here." if not report["problems"] else "Not ready: " + "; ".join(report["problems"]))
    return "\n".join(lines)
