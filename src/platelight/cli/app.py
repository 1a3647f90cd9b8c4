"""The program `platelight`: which commands there are, and what any of them does about errors.

A command's module is imported when the command is asked for, and a command's heavy packages when it runs.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

COMMANDS = {
    "read": "read",
    "templates": "templates",
    "doctor": "doctor",
    "bench": "bench",
    "register": "register",
    "evaluate": "evaluate",
    "synth": "synth",
    "train": "train",
    "export": "export",
    "batch": "batch",
    "audit": "audit",
    "serve": "serve",
    "redact": "redact",
    "watch": "watch",
    "queue": "queue",
}
"""Command name to the name, in the module `platelight.cli.<command>`, of its function or of its group of commands."""

EXTRAS = {
    "torch": "train", "onnx": "train", "onnxscript": "train", "matplotlib": "train", "fastapi": "serve", "uvicorn": "serve", "av": "video",
    "pyarrow": "batch", "ray": "ray", "openvino": "openvino", "pillow_heif": "heif", "paho": "mqtt",
}  # fmt: skip
"""Package to the extra that installs it."""

DEBUG = "PLATELIGHT_DEBUG"


class _Commands(TyperGroup):
    """Finds commands by name, so that `platelight read` imports nothing of `platelight train`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        try:
            part = getattr(import_module(f"platelight.cli.{cmd_name}"), COMMANDS[cmd_name])
        except ModuleNotFoundError as error:
            part = _needs(cmd_name, error)
        if not isinstance(part, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(cmd_name)(part)
            part = single
        command = typer.main.get_command(part)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="platelight", cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


def _print_version(wanted: bool) -> None:
    if wanted:
        from platelight import __version__

        typer.echo(f"platelight {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """Finds the number plates in photos and video and reads them, offline on a CPU."""


def main() -> NoReturn:
    """Run the program. Errors end it with one line on stderr: status 1 for what went wrong, 2 for wrong usage."""
    if sys.stderr is None:  # closed by who started this; printing to None would go to stdout, among the results
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open for as long as the program runs
    if sys.stdout is None:
        _fail("standard output is closed: there is nowhere to print", None)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # file names need not be valid UTF-8; \udcff is also how JSON would write such a byte
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's, which would start one thread for each CPU and use none
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")  # not its warnings: what is wrong with a file, this program says itself
    try:
        app(prog_name="platelight")
    except ModuleNotFoundError as error:
        _fail(_missing(error), error)
    except KeyboardInterrupt:
        _fail("stopped", None, 130)
    except Exception as error:
        if _is_interrupt(error):
            _fail("stopped", None, 130)
        from platelight import ModelError, SessionError
        from platelight.register import RegisterError

        known = isinstance(error, (ModelError, RegisterError, SessionError))
        unexpected = f"unexpected {type(error).__name__}: {error} (set {DEBUG}=1 to see where)"
        _fail(_of_system(error) if isinstance(error, OSError) else str(error) if known else unexpected, error)
    sys.exit(0)


def _fail(message: str, error: Exception | None, status: int = 1) -> NoReturn:
    if error is not None and os.environ.get(DEBUG):
        raise error
    from platelight.formats import one_line

    print(f"platelight: {one_line(message)}", file=sys.stderr)
    sys.exit(status)


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind it: packages written in C that are stopped while they load raise ImportError instead."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _is_interrupt(error.__cause__ or error.__context__))


def _of_system(error: OSError) -> str:
    """What the operating system refused, without its number."""
    cause = error.strerror or str(error)
    return cause if error.filename is None else f"{os.fsdecode(error.filename)}: {cause}"


def _missing(error: ModuleNotFoundError) -> str:
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return f"the package {package} is missing: install platelight again"
    return f"this needs {package}, which is not installed: pip install 'platelight[{EXTRAS[package]}]'"


def _needs(command: str, error: ModuleNotFoundError) -> Any:
    """A stand-in for a command whose module cannot even be imported."""

    def stand_in() -> None:
        raise error

    stand_in.__doc__ = f"(not usable here: {_missing(error)})"
    stand_in.__name__ = command
    return stand_in
