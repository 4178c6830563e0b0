"""Released versions of the addons, as they were: ``released/addons-VERSION.tar.xz``, without tests and translations.

They are kept here because a checkout need not have its history. ``python released.py keep COMMIT`` makes one from history, when
a version is about to change; a test compares them with history where that is there.
"""

import ast
import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
FOLDER = HERE / "released"

#: The commit that each kept version was made from.
COMMITS = {"19.0.1.0.0": "4840c0f"}

_LEFT_OUT = re.compile(r"/(tests|i18n|readme)/|/static/tests/")


def archive(version):
    """Return the file of a kept version."""
    return FOLDER / f"addons-{version}.tar.xz"


def unpack(version, folder):
    """Unpack a kept version; return the folder, which is an addons path."""
    with tarfile.open(archive(version)) as packed:
        for name, data in contents(packed).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


def contents(packed):
    """Return {path: bytes} of the files of an open archive that are kept."""
    files = (member for member in packed.getmembers() if member.isfile() and not _LEFT_OUT.search(member.name))
    return {member.name: packed.extractfile(member).read() for member in files}


def from_history(commit):
    """Return {path: bytes} of the addons as a commit had them, or None when the history is not here."""
    known = subprocess.run(["git", "-C", CHECKOUT, "cat-file", "-e", f"{commit}^{{commit}}"], capture_output=True, check=False)
    if known.returncode:
        return None
    listed = subprocess.run(["git", "-C", CHECKOUT, "ls-tree", "--name-only", commit], capture_output=True, check=True, text=True)
    names = [name for name in listed.stdout.split() if name.startswith("loyalty_fidelity")]
    packed = subprocess.run(["git", "-C", CHECKOUT, "archive", commit, *names], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as opened:
        return contents(opened)


def keep(commit):
    """Write the archive of a commit's addons; return its file."""
    files = from_history(commit)
    version = ast.literal_eval(files["loyalty_fidelity/__manifest__.py"].decode())["version"]
    FOLDER.mkdir(exist_ok=True)
    with tarfile.open(archive(version), "w:xz") as packed:
        for name, data in sorted(files.items()):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return archive(version)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "keep":
        sys.exit("Usage: python released.py keep COMMIT")
    print(keep(sys.argv[2]))
