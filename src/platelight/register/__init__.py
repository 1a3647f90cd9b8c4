"""The vehicle register: built from published files into one SQLite file, looked up by plate."""

from __future__ import annotations

from platelight.register.build import BuildReport, FileReport, Options, Progress, build
from platelight.register.errors import RegisterError
from platelight.register.plates import normalize_plate
from platelight.register.profiles import PROFILES, UA_MVS, Profile, parse_mapping
from platelight.register.records import FIELDS, Claim, Comparison, Field, FieldVerdict, Registration, Verdict
from platelight.register.store import Register, RegisterInfo

__all__ = [
    "FIELDS",
    "PROFILES",
    "UA_MVS",
    "BuildReport",
    "Claim",
    "Comparison",
    "Field",
    "FieldVerdict",
    "FileReport",
    "Options",
    "Profile",
    "Progress",
    "Register",
    "RegisterError",
    "RegisterInfo",
    "Registration",
    "Verdict",
    "build",
    "normalize_plate",
    "parse_mapping",
]
