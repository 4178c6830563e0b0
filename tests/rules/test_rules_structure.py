"""What the kernel is made of: integers and the standard library, and a mirror with the same names."""

import ast
import importlib
import inspect
import re
import sys

import pytest
from kernel_calls import CALLS
from rule_kernel import KERNEL, MIRROR, MIRRORED, MODULES

PYTHON_ONLY = {"fingerprint", "symbology", "capacity", "nth_number", "serial_of", "check_scheme"}
# Plain frozen objects on the other side.
WITHOUT_CLASS = {
    "Recognition",
    "Scheme",
    "PointsBenefit",
    "CashbackBenefit",
    "DiscountBenefit",
    "AmountOffBenefit",
    "Bracket",
    "RollingBenefit",
    "Ruleset",
    "Split",
    "Base",
    "AmountEffect",
    "Outcome",
    "KeptOutcome",
    "MultiplierBenefit",
    "Terms",
    "Selector",
    "When",
    "LineDiscount",
    "Sold",
    "Earned",
    "Offer",
    "Reason",
}
# Modules and functions without calls of their own: vectors and random cases see them through those that use them.
SEEN_THROUGH = {
    "spending.left_of",
    "spending.share_off",
    "earning",
    "line_price",
    "stacking",
    "basket.keys_of",
    "evaluate.sold_lines",
}


def _own_names(name):
    module = importlib.import_module(f"rules.{name}")
    for key, member in vars(module).items():
        own = getattr(member, "__module__", None) == module.__name__
        if own and not key.startswith("_") and (inspect.isfunction(member) or inspect.isclass(member)):
            yield key, member


def _camel(name):
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


@pytest.mark.parametrize("name", [*MODULES, "__init__"])
def test_kernel_imports_only_standard_library_and_siblings(name):
    """The kernel runs without Odoo: no other import than the standard library and its own modules."""
    for node in ast.walk(ast.parse((KERNEL / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(alias.name in sys.stdlib_module_names for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1 or (node.level == 0 and node.module.split(".")[0] in sys.stdlib_module_names)


@pytest.mark.parametrize("name", MODULES)
def test_kernel_computes_with_integers_only(name):
    """No fraction, no true division, no rounding function and no clock anywhere in the kernel."""
    for node in ast.walk(ast.parse((KERNEL / f"{name}.py").read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Div)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id in {"float", "round", "datetime", "time"})


def test_mirror_has_the_same_files():
    """Every module of the kernel that a till needs has its file in the mirror, and no other."""
    assert sorted(path.stem for path in MIRROR.glob("*.js")) == MIRRORED


@pytest.mark.parametrize("name", MIRRORED)
def test_mirror_exports_the_same_names(name):
    """Functions in camel case, classes by their name; what is missing is listed here."""
    source = (MIRROR / f"{name}.js").read_text(encoding="utf-8")
    exported = set(re.findall(r"^export (?:function|class) (\w+)", source, re.MULTILINE))
    expected = {_camel(key) for key, _member in _own_names(name) if key not in PYTHON_ONLY | WITHOUT_CLASS}
    assert exported == expected


@pytest.mark.parametrize("name", MIRRORED)
def test_mirror_imports_only_its_siblings(name):
    """Relative imports alone run under Node and in Odoo's bundle."""
    source = (MIRROR / f"{name}.js").read_text(encoding="utf-8")
    imports = re.findall(r'from "([^"]+)";', source)
    assert all(re.fullmatch(r"\./\w+\.js", path) for path in imports)
    assert len(imports) == len(re.findall(r"^import ", source, re.MULTILINE))


@pytest.mark.parametrize("name", MODULES)
def test_public_function_is_explained_and_driven(name):
    """Every public function has an example, a place in the vectors' calls, and everything public a docstring."""
    for key, member in _own_names(name):
        assert member.__doc__, key
        if inspect.isfunction(member):
            assert ">>>" in member.__doc__, key
            assert f"{name}.{key}" in CALLS or name in SEEN_THROUGH or f"{name}.{key}" in SEEN_THROUGH, key
