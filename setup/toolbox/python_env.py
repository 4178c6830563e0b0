"""The Python environment: a virtual environment in the cache, filled from the pinned requirements beside this package."""

import hashlib
import shutil
import sys

from . import console, paths
from .console import Failure

OLDEST, NEWEST = (3, 10), (3, 12)

RUN = paths.SETUP / "requirements.txt"
TEST = paths.SETUP / "requirements-test.txt"


def check_version(version=None):
    """Refuse a Python for which the pinned wheels do not exist.

    :raise Failure: with the way out
    """
    version = tuple((version or sys.version_info)[:2])
    if not OLDEST <= version <= NEWEST:
        raise Failure(
            f"This is Python {version[0]}.{version[1]}; Odoo 19 with its pinned packages runs on 3.10 to 3.12: put such a"
            " python3 first on PATH (Debian 12 brings 3.11) and run the command again."
        )


def _digest(*files):
    text = b"".join(path.read_bytes() for path in files) + sys.version.encode()
    return hashlib.sha256(text).hexdigest()[:12]


def _watch(line):
    words = line.split()
    return " ".join(words[:2]) if words and words[0] in ("Collecting", "Downloading", "Installing", "Building") else None


def _install(python, requirements, cache):
    command = [
        python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:",
        "--no-binary", "ofxparse,docopt", "-r", requirements,
    ]  # fmt: skip
    console.run(
        [str(word) for word in command], cache.logs / f"pip-{requirements.stem}.log", watch=_watch, fetching=True,
        fallback="pip could not install the Python packages: see its words above, mend it, and run the command again.",
    )  # fmt: skip


def obtain(cache, tests=False):
    """Return the interpreter of the virtual environment, making what is missing.

    A stamp written last tells a whole environment from one that was interrupted.

    :param tests: also install what the tests need
    """
    check_version()
    folder = cache.root / "python" / _digest(RUN)
    python = folder / "bin" / "python"
    stamp = folder / "ready"
    if not stamp.is_file():
        with console.step("Making the Python environment"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            console.run([sys.executable, "-m", "venv", str(folder)], cache.logs / "venv.log")
            _install(python, RUN, cache)
            stamp.touch()
    test_stamp = folder / f"ready-{_digest(TEST)}"
    if tests and not test_stamp.is_file():
        with console.step("Adding the Python packages of the tests"):
            _install(python, TEST, cache)
            test_stamp.touch()
    return python
