"""`platelight serve`: the HTTP service and the web page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from platelight.cli.options import Effort, EffortName, Models, Threads
from platelight.cli.read import RuntimeName

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is every network this machine is in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="1 reads in the service's own process; more, in that many processes of their own.")] = 1,
    threads: Threads = 1,
    effort: Effort = EffortName.normal,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.onnxruntime,
    models: Models = None,
    register: Annotated[Path | None, typer.Option(metavar="FILE", help="A vehicle register to look plates up in.")] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Let in only who has one of these tokens, one a line. Also: PLATELIGHT_TOKENS in the environment.")
    ] = None,
    cors: Annotated[list[str] | None, typer.Option(metavar="ORIGIN", help="Let pages of this origin call the service; may be repeated.")] = None,
    upload_host: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Fetch upload_url from this host; may be repeated. Without it no address is ever fetched.")
    ] = None,
    max_megabytes: Annotated[float, typer.Option(min=0.001, help="Largest request.")] = 32.0,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Largest picture.")] = 50.0,
    max_files: Annotated[int, typer.Option(min=1, help="Most pictures in a request.")] = 16,
    queue: Annotated[int, typer.Option(min=1, help="Most pictures that wait; beyond it, requests are refused with 429.")] = 64,
    deadline: Annotated[float, typer.Option(min=0.1, help="Seconds from a complete upload to its answer.")] = 30.0,
    upload_timeout: Annotated[float, typer.Option(min=0.1, help="Seconds an upload may take.")] = 30.0,
    log_plates: Annotated[bool, typer.Option("--log-plates", help="Also write the plates that were read into the log.")] = False,
) -> None:
    """Serve reading over HTTP, with a web page.

    One line of JSON for every request goes to stderr. SIGTERM or Ctrl-C stops: what was accepted is finished first.
    """
    from platelight.serve.server import log_to_stderr, run
    from platelight.serve.settings import Limits, ModelChoice, Settings, Tokens

    body = round(max_megabytes * 1e6)
    try:
        limits = Limits(
            body_bytes=body, held_bytes=max(16 * body, 256_000_000), files=max_files, pixels=round(max_megapixels * 1e6), queue=queue,
            deadline_s=deadline, upload_s=upload_timeout,
        )  # fmt: skip
        settings = Settings(
            ModelChoice(runtime.value, threads, models), effort.value, workers, limits, Tokens.of(token_file, os.environ), tuple(cors or ()),
            tuple(upload_host or ()), register, log_plates,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    log_to_stderr()
    if host not in LOOPBACK and not settings.tokens:
        typer.echo(f"platelight: listening on {host} without tokens: whoever reaches it can use it (see --token-file)", err=True)
    typer.echo(f"platelight: http://{host}:{port}/", err=True)
    run(settings, host, port)
