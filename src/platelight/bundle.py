"""Model folders: find one, read its `spec.json`, and check its network's hash before it is loaded."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

Role = Literal["detector", "refiner", "reader"]

ENVIRONMENT = "PLATELIGHT_MODELS"
"""Environment variable that names a folder of model folders to use instead of the package's own."""

PACKAGED = Path(__file__).parent / "models"


_KINDS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    ("name", str, "text"), ("file", str, "text"), ("sha256", str, "text"), ("alphabet", str, "text"), ("input", dict, "an object"),
    ("threshold", (int, float), "a number"), ("margin", (int, float), "a number"), ("countries", (list, tuple), "a list"),
)  # fmt: skip


class ModelError(RuntimeError):
    """A model folder that is missing, incomplete or changed; the message names it and the cause."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What `spec.json` of a model folder says. `input` holds the network's input size; `scores` what it measured."""

    folder: Path
    name: str
    role: Role
    version: int | str
    file: str
    sha256: str
    input: Mapping[str, int]
    threshold: float
    margin: float = 0.0
    alphabet: str = ""
    countries: tuple[str, ...] = ()
    calibration: Mapping[str, Any] | None = None
    parameters: int | None = None
    quantised: bool = False
    recipe: str | None = None
    data: Any = None
    scores: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, role: Role, path: str | Path | None = None) -> ModelSpec:
        """The model that `find_model` finds. Raises `ModelError`, also where that folder holds a model of another role."""
        spec = cls.load(find_model(role, path))
        if spec.role != role:
            raise ModelError(f"{spec.folder / 'spec.json'}: this is a {spec.role}, where a {role} is needed")
        return spec

    @classmethod
    def load(cls, folder: str | Path) -> ModelSpec:
        """Read `folder/spec.json`. Raises `ModelError`; fields it does not know are left aside."""
        path = Path(folder) / "spec.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ModelError(f"{path}: cannot be read ({error.strerror})") from None
        except ValueError as error:
            raise ModelError(f"{path}: not valid JSON ({error})") from None
        if not isinstance(values, dict):
            raise ModelError(f"{path}: must hold a JSON object, found {type(values).__name__}")
        known = {item.name for item in fields(cls)}
        values = {key: value for key, value in values.items() if key in known} | {"folder": Path(folder)}
        for key in ("alphabet", "countries", "margin", "scores"):
            if values.get(key) is None:
                values.pop(key, None)
        try:
            spec = cls(**values)
        except TypeError as error:
            raise ModelError(f"{path}: {str(error).partition(' ')[2]}") from None
        spec._check(path)
        return replace(spec, countries=tuple(spec.countries))

    def _check(self, path: Path) -> None:
        for name, kind, what in _KINDS:
            if not isinstance(getattr(self, name), kind):
                raise ModelError(f"{path}: {name} must be {what}, got {getattr(self, name)!r}")
        if not all(isinstance(country, str) for country in self.countries):
            raise ModelError(f"{path}: countries must hold codes, got {self.countries!r}")
        if self.role not in get_args(Role):
            raise ModelError(f"{path}: role must be one of {', '.join(get_args(Role))}, got {self.role!r}")
        needed = ("long_side", "multiple", "stride") if self.role == "detector" else ("width", "height")
        for key in needed:
            if not isinstance(self.input.get(key), int) or self.input[key] < 1:
                raise ModelError(f"{path}: input.{key} must be a whole number from 1, got {self.input.get(key)!r}")
        if not 0 <= self.threshold <= 1:
            raise ModelError(f"{path}: threshold must lie between 0 and 1, got {self.threshold!r}")
        if self.role == "reader" and len(set(self.alphabet)) != max(len(self.alphabet), 1):
            raise ModelError(f"{path}: alphabet must hold distinct characters, got {self.alphabet!r}")

    def network(self) -> bytes:
        """The bytes of the ONNX file. Raises `ModelError` where they are not those that `sha256` was taken of."""
        path = self.folder / self.file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path}: cannot be read ({error.strerror})") from None
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise ModelError(f"{path}: is not the file of its spec.json (sha256 {found[:12]}..., expected {self.sha256[:12]}...); install platelight again")
        return data


def has_model(role: Role, path: str | Path | None = None) -> bool:
    """Whether `find_model` would find one; for roles that a pipeline can do without."""
    try:
        folder = find_model(role, path)
    except ModelError:
        return False
    return ModelSpec.load(folder).role == role


def find_model(role: Role, path: str | Path | None = None) -> Path:
    """The model folder for `role`: `path`, else what PLATELIGHT_MODELS names, else the newest in the package.

    `path` is a model folder itself or a folder that holds some, named `<role>-<size>-<n>`. Raises `ModelError`.
    """
    place = Path(path or os.environ.get(ENVIRONMENT) or PACKAGED)
    if (place / "spec.json").is_file():
        return place
    if not place.is_dir():
        raise ModelError(f"{place}: no such folder of models")
    folders = [folder for folder in place.glob(f"{role}-*-*") if (folder / "spec.json").is_file()]
    if not folders:
        raise ModelError(f"{place}: holds no {role} model (a folder {role}-<size>-<n> with spec.json)")
    return max(folders, key=_age)


def _age(folder: Path) -> tuple[int, str]:
    number = folder.name.rpartition("-")[2]
    return (int(number) if number.isdigit() else -1), folder.name
