"""Reads the machine's own apt sources, to learn which Debian mirror it uses.

Two formats exist: one-line ``deb`` entries in ``*.list`` files and stanzas in ``*.sources`` files. Nothing is written here.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_CODENAMES = r"(buster|bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)"
_SUITE = re.compile(rf"^{_CODENAMES}(-updates)?/?$")


@dataclass(frozen=True)
class Source:
    """One repository as apt knows it: its address, its suites, and the key that signs it (may be empty)."""

    uri: str
    suites: tuple
    components: tuple
    signed_by: str = ""


def parse_list(text):
    """Return the sources of a one-line-format file."""
    sources = []
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        match = re.match(r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$", line)
        if match:
            options, uri, suite, components = match.groups()
            key = re.search(r"signed-by=(\S+)", options or "", re.IGNORECASE)
            sources.append(Source(uri, (suite,), tuple(components.split()), key.group(1) if key else ""))
    return sources


def _fields(stanza):
    """Return one stanza's fields, lower-case names; continuation lines keep their line breaks."""
    fields, name = {}, None
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace() and name:
            fields[name] += "\n" + line
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def parse_stanzas(text):
    """Return the sources of a stanza-format file."""
    sources = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        for uri in fields.get("uris", "").split():
            suites = tuple(fields.get("suites", "").split())
            components = tuple(fields.get("components", "").split())
            sources.append(Source(uri, suites, components, fields.get("signed-by", "")))
    return sources


def read(folder=Path("/etc/apt")):
    """Return every source of the machine, in apt's order."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    sources = []
    for path in files:
        if path.suffix in (".list", ".sources") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            sources += parse_list(text) if path.suffix == ".list" else parse_stanzas(text)
    return sources


def debian_mirrors(sources):
    """Return the sources that carry Debian itself, one for each address, in the machine's order.

    Security and backport archives, other vendors and discs are left out.
    """
    mirrors = {}
    for source in sources:
        plain = any(_SUITE.match(suite) for suite in source.suites)
        if plain and "main" in source.components and "security" not in source.uri and not source.uri.startswith("cdrom:"):
            mirrors.setdefault(source.uri, source)
    return list(mirrors.values())
