"""Turn documents into the orders that tills post, returns joined to the purchases they undo.

Odoo refuses an order that refunds several orders, so one cancellation may become several orders: one per purchase it undoes and
one for what has no purchase in the extract. Pure Python, no Odoo.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from .documents import DISCOUNT_CODES, Line

NAMESPACE = uuid.UUID("6f6e6c69-6e65-5f72-6574-61696c5f6c66")


def line_uuid(key):
    """Return the identity in the database of the line with that key, the same at each run."""
    return str(uuid.uuid5(NAMESPACE, f"line {key}"))


@dataclass(frozen=True)
class OrderLine:
    """One line of an order; ``origin`` is the key of the sale line that it returns, if that is known."""

    key: str
    line: Line
    origin: str | None = None

    @property
    def uuid(self):
        """Return the identity of the line in the database, the same at each run."""
        return line_uuid(self.key)


@dataclass(frozen=True)
class Order:
    """One order of a till. ``key`` is the document's number, with a suffix for the second and further parts of a return."""

    key: str
    at: datetime
    customer: str
    country: str
    lines: tuple[OrderLine, ...]

    @property
    def uuid(self):
        """Return the identity of the order in the database, the same at each run."""
        return str(uuid.uuid5(NAMESPACE, f"order {self.key}"))

    @property
    def total(self):
        """Return what is paid (negative: given back), in pence."""
        return sum(item.line.quantity * item.line.price for item in self.lines)

    @property
    def is_return(self):
        """Say whether the order takes goods back."""
        return self.key.startswith("C")


def build(documents):
    """Return the orders of the documents, in time order.

    A returned line is joined to purchases of the same customer, stock code and price made before it, the most recent first, never
    for more than is left of them. What finds no purchase stays without origin. Discount credits never look for one.

    :param documents: documents in time order, as ``documents.read`` gives them.
    """
    sold = defaultdict(list)  # (customer, code, price) -> [[sale line's key, document's number, units left]]
    orders = []
    for document in documents:
        if document.is_return:
            orders.extend(_return_orders(document, sold))
            continue
        for line in document.lines:
            if document.customer:
                sold[document.customer, line.code, line.price].append([line.key, document.number, line.quantity])
        lines = tuple(OrderLine(line.key, line) for line in document.lines)
        orders.append(Order(document.number, document.at, document.customer, document.country, lines))
    return orders


def _return_orders(document, sold):
    """Return the orders of one cancellation; take the matched units out of ``sold``."""
    parts = defaultdict(list)  # number of the purchase, or "" -> order lines
    for line in document.lines:
        left = -line.quantity
        candidates = [] if line.code in DISCOUNT_CODES else sold[document.customer, line.code, line.price]
        pieces = []
        for candidate in reversed(candidates):
            taken = min(left, candidate[2])
            if taken:
                candidate[2] -= taken
                left -= taken
                pieces.append((candidate[1], candidate[0], taken))
        if left:
            pieces.append(("", None, left))
        for index, (number, origin, units) in enumerate(pieces):
            key = line.key if not index else f"{line.key}.{index}"
            parts[number].append(OrderLine(key, replace(line, key=key, quantity=-units), origin))
    for index, number in enumerate(sorted(parts)):
        key = document.number if not index else f"{document.number}.{index}"
        yield Order(key, document.at, document.customer, document.country, tuple(parts[number]))


def shift_days(orders, last_day: date):
    """Return by how many days to move the orders so that the last one happens on ``last_day``."""
    return (last_day - max(order.at for order in orders).date()).days
