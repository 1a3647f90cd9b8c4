"""The whole OpenAPI description, tried out by schemathesis: nothing that can be sent makes the service fail, and it answers as described."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from services import TOKEN, serving, settings

from platelight.register import build
from platelight.serve.settings import Tokens

HERE = Path(__file__).parent
EXAMPLES = 15
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,"
    "unsupported_method,ignored_auth,missing_required_header"
)


@pytest.mark.slow
@pytest.mark.usefixtures("stand_in")
def test_nothing_makes_it_fail(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("N_REG_NEW;BRAND\nAB12CDE;BMW\n", encoding="utf-8")
    build([tmp_path / "rows.csv"], tmp_path / "cars.register")
    with serving(settings(tokens=Tokens((TOKEN,)), register=tmp_path / "cars.register")) as client:
        arguments = [
            f"http://127.0.0.1:{client.port}/openapi.json", "--header", f"Authorization: Bearer {TOKEN}", "--checks", CHECKS, "--max-examples", str(EXAMPLES),
            "--phases", "coverage,fuzzing", "--generation-database", "none", "--no-shrink", "--continue-on-failure", "--no-color", "--seed", "7",
        ]  # fmt: skip
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_pictures", "PYTHONPATH": str(HERE)}
        command = [sys.executable, "-m", "schemathesis.cli", "run", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=tmp_path, env=environment, check=False)
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        counts = client.get("/metrics").text
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    answered = dict(re.findall(r'platelight_requests_total\{route="([^"]+)",status="[24]\d\d"\} (\d+)', counts))
    for route in ("/v1/read", "/v1/redact", "/v1/plate-reader/", "/v1/vision/alpr", "/v1/register/lookup", "/v1/register/compare"):
        assert int(answered.get(route, 0)) > 0, route
    assert not re.search(r'status="5\d\d"', counts)
    assert re.search(r'platelight_pictures_total\{outcome="read"\} [1-9]', counts)
