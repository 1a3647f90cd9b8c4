"""The picture of a training: losses and dev scores against samples seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def plot_log(log: Path, out: Path) -> None:
    """Draw `log` (JSON lines of `loop`) as a PNG with losses on the left and dev scores on the right."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    losses = [row for row in rows if "per_s" in row]
    scores = [row for row in rows if "dev" in row]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
    _lines(left, losses, [name for name in (losses[-1] if losses else {}) if name not in ("time", "step", "seen", "per_s", "rate")], lambda row: row)
    left.set(title="training loss", xlabel="samples seen", yscale="log")
    _lines(right, scores, list(scores[-1]["dev"]) if scores else [], lambda row: row["dev"])
    right.set(title="dev score", xlabel="samples seen")
    figure.savefig(out, dpi=100)
    pyplot.close(figure)


def _lines(axes: Any, rows: list[dict[str, Any]], names: list[str], pick: Any) -> None:
    for name in names:
        points = [(row["seen"], pick(row)[name]) for row in rows if name in pick(row)]
        axes.plot(*zip(*points, strict=True), label=name, linewidth=1.2)
    if names:
        axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
