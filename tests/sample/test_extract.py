"""The shipped extract is small, is what its README says, and every rule for dirt finds something to do."""

import re
from pathlib import Path

import pytest
from retail_sample import documents, orders

README = Path(documents.EXTRACT).parent / "README.md"
MAX_BYTES = 1_500_000
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]


@pytest.fixture(scope="module")
def extract():
    """Return the extract as read, once for all tests."""
    return documents.read()


@pytest.fixture(scope="module")
def stated():
    """Return what the tables of the README say: name -> count."""
    rows = re.findall(r"^\| ([^|]+?) \| (\d+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: int(count) for name, count in rows}


def row(**changes):
    """Return a raw line of an ordinary sale, changed as told."""
    values = ["574546", "22423", "REGENCY CAKESTAND 3 TIER", "2", "2011-11-04 14:59:00", "12.75", "13651", "United Kingdom"]
    return {**dict(zip(COLUMNS, values, strict=True)), **changes}


def test_extract_is_small_and_has_the_columns_of_the_source():
    assert documents.EXTRACT.stat().st_size < MAX_BYTES
    assert list(documents.read_rows()[0]) == COLUMNS


def test_readme_names_the_source():
    text = README.read_text(encoding="utf-8")
    assert all(word in text for word in ("Chen", "19(3)", "UCI", "CC BY 4.0"))


def test_readme_states_the_outcome_of_every_line(extract, stated):
    assert {name: stated[name] for name in documents.OUTCOMES} == dict(extract.outcomes)
    assert sum(extract.outcomes.values()) == extract.facts["lines"] == len(documents.read_rows())


def test_readme_states_the_facts(extract, stated):
    assert {name: stated[name] for name in extract.facts if name not in ("sales", "returns")} == {
        name: count for name, count in extract.facts.items() if name not in ("sales", "returns")
    }
    assert stated["returns"] == extract.facts["returns"]


def test_readme_states_the_orders(extract, stated):
    built = orders.build(extract.documents)
    returns = [order for order in built if order.is_return]
    joined = [order for order in returns if order.lines[0].origin]
    assert stated["all"] == len(built)
    assert stated["sales"] == len(built) - len(returns)
    assert stated["returns joined to a purchase"] == len(joined)
    assert stated["returns without purchase"] == len(returns) - len(joined)


@pytest.mark.parametrize("outcome", documents.OUTCOMES)
def test_every_rule_is_exercised_by_the_extract(extract, outcome):
    assert extract.outcomes[outcome] > 0


def test_every_kind_of_dirt_is_in_the_extract(extract):
    assert extract.facts["lines without customer"] > 0
    assert extract.facts["lines without description"] > 0
    assert extract.facts["documents left out"] > 0


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "goods sold"),
        ({"UnitPrice": "0.0"}, "free gift"),
        ({"UnitPrice": "0.0", "CustomerID": ""}, "left out: stock adjustment"),
        ({"Quantity": "-2"}, "left out: stock adjustment"),
        ({"Quantity": "0"}, "left out: stock adjustment"),
        ({"UnitPrice": "-11062.06"}, "left out: stock adjustment"),
        ({"InvoiceNo": "C574546", "Quantity": "-2"}, "goods returned"),
        ({"InvoiceNo": "C574546"}, "left out: stock adjustment"),
        ({"StockCode": "POST"}, "postage sold"),
        ({"StockCode": "c2"}, "postage sold"),
        ({"StockCode": "m"}, "manual item sold"),
        ({"StockCode": "M", "InvoiceNo": "C574546", "Quantity": "-1"}, "manual item returned"),
        ({"StockCode": "D", "InvoiceNo": "C574546", "Quantity": "-1"}, "discount credit"),
        ({"StockCode": "D"}, "left out: bookkeeping"),
        ({"StockCode": "BANK CHARGES"}, "left out: bookkeeping"),
    ],
)
def test_outcome_of_a_line(changes, outcome):
    assert documents.outcome_of(row(**changes)) == outcome


def test_a_price_with_fractions_of_a_penny_is_refused():
    with pytest.raises(ValueError, match="0.001"):
        documents.pence("0.001")


def test_documents_come_in_time_order(extract):
    moments = [document.at for document in extract.documents]
    assert moments == sorted(moments)
