"""An existing Odoo is used only when it is there and of the right version."""

import pytest
from toolbox import odoo_source
from toolbox.console import Failure

RELEASE = "FINAL = 'final'\nversion_info = ({}, {}, 0, FINAL, 0, '')\n"


def make(folder, series):
    """Lay out a folder that looks like an Odoo of a series."""
    (folder / "odoo" / "addons").mkdir(parents=True)
    (folder / "addons").mkdir()
    (folder / "odoo" / "release.py").write_text(RELEASE.format(*series))
    return folder


def test_a_source_tree_is_used(tmp_path):
    odoo = odoo_source.existing(make(tmp_path, (19, 0)))
    assert odoo.import_path == tmp_path
    assert odoo.addons == (tmp_path / "odoo" / "addons", tmp_path / "addons")
    assert not odoo.ours


def test_a_package_prefix_is_used(tmp_path):
    inside = make(tmp_path / "usr" / "lib" / "python3" / "dist-packages", (19, 0))
    assert odoo_source.existing(tmp_path).import_path == inside


def test_no_odoo_there_ends_in_a_sentence(tmp_path):
    with pytest.raises(Failure, match="where no Odoo is: let it name an Odoo 19.0 source tree, or unset it"):
        odoo_source.existing(tmp_path)


@pytest.mark.parametrize(("series", "words"), [((18, 0), "Odoo 18.0"), ((20, 0), "Odoo 20.0")])
def test_another_version_ends_in_a_sentence(tmp_path, series, words):
    with pytest.raises(Failure, match=words):
        odoo_source.existing(make(tmp_path, series))


def test_an_interim_version_ends_in_a_sentence(tmp_path):
    with pytest.raises(Failure, match="saas~19.2"):
        odoo_source.existing(make(tmp_path, ("'saas~19'", 2)))


def test_a_release_file_that_is_no_python_has_no_series(tmp_path):
    (tmp_path / "release.py").write_text("version_info = (")
    assert odoo_source.series_of(tmp_path / "release.py") is None


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "there").touch()
    (tmp_path / "good").symlink_to("there")
    (tmp_path / "bad").symlink_to("gone")
    assert [path.name for path in odoo_source.broken_links(tmp_path)] == ["bad"]


def test_somebody_elses_odoo_is_not_completed(tmp_path):
    odoo = odoo_source.existing(make(tmp_path, (19, 0)))
    with pytest.raises(Failure, match="take it from the npm package"):
        odoo_source.complete_for_browser_tests(odoo, None)
