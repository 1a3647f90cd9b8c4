"""Several decodings of one plate, each from a slightly different cut, become one."""

from __future__ import annotations

from collections.abc import Sequence

from platelight.records import Candidate, Decoding


def pooled(decodings: Sequence[Decoding]) -> Decoding:
    """The mean of the decodings' chances: a text's is the sum of what each gives it over their number, nothing where it is no candidate.

    Of equal texts the candidate of the decoding that was surest of it is kept. `reason` is the first decoding's, whose reading
    stays the plate's, unless another text than its best wins. Candidates are as many as the first has. Raises ValueError
    without decodings.
    """
    if not decodings:
        raise ValueError("no decodings to pool")
    chances: dict[str, float] = {}
    surest: dict[str, tuple[float, Candidate]] = {}
    for decoding in decodings:
        for candidate, chance in zip(decoding.candidates, decoding.confidences, strict=True):
            chances[candidate.text] = chances.get(candidate.text, 0.0) + chance / len(decodings)
            if candidate.text not in surest or chance > surest[candidate.text][0]:
                surest[candidate.text] = (chance, candidate)
    if not chances:
        return decodings[0]
    ranked = sorted(chances, key=lambda text: -chances[text])[: max(len(decodings[0].candidates), 1)]
    first = decodings[0]
    best = surest[ranked[0]][1]
    return Decoding(
        best, tuple(surest[text][1] for text in ranked), first.reason if first.best and first.best.text == best.text else "CORRECTED",
        min(chances[best.text], 1.0), tuple(min(chances[text], 1.0) for text in ranked),
    )  # fmt: skip
