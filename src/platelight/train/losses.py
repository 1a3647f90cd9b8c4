"""What the networks are taught to make small."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from platelight.train.plates import UNKNOWN, PlateBatch, encode
from platelight.train.quads import QuadBatch
from platelight.train.views import SceneBatch


def reader_loss(outputs: tuple[Tensor, Tensor, Tensor, Tensor, Tensor], batch: PlateBatch) -> dict[str, Tensor]:
    """CTC on the text plus small terms for country, number of lines, plate-ness and wholeness; each a mean over the samples it knows.

    Where the split into lines is known every line has a CTC loss of its own (an unused line must stay blank);
    otherwise the three lines are read as one long sequence.
    """
    frames, country, lines, plate, whole = outputs
    return {
        "text": _text_loss(frames, batch),
        "country": 0.4 * _class_loss(country, [target.country for target in batch.targets]),
        "lines": 0.1 * _class_loss(lines, [target.lines for target in batch.targets]),
        "plate": 0.3 * _yes_loss(plate, [target.is_plate for target in batch.targets]),
        "whole": 0.2 * _yes_loss(whole, [target.whole if target.is_plate else None for target in batch.targets]),
    }


def _yes_loss(logits: Tensor, labels: list[bool | None]) -> Tensor:
    """Cross entropy of yes-or-no answers; None is not known."""
    known = [i for i, label in enumerate(labels) if label is not None]
    if not known:
        return logits.new_zeros(())
    return functional.binary_cross_entropy_with_logits(logits[known], torch.tensor([float(bool(labels[i])) for i in known], device=logits.device))


def _text_loss(frames: Tensor, batch: PlateBatch) -> Tensor:
    split = [i for i, target in enumerate(batch.targets) if target.is_plate and target.whole and target.text_lines is not None]
    whole = [i for i, target in enumerate(batch.targets) if target.is_plate and target.whole and target.text_lines is None]
    frames = _merged(frames, batch)
    total = frames.new_zeros(())
    if split:
        texts = [encode(text) for i in split for text in _three(batch.targets[i].text_lines or ())]
        total = total + _ctc(frames[split].flatten(0, 1), texts)
    if whole:
        total = total + _ctc(frames[whole].flatten(1, 2), [encode(batch.targets[i].text) for i in whole])
    return total / max(len(split) + len(whole), 1)


def _merged(frames: Tensor, batch: PlateBatch) -> Tensor:
    """Where the label says 0 for 0 and O alike, a frame that says either is as good: the chance of 0 becomes that of both."""
    loose = torch.tensor([target.zero_or_o for target in batch.targets], device=frames.device)[:, None, None]
    zero, letter = encode("0O")
    either = torch.where(loose, torch.logaddexp(frames[..., zero], frames[..., letter]), frames[..., zero])
    return torch.cat([frames[..., :zero], either[..., None], frames[..., zero + 1 :]], -1)


def _three(lines: tuple[str, ...]) -> list[str]:
    return [*lines, "", ""][:3] if len(lines) < 3 else list(lines[:3])


def _ctc(frames: Tensor, texts: list[list[int]]) -> Tensor:
    """Summed CTC loss of log-probabilities (N, T, C)."""
    lengths = torch.tensor([len(text) for text in texts])
    targets = torch.tensor([index for text in texts for index in text], dtype=torch.long, device=frames.device)
    steps = torch.full((len(texts),), frames.shape[1], dtype=torch.long)
    return functional.ctc_loss(frames.transpose(0, 1), targets, steps, lengths, blank=0, reduction="sum", zero_infinity=True)


def _class_loss(log_probs: Tensor, labels: list[int]) -> Tensor:
    known = [i for i, label in enumerate(labels) if label != UNKNOWN]
    if not known:
        return log_probs.new_zeros(())
    return functional.nll_loss(log_probs[known], torch.tensor([labels[i] for i in known], device=log_probs.device))


def detector_loss(outputs: tuple[Tensor, Tensor], batch: SceneBatch) -> dict[str, Tensor]:
    """Focal loss on the centre map; corners relative to the plate's size; a hull loss where only a box is known."""
    heat, corners = outputs
    return {"heat": _heat_loss(heat[:, 0], batch), **_corner_losses(corners, batch)}


def _heat_loss(logits: Tensor, batch: SceneBatch) -> Tensor:
    """Penalty-reduced focal loss (Law and Deng 2018). `ignore` marks where a missing label proves nothing."""
    target = batch.heat.to(logits.device)
    positive = target.ge(0.999)
    chance = logits.sigmoid()
    hit = functional.logsigmoid(logits) * (1 - chance) ** 2 * positive
    miss = functional.logsigmoid(-logits) * chance**2 * (1 - target) ** 4 * ~positive
    doubtful = batch.doubtful.to(logits.device)[:, None, None] & (chance.detach() > 0.7)
    return -(hit.sum() + (miss * ~doubtful * batch.weight.to(logits.device)).sum()) / positive.sum().clamp(min=1)


def _corner_losses(corners: Tensor, batch: SceneBatch) -> dict[str, Tensor]:
    """Mean absolute corner error in units of the plate's mean side, over the cells near each centre."""
    if not len(batch.cells):
        zero = corners.sum() * 0
        return {"corners": zero, "hull": zero}
    image, row, column = batch.cells.to(corners.device).unbind(1)
    found = corners[image, :, row, column].view(-1, 4, 2)  # (M, 4, 2)
    wanted, exact = batch.offsets.to(corners.device), batch.exact.to(corners.device)
    size = batch.sizes.to(corners.device)[:, None, None]
    by_corner = functional.smooth_l1_loss(found / size, wanted / size, beta=0.02, reduction="none").mean((1, 2))
    hull = torch.stack([found.amin(1), found.amax(1)], 1)
    true_hull = torch.stack([wanted.amin(1), wanted.amax(1)], 1)
    by_hull = functional.smooth_l1_loss(hull / size, true_hull / size, beta=0.02, reduction="none").mean((1, 2))
    count = exact.numel()
    return {
        "corners": 10 * (by_corner * torch.where(exact, 1.0, 0.03)).sum() / count,
        "hull": 10 * (by_hull * torch.where(exact, 0.1, 0.4)).sum() / count,
    }


def refiner_loss(outputs: tuple[Tensor, Tensor], batch: QuadBatch) -> dict[str, Tensor]:
    """Mean absolute error of the corners that are known, in hundredths of the plate's width; cross entropy of whether it is a plate."""
    found, logits = outputs
    wanted, exact = batch.corners.to(found.device), batch.exact.to(found.device)  # (N, 4, 2), (N,)
    size = (wanted[:, 1] - wanted[:, 0] + wanted[:, 2] - wanted[:, 3]).norm(dim=1) / 2
    errors = functional.smooth_l1_loss(found / size[:, None, None], wanted / size[:, None, None], beta=0.01, reduction="none").mean((1, 2))
    return {
        "corners": 100 * (errors * exact).sum() / exact.sum().clamp(min=1),
        "plate": 0.3 * functional.binary_cross_entropy_with_logits(logits, batch.plate.to(found.device).float()),
    }
