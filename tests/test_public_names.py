from __future__ import annotations

import importlib
import pkgutil

import pytest

import platelight

PACKAGES = ["platelight", *(module.name for module in pkgutil.walk_packages(platelight.__path__, "platelight.") if module.ispkg)]


def test_public_names_are_sorted_and_unique() -> None:
    assert platelight.__all__ == sorted(set(platelight.__all__))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_imported(package: str) -> None:
    if package.startswith("platelight.train"):
        pytest.importorskip("torch", reason="train needs torch")
    module = importlib.import_module(package)
    assert [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)] == []


def test_unknown_names_raise_as_any_module_does() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = platelight.nonsense
