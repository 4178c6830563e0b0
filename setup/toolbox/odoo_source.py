"""Finds an Odoo 19.0 to run with: the one that ``ODOO_HOME`` names, or Debian's package unpacked into the cache."""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from . import apt, console, paths
from .console import Failure

SERIES = (19, 0)

#: Debian's Odoo and the packages its static files are links into. Two fonts changed file names after bookworm.
PACKAGES = {
    "odoo-19": "sid",
    "fonts-montserrat": "sid",
    "fonts-ocr-b": "sid",
    "fonts-roboto-unhinted": "sid",
    "libjs-jquery": "sid",
    "libjs-jquery-form": "sid",
    "libjs-underscore": "sid",
    "fonts-font-awesome": "bookworm",
    "fonts-inconsolata": "bookworm",
}

#: Left out by Debian for licence reasons; the browser unit tests need it.
SEGMENTATION_PACKAGE = "@mediapipe/selfie_segmentation@0.1.1675465747"
SEGMENTATION_FILE = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclass(frozen=True)
class Odoo:
    """An Odoo that can be run.

    ``import_path`` goes on PYTHONPATH, ``addons`` are its addons folders, ``version`` names it in caches; ``ours`` says
    whether it lies in our cache (and may be completed) or belongs to somebody else.
    """

    import_path: Path
    addons: tuple
    version: str
    ours: bool


def series_of(release_file):
    """Return ``version_info[:2]`` of an ``odoo/release.py``, or None when it cannot be read."""
    try:
        tree = ast.parse(release_file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None
    for node in tree.body:
        names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        if "version_info" in names and isinstance(node.value, ast.Tuple):
            return tuple(item.value for item in node.value.elts[:2] if isinstance(item, ast.Constant))
    return None


def locate(folder):
    """Return the import path of the Odoo in a folder (a source tree, a prefix or a package folder), or None."""
    for inside in ("", "usr/lib/python3/dist-packages", "lib/python3/dist-packages"):
        if (folder / inside / "odoo" / "release.py").is_file():
            return folder / inside
    return None


def _describe(import_path, version, ours):
    folders = [import_path / "odoo" / "addons", import_path / "addons"]
    return Odoo(import_path, tuple(f for f in folders if f.is_dir()), version, ours)


def existing(folder):
    """Return the Odoo in a folder that the person named.

    :raise Failure: no Odoo there, or another version
    """
    import_path = locate(folder)
    if import_path is None:
        raise Failure(
            f"ODOO_HOME names {folder}, where no Odoo is: let it name an Odoo 19.0 source tree, or unset it to have one fetched."
        )
    series = series_of(import_path / "odoo" / "release.py")
    if series != SERIES:
        found = ".".join(map(str, series or ("unknown",)))
        raise Failure(
            f"ODOO_HOME names an Odoo {found}, and these addons are for 19.0: let it name an Odoo 19.0, or unset it to have"
            " one fetched."
        )
    return _describe(import_path, _name_of(import_path), ours=False)


def _name_of(import_path):
    """Return a name for somebody else's Odoo that changes when a git checkout of it moves on."""
    known = str(import_path.resolve())
    with contextlib.suppress(OSError):
        head = subprocess.run(["git", "-C", known, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
        known += head.stdout
    return "home-" + hashlib.sha256(known.encode()).hexdigest()[:12]


def broken_links(folder):
    """Return the links below a folder that lead nowhere."""
    return [path for path in folder.rglob("*") if path.is_symlink() and not path.exists()]


def _fetch(cache):
    """Download and unpack Debian's Odoo; nothing takes its final name before it is whole."""
    store, fresh = cache.root / "debs", cache.root / "debs.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with console.step("Downloading Odoo 19 (about 130 MB)"):
        apt.Fetcher(cache).download(PACKAGES, fresh)
    files = sorted(fresh.glob("*.deb"))
    version = apt.version_of(next(path for path in files if path.name.startswith("odoo-19_")))
    prefix, unpacked = cache.root / "odoo" / version, cache.root / "odoo.new"
    with console.step("Unpacking Odoo (1.1 GB)"):
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir()
        for package_file in files:
            apt.unpack(package_file, unpacked)
        if series_of(unpacked / "usr/lib/python3/dist-packages/odoo/release.py") != SERIES:
            raise Failure("The Debian mirror's odoo-19 is not Odoo 19.0: name an existing Odoo 19.0 with ODOO_HOME.")
        for link in broken_links(unpacked / "usr/lib/python3/dist-packages")[:5]:
            console.say(f"  note: {link.name} leads nowhere; an icon or font may be missing")
        prefix.parent.mkdir(exist_ok=True)
        shutil.rmtree(prefix, ignore_errors=True)
        unpacked.rename(prefix)
        shutil.rmtree(store, ignore_errors=True)
        fresh.rename(store)
    return version


def obtain(cache):
    """Return an Odoo 19.0 to run with, fetching one when there is none."""
    named = os.environ.get("ODOO_HOME")
    if named:
        return existing(Path(named).expanduser().absolute())
    pointer = cache.root / "odoo" / "current.json"
    version = json.loads(pointer.read_text())["version"] if pointer.is_file() else None
    if version is None or locate(cache.root / "odoo" / version) is None:
        version = _fetch(cache)
        paths.replace_text(pointer, json.dumps({"version": version}))
    return _describe(locate(cache.root / "odoo" / version), version, ours=True)


def complete_for_browser_tests(odoo, cache):
    """Add the one static file that Debian leaves out, taken from its npm package.

    :raise Failure: it is missing in somebody else's Odoo, or cannot be had
    """
    target = odoo.import_path / "odoo" / SEGMENTATION_FILE
    if target.exists() or (odoo.import_path / SEGMENTATION_FILE).exists():
        return
    if not odoo.ours:
        raise Failure(
            f"The Odoo that ODOO_HOME names lacks {SEGMENTATION_FILE}, which its browser tests need: take it from the npm"
            f" package {SEGMENTATION_PACKAGE}, or unset ODOO_HOME."
        )
    with console.step("Adding the file of Odoo's browser tests that Debian leaves out"):
        work = cache.root / "npm.new"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        command = ["npm", "pack", SEGMENTATION_PACKAGE, "--pack-destination", str(work)]
        console.run(command, cache.logs / "npm-pack.log", cwd=work, fetching=True)
        with tarfile.open(next(work.glob("*.tgz"))) as archive:
            content = archive.extractfile("package/selfie_segmentation.js").read()
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(target)
        shutil.rmtree(work, ignore_errors=True)
