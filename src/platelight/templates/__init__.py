"""Plate types of the world, each written once in a TOML file beside this module.

`load()` gives every `Template`. One description draws training pictures (`synth`), constrains readings (`decode`) and
names the country and type of a text. The file format, the pattern language among it, is in docs/templates.md.
"""

from __future__ import annotations

from platelight.templates.loader import TemplateError, load, load_file
from platelight.templates.model import Choice, Mark, Slot, Template

__all__ = ["Choice", "Mark", "Slot", "Template", "TemplateError", "load", "load_file"]
