"""Processor time of readers, or of refiners, a plate, on one thread, in batches of eight: files of several releases taken in turns, so that all meet the
same machine.

    python bench/readers.py src/platelight/models/reader-s-4/model.onnx OTHER.onnx

Prints the median and the least of all rounds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

BATCH, ROUNDS, CALLS = 8, 40, 5


def main(files: list[Path]) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    sessions = [onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"]) for file in files]
    plates = np.random.default_rng(0).integers(0, 256, (BATCH, *sessions[0].get_inputs()[0].shape[1:]), dtype=np.uint8)
    spent: list[list[float]] = [[] for _ in files]
    for _ in range(ROUNDS):
        for session, times in zip(sessions, spent, strict=True):
            start = time.process_time()
            for _ in range(CALLS):
                session.run(None, {session.get_inputs()[0].name: plates})
            times.append(1000 * (time.process_time() - start) / (BATCH * CALLS))
    for file, times in zip(files, spent, strict=True):
        print(f"{file}: {np.median(times):.2f} ms a plate ({min(times):.2f} at best)")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main([Path(name) for name in sys.argv[1:]])
