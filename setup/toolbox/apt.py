"""Debian packages: installing what the machine lacks, and downloading others without installing them."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import apt_sources, console, paths
from .console import Failure

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def _libmagic():
    folders = ("/usr/lib", "/lib", "/usr/lib64", "/usr/local/lib")
    return any(next(Path(folder).glob(pattern), None) for folder in folders for pattern in ("libmagic.so.1*", "*/libmagic.so.1*"))


def postgres_programs():
    """Return the folder of the newest PostgreSQL server programs, or None."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


#: How to see, without asking the package manager, that a package's purpose is served.
PROBES = {
    "postgresql": lambda: postgres_programs() is not None,
    "libmagic1": _libmagic,
    "chromium": lambda: any(map(shutil.which, ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable"))),
    "nodejs": lambda: shutil.which("node") is not None,
    "npm": lambda: shutil.which("npm") is not None,
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
}


def missing(names):
    """Return those packages whose purpose nothing on this machine serves."""
    return [name for name in names if not PROBES.get(name, lambda: True)()]


def install(names, cache):
    """Install packages with apt, or tell the one command that does it.

    :raise Failure: when this user may not install, or apt cannot
    """
    if not shutil.which("apt-get"):
        raise Failure(
            f"This machine has no apt-get: install the equivalents of {', '.join(names)} with its own package manager and"
            " run the command again."
        )
    command = ["apt-get", "install", "--no-install-recommends", "-y", *names]
    if not paths.is_root():
        raise Failure(
            "Some Debian packages are missing. Have this typed by root, then run the command again:\n"
            f"    apt-get update && {' '.join(command)}"
        )
    # RUNLEVEL: where no systemd runs, Debian's own PostgreSQL service is installed but not started behind our back.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with console.step(f"Installing Debian packages: {', '.join(names)}"):
        # An earlier installation may have been killed half-way.
        console.run(["dpkg", "--configure", "-a"], cache.logs / "dpkg-configure.log", env=env, check=False)
        console.run(["apt-get", "update", "-q"], cache.logs / "apt-update.log", env=env, check=False)
        console.run(
            [*command, "-q", "-o", "DPkg::Lock::Timeout=300"], cache.logs / "apt-install.log", env=env, watch=_progress, fetching=True,
            fallback="apt-get could not install the packages: see its words above, mend it, and run the command again.",
        )  # fmt: skip
    left = missing(names)
    if left:
        raise Failure(f"After installing, {', '.join(left)} still cannot be found: check PATH and the packages' state.")


def _progress(line):
    words = line.split()
    if words and (words[0].startswith("Get:") or words[0] in ("Unpacking", "Setting")):
        return " ".join(words[:4])
    return None


class Fetcher:
    """Downloads packages of any Debian suite with a private apt configuration; the system's own is only read.

    :param folder: where the private state lies
    """

    def __init__(self, cache):
        self.folder = cache.root / "apt"
        self.logs = cache.logs

    def _options(self, source_file):
        empty = self.folder / "empty"
        settings = {
            "Dir::Etc::SourceList": "/dev/null",
            "Dir::Etc::SourceParts": source_file.parent,
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": empty,
            "Dir::State": self.folder / "state",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "Dir::Cache::archives": self.folder / "cache" / "archives",
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "APT::Get::AllowUnauthenticated": "false",
            "APT::Sandbox::User": "root" if paths.is_root() else "",
        }
        return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]

    def _prepare(self, mirror, suites):
        for name in ("empty", "state", "lists/partial", "cache/archives/partial", "sources"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        key = mirror.signed_by or (str(KEYRING) if KEYRING.exists() else "")
        stanza = f"Types: deb\nURIs: {mirror.uri}\nSuites: {' '.join(suites)}\nComponents: main\n"
        source_file = self.folder / "sources" / "debian.sources"
        paths.replace_text(source_file, stanza + (f"Signed-By: {key}\n" if key else ""))
        return self._options(source_file)

    def download(self, wanted, into):
        """Download packages, checked against the suite's signed index.

        :param wanted: {package: suite}
        :param into: folder for the files; must exist
        :raise Failure: no Debian mirror, no network, or a package that the mirror does not have
        """
        if not shutil.which("apt-get"):
            raise Failure("This machine has no apt-get: name an existing Odoo 19.0 with ODOO_HOME and run the command again.")
        mirrors = apt_sources.debian_mirrors(apt_sources.read())
        if not mirrors:
            raise Failure(
                "No Debian mirror is named in this machine's apt sources: add one, or name an existing Odoo 19.0 with ODOO_HOME."
            )
        output = ""
        for mirror in mirrors:
            options = self._prepare(mirror, sorted(set(wanted.values())))
            status, output = console.run(
                ["apt-get", "update", "-q", "--error-on=any", *options], self.logs / "fetch-index.log", check=False
            )
            if status:
                continue
            names = [f"{name}/{suite}" for name, suite in wanted.items()]
            status, output = console.run(
                ["apt-get", "download", "-q", *options, *names], self.logs / "fetch.log", cwd=into, watch=_progress, check=False
            )
            if not status:
                return
        sys.stderr.write("".join(output.splitlines(keepends=True)[-15:]))
        raise Failure(
            console.explain(
                output,
                "The Debian mirror does not have the packages of Odoo 19 (see its words above): name an existing Odoo 19.0"
                " with ODOO_HOME, and run the command again.",
            )
        )


def unpack(package_file, into):
    """Unpack one package file into a prefix, without installing it."""
    done = subprocess.run(["dpkg-deb", "-x", package_file, into], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(console.explain(done.stderr, f"{package_file} cannot be unpacked: delete it and run the command again."))


def version_of(package_file):
    """Return the version that a package file carries."""
    command = ["dpkg-deb", "-f", package_file, "Version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
