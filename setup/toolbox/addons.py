"""The addons of this checkout: which there are, what they depend on, and whether their files changed."""

import ast
import hashlib
import os
from pathlib import Path

from . import paths

#: Folders of an addon whose files do not change what is installed.
_UNINSTALLED = {"tests", "__pycache__", "readme"}


def manifest(folder):
    """Return an addon's manifest as a dictionary."""
    return ast.literal_eval((folder / "__manifest__.py").read_text(encoding="utf-8"))


def ours(checkout=paths.CHECKOUT):
    """Return the folders of the installable addons, by name; LOYALTY_FIDELITY_ADDONS narrows them."""
    found = {path.parent.name: path.parent for path in sorted(checkout.glob("*/__manifest__.py"))}
    chosen = os.environ.get("LOYALTY_FIDELITY_ADDONS")
    if chosen:
        found = {name: found[name] for name in chosen.split(",") if name in found}
    return {name: folder for name, folder in found.items() if manifest(folder).get("installable", True)}


def outside_depends(folders):
    """Return the sorted names of Odoo's own addons that ours depend on directly."""
    wanted = {name for folder in folders.values() for name in manifest(folder).get("depends", ["base"])}
    return sorted(wanted - set(folders))


def fingerprint(folders):
    """Return a digest of everything in the addons that an installed database depends on."""
    digest = hashlib.sha256()
    for name, folder in sorted(folders.items()):
        for path in sorted(Path(folder).rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not _UNINSTALLED & set(inside.parts):
                digest.update(f"{name}/{inside}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
