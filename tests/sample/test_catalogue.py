"""Products have readable names, a shelf, a list price and a barcode of the chain's own."""

import doctest
from collections import Counter
from datetime import datetime

import pytest
from retail_sample import catalogue, documents, shop
from retail_sample.documents import Document, Line


@pytest.fixture(scope="module")
def products():
    """Return the products of the shipped extract, once for all tests."""
    return catalogue.build(documents.read().documents)


def sold(*lines):
    """Return one document whose lines are (code, pence)."""
    parts = tuple(Line(str(index), code, code, 1, price) for index, (code, price) in enumerate(lines))
    return [Document("1", datetime(2011, 11, 1), "12345", "United Kingdom", parts)]


def test_barcodes_are_valid_different_and_from_the_range_for_own_use(products):
    barcodes = [product.barcode for product in products if not product.is_service]
    assert len(set(barcodes)) == len(barcodes)
    for barcode in barcodes:
        assert barcode.startswith("20")
        assert len(barcode) == 13
        assert sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(barcode)) % 10 == 0


def test_services_have_no_barcode(products):
    assert {product.code for product in products if not product.barcode} == catalogue.SERVICE_CODES


def test_every_shelf_holds_something_and_none_holds_most(products):
    shelves = Counter(product.shelf for product in products)
    assert set(shelves) == set(catalogue.SHELVES)
    assert max(shelves.values()) < len(products) / 2


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
        ("CHILDREN'S APRON  DOLLY GIRL ", "Children's Apron Dolly Girl"),
        ("SET/6 COLLAGE PAPER CUPS", "Set/6 Collage Paper Cups"),
    ],
)
def test_names_are_readable(description, name):
    assert catalogue.readable(description) == name


@pytest.mark.parametrize(
    ("code", "description", "shelf"),
    [
        ("1", "CHRISTMAS LIGHTS 10 REINDEER", "Christmas"),
        ("1", "RED TOADSTOOL LED NIGHT LIGHT", "Lights"),
        ("1", "LUNCH BAG WOODLAND", "Bags"),
        ("1", "DOORMAT WELCOME PUPPIES", "Other gifts"),
        ("POST", "POSTAGE", "Services"),
    ],
)
def test_the_first_shelf_with_a_word_of_the_description_wins(code, description, shelf):
    assert catalogue.shelf_of(code, description) == shelf


def test_the_list_price_is_the_usual_price_and_a_gift_does_not_count():
    (product,) = catalogue.build(sold(("A", 0), ("A", 0), ("A", 0), ("A", 250), ("A", 199), ("A", 250)))
    assert product.price == 250


def test_a_product_given_away_only_costs_nothing():
    (product,) = catalogue.build(sold(("A", 0)))
    assert product.price == 0


def test_check_digit_of_a_published_number():
    assert catalogue.ean13("400638133393") == "4006381333931"


@pytest.mark.parametrize("module", [catalogue, shop])
def test_worked_examples_hold(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
