"""Where things are: the checkout, the cache outside it, and what lies in each."""

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from .console import Failure

CHECKOUT = Path(__file__).resolve().parents[2]
SETUP = CHECKOUT / "setup"


def is_root():
    return os.geteuid() == 0


def home():
    return Path(os.environ.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir)


def others_may_enter(path):
    """Say whether any user may walk down to a folder (it need not exist yet)."""
    there = (folder for folder in (path, *path.parents) if folder.exists())
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in there)


@dataclass(frozen=True)
class Cache:
    """Everything the setup makes lies under one folder outside the checkout.

    PostgreSQL refuses root, so root's cluster needs a folder that its unprivileged user may enter.
    """

    root: Path

    @property
    def logs(self):
        return self.root / "logs"

    @property
    def data(self):
        """Odoo's data folder (file stores, sessions)."""
        return self.root / "data"

    @property
    def cluster(self):
        key = hashlib.sha256(str(self.root).encode()).hexdigest()[:8]
        if is_root() and not others_may_enter(self.root):
            return Path("/var/lib/loyalty-fidelity") / key
        return self.root / "postgres"

    def make(self):
        """Create the folder.

        :raise Failure: when it cannot be made or written
        """
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self.data.mkdir(exist_ok=True)
            probe = self.root / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise Failure(
                f"The cache folder {self.root} cannot be written ({error.strerror}): make room or mend its rights, or"
                " name another folder with LOYALTY_FIDELITY_CACHE."
            ) from error


def cache():
    """Return the cache that the environment names."""
    named = os.environ.get("LOYALTY_FIDELITY_CACHE")
    if named:
        return Cache(Path(named).expanduser().absolute())
    base = os.environ.get("XDG_CACHE_HOME") or home() / ".cache"
    return Cache(Path(base) / "loyalty-fidelity")


def replace_text(path, text, mode=0o644):
    """Write a small file so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(mode)
    fresh.replace(path)
