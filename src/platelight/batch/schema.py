"""The columns of a run's Parquet files, and how columns are named for any other table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

Kind = type | list[Any] | Mapping[str, Any]
"""`str`, `int`, `float` or `bool`; `[kind]` for a list; `{name: kind}` for a record in the cell. Any cell may also be null."""

SCHEMA_VERSION = 1
"""Raised when a column changes its meaning or goes; new columns may come without."""

CANDIDATE: Mapping[str, Kind] = {"text": str, "confidence": float, "country": str, "template": str}

PLATE: Mapping[str, Kind] = {
    "text": str, "raw_text": str, "confidence": float, "country": str, "template": str, "region": str, "lines": int, "reason": str,
    "flags": [str], "corners": [[float]], "box": [float], "score": float, "char_confidences": [float], "candidates": [CANDIDATE],
}  # fmt: skip
"""A plate as in `platelight read --format jsonl`."""

READ: Mapping[str, Kind] = {"width": int, "height": int, "error": str, "plates": [PLATE]}
"""What reading adds to a photo."""

PHOTO: Mapping[str, Kind] = {"index": int, "source": str, **READ}
"""A photo; `index` is its place in the list, from 0. The list's own columns follow."""

_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def arrow_type(kind: Kind) -> pa.DataType:
    """The Arrow type of a kind. Raises `ValueError` for what is none."""
    if isinstance(kind, Mapping):
        return pa.struct([(name, arrow_type(part)) for name, part in kind.items()])
    if isinstance(kind, list) and len(kind) == 1:
        return pa.list_(arrow_type(kind[0]))
    if isinstance(kind, type) and kind in _ARROW:
        return _ARROW[kind]
    raise ValueError(f"a column's kind must be str, int, float, bool, [kind] or {{name: kind}}, got {kind!r}")


def arrow_schema(columns: Mapping[str, Kind], metadata: Mapping[str, str] | None = None) -> pa.Schema:
    """Named columns, in order, with text metadata."""
    return pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()], metadata=dict(metadata or {}))
