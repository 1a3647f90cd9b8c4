from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow
from services import Client, picture

from platelight import Platelight


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
@pytest.mark.parametrize("method", ["blur", "pixelate", "fill", "swap"])
def test_plates_are_hidden(client: Client, kind: str, media_type: str, method: str) -> None:
    answer = client.post("/v1/redact", files={"file": picture(kind=kind)}, data={"method": method})
    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["X-Plates-Hidden"]) == (200, media_type, "1")
    with Pillow.open(io.BytesIO(answer.content)) as hidden, Pillow.open(io.BytesIO(picture())) as before:
        assert hidden.format == kind
        changed = np.abs(np.asarray(hidden.convert("RGB"), int) - np.asarray(before)).max(axis=2) > 1
    rows, columns = np.nonzero(changed)
    assert changed[240:280, 300:460].mean() > (0.9 if method in ("fill",) else 0.01)
    assert 200 < rows.min() < rows.max() < 320
    assert 260 < columns.min() < columns.max() < 500


def test_metadata_stays_behind(client: Client) -> None:
    exif = Pillow.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Maker"
    file = io.BytesIO()
    with Pillow.open(io.BytesIO(picture())) as plain:
        plain.save(file, "JPEG", exif=exif)
    answer = client.post("/v1/redact", files={"file": file.getvalue()})
    with Pillow.open(io.BytesIO(answer.content)) as hidden:
        assert not hidden.getexif().get_ifd(0x8825)


def test_what_cannot_be_hidden(client: Client) -> None:
    for sent, status, code in (
        ({"files": {"file": b"hello"}}, 422, "unusable_picture"),
        ({"files": {"file": picture()}, "data": {"method": "eat"}}, 400, "bad_option"),
        ({"files": [("file", picture()), ("file", picture())]}, 400, "too_many_pictures"),
        ({"files": {"file": b""}}, 422, "unusable_picture"),
        ({"files": {"method": (None, "blur")}}, 400, "no_picture"),
        ({"content": picture()}, 415, "unsupported_type"),
    ):
        answer = client.post("/v1/redact", **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), code


def test_reading_is_as_before_after_hiding(client: Client) -> None:
    client.post("/v1/redact", files={"file": picture()})
    [plate] = client.post("/v1/read", content=picture()).json()["photos"][0]["plates"]
    assert plate["text"] == Platelight().read(picture()).plates[0].text
