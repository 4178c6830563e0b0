"""What the checks of the repository share: its files as git knows them, and its addons."""

import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

#: Never part of the repository, whatever git is not there to say.
_LEFT_OUT = {".git", "node_modules", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}


def _files():
    """Return the repository's files: tracked ones and new ones that are not ignored."""
    command = [
        "git",
        "-c",
        f"safe.directory={CHECKOUT}",
        "-C",
        CHECKOUT,
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(CHECKOUT)) for path in CHECKOUT.rglob("*") if not _LEFT_OUT & set(path.parts)]
    return sorted(CHECKOUT / name for name in listed if name and (CHECKOUT / name).is_file())


@pytest.fixture(scope="session")
def checkout():
    return CHECKOUT


@pytest.fixture(scope="session")
def files():
    return _files()


@pytest.fixture(scope="session")
def texts(files):
    """Return {path relative to the checkout: text} of every text file."""
    found = {}
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content[:8000] and path.suffix not in (".gz", ".xz", ".png", ".jpg"):
            found[str(path.relative_to(CHECKOUT))] = content.decode("utf-8")
    return found


def pytest_generate_tests(metafunc):
    """Run a test that takes ``addon`` once for each addon's folder."""
    if "addon" in metafunc.fixturenames:
        folders = sorted(path.parent for path in CHECKOUT.glob("*/__manifest__.py"))
        metafunc.parametrize("addon", folders, ids=[folder.name for folder in folders])
