"""What a file of the repository never says: where packages come from, and where a machine keeps things."""

import re
from pathlib import Path

# Put together here, so that this file passes its own test.
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmmirror" + ".com", "/simple" + "/")
MACHINE_PATH = re.compile(r"(?<![\w.>-])/" + "(?:work|root|home|Users|opt)" + r"/\w")


def texts(root: Path, files: tuple[Path, ...]) -> dict[Path, str]:
    return {path: (root / path).read_text(errors="replace") for path in files}


def test_no_file_names_a_package_registry(root: Path, files: tuple[Path, ...]) -> None:
    found = [(path, name) for path, text in texts(root, files).items() for name in REGISTRIES if name in text]
    assert found == []


def test_no_file_names_a_path_of_a_machine(root: Path, files: tuple[Path, ...]) -> None:
    found = {path: MACHINE_PATH.findall(text) for path, text in texts(root, files).items()}
    assert {path: paths for path, paths in found.items() if paths} == {}
