"""The training loop: one for every network.

Steps by AdamW under a warm-up and cosine rate, an exponential moving average of the weights (which is what is scored
and exported), a JSON line every few seconds, the dev score and a checkpoint every few minutes.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from platelight.train import checkpoint
from platelight.train.models import parameter_count
from platelight.train.plot import plot_log
from platelight.train.recipe import Data, Recipe, check_labels


@dataclass(frozen=True, slots=True)
class Budget:
    """How long and how fast: a run ends after `minutes` or `steps`, whichever comes first; the rate falls to zero by then."""

    minutes: float
    steps: int | None = None
    workers: int = 1
    threads: int = 1
    score_every_min: float = 6.0
    rate: float | None = None
    batch: int | None = None
    seed: int = 0


class Trainer:
    """One run into one folder: `log.jsonl`, `plot.png`, `last.pt`, `best.pt`.

    Raises ValueError where the data, the checkpoint or the device cannot be used, or where the folder holds another training.
    """

    def __init__(self, recipe: Recipe, data: Data, out: Path, budget: Budget, device: str = "auto", resume: Path | None = None) -> None:
        self.recipe, self.data, self.out, self.budget = recipe, data, out, budget
        check_labels(data, [*recipe.train_labels(data), *recipe.dev_labels(data)])
        self.device = _device(device)
        state = checkpoint.load(resume) if resume is not None else None
        if state is None and (out / "best.pt").exists():
            raise ValueError(f"{out}: holds another training; go on from it with --resume {out / 'last.pt'}, or name another folder")
        torch.set_num_threads(budget.threads)
        out.mkdir(parents=True, exist_ok=True)
        self.model = recipe.build().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.step, self.seen, self.best = 0, 0, -math.inf
        if state is not None and resume is not None:
            self._resume(state, resume)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(self._groups(), lr=recipe.rate, weight_decay=recipe.weight_decay)
        self.started = time.monotonic()
        self.first_step = self.step

    def _groups(self) -> list[dict[str, Any]]:
        """Weight decay on matrices only, not on biases and norms."""
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.ndim <= 1]
        return [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]

    def _resume(self, state: dict[str, Any], path: Path) -> None:
        """Weights whose name and shape match are taken over; a head that has grown at its end keeps its rows; what is new is logged.

        A `best.pt` that lies in the folder already keeps its place until it is beaten.
        """
        own = self.model.state_dict()
        fitting = {name: _grown(value, own[name]) for name, value in state["average"].items() if name in own and _fits(value, own[name])}
        if not fitting:
            raise ValueError(f"{path}: no weight fits the recipe {self.recipe.name} (it was trained by {state['recipe']})")
        self.model.load_state_dict(fitting, strict=False)
        if (self.out / "best.pt").exists():
            self.best = checkpoint.load(self.out / "best.pt").get("scores", {}).get(self.recipe.main_score, -math.inf)
        self.step, self.seen = state["step"], state["seen"]
        self._log({"resumed": path.name, "weights": len(fitting), "new": sorted(set(own) - set(fitting))})

    def run(self) -> Path:
        """Train to the end of the budget; returns the best checkpoint."""
        self._log({"recipe": self.recipe.name, "parameters": parameter_count(self.model), "device": str(self.device), "budget_min": self.budget.minutes})
        marks = _Marks(time.monotonic(), seen=self.seen)
        totals: dict[str, float] = {}
        count = 0
        for batch in self._batches():
            progress = self._progress()
            if progress >= 1.0:
                break
            for name, value in self._one_step(batch, progress).items():
                totals[name] = totals.get(name, 0.0) + value
            count += 1
            now = time.monotonic()
            if now - marks.logged > 20:
                self._log_losses(totals, count, marks)
                totals, count = {}, 0
            if now - marks.scored > 60 * self.budget.score_every_min:
                self._score()
                marks.scored = marks.logged = time.monotonic()
        if count:
            self._log_losses(totals, count, marks)
        self._score()
        return self.out / "best.pt"

    def _log_losses(self, totals: dict[str, float], count: int, marks: _Marks) -> None:
        """One line with the mean losses of the last `count` steps."""
        now = time.monotonic()
        per_s = round((self.seen - marks.seen) / max(now - marks.logged, 1e-3), 1)
        means = {name: round(value / count, 4) for name, value in totals.items()}
        self._log({"step": self.step, "seen": self.seen, "per_s": per_s, "rate": round(self.optimiser.param_groups[0]["lr"], 6), **means})
        marks.logged, marks.seen = now, self.seen

    def _batches(self) -> Iterator[Any]:
        size = self.budget.batch or self.recipe.batch
        stream = self.recipe.stream(self.data, size, self.budget.seed + self.step)
        workers = self.budget.workers
        loader = DataLoader(
            stream, batch_size=None, num_workers=workers, prefetch_factor=8 if workers else None, multiprocessing_context="spawn" if workers else None
        )
        try:
            yield from loader
        except (ValueError, OSError) as error:  # torch puts a worker's whole traceback into the message; its last line is the cause
            raise ValueError(str(error).strip().splitlines()[-1]) from error

    def _progress(self) -> float:
        """Share of the budget that is spent; without minutes nothing is trained, only scored."""
        if self.budget.minutes <= 0:
            return 1.0
        by_time = (time.monotonic() - self.started) / (60 * self.budget.minutes)
        by_step = (self.step - self.first_step) / self.budget.steps if self.budget.steps else 0.0
        return max(by_time, by_step)

    def _one_step(self, batch: Any, progress: float) -> dict[str, float]:
        warm = min((self.step - self.first_step + 1) / 200, 1.0)
        rate = (self.budget.rate or self.recipe.rate) * warm * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            outputs = self.model(batch.pictures.to(self.device, non_blocking=True))
        losses = self.recipe.loss(outputs, batch)
        loss: Tensor = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        if torch.isfinite(loss):
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
            self.optimiser.step()
        self.step += 1
        self.seen += len(batch.pictures)
        self._follow()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _follow(self) -> None:
        """Move the average towards the weights; faster at the start, when the weights still change much."""
        keep = min(self.recipe.ema, (self.step - self.first_step + 1) / (self.step - self.first_step + 20))
        with torch.no_grad():
            own = self.model.state_dict()
            for name, value in self.average.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(own[name].to(value.dtype), 1 - keep)
                else:
                    value.copy_(own[name])

    def _score(self) -> None:
        began = time.monotonic()
        scores = dict(self.recipe.score(self.average, self.data))
        self._log(
            {"step": self.step, "seen": self.seen, "dev": {name: round(value, 4) for name, value in scores.items()}, "took_s": round(time.monotonic() - began)}
        )
        self._save("last.pt", scores)
        if scores[self.recipe.main_score] > self.best:
            self.best = scores[self.recipe.main_score]
            self._save("best.pt", scores)
        plot_log(self.out / "log.jsonl", self.out / "plot.png")

    def _save(self, name: str, scores: dict[str, float]) -> None:
        """Written whole or not at all; the weights in half the bytes (the average alone is needed to go on)."""
        state = {"recipe": self.recipe.name, "step": self.step, "seen": self.seen, "scores": scores, "average": self.average.state_dict()}
        temporary = self.out / f".{name}.tmp"
        torch.save(state, temporary)
        temporary.replace(self.out / name)

    def _log(self, row: dict[str, Any]) -> None:
        line = json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%S"), **row})
        print(line, flush=True)
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _fits(old: Tensor, new: Tensor) -> bool:
    """The same shape, or more rows than before."""
    return old.shape == new.shape or (old.ndim > 0 and old.shape[1:] == new.shape[1:] and old.shape[0] < new.shape[0])


def _grown(old: Tensor, new: Tensor) -> Tensor:
    return old if old.shape == new.shape else torch.cat([old, new[len(old) :].to(old.dtype)])


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
        raise ValueError(f"device {name!r} cannot be used: {str(error).splitlines()[0]}") from error
    return device


@dataclass(slots=True)
class _Marks:
    """When the last line and the last score were written."""

    logged: float
    scored: float = 0.0
    seen: int = 0

    def __post_init__(self) -> None:
        self.scored = self.logged
