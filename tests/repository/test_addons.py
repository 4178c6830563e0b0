"""Each addon is whole: manifest, description, packaging, and tests that are collected."""

import ast
import re

import pytest

TILL_TAG = "fidelity_till"


def _manifest(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def test_manifest_says_what_the_house_says(addon):
    manifest = _manifest(addon)
    assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", manifest["version"])
    assert manifest["license"] == "LGPL-3"
    assert manifest["author"] == "Loyalty Fidelity"
    assert manifest["summary"]


def test_files_named_by_the_manifest_exist(addon):
    manifest = _manifest(addon)
    missing = [name for key in ("data", "demo") for name in manifest.get(key, ()) if not (addon / name).is_file()]
    for entries in manifest.get("assets", {}).values():
        for entry in entries:
            path = entry[-1] if isinstance(entry, (list, tuple)) else entry
            own, _, inside = path.lstrip("/").partition("/")
            if own == addon.name and not any(addon.glob(inside)):
                missing.append(path)
    assert not missing


def test_every_view_and_data_file_is_loaded(addon):
    manifest = _manifest(addon)
    named = {*manifest.get("data", ()), *manifest.get("demo", ())}
    folders = ("data", "demo", "security", "views", "wizard", "report")
    files = {
        str(path.relative_to(addon)) for folder in folders for path in (addon / folder).glob("*") if path.suffix in (".xml", ".csv")
    }
    assert files == {name for name in named if name.split("/")[0] in folders}


@pytest.mark.parametrize("name", ["README.rst", "pyproject.toml", "static/description/icon.png"])
def test_addon_is_described_and_packaged(addon, name):
    assert (addon / name).is_file()


def test_packaging_uses_whool(addon):
    assert "whool" in (addon / "pyproject.toml").read_text()


def test_every_test_file_is_collected(addon):
    """Odoo only runs what ``tests/__init__.py`` imports."""
    files = {path.stem for path in (addon / "tests").glob("test_*.py")}
    tree = ast.parse((addon / "tests" / "__init__.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert files
    assert files <= imported


def _classes(path):
    """Return the test classes of a file with the words of their decorators."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef) and any(
            isinstance(item, ast.FunctionDef) and item.name.startswith("test") for item in node.body
        ):
            yield node.name, " ".join(ast.unparse(decorator) for decorator in node.decorator_list)


def test_browser_tests_are_where_the_suite_till_looks(addon):
    """Suite ``addons`` leaves test_tours*.py out, and suite ``till`` runs what is tagged: both must mean the same classes."""
    for path in (addon / "tests").glob("test_*.py"):
        tours = path.name.startswith("test_tours")
        for name, decorators in _classes(path):
            assert (TILL_TAG in decorators) == tours, f"{path.name}: {name}"


def test_unit_tests_of_the_browser_are_in_the_bundle(addon):
    if any((addon / "static" / "tests" / "unit").rglob("*.test.js")):
        bundle = _manifest(addon)["assets"]["web.assets_unit_tests"]
        assert any("static/tests/unit" in str(entry) for entry in bundle)


def test_index_of_tests_names_no_file_that_is_gone(addon):
    tree = ast.parse((addon / "tests" / "__init__.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not [name for name in imported if not (addon / "tests" / f"{name}.py").is_file()]
