"""Speed as a table for people and as plain values for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from platelight.evaluate.footprint import Memory


def as_dict(value: Any) -> dict[str, Any]:
    """A result for JSON, rounded to what it can mean."""
    return {key: _rounded(part) for key, part in (asdict(value) | ({"growth_mb": value.growth_mb} if isinstance(value, Memory) else {})).items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return value


def as_text(report: dict[str, Any]) -> str:
    """The report of `platelight bench` as tables."""
    parts = [_head(report)]
    for found in report["stages"]:
        title = f"{found['name']}: {found['photos']} photos of {found['kilobytes']:.0f} kB and {found['plates']:.1f} plates, {found['rounds']} rounds"
        rows = [[name, *(f"{times[key]:.2f}" for key in ("cpu", "cpu_p95", "wall", "wall_p95"))] for name, times in found["stages"].items()]
        parts.append(title + "\n" + _table([["ms a photo", "CPU", "CPU p95", "wall", "wall p95"], *rows]))
    if report["rates"]:
        rows = [[str(one["workers"]), str(one["threads"]), f"{one['photos_per_s']:.1f}", f"{one['cpu_ms']:.1f}"] for one in report["rates"]]
        parts.append(f"Throughput, {report['rates_of']}\n" + _table([["workers", "threads each", "photos/s", "CPU ms a photo"], *rows]))
    if report["starts"]:
        rows = [[one["name"], *("-" if one[key] is None else f"{one[key]:.3f}" for key in ("wall_s", "least_wall_s", "cpu_s"))] for one in report["starts"]]
        parts.append("Cold start\n" + _table([["seconds", "wall", "least wall", "CPU"], *rows]))
    if report["memory"]:
        parts.append(_memory(report["memory"]))
    return "\n\n".join(parts)


def _head(report: dict[str, Any]) -> str:
    machine, setting = report["machine"], report["setting"]
    photos = f"Photos: {report['photos']}"
    features = "not known" if machine["cpu_features"] is None else " ".join(machine["cpu_features"]) or "none of those that matter"
    load = "" if machine["load"] is None else f", load {machine['load'][0]}"
    versions = ", ".join(f"{name} {version}" for name, version in machine["packages"].items() if version)
    runs = "; ".join(f"{model['name']} ({model['kind']}) on {model['runs_on']}" for model in report["models"])
    chosen = f"effort {setting['effort']}, runtime {setting['runtime']}, {setting['threads']} thread{'s' if setting['threads'] > 1 else ''} a worker"
    return "\n".join([
        f"{machine['date']}, {machine['cpu']}, {machine['cpus']} CPUs ({features}){load}",
        f"Python {machine['python']} on {machine['platform']}, commit {machine['commit'] or 'none'}, {versions}", f"{runs}; {chosen}", photos,
    ])  # fmt: skip


def _memory(found: dict[str, Any]) -> str:
    return (
        f"Memory of one worker over {found['photos']} photos: {found['start_mb']:.0f} MB before the first, {found['peak_mb']:.0f} MB at the peak;"
        f" last quarter against second quarter {found['growth_mb']:+.1f} MB"
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]) for row in rows)
