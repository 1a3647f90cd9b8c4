from __future__ import annotations

import multiprocessing
import pickle
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from published_register import write_years

from platelight.register import Options, Register, RegisterError, build, parse_mapping


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    build(write_years(folder), folder / "cars #1?.sqlite")
    return folder / "cars #1?.sqlite"


@pytest.fixture
def cars(file: Path) -> Iterator[Register]:
    with Register(file) as opened:
        yield opened


def test_lookup_is_newest_first_in_any_spelling(cars: Register) -> None:
    assert [car.date for car in cars.lookup("аа1234вв")] == ["2021-08-17", "2016-02-03"]
    assert [car.date for car in cars.lookup("KA-7777-AA")] == ["2025-01-09", None]
    assert cars.lookup("AA9999AA") == cars.lookup("no plate at all") == cars.lookup("") == ()


def test_lookup_many_keeps_the_given_texts(cars: Register) -> None:
    found = cars.lookup_many(["АА1234ВВ", "AA9999AA", "aa 1234 bb"])
    assert list(found) == ["АА1234ВВ", "AA9999AA", "aa 1234 bb"]
    assert [len(cars) for cars in found.values()] == [2, 0, 2]
    assert found["АА1234ВВ"] == found["aa 1234 bb"]


def test_has_gives_the_given_texts_that_are_known(cars: Register) -> None:
    assert cars.has(["AA1234BB", "АА1234ВВ", "AA1234BC", "Ж", "KA7777AA"]) == {"AA1234BB", "АА1234ВВ", "KA7777AA"}
    assert cars.has([]) == set()
    assert "bc 0007 hi" in cars
    assert "BC0008HI" not in cars
    assert 7 not in cars


@pytest.mark.parametrize("count", [1, 2, 3, 511, 512, 513, 1100])
def test_has_with_any_number_of_candidates(tmp_path: Path, count: int) -> None:
    (tmp_path / "a.csv").write_text("plate\n" + "".join(f"AA{number:04}BB\n" for number in range(0, 1100, 2)), encoding="utf-8")
    build([tmp_path / "a.csv"], tmp_path / "cars.sqlite", Options(parse_mapping(["plate=plate"])))
    with Register(tmp_path / "cars.sqlite") as cars:
        assert cars.has(f"AA{number:04}BB" for number in range(count)) == {f"AA{number:04}BB" for number in range(0, count, 2)}


def test_info(cars: Register, file: Path) -> None:
    info = cars.info()
    assert (info.rows, info.plates, info.rejected, info.first_date, info.last_date) == (5, 3, 3, "2016-02-03", "2025-01-09")
    assert (info.size_bytes, info.profile, info.vin, len(info.files), len(cars)) == (file.stat().st_size, "ua-mvs", False, 3, 5)


def test_threads_share_one(cars: Register) -> None:
    wrong: list[object] = []

    def work() -> None:
        for _ in range(200):
            found = cars.lookup("AA1234BB")
            if len(found) != 2 or cars.has(["KA7777AA", "XX1111XX"]) != {"KA7777AA"}:
                wrong.append(found)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def _count(cars: Register, plate: str) -> int:
    return len(cars.lookup(plate))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_can_use_one_that_was_opened_before(cars: Register, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    cars.lookup("AA1234BB")
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(_count, (cars, "AA1234BB")) == 2


def test_it_can_be_pickled(cars: Register) -> None:
    with pickle.loads(pickle.dumps(cars)) as other:
        assert other.lookup("AA1234BB") == cars.lookup("AA1234BB")


def test_a_closed_register_says_so(file: Path) -> None:
    with Register(file) as cars:
        assert cars.lookup("AA1234BB")
    cars.close()
    with pytest.raises(RegisterError, match="was closed"):
        cars.lookup("AA1234BB")


def test_it_is_opened_for_reading_only_and_needs_no_file_beside_it(file: Path, tmp_path: Path) -> None:
    alone = tmp_path / "locked"
    alone.mkdir()
    shutil.copy(file, alone / "cars.sqlite")
    alone.chmod(0o555)
    try:
        with Register(alone / "cars.sqlite") as cars:
            assert cars.lookup("AA1234BB")
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                cars._connection().execute("DELETE FROM registration")
        assert [path.name for path in alone.iterdir()] == ["cars.sqlite"]
    finally:
        alone.chmod(0o755)


def test_files_that_are_no_registers(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_text("plate;make\n", encoding="utf-8")
    with pytest.raises(RegisterError, match=r"a\.sqlite: not a register; make one with: platelight register build"):
        Register(path)
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(RegisterError, match="not a register"):
        Register(path)
    with pytest.raises(FileNotFoundError, match="none"):
        Register(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        Register(tmp_path)


def test_another_format_version(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    shutil.copy(file, path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(RegisterError, match="a register of format 99, this program reads format 1: build it again"):
        Register(path)


def test_a_register_cut_off_or_damaged(file: Path, tmp_path: Path) -> None:
    path, data = tmp_path / "a.sqlite", file.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(RegisterError, match="cut off or damaged"):
        Register(path)
    path.write_bytes(data[:4096] + b"\x55" * (len(data) - 4096))
    with pytest.raises(RegisterError, match="damaged"):
        Register(path)
