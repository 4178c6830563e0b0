"""Make the shipped extract from the full UCI Online Retail file.

Usage: python extract.py FULL.csv[.gz|.xz] [OUTPUT.csv.gz]

The extract is made once and shipped; nothing in the project runs this again. The same input gives the same bytes. Lines are
copied as they are, dirt included: what becomes of it is decided by ``retail_sample.documents`` when the extract is read.

Source: D. Chen, S. L. Sain, K. Guo (2012), Journal of Database Marketing and Customer Strategy Management 19(3);
UCI Online Retail.
"""

import csv
import gzip
import hashlib
import io
import lzma
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

FIRST_DAY = "2011-10-24"
LAST_DAY = "2011-12-09"
MAX_LINES = 25
MAX_AMOUNT = Decimal(800)
ODD_CUSTOMERS = 140
CUSTOMERS = 330
ANONYMOUS_SALES = 30
ANONYMOUS_OTHERS = 45
ODD_CODES = {"M", "D", "C2", "POST", "DOT", "CRUK", "BANK CHARGES"}
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
DEFAULT_OUTPUT = Path(__file__).resolve().parent / "online_retail_extract.csv.gz"


def rank(text):
    """Return a stable pseudo-random sorting key for a customer or an invoice number."""
    return hashlib.sha256(f"loyalty-fidelity sample {text}".encode()).hexdigest()


def open_text(path):
    """Open a plain, gzip or xz file as UTF-8 text."""
    openers = {".gz": gzip.open, ".xz": lzma.open}
    return openers.get(path.suffix, open)(path, "rt", encoding="utf-8", newline="")


def read_window(path):
    """Return the documents of the window: number -> its lines, each a dict of COLUMNS."""
    documents = defaultdict(list)
    with open_text(path) as stream:
        for row in csv.DictReader(stream):
            if FIRST_DAY <= row["InvoiceDate"][:10] <= LAST_DAY:
                documents[row["InvoiceNo"]].append({column: row[column] for column in COLUMNS})
    return documents


def amount(lines):
    """Return the value of a document in pounds."""
    return sum(int(line["Quantity"]) * Decimal(line["UnitPrice"]) for line in lines)


def is_till_sized(lines):
    """Say whether a document could be one visit to a shop: not too many lines, not too much money."""
    return len(lines) <= MAX_LINES and abs(amount(lines)) <= MAX_AMOUNT


def is_odd(number, lines):
    """Say whether a document is a return or holds a line that is not an ordinary sale."""
    return number.startswith("C") or any(
        line["StockCode"].upper() in ODD_CODES or Decimal(line["UnitPrice"]) <= 0 for line in lines
    )


def choose_customers(documents):
    """Return the numbers of the documents of the chosen customers, all of their documents of the window.

    Customers whose every document is till-sized and who came at least twice qualify. ODD_CUSTOMERS of them return goods or have
    odd lines, the rest have nothing of the kind; within each group the choice is pseudo-random.
    """
    by_customer = defaultdict(list)
    for number, lines in documents.items():
        if lines[0]["CustomerID"]:
            by_customer[lines[0]["CustomerID"]].append(number)
    odd, plain = [], []
    for customer, numbers in sorted(by_customer.items()):
        if len(numbers) >= 2 and all(is_till_sized(documents[number]) for number in numbers):
            (odd if any(is_odd(number, documents[number]) for number in numbers) else plain).append(customer)
    chosen = sorted(odd, key=rank)[:ODD_CUSTOMERS]
    chosen += sorted(plain, key=rank)[: CUSTOMERS - len(chosen)]
    return [number for customer in chosen for number in by_customer[customer]]


def choose_anonymous(documents):
    """Return numbers of documents without customer: some sales, and some that only adjust the stock or the books."""
    sales, others = [], []
    for number, lines in documents.items():
        if not lines[0]["CustomerID"] and is_till_sized(lines):
            is_sale = not number.startswith("C") and any(
                int(line["Quantity"]) > 0 and Decimal(line["UnitPrice"]) > 0 for line in lines
            )
            (sales if is_sale else others).append(number)
    return sorted(sales, key=rank)[:ANONYMOUS_SALES] + sorted(others, key=rank)[:ANONYMOUS_OTHERS]


def write(path, rows):
    """Write the rows as gzip-compressed CSV, the same bytes each time."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())


def main(arguments):
    """Run the command; return its exit code."""
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    documents = read_window(Path(arguments[0]))
    numbers = choose_customers(documents) + choose_anonymous(documents)
    rows = [row for number in numbers for row in documents[number]]
    rows.sort(key=lambda row: (row["InvoiceDate"], row["InvoiceNo"]))
    output = Path(arguments[1]) if len(arguments) == 2 else DEFAULT_OUTPUT
    write(output, rows)
    print(f"{output.name}: {len(numbers)} documents, {len(rows)} lines, {output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
