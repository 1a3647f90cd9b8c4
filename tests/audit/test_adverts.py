from __future__ import annotations

from pathlib import Path

import pytest

from platelight.audit.adverts import AdvertsError, load, parse_mapping, year_of
from platelight.register.records import Claim


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "adverts.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_usual_columns_are_found_and_photos_lie_beside_the_table(tmp_path: Path) -> None:
    path = write(tmp_path, "ID,Photo,Make,Model,Year,Colour,price\n7,a.jpg;b/c.jpg,BMW,X5,2015,чорний,9000\n")
    (advert,) = load(path)
    assert advert.id == "7"
    assert advert.photos == (str(tmp_path / "a.jpg"), str(tmp_path / "b/c.jpg"))
    assert advert.photo_names == ("a.jpg", "b/c.jpg")
    assert advert.claim == Claim("BMW", "X5", 2015, "чорний")
    assert advert.extra == {"price": "9000"}
    assert advert.line == 2


@pytest.mark.parametrize("header", ["id,photo,photo", "id,photo1,photo2", "Id;PHOTO_1;photo 2", "ad_id\tImage-1\tImage-2"])
def test_photos_in_several_columns(tmp_path: Path, header: str) -> None:
    mark = next(mark for mark in ",;\t" if mark in header)
    (advert,) = load(write(tmp_path, f"{header}\n{mark.join(['1', 'a.jpg', 'b.jpg'])}\n"))
    assert advert.photo_names == ("a.jpg", "b.jpg")


def test_rows_of_one_id_are_one_advert(tmp_path: Path) -> None:
    path = write(tmp_path, "id,photo,make,year\n1,a.jpg,,2015\n2,x.jpg,Kia,\n1,b.jpg,BMW,2017\n1,a.jpg,BMW,\n")
    first, second = load(path)
    assert (first.id, first.photo_names, first.claim) == ("1", ("a.jpg", "b.jpg"), Claim("BMW", None, 2015, None))
    assert first.notes == ("line 4 claims the year 2017, line 2 2015: the first counts",)
    assert (second.id, second.photo_names) == ("2", ("x.jpg",))


def test_a_mapping_names_columns_and_leaves_the_others_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "no,front,rear,brand,make\n1,a.jpg,b.jpg,BMW,2015\n")
    (advert,) = load(path, parse_mapping("id=no,photo=front,photo=rear,year=make"))
    assert advert.photo_names == ("a.jpg", "b.jpg")
    assert advert.claim == Claim("BMW", None, 2015, None)


def test_photos_may_lie_elsewhere_or_be_absolute_or_addresses(tmp_path: Path) -> None:
    path = write(tmp_path, "id,photo\n1,a.jpg;/b/c.jpg;s3://bucket/d.jpg\n")
    (advert,) = load(path, photos=tmp_path / "there")
    assert advert.photos == (str(tmp_path / "there/a.jpg"), "/b/c.jpg", "s3://bucket/d.jpg")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    said: list[str] = []
    (advert,) = load(write(tmp_path, "номер оголошення;фото;марка;колір\n1;a.jpg;ЗАЗ;вишневий\n", encoding), inform=said.append)
    assert advert.claim == Claim("ЗАЗ", None, None, "вишневий")
    assert bool(said) == (encoding == "cp1251")
    assert all("cp1251" in message for message in said)


def test_rows_without_an_id_are_told_and_left_out(tmp_path: Path) -> None:
    said: list[str] = []
    path = write(tmp_path, 'id,photo,title\n1,a.jpg,"two\nlines"\n\n,b.jpg,x\n2,c.jpg,y\n')
    assert [advert.id for advert in load(path, note=said.append)] == ["1", "2"]
    assert said == [f"{path}, line 5: no id, row left out"]


def test_a_row_whose_cells_are_shifted_accuses_nobody(tmp_path: Path) -> None:
    said: list[str] = []
    path = write(tmp_path, "id,photo,make\n1,a.jpg,b.jpg,BMW\n2,c.jpg,Kia,,\n")
    assert [(advert.id, advert.claim.make) for advert in load(path, note=said.append)] == [("2", "Kia")]
    assert said == [f"{path}, line 2: 4 cells where the first line names 3, row left out"]


def test_a_stray_quote_inside_a_cell_is_no_error(tmp_path: Path) -> None:
    (advert,) = load(write(tmp_path, 'id,photo,title\n1,a.jpg,"the "best" car"\n'))
    assert advert.photo_names == ("a.jpg",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"id,photo\n\x00\x01\x02", "zero bytes"),
        (b"just one column\nx\n", "one column only"),
        (b"id,picture_of_it\n1,a.jpg\n", r"no column for photo; its columns are id, picture_of_it \(--map photo=COLUMN"),
        (b"photo,make\na.jpg,BMW\n", "no column for id"),
        (b"id,photo\n", "no adverts in it"),
        (b'id,photo,title\n1,a.jpg,x\n2,b.jpg,"never closed\n3,c.jpg,y\n', "line 3: a quote is opened and never closed"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "adverts.csv"
    path.write_bytes(content)
    with pytest.raises(AdvertsError, match=message) as raised:
        load(path)
    assert str(path) in str(raised.value)


def test_files_and_options_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(AdvertsError, match="No such file"):
        load(tmp_path / "none.csv")
    path = write(tmp_path, "id,photo\n1,ї.jpg\n")
    with pytest.raises(AdvertsError, match="no encoding 'klingon'"):
        load(path, encoding="klingon")
    with pytest.raises(AdvertsError, match="not text in ascii"):
        load(path, encoding="ascii")
    with pytest.raises(AdvertsError, match="--map make=brand: there is no such column; its columns are id, photo"):
        load(path, {"make": ["brand"]})


@pytest.mark.parametrize(("text", "message"), [("make", "no pair"), ("price=a", "not one of"), ("make=a,make=b", "twice"), ("make=", "no pair")])
def test_wrong_mappings(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_mapping(text)


@pytest.mark.parametrize(
    ("text", "year"),
    [("2015", 2015), ("2015.0", 2015), ("03.2015", 2015), ("2015 р.", 2015), ("15", None), ("2014/2015", None), ("", None), (None, None), ("120150", None)],
)
def test_years(text: str | None, year: int | None) -> None:
    assert year_of(text) == year


def test_a_year_that_is_none_is_noted(tmp_path: Path) -> None:
    (advert,) = load(write(tmp_path, "id,photo,year\n1,a.jpg,new\n"))
    assert advert.notes == ("the claimed year 'new' is no year",)
    assert advert.year_text == "new"
