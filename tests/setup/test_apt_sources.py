"""The Debian mirror is read from the machine's own sources, in either format."""

import pytest
from toolbox import apt, apt_sources, paths
from toolbox.apt_sources import Source
from toolbox.console import Failure

STANZAS = """\
# a comment before the stanza
Types: deb deb-src
URIs: http://mirror.example/debian http://other.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
# a comment inside
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://vendor.example/apt
Suites: nodistro
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
"""

LINES = """\
deb cdrom:[Debian 12]/ bookworm main
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/key.gpg] http://mirror.example/debian bookworm main contrib # the mirror
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb http://mirror.example/backports bookworm-backports main
deb http://vendor.example/apt ./
"""


def test_stanzas_are_read_with_their_keys():
    sources = apt_sources.parse_stanzas(STANZAS)
    assert [source.uri for source in sources] == [
        "http://mirror.example/debian",
        "http://other.example/debian",
        "http://mirror.example/debian-security",
        "http://vendor.example/apt",
    ]
    assert sources[0].suites == ("bookworm", "bookworm-updates")
    assert sources[0].signed_by.endswith("debian-archive-keyring.gpg")
    assert "BEGIN PGP" in sources[3].signed_by


def test_lines_are_read_with_their_options():
    sources = apt_sources.parse_list(LINES)
    assert Source("http://mirror.example/debian", ("bookworm",), ("main", "contrib"), "/etc/key.gpg") in sources
    assert not [source for source in sources if "commented" in source.uri]


def test_only_debian_itself_is_a_mirror():
    mirrors = apt_sources.debian_mirrors(apt_sources.parse_list(LINES) + apt_sources.parse_stanzas(STANZAS))
    assert [mirror.uri for mirror in mirrors] == ["http://mirror.example/debian", "http://other.example/debian"]


def test_sources_of_both_formats_are_found(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://one.example/debian trixie main\n")
    (tmp_path / "sources.list.d" / "two.sources").write_text(STANZAS)
    (tmp_path / "sources.list.d" / "kept.list.save").write_text("deb http://old.example/debian trixie main\n")
    found = {source.uri for source in apt_sources.read(tmp_path)}
    assert "http://one.example/debian" in found
    assert "http://other.example/debian" in found
    assert "http://old.example/debian" not in found


def test_an_ordinary_user_is_told_the_one_command(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "is_root", lambda: False)
    monkeypatch.setattr(apt.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(Failure, match="apt-get install --no-install-recommends -y postgresql libmagic1$"):
        apt.install(["postgresql", "libmagic1"], paths.Cache(tmp_path))


def test_a_machine_without_apt_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(apt.shutil, "which", lambda name: None)
    with pytest.raises(Failure, match="has no apt-get: install the equivalents of postgresql"):
        apt.install(["postgresql"], paths.Cache(tmp_path))


def test_a_private_configuration_names_nothing_of_the_system(tmp_path):
    fetcher = apt.Fetcher(paths.Cache(tmp_path))
    options = fetcher._prepare(Source("http://m.example/debian", ("bookworm",), ("main",), "/key.gpg"), ["bookworm", "sid"])
    text = (tmp_path / "apt" / "sources" / "debian.sources").read_text()
    assert "Suites: bookworm sid" in text
    assert "Signed-By: /key.gpg" in text
    written = [word for word in options if word.startswith(("Dir::State", "Dir::Cache"))]
    assert written
    assert all(str(tmp_path) in word for word in written)
    assert "APT::Get::AllowUnauthenticated=false" in options


def test_no_mirror_ends_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(apt_sources, "read", list)
    monkeypatch.setattr(apt.shutil, "which", lambda name: name)
    with pytest.raises(Failure, match="No Debian mirror .* ODOO_HOME"):
        apt.Fetcher(paths.Cache(tmp_path)).download({"odoo-19": "sid"}, tmp_path)
