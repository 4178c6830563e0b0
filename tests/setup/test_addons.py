"""The addons of a checkout are found, and a change of what is installed is noticed."""

import pytest
from toolbox import addons


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a checkout with two addons and one that is not installable."""
    monkeypatch.delenv("LOYALTY_FIDELITY_ADDONS", raising=False)
    for name, manifest in {
        "one": {"depends": ["product", "mail"]},
        "two": {"depends": ["one", "point_of_sale"]},
        "old": {"depends": ["gone"], "installable": False},
    }.items():
        (tmp_path / name / "tests").mkdir(parents=True)
        (tmp_path / name / "__manifest__.py").write_text(repr(manifest))
    return tmp_path


def test_installable_addons_are_found(checkout):
    assert list(addons.ours(checkout)) == ["one", "two"]


def test_a_choice_narrows_them(checkout, monkeypatch):
    monkeypatch.setenv("LOYALTY_FIDELITY_ADDONS", "one")
    assert list(addons.ours(checkout)) == ["one"]


def test_what_they_need_of_odoo_is_known(checkout):
    assert addons.outside_depends(addons.ours(checkout)) == ["mail", "point_of_sale", "product"]


def test_a_changed_file_changes_the_fingerprint_and_a_test_does_not(checkout):
    folders = addons.ours(checkout)
    before = addons.fingerprint(folders)
    (checkout / "one" / "tests" / "test_x.py").write_text("x = 1")
    assert addons.fingerprint(folders) == before
    (checkout / "one" / "models.py").write_text("x = 1")
    assert addons.fingerprint(folders) != before
