"""Setting paper with typst: the folder of a template and the data that it reads become a file.

The bytes depend on these alone. A text in the data is printed literally: typst receives it as JSON.
"""

import json
import threading
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import typst

_FONT_PACKAGES: Final = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")

_of_this_thread = threading.local()


def typeset(folder: Path, *, name: str, data: object, on: date, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """Return the paper of `template.typ` in a folder, which reads `data` as JSON in `sys.inputs.<name>`.

    on: the day that the file says it was made on. A PNG has 144 dots an inch, and one page only. Safe to call from
    several threads. Raises typst.TypstError where the template refuses the data.
    """
    drawn = _compiler(folder).compile(
        format=form,
        sys_inputs={name: json.dumps(data, ensure_ascii=False)},
        timestamp=int(datetime.combine(on, time(), UTC).timestamp()),
    )
    if not isinstance(drawn, bytes):
        raise TypeError(f"typst answered with {type(drawn).__name__} instead of one file")
    return drawn


def _compiler(folder: Path) -> typst.Compiler:
    """Return this thread's compiler: one cannot be used by two threads, but keeps the parsed template warm."""
    compilers: dict[Path, typst.Compiler] = _of_this_thread.__dict__.setdefault("compilers", {})
    if folder not in compilers:
        compilers[folder] = typst.Compiler(
            folder / "template.typ", root=folder, font_paths=_fonts(), ignore_system_fonts=True
        )
    return compilers[folder]


@cache
def _fonts() -> typst.Fonts:
    """Return the two fonts of our paper, read once for all threads; the machine's own fonts are not looked at."""
    folders = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
