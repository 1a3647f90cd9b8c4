"""What the documents promise: commands parse, Python examples compile and import names that exist, links lead somewhere."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from platelight.cli.app import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(platelight [a-z][^`\n]*)`")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#[^)\s]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")
SHELLS = {"sh", "bash", "console"}


def blocks(document: Path, languages: set[str]) -> Iterator[str]:
    yield from (body for language, body in FENCE.findall(document.read_text(encoding="utf-8")) if language in languages)


def commands(document: Path) -> Iterator[str]:
    for block in blocks(document, SHELLS):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.removeprefix("$ ").strip()
            if words.startswith("platelight ") or "| platelight " in words:
                yield words[words.index("platelight ") :]


def mentions(document: Path) -> Iterator[str]:
    yield from INLINE.findall(FENCE.sub("", document.read_text(encoding="utf-8")))


def found(search: Callable[[Path], Iterator[str]]) -> list[Any]:
    lines = [(document, line) for document in DOCUMENTS for line in dict.fromkeys(search(document)) if "..." not in line and "…" not in line]
    return [pytest.param(line, id=f"{document.relative_to(ROOT)}: {line}") for document, line in lines]


def parse(line: str) -> None:
    """Let the program take a command line apart without running it; raises what a wrong one would."""
    words = shlex.split(re.split(r"\s[|>&;]|\s2>", line)[0], comments=True)[1:]
    command: Any = typer.main.get_command(app)
    context = command.make_context("platelight", ["doctor"], resilient_parsing=True)
    while hasattr(command, "get_command") and words and not words[0].startswith("-"):
        name, *words = words
        command = command.get_command(context, name)
        assert command is not None, f"no command {name!r}"
        context = type(context)(command, info_name=name, parent=context)
    if not {"--help", "--version"} & set(words):
        command.parse_args(context, words)


@pytest.mark.parametrize("line", found(commands))
def test_documented_commands_parse(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("line", found(mentions))
def test_commands_mentioned_in_a_sentence_exist(line: str) -> None:
    """A sentence may leave out what a command needs, such as a path."""
    try:
        parse(line)
    except Exception as error:
        if not type(error).__name__.startswith(("Missing", "NoArgs")):
            raise


@pytest.mark.parametrize("wrong", ["nonsense", "read a.jpg --nonsense", "read a.jpg --top many", "read a.jpg --format xml"])
def test_wrong_commands_are_noticed(wrong: str) -> None:
    with pytest.raises(Exception, match=r"no command|No such option|not a valid|valid integer|is not one of"):
        parse(f"platelight {wrong}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_examples_compile_and_import_what_exists(document: Path) -> None:
    for block in blocks(document, {"python", "py"}):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("platelight"):
                module = importlib.import_module(node.module or "")
                assert [name.name for name in node.names if not hasattr(module, name.name)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(document: Path) -> None:
    targets = [link or picture for link, picture in LINK.findall(document.read_text(encoding="utf-8"))]
    missing = [target for target in targets if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists()]
    assert missing == []


def test_the_reference_names_every_option_of_every_command() -> None:
    text = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    sections = {head.strip().strip("`"): body for head, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)}
    program: Any = typer.main.get_command(app)
    context = program.make_context("platelight", ["doctor"], resilient_parsing=True)
    missing = []
    for path, command in leaves(program, context, "platelight"):
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--") and option != "--help"]
        missing += [f"{path} {option}" for option in options if f"`{option}" not in sections.get(path, "")]
    assert missing == []


def leaves(command: Any, context: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    for name in command.list_commands(context):
        yield from leaves(command.get_command(context, name), context, f"{path} {name}")


def test_readme_opens_with_the_two_commands() -> None:
    first = next(blocks(ROOT / "README.md", SHELLS))
    assert [line.partition("#")[0].strip() for line in first.strip().splitlines()] == ["make demo", "make test"]
