from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from platelight.register import RegisterError
from platelight.register.sources import BLOCK, detect_delimiter, detect_encoding, find_sources, open_text

CARS = "N_REG_NEW;BRAND;COLOR\nАА1234ВВ;ВАЗ;СІРИЙ\nBC5555AA;ШКОДА;ЧОРНИЙ\n"


def text_of(path: Path, encoding: str | None = None) -> tuple[str, str]:
    (source,) = find_sources(path)
    with open_text(source, encoding) as text:
        return text.encoding, "".join(text.blocks)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CARS.encode(encoding))
    assert text_of(path) == (encoding, CARS)


def test_an_encoding_found_only_far_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "N_REG_NEW;BRAND\n" + "AA1234BB;OPEL\n" * (BLOCK // 14) + "AA1234BB;ВАЗ\n" * (BLOCK // 10)
    for encoding in ("cp1251", "utf-8"):
        path.write_bytes(text.encode(encoding))
        assert text_of(path) == (encoding, text)


def test_a_few_wrong_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CARS.encode() * 20 + b"AA1111AA;\xff\n")
    (source,) = find_sources(path)
    with open_text(source) as text:
        assert "".join(text.blocks).count("\ufffd") == 1
        assert (text.encoding, text.undecodable) == ("utf-8", 1)


def test_letters_that_stand_alone_are_western() -> None:
    assert detect_encoding("plate;color\nM-AB 12;GRÜN\nK-Ö 1;weiß\n".encode("cp1252")) == "cp1252"


def test_a_named_encoding_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CARS.encode("koi8-u"))
    assert text_of(path, "koi8-u") == ("koi8-u", CARS)


def test_characters_cut_by_a_block_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "x" + "Ж" * BLOCK
    path.write_text(text, encoding="utf-8")
    assert text_of(path) == ("utf-8", text)


def test_nul_bytes_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((CARS * 10).encode().replace(b"BRAND", b"BR\0AND", 1))
    assert text_of(path)[1] == CARS * 10


def test_packed_files(tmp_path: Path) -> None:
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(CARS.encode("cp1251")))
    assert text_of(packed) == ("cp1251", CARS)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/2019.csv", CARS)
        archive.writestr("readme.pdf", "no table")
        archive.writestr("__MACOSX/a/._2019.csv", "no table")
        archive.writestr("2020.CSV", CARS.encode("cp1251"))
    sources = find_sources(tmp_path / "a.zip")
    assert [source.name.rpartition(":")[2] for source in sources] == ["a/2019.csv", "2020.CSV"]
    for source in sources:
        with open_text(source) as text:
            assert "".join(text.blocks) == CARS
            assert text.position() == source.size


def test_archives_that_cannot_be_read(tmp_path: Path) -> None:
    data = gzip.compress(CARS.encode() * 5000)
    (tmp_path / "cut.gz").write_bytes(data[: len(data) // 2])
    with pytest.raises(RegisterError, match=r"cut\.gz: the archive is damaged or cut off"):
        text_of(tmp_path / "cut.gz")
    with zipfile.ZipFile(tmp_path / "no.zip", "w") as archive:
        archive.writestr("cars.xlsx", "no table")
    with pytest.raises(RegisterError, match=r"no\.zip: a ZIP archive without a CSV file"):
        find_sources(tmp_path / "no.zip")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 nothing more")
    with pytest.raises(RegisterError, match=r"bad\.zip: a damaged ZIP archive"):
        find_sources(tmp_path / "bad.zip")


def test_files_that_hold_no_text(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(RegisterError, match=r"empty\.csv: the file is empty"):
        find_sources(tmp_path / "empty.csv")
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    with pytest.raises(RegisterError, match=r"photo\.csv: not a text file: it begins like a PNG"):
        text_of(tmp_path / "photo.csv")
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        find_sources(tmp_path / "none.csv")


@pytest.mark.parametrize(("line", "mark"), [("a;b,c;d", ";"), ("a,b,c", ","), ("a\tb\tc d", "\t"), ("a|b|c", "|"), ('"a;x;y";b,c,d', ","), ("plate", ";")])
def test_the_delimiter_is_found(line: str, mark: str) -> None:
    assert detect_delimiter(line) == mark
