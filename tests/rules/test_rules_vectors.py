"""The kernel against the rule vectors, and its docstrings against themselves."""

import doctest
import importlib
import json

import pytest
from kernel_calls import CALLS, answer
from rule_kernel import MODULES, VECTORS
from rules.basket import Basket
from rules.errors import RuleError


def _read():
    for path in sorted(VECTORS.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        assert content["rule"] == path.stem
        for vector in content["vectors"]:
            given = dict(vector["input"])
            if isinstance(given.get("ruleset"), str):
                given["ruleset"] = content["rulesets"][given["ruleset"]]
            if isinstance(given.get("ladder"), str):
                given["ladder"] = content["ladders"][given["ladder"]]
            yield path.stem, vector, {"call": f"{path.stem}.{vector['call']}", "input": given}


ALL = list(_read())


@pytest.mark.parametrize(("rule", "vector", "case"), ALL, ids=[f"{rule}-{vector['id']}" for rule, vector, _case in ALL])
def test_vector_gives_what_it_expects(rule, vector, case):
    """Each vector gives its value, or the code of its error."""
    expected = {"error": vector["error"]} if "error" in vector else {"value": vector["expected"]}
    assert answer(case) == expected, vector["why"]


def test_vectors_are_named_once_and_explained():
    """An id names one vector of its rule, and every vector says why it is there."""
    ids = [(rule, vector["id"]) for rule, vector, _case in ALL]
    assert len(set(ids)) == len(ids)
    assert all(vector["why"] for _rule, vector, _case in ALL)


def test_vectors_call_every_public_function():
    """No function of the kernel is without a vector; line_amount is seen through those that use it."""
    called = {case["call"] for _rule, _vector, case in ALL}
    assert set(CALLS) - called == {"basket.line_amount"}


def test_basket_takes_lines_only():
    """What is no line is refused, whatever its fields."""
    with pytest.raises(RuleError) as caught:
        Basket("GBP", [{"key": "a"}], 0)
    assert caught.value.code == "type"


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_hold(name):
    """Every example in a docstring of the kernel gives what it shows."""
    result = doctest.testmod(importlib.import_module(f"rules.{name}"))
    assert result.attempted
    assert not result.failed
