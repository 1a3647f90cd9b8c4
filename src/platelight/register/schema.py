"""The register's file: one SQLite database, text coded, the registrations in the order of plate and day.

All columns of `registration` are its key: the table is its own index, and a row published twice is held once.
"""

from __future__ import annotations

APPLICATION_ID = 0x504C5247  # "PLRG"
VERSION = 1
"""Changes whenever an older program could no longer read the file."""

MODEL = ("make", "model")
TRAITS = ("kind", "body", "fuel", "purpose")
COLUMNS = ("plate", "day", "model", "year", "color", "traits", "operation", "capacity", "own_mass", "total_mass")

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE model (code INTEGER PRIMARY KEY, make TEXT NOT NULL, model TEXT NOT NULL);
CREATE TABLE color (code INTEGER PRIMARY KEY, color TEXT NOT NULL);
CREATE TABLE traits (code INTEGER PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL, fuel TEXT NOT NULL, purpose TEXT NOT NULL);
CREATE TABLE operation (code INTEGER PRIMARY KEY, operation TEXT NOT NULL);
"""

# For people who open the file with another program.
VIEW = """
CREATE VIEW readable AS SELECT plate, CASE WHEN day > -32768 THEN date('2000-01-01', day || ' days') END AS date,
  nullif(make, '') AS make, nullif(model.model, '') AS model, nullif(year, 0) AS year, nullif(color.color, '') AS color,
  nullif(kind, '') AS kind, nullif(body, '') AS body, nullif(fuel, '') AS fuel, nullif(purpose, '') AS purpose,
  nullif(operation.operation, '') AS operation, nullif(capacity, 0) AS capacity_cm3, nullif(own_mass, 0) AS own_mass_kg,
  nullif(total_mass, 0) AS total_mass_kg{vin}
FROM registration JOIN model ON model.code = registration.model JOIN color ON color.code = registration.color
  JOIN traits ON traits.code = registration.traits JOIN operation ON operation.code = registration.operation;
"""


def columns(vin: bool) -> tuple[str, ...]:
    """The columns of `registration`, in the order of its key."""
    return (*COLUMNS, "vin") if vin else COLUMNS


def registration_table(vin: bool) -> str:
    names = columns(vin)
    typed = ", ".join(f"{name} {'TEXT' if name in ('plate', 'vin') else 'INTEGER'} NOT NULL" for name in names)
    return f"CREATE TABLE registration ({typed}, PRIMARY KEY ({', '.join(names)})) WITHOUT ROWID;"


def readable_view(vin: bool) -> str:
    return VIEW.format(vin=", nullif(vin, '') AS vin" if vin else "")
