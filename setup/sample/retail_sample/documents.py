"""Read the extract and decide what each line becomes.

Nothing is dropped in silence: every line of the file ends as one of OUTCOMES, and ``read`` returns how many ended as which.
The rules are stated for readers in README.md beside this package. Pure Python, no Odoo; money is whole pence.
"""

import csv
import gzip
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

EXTRACT = Path(__file__).resolve().parent.parent / "online_retail_extract.csv.gz"
POSTAGE_CODES = {"POST", "DOT", "C2"}
MANUAL_CODES = {"M"}
DISCOUNT_CODES = {"D"}
BOOKKEEPING_CODES = {"BANK CHARGES", "AMAZONFEE", "CRUK", "S", "B"}
OUTCOMES = (
    "goods sold",
    "free gift",
    "postage sold",
    "manual item sold",
    "goods returned",
    "postage returned",
    "manual item returned",
    "discount credit",
    "left out: written twice",
    "left out: stock adjustment",
    "left out: bookkeeping",
)


@dataclass(frozen=True)
class Line:
    """One line that a till posts.

    ``key`` names it for good ("574546/3": document and position in the file); ``quantity`` is in units, negative for a return;
    ``price`` is in pence per unit, VAT included.
    """

    key: str
    code: str
    description: str
    quantity: int
    price: int


@dataclass(frozen=True)
class Document:
    """One invoice or, when ``is_return``, one cancellation; ``at`` is the shop's local time; ``customer`` may be empty."""

    number: str
    at: datetime
    customer: str
    country: str
    lines: tuple[Line, ...]

    @property
    def is_return(self):
        """Say whether the document takes goods back."""
        return self.number.startswith("C")


@dataclass(frozen=True)
class Extract:
    """What the file holds: documents in time order, a count per outcome of a line, and other counts."""

    documents: tuple[Document, ...]
    outcomes: Counter
    facts: Counter


def read_rows(path=EXTRACT):
    """Return the raw rows of the extract in file order, each a dict of strings."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def pence(text):
    """Return a price in pence; raise ValueError when it has fractions of a penny."""
    value = Decimal(text) * 100
    if value != value.to_integral_value():
        raise ValueError(f"price {text} has fractions of a penny")
    return int(value)


def outcome_of(row):
    """Return the outcome of a row by its own content, duplicates aside."""
    code, quantity, price = row["StockCode"].upper(), int(row["Quantity"]), pence(row["UnitPrice"])
    is_return = row["InvoiceNo"].startswith("C")
    if code in BOOKKEEPING_CODES:
        return "left out: bookkeeping"
    if (quantity < 0) != is_return or quantity == 0 or price < 0 or (price == 0 and not row["CustomerID"]):
        return "left out: stock adjustment"
    if code in DISCOUNT_CODES:
        return "discount credit" if is_return else "left out: bookkeeping"
    kind = "postage" if code in POSTAGE_CODES else "manual item" if code in MANUAL_CODES else "goods"
    if is_return:
        return f"{kind} returned"
    return "free gift" if price == 0 else f"{kind} sold"


def usual_descriptions(rows):
    """Return code -> its most frequent description among priced lines (ties: the first in the alphabet)."""
    counts = defaultdict(Counter)
    for row in rows:
        if row["Description"].strip() and pence(row["UnitPrice"]) > 0:
            counts[row["StockCode"].upper()][row["Description"].strip()] += 1
    return {code: min(names, key=lambda name: (-names[name], name)) for code, names in counts.items()}


def read(path=EXTRACT):
    """Read the extract and apply the rules.

    :return: an Extract; a document left without lines does not appear (fact "documents left out").
    """
    rows = read_rows(path)
    descriptions = usual_descriptions(rows)
    outcomes, facts = Counter(dict.fromkeys(OUTCOMES, 0)), Counter(lines=len(rows))
    grouped = defaultdict(list)
    for row in rows:
        grouped[row["InvoiceNo"]].append(row)
    documents = []
    for number, members in grouped.items():
        lines = _lines_of(number, members, descriptions, outcomes, facts)
        facts["documents left out" if not lines else "returns" if number.startswith("C") else "sales"] += 1
        if lines:
            first = members[0]
            at = min(datetime.fromisoformat(row["InvoiceDate"]) for row in members)
            documents.append(Document(number, at, first["CustomerID"], first["Country"], tuple(lines)))
    documents.sort(key=lambda document: (document.at, document.number))
    facts["customers"] = len({document.customer for document in documents if document.customer})
    facts["documents without customer"] = sum(not document.customer for document in documents)
    facts["products"] = len({line.code for document in documents for line in document.lines})
    return Extract(tuple(documents), outcomes, facts)


def _lines_of(number, rows, descriptions, outcomes, facts):
    """Return the lines of one document that a till posts; count what became of each row."""
    lines, seen = [], set()
    for position, row in enumerate(rows, start=1):
        content = tuple(row.values())
        outcome = "left out: written twice" if content in seen else outcome_of(row)
        seen.add(content)
        outcomes[outcome] += 1
        facts["lines without customer"] += not row["CustomerID"]
        facts["lines without description"] += not row["Description"].strip()
        if outcome.startswith("left out"):
            continue
        code = row["StockCode"].upper()
        description = descriptions.get(code) or row["Description"].strip() or code
        facts["descriptions made uniform"] += description != row["Description"].strip()
        lines.append(Line(f"{number}/{position}", code, description, int(row["Quantity"]), pence(row["UnitPrice"])))
    return lines
