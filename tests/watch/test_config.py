from __future__ import annotations

from pathlib import Path

import pytest
from scenes import config

from platelight.watch import Camera, ConfigError, load, settings_of
from platelight.watch.config import CAMERA

FULL = """
[defaults]
countries = ["UA", "pl"]
fps = 8

[[camera]]
name = "gate"
source = "rtsp://viewer:${CAM_PASSWORD}@10.0.0.5/main"
zones = [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]
exclude = [[[0, 0], [0.1, 0], [0.1, 0.1]]]
min_width = 60
effort = "thorough"
gate = false
min_confidence = 0.5
webhooks = ["home"]

[[camera]]
name = "yard"
source = "yard.mp4"
fps = 2.5
start = 2026-11-21T19:30:00Z
evidence = false
mqtt = false
webhooks = []

[evidence]
folder = "pictures"
keep_days = 7

[known]
file = "known.csv"
tolerance = 0.5

[[webhook]]
name = "home"
url = "https://example.org/hook?token=${TOKEN}"
shape = "openalpr"
secret = "cost$$less"
headers = { X-Api-Key = "${TOKEN}" }

[[webhook]]
url = "http://10.0.0.9/"

[mqtt]
url = "mqtt://10.0.0.9"
discovery = false

[queue]
folder = "/var/lib/platelight"
"""


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAM_PASSWORD", "s3cret")
    monkeypatch.setenv("TOKEN", "t0ken")


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    settings = load(config(tmp_path, FULL))
    gate, yard = settings.cameras
    assert gate.source == "rtsp://viewer:s3cret@10.0.0.5/main"
    assert (gate.countries, gate.fps, gate.effort, gate.gate, gate.min_confidence, gate.webhooks) == (("ua", "pl"), 8.0, "thorough", False, 0.5, ("home",))
    assert gate.zones == (((0.1, 0.5), (0.9, 0.5), (0.9, 1.0)),)
    assert gate.area.holds(0.8, 0.6)
    assert (yard.source, yard.fps, yard.countries, yard.evidence, yard.webhooks) == (str(tmp_path / "yard.mp4"), 2.5, ("ua", "pl"), False, ())
    assert yard.start == 1_795_289_400
    assert settings.evidence is not None
    assert (settings.evidence.folder, settings.evidence.keep_days, settings.evidence.keep_mb) == (tmp_path / "pictures", 7.0, 2000.0)
    assert settings.known is not None
    assert (settings.known.file, settings.known.tolerance) == (tmp_path / "known.csv", 0.5)
    home, second = settings.webhooks
    assert (home.url, home.shape, home.secret, home.headers) == ("https://example.org/hook?token=t0ken", "openalpr", "cost$less", {"X-Api-Key": "t0ken"})
    assert second.name == "webhook2"
    assert settings.mqtt is not None
    assert (settings.mqtt.topic, settings.mqtt.discovery) == ("platelight", False)
    assert settings.queue == Path("/var/lib/platelight")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    shown = repr(load(config(tmp_path, FULL)))
    assert "s3cret" not in shown
    assert "t0ken" not in shown


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("[[camera]]\nname = 'a'\nsorce = 'x'", "camera 1 ('a'): there is no key 'sorce', did you mean 'source'?"),
        ("[[camera]]\nname = 'a'", "camera 1 ('a'): the key 'source' is missing"),
        ("[[camera]]\nsource = 'a.mp4'", "camera 1: the key 'name' is missing"),
        ("[[camera]]\nname = 'a b'\nsource = 'x'", "camera 1 ('a b'): name: must consist of letters"),
        ("[camera]\nname = 'a'\nsource = 'x'", "write [[camera]] with two brackets"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nfps = 'fast'", "camera 1 ('a'): fps: must be a number above 0 to 240, got 'fast'"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nfps = 0", "fps: must be a number above 0 to 240, got 0"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nevery = 2.5", "every: must be a whole number from 1, got 2.5"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\neffort = 'hard'", "effort: must be one of fast, normal, thorough, got 'hard'"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\ngate = 1", "gate: must be true or false, got 1"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\ncountries = 'ua'", "countries: must be a list of country codes"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nzones = [[0, 0], [1, 1]]", "zones: a zone needs 3 points or more, got 2"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nzones = [[0, 0], [640, 0], [640, 480]]", "shares of the picture from 0 to 1"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nzones = 'all'", "zones: must be a list of polygons"),
        ("[[camera]]\nname = 'a'\nsource = 'rtsp://u:${NOT_SET}@h/'", "source: the environment variable NOT_SET is not set"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nwebhooks = ['none']", "camera 'a': webhooks: there is no webhook 'none'; there are none"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\n[[camera]]\nname = 'a'\nsource = 'y'", "two cameras are called 'a'"),
        ("[[camera]]\nname = 'a'\nsource = 'x'\nstart = 'yesterday'", "start: must be a date with time such as 2026-11-21T19:30:00Z, got 'yesterday'"),
        ("[defaults]\nname = 'a'", "[defaults]: there is no key 'name'"),
        ("[camera_gate]\n", "there is no section [camera_gate]; sections are camera, defaults, evidence"),
        ("[[webhook]]\nname = 'h'", "webhook 1: the key 'url' is missing"),
        ("[[webhook]]\nurl = 'http://x/'\nshape = 'json'", "shape: must be one of platelight, platerecognizer, openalpr, got 'json'"),
        ("[evidence]\nkeep_days = 3", "[evidence]: the key 'folder' is missing"),
        ("[evidence]\nfolder = 'e'\nkeep_mb = -1", "[evidence]: keep_mb: must be a number above 0, got -1"),
        ("name = ", "is not valid TOML: "),
        ("", "there is no camera"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, wrong: str, message: str) -> None:
    path = config(tmp_path, wrong)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(config(tmp_path, "[[webhook]]\nurl = 'http://x/'\nsecret = ['s3cret']"))
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "cameras.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load(path)


def test_sources_of_a_command_line_get_names() -> None:
    sources = ["films/gate.mp4", "rtsp://u:p@cam.example:554/a", "rtsp://u:p@cam.example:554/b", "0", "/dev/video2", "Hof 7.mkv"]
    assert [camera.name for camera in settings_of(sources).cameras] == ["gate", "cam.example", "cam.example-2", "camera0", "video2", "Hof_7"]


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = config(tmp_path, '[[camera]]\nname = "a"\nsource = "a.mp4"\nfps = 3\n[evidence]\nfolder = "e"\nkeep_days = 3')
    settings = load(path, ["b.mp4"], {"fps": 5.0, "gate": False}, {"evidence": {"keep_mb": 10.0}, "webhook": ["http://x/"]})
    assert [(camera.name, camera.source, camera.fps, camera.gate) for camera in settings.cameras] == [
        ("a", str(tmp_path / "a.mp4"), 5.0, False),
        ("b", "b.mp4", 5.0, False),
    ]
    assert settings.evidence is not None
    assert (settings.evidence.folder, settings.evidence.keep_days, settings.evidence.keep_mb) == (tmp_path / "e", 3.0, 10.0)
    assert settings.webhooks[0].url == "http://x/"


def test_options_are_checked_like_the_file() -> None:
    with pytest.raises(ConfigError, match=r"the options: fps: must be a number above 0 to 240, got 1000"):
        settings_of(["a.mp4"], {"fps": 1000.0})
    with pytest.raises(ConfigError, match="the key 'folder' is missing"):
        settings_of(["a.mp4"], {}, {"evidence": {"keep_days": 3.0}})


def test_a_camera_alone_has_sound_defaults() -> None:
    camera = Camera("a", "a.mp4")
    assert camera.area.holds(0.0, 1.0)
    assert (camera.gate, camera.effort, camera.every) == (True, "normal", 1)


def test_the_guides_example_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOOK_SECRET", "MQTT_PASSWORD"):
        monkeypatch.setenv(name, "x")
    guide = (Path(__file__).parents[2] / "docs/guides/watch.md").read_text(encoding="utf-8")
    settings = load(config(tmp_path, guide.split("```toml\n")[1].split("```")[0]))
    assert [camera.name for camera in settings.cameras] == ["gate", "yard"]


def test_the_guide_names_every_key_of_a_camera() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/watch.md").read_text(encoding="utf-8")
    rows = " ".join(line.split("|")[1] for line in guide.splitlines() if line.startswith("| `"))
    assert [key for key in CAMERA if f"`{key}`" not in rows] == []
