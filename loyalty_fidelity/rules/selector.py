"""Selectors: which products a benefit is for.

Decides whether a product is among those that a selector chooses.

Invariants: a selector without terms chooses every product; what an exception hits is never chosen, whatever else
chooses it; a category chooses the products of those below it, for a product names its category and all above.

Source: "Selectors" in ``docs/architecture.md``. Vectors: ``selector.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from .arithmetic import whole
from .checks import items, record, text
from .errors import RuleError
from .situation import ids

if TYPE_CHECKING:
    from .ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Product:
    """What selectors look at of a product.

    ``variant`` is its number (zero: none that is known), ``categories`` its own and all above it, ``tags`` its tags and
    ``values`` the attribute values that make the variant.

    :raises RuleError: ``type``, ``range``
    """

    variant: int
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    values: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        whole(self.variant, "variant", 0)
        for name in ("categories", "tags", "values"):
            found = tuple(whole(member, name, 1) for member in items(getattr(self, name), name))
            object.__setattr__(self, name, found)


@dataclass(frozen=True, slots=True)
class Terms:
    """Products, categories, tags and attribute values; one that fits is enough."""

    products: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    values: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """The terms that choose products, and those that except some of them again."""

    products: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    without: Terms = Terms()


_TERMS = tuple(field.name for field in fields(Terms))


def _terms(value: Mapping) -> dict[str, tuple[int, ...]]:
    return {name: ids(value[name], name) for name in _TERMS}


def parse_selectors(values: object) -> dict[str, Selector]:
    """Check the selectors of a payload.

    :param values: objects with the fields of ``Selector`` by key
    :raises RuleError: ``type``, ``missing``, ``unknown_field``, ``range``; ``order`` for numbers that do not rise

    >>> parse_selectors({"s1": {"products": [], "categories": [7], "tags": [], "values": [],
    ...     "without": {"products": [3], "categories": [], "tags": [], "values": []}}})["s1"].without.products
    (3,)
    """
    if not isinstance(values, Mapping):
        raise RuleError("type", field="selectors")
    found = {}
    for key, value in values.items():
        record(value, "selectors", (*_TERMS, "without"))
        without = Terms(**_terms(record(value["without"], "without", _TERMS)))
        # In ASCII, so that both languages sort them alike.
        if not text(key, "selectors").isascii():
            raise RuleError("range", field="selectors")
        found[key] = Selector(**_terms(value), without=without)
    return found


def _hit(terms: Selector | Terms, product: Product) -> bool:
    return (
        product.variant in terms.products
        or any(member in terms.categories for member in product.categories)
        or any(member in terms.tags for member in product.tags)
        or any(member in terms.values for member in product.values)
    )


def matches(selector: Selector, product: Product) -> bool:
    """Say whether a selector chooses a product.

    >>> wine = Selector(categories=(7,), without=Terms(products=(3,)))
    >>> [matches(wine, Product(variant, (9, 7))) for variant in (2, 3)]
    [True, False]
    """
    everything = not (selector.products or selector.categories or selector.tags or selector.values)
    return (everything or _hit(selector, product)) and not _hit(selector.without, product)


def matching(ruleset: "Ruleset", product: Product) -> tuple[str, ...]:
    """Give the keys of the selectors of a ruleset that choose a product, sorted.

    >>> from types import SimpleNamespace
    >>> selectors = {"s2": Selector(), "s1": Selector(tags=(4,))}
    >>> matching(SimpleNamespace(selectors=selectors), Product(1, tags=(4,)))
    ('s1', 's2')
    """
    return tuple(sorted(key for key, selector in ruleset.selectors.items() if matches(selector, product)))
