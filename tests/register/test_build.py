from __future__ import annotations

import csv
import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from published_register import ADDRESS, NEW, OLD, ROWS_2016, write_years

from platelight.register import Options, Progress, Register, RegisterError, Registration, build, normalize_plate, parse_mapping
from platelight.register import coding as coding_module

BMW = Registration(
    "AA1234BB", "2021-08-17", "BMW", "X5", 2008, "СІРИЙ", "ЛЕГКОВИЙ", "УНІВЕРСАЛ", "ДИЗЕЛЬНЕ ПАЛИВО", "ЗАГАЛЬНИЙ", "315 - ПЕРЕРЕЄСТРАЦІЯ", 2993, 2180, 2740
)  # fmt: skip


@pytest.fixture
def years(tmp_path: Path) -> list[Path]:
    return write_years(tmp_path)


def test_files_of_all_years_become_one_register(years: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "new" / "cars.sqlite"
    report = build(years, out)
    assert (report.rows, report.plates, report.repeated, report.rejected) == (5, 3, 1, 3)
    assert [file.encoding for file in report.files] == ["cp1251", "utf-8-sig", "utf-8"]
    assert [dict(file.not_understood) for file in report.files] == [{}, {"date": 1}, {}]
    with Register(out) as cars:
        assert cars.lookup("АА 1234 ВВ") == (BMW, replace(BMW, date="2016-02-03", color="ЧОРНИЙ"))
        leaf, undated = cars.lookup("KA7777AA")
        assert (leaf.date, undated.date, leaf.capacity_cm3, leaf.body, leaf.purpose) == ("2025-01-09", None, None, "ХЕТЧБЕК", "ЗАГАЛЬНИЙ")
        (lada,) = cars.lookup("BC0007HI")
        assert (lada.make, lada.model, lada.operation, lada.year) == ("ВАЗ", "2106", '100 - ПЕРВИННА; "НОВА"', 1985)
    assert sorted(path.name for path in out.parent.iterdir()) == ["cars.sqlite", "cars.sqlite.rejects.csv"]


CARS = st.tuples(
    st.sampled_from(["AA1234BB", "АА1234ВВ", "KA0001AA", "KA 0001 AA", "BC5555AA"]),
    st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2026, 1, 1))),
    # Not both: a line within quotes that holds as many delimiters as the header counts as a row of its own, so that an open quote costs one row.
    st.one_of(st.text(alphabet='AБ5;" ', max_size=5), st.text(alphabet='AБ5"\n ', max_size=5)),
    st.integers(0, 3),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CARS, min_size=1, max_size=30), st.sampled_from(["utf-8", "utf-16"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_goes_in_comes_out(tmp_path: Path, cars: list[tuple[str, date | None, str, int]], encoding: str, quoting: int) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "cars.sqlite"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=quoting)  # type: ignore[arg-type]
        writer.writerow(["plate", "day", "make", "kg"])
        writer.writerows((plate, "" if day is None else f"{day:%d.%m.%Y}", make, mass or "NULL") for plate, day, make, mass in cars)
    build([path], out, Options(parse_mapping(["plate=plate,date=day,make=make,own_mass_kg=kg"])))
    expected = {
        Registration(normalize_plate(plate), None if day is None else day.isoformat(), " ".join(make.split()) or None, own_mass_kg=mass or None)
        for plate, day, make, mass in cars
    }
    with Register(out) as register:
        found = [register.lookup(plate) for plate in ("AA1234BB", "KA0001AA", "BC5555AA")]
    assert {car for registrations in found for car in registrations} == expected
    assert sum(map(len, found)) == len(expected)
    for registrations in found:
        assert [car.date or "" for car in registrations] == sorted((car.date or "" for car in registrations), reverse=True)


def test_rows_that_cannot_be_used_are_listed_without_their_owners(years: list[Path], tmp_path: Path) -> None:
    report = build(years, tmp_path / "cars.sqlite")
    assert report.rejects == tmp_path / "cars.sqlite.rejects.csv"
    text = report.rejects.read_text(encoding="utf-8")
    assert list(csv.reader(text.splitlines())) == [
        ["file", "line", "reason"],
        [str(years[0]), "4", "'NULL' stands for no plate"],
        [str(years[1]), "5", "21 fields under a header of 20"],
        [str(years[1]), "6", "3 fields under a header of 20"],
    ]
    assert ADDRESS not in text


def test_personal_columns_are_never_stored_and_vins_only_if_asked(years: list[Path], tmp_path: Path) -> None:
    build(years, tmp_path / "plain.sqlite")
    build(years, tmp_path / "vin.sqlite", Options(vin=True))
    for name, vin in (("plain", None), ("vin", "WBAFF41010L000001")):
        data = (tmp_path / f"{name}.sqlite").read_bytes()
        assert ADDRESS.encode() not in data
        assert "ТСЦ".encode() not in data
        assert (b"WBAFF41010L000001" in data) == (vin is not None)
        with Register(tmp_path / f"{name}.sqlite") as cars:
            assert [car.vin for car in cars.lookup("AA1234BB")] == [vin, None]
            assert cars.info().vin == (vin is not None)


def test_any_other_csv_through_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('sep=,\nid,Number plate,Make,Built,Changed\n1,m-ab 12,"VW, Golf",2019-05-01,03/31/2020\n2,,,,\n', encoding="utf-8")
    profile = parse_mapping(["plate=number_plate,make=MAKE", "year=built,date=Changed"])
    report = build([tmp_path / "a.csv"], tmp_path / "cars.sqlite", Options(profile, month_first=True))
    assert dict(report.files[0].rejected) == {"no plate": 1}
    with Register(tmp_path / "cars.sqlite") as cars:
        assert cars.lookup("MAB12") == (Registration("MAB12", "2020-03-31", "VW, Golf", None, 2019),)


def test_a_bad_file_among_many_ends_the_build_before_it_begins(years: list[Path], tmp_path: Path) -> None:
    (tmp_path / "2026.csv").write_text("D_REG;BRAND;MODEL\n01.01.26;BMW;X5\n", encoding="utf-8")
    with pytest.raises(RegisterError, match=r"2026\.csv: has no column of plates"):
        build([*years, tmp_path / "2026.csv"], tmp_path / "cars.sqlite", progress=lambda _: pytest.fail("rows were read"))
    assert not list(tmp_path.glob("cars*"))


def test_nothing_usable_makes_no_register_but_keeps_the_list(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{NEW}\n{ROWS_2016[2]}\n", encoding="utf-8")
    with pytest.raises(RegisterError, match=r"none of the 1 rows can be used; see .*cars\.sqlite\.rejects\.csv"):
        build([tmp_path / "a.csv"], tmp_path / "cars.sqlite")
    assert sorted(path.name for path in tmp_path.glob("cars*")) == ["cars.sqlite.rejects.csv"]
    (tmp_path / "b.csv").write_text(f"{NEW}\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="no rows below the header"):
        build([tmp_path / "b.csv"], tmp_path / "cars.sqlite")


def test_an_older_register_is_replaced_and_any_other_file_is_not(years: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "cars.sqlite"
    build(years[:1], out)
    with Register(out) as old:
        build(years, out)
        assert len(old) == 2
        assert len(old.lookup("AA1234BB")) == 1, "the open file must stay as it was"
    with Register(out) as new:
        assert len(new) == 5
    for name in ("notes.txt", "other.sqlite"):
        (tmp_path / name).write_bytes(b"dear to someone")
        with pytest.raises(RegisterError, match="exists and is not a register: not replaced"):
            build(years, tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"dear to someone"
    with pytest.raises(RegisterError, match="a folder"):
        build(years, tmp_path)
    with pytest.raises(RegisterError, match=r"tz_2016\.csv: the list of rejected rows would replace it"):
        build(years, out, rejects=years[0])


def test_what_progress_tells(years: list[Path], tmp_path: Path) -> None:
    seen: list[Progress] = []
    build(years, tmp_path / "cars.sqlite", progress=seen.append)
    reading = [item for item in seen if item.phase == "reading"]
    assert reading[-1].rows == 6
    assert reading[-1].done_bytes == reading[-1].total_bytes == sum(path.stat().st_size for path in years)
    assert all(one.done_bytes <= two.done_bytes for one, two in itertools.pairwise(reading))


def test_an_error_or_ctrl_c_leaves_the_old_register_and_nothing_else(years: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "cars.sqlite"
    build(years[:1], out)
    before = out.read_bytes()

    def stop(progress: Progress) -> None:
        if progress.rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(years, out, progress=stop)
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("cars*")) == ["cars.sqlite", "cars.sqlite.rejects.csv"]


def test_ctrl_c_while_sorting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.register.writing._STEPS", 1000)
    many(tmp_path / "many.csv", 5_000)

    def stop(progress: Progress) -> None:
        if progress.phase == "sorting":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build([tmp_path / "many.csv"], tmp_path / "cars.sqlite", progress=stop)
    assert not list(tmp_path.glob("cars*"))


def test_too_many_different_texts_are_no_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding_module, "MOST_TEXTS", 100)
    (tmp_path / "a.csv").write_text("plate;make\n" + "".join(f"AA{number:04}BB;{number}\n" for number in range(1, 200)), encoding="utf-8")
    with pytest.raises(RegisterError, match="more than 100 different values of make and model"):
        build([tmp_path / "a.csv"], tmp_path / "cars.sqlite", Options(parse_mapping(["plate=plate,make=make"])))


def test_texts_forgotten_on_the_way_keep_their_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding_module, "_REMEMBERED", 3)
    (tmp_path / "a.csv").write_text("plate;make\n" + "".join(f"AA{number:04}BB;make {number % 7}\n" for number in range(1, 50)), encoding="utf-8")
    build([tmp_path / "a.csv"], tmp_path / "cars.sqlite", Options(parse_mapping(["plate=plate,make=make"])))
    with Register(tmp_path / "cars.sqlite") as cars:
        assert [car.make for number in range(1, 50) for car in cars.lookup(f"AA{number:04}BB")] == [f"make {number % 7}" for number in range(1, 50)]


def test_the_file_can_be_read_by_any_program(years: list[Path], tmp_path: Path) -> None:
    build(years, tmp_path / "cars.sqlite", Options(vin=True))
    connection = sqlite3.connect(tmp_path / "cars.sqlite")
    rows = connection.execute("SELECT plate, date, make, color, vin FROM readable WHERE plate = 'AA1234BB' ORDER BY date").fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert rows == [("AA1234BB", "2016-02-03", "BMW", "ЧОРНИЙ", None), ("AA1234BB", "2021-08-17", "BMW", "СІРИЙ", "WBAFF41010L000001")]


def many(path: Path, count: int) -> None:
    row = ROWS_2016[1].rpartition(";")[0]
    with path.open("w", encoding="cp1251") as file:
        file.write(f"{OLD}\n")
        file.writelines(f"{row};AA{number * 7919 % 10_000:04}B{'ABCEHIKMOPTX'[number // 10_000]}\n" for number in range(count))


START = "import sys; from pathlib import Path; from platelight.register import build; build([Path(sys.argv[1])], Path(sys.argv[2]))"


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        if path.exists():
            return
        assert process.poll() is None, "the build ended before it began to write"
        time.sleep(0.01)
    raise AssertionError("the build did not begin to write")


def test_a_killed_build_leaves_no_register_and_a_second_one_at_once_is_refused(tmp_path: Path) -> None:
    many(tmp_path / "many.csv", 20_000)
    out, part = tmp_path / "cars.sqlite", tmp_path / "cars.sqlite.part"
    process = subprocess.Popen([sys.executable, "-c", START, str(tmp_path / "many.csv"), str(out)])
    try:
        wait_for(tmp_path / "cars.sqlite.rejects.csv.part", process)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(RegisterError, match="another build is writing it"):
            build([tmp_path / "many.csv"], out)
        assert part.exists()
    finally:
        process.kill()
        process.wait()
    assert not out.exists()
    assert build([tmp_path / "many.csv"], out).rows == 20_000
    assert not part.exists()


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are set in another way there")
def test_a_full_disk_gives_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    many(tmp_path / "many.csv", 15_000)
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
    command = [sys.executable, "-c", limit + START, str(tmp_path / "many.csv"), str(tmp_path / "cars.sqlite")]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "RegisterError" in result.stderr.splitlines()[-1]
    assert "cars.sqlite: " in result.stderr.splitlines()[-1]
    assert not list(tmp_path.glob("cars*"))
