"""Measure a reader on labelled pictures: `judge_picture` compares, `summarise` adds up, `report` prints and draws."""

from __future__ import annotations

from platelight.evaluate.score import Calibration, Mean, PictureOutcome, PlateOutcome, Share, Summary, judge_picture, summarise

__all__ = ["Calibration", "Mean", "PictureOutcome", "PlateOutcome", "Share", "Summary", "judge_picture", "summarise"]
