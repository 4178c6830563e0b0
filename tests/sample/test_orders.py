"""Returns are joined to purchases of the same customer, code and price, never for more than was bought."""

from collections import Counter
from datetime import date, datetime

import pytest
from retail_sample import documents, orders
from retail_sample.documents import Document, Line


def document(number, day, customer="12345", lines=()):
    """Return a document of November 2011 whose lines are (code, quantity, pence)."""
    return Document(
        number,
        datetime(2011, 11, day, 12),
        customer,
        "United Kingdom",
        tuple(Line(f"{number}/{index}", code, code, units, price) for index, (code, units, price) in enumerate(lines, 1)),
    )


def pieces(built):
    """Return the returned pieces as (order, units, origin)."""
    return [(order.key, item.line.quantity, item.origin) for order in built if order.is_return for item in order.lines]


@pytest.fixture(scope="module")
def built():
    """Return the orders of the shipped extract, once for all tests."""
    return orders.build(documents.read().documents)


def test_the_most_recent_purchase_is_undone_first():
    documents_ = [
        document("1", 1, lines=[("A", 5, 100)]),
        document("2", 2, lines=[("A", 3, 100)]),
        document("C3", 3, lines=[("A", -4, 100)]),
    ]
    assert pieces(orders.build(documents_)) == [("C3", -1, "1/1"), ("C3.1", -3, "2/1")]


def test_what_exceeds_the_purchases_stays_without_origin_in_its_own_order():
    documents_ = [document("1", 1, lines=[("A", 5, 100)]), document("C2", 2, lines=[("A", -7, 100)])]
    assert pieces(orders.build(documents_)) == [("C2", -2, None), ("C2.1", -5, "1/1")]


@pytest.mark.parametrize(
    "returned",
    [
        document("C2", 2, customer="54321", lines=[("A", -1, 100)]),
        document("C2", 2, lines=[("B", -1, 100)]),
        document("C2", 2, lines=[("A", -1, 99)]),
    ],
    ids=["other customer", "other code", "other price"],
)
def test_another_customer_code_or_price_is_not_joined(returned):
    assert pieces(orders.build([document("1", 1, lines=[("A", 5, 100)]), returned])) == [("C2", -1, None)]


def test_a_sale_without_customer_is_never_an_origin():
    documents_ = [document("1", 1, "", [("A", 5, 100)]), document("C2", 2, "", [("A", -1, 100)])]
    assert pieces(orders.build(documents_)) == [("C2", -1, None)]


def test_a_discount_credit_never_looks_for_a_purchase():
    documents_ = [document("1", 1, lines=[("D", 1, 100)]), document("C2", 2, lines=[("D", -1, 100)])]
    assert pieces(orders.build(documents_)) == [("C2", -1, None)]


def test_units_are_never_returned_twice():
    documents_ = [
        document("1", 1, lines=[("A", 5, 100)]),
        document("C2", 2, lines=[("A", -4, 100)]),
        document("C3", 3, lines=[("A", -4, 100)]),
    ]
    assert pieces(orders.build(documents_)) == [("C2", -4, "1/1"), ("C3", -3, None), ("C3.1", -1, "1/1")]


def test_the_extract_never_returns_more_than_was_sold(built):
    sold = {item.key: item.line for order in built if not order.is_return for item in order.lines}
    owner = {item.key: order for order in built for item in order.lines}
    returned = Counter()
    for order in built:
        origins = set()
        for item in order.lines:
            if item.origin:
                purchase = sold[item.origin]
                assert (purchase.code, purchase.price) == (item.line.code, item.line.price)
                assert owner[item.origin].customer == order.customer
                assert owner[item.origin].at <= order.at
                origins.add(owner[item.origin].key)
                returned[item.origin] -= item.line.quantity
        assert len(origins) <= 1
        assert not origins or all(item.origin for item in order.lines)
    assert returned
    assert all(units <= sold[key].quantity for key, units in returned.items())


def test_splitting_keeps_every_unit(built):
    documents_ = documents.read().documents
    expected = sum(line.quantity * line.price for document_ in documents_ for line in document_.lines)
    assert sum(order.total for order in built) == expected


def test_identities_are_stable_and_unique(built):
    assert len({order.uuid for order in built}) == len(built)
    lines = [item.uuid for order in built for item in order.lines]
    assert len(set(lines)) == len(lines)
    assert orders.Order("536365", datetime(2011, 11, 1), "", "", ()).uuid == "e53f2b91-65c6-50fb-8841-d58d0e275846"


def test_the_last_order_moves_to_the_day_asked_for(built):
    last = date(2026, 11, 20)
    days = orders.shift_days(built, last)
    assert max(order.at for order in built).date().toordinal() + days == last.toordinal()
