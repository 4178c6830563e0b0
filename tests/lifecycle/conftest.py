"""Databases in which our addons lived, live, or never were."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import lifecycle_environment as environment


@pytest.fixture(scope="module")
def never():
    """A shop that never had our addons."""
    name = environment.copy(environment.base(), "never")
    environment.in_shop(name, "fill")
    yield name
    environment.drop(name)


@pytest.fixture(scope="module")
def shop():
    """(database, ids of three sales): a shop with our addons and all that people leave behind in them."""
    name = environment.copy(environment.installed(), "shop")
    yield name, environment.in_shop(name, "fill")
    environment.drop(name)
