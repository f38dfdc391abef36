"""What the pages name is there: the files they link to, the settings, the commands with their options."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from gridhall.api.cli import app
from gridhall.kit.settings import Settings

_LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)")
_SETTING: Final = re.compile(r"\bGRIDHALL_([A-Z0-9_]+)(\*)?")
_INLINE: Final = re.compile(r"`(gridhall [^`]+)`")
_OTHERS: Final = frozenset({"realdata", "feed_token"})
"""Variables of the environment that are read elsewhere: by the tests, and by `gridhall feed publish`."""


@pytest.fixture(scope="module")
def pages(root: Path, files: tuple[Path, ...]) -> dict[Path, str]:
    return {root / path: (root / path).read_text() for path in files if path.suffix == ".md"}


def test_every_link_leads_somewhere(pages: dict[Path, str]) -> None:
    lost = [
        f"{page.name}: {target}#{anchor}"
        for page, text in pages.items()
        for target, anchor in _LINK.findall(text)
        if not _is_there((page.parent / target).resolve() if target else page, anchor)
    ]
    assert lost == []


def test_every_setting_exists(pages: dict[Path, str]) -> None:
    known = {*Settings.model_fields, *_OTHERS}
    lost = [
        f"{page.name}: {name}"
        for page, text in pages.items()
        for name, several in _SETTING.findall(text)
        if not (any(one.startswith(name.lower()) for one in known) if several else name.lower() in known)
    ]
    assert lost == []


def test_every_command_exists_with_its_options(pages: dict[Path, str]) -> None:
    command = get_command(app)
    lost = [
        f"{page.name}: {line}: {fault}"
        for page, text in pages.items()
        for line in _command_lines(text)
        for fault in _faults(command, line.replace(" | ", "|").split()[1:])
    ]
    assert lost == []


def _is_there(file: Path, anchor: str) -> bool:
    if not anchor:
        return file.exists()
    headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
    return anchor in {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def _command_lines(text: str) -> Iterator[str]:
    """Yield the commands of a page, in its blocks of code and in its sentences, without the comments behind them."""
    yield from _INLINE.findall(text)
    is_fenced = False
    for line in text.splitlines():
        is_fenced ^= line.startswith("```")
        if is_fenced or line.startswith("    "):
            commands = re.split(r" && |\bexec api |^\w+=\S+ ", line.partition("#")[0].strip())
            yield from (one for one in commands if one.startswith("gridhall "))


def _faults(command: Any, words: list[str]) -> Iterator[str]:  # noqa: ANN401 - typer has no public name for both kinds
    """Yield what of a command line is not there. `a|b` stands for either; a line may end at a group."""
    for number, word in enumerate(words):
        if not isinstance(command, TyperGroup):
            taken = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
            yield from (one for one in words[number:] if one.startswith("--") and one not in {*taken, "--help"})
            return
        if word == "--help":
            return
        unknown = [one for one in word.split("|") if one not in command.commands]
        if unknown:
            yield from unknown
            return
        command = command.commands[word.split("|")[0]]
