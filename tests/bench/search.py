"""Finding members among 2,000 and 1,000,000, as the list of members does: first page and number of all that match.

``search_card``: by the number on his card; ``search_digits``: by its last digits; ``search_name``: by his name; ``search_balance``:
with at least so many points. ours: the search of the list, count and 80 records with what the list shows. ``size`` is the number of
members.
"""

import random

import basket
import harness

from odoo import SUPERUSER_ID, api

SIZES = (2_000, 1_000_000)


class Lists:
    """The list of members of one database."""

    def __init__(self, registry, size):
        self.server = harness.Server(registry, SUPERUSER_ID)
        self.size = size
        self.random = random.Random(size)
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            arch = env["fidelity.member"].get_view(view_type="list")
            columns = arch["models"]["fidelity.member"]
            self.columns = {name: {} for name in columns if name in env["fidelity.member"]._fields}

    def page(self, domain):
        return self.server.call("fidelity.member", "web_search_read", domain, specification=self.columns, limit=80)

    def card(self):
        number = basket.number("0490", self.random.randrange(self.size) + 1)
        return lambda: self.page([("card_ids.number", "ilike", number)])

    def digits(self):
        number = basket.number("0490", self.random.randrange(self.size) + 1)[-6:]
        return lambda: self.page([("card_ids.number", "ilike", number)])

    def name(self):
        name = f"Customer {self.random.randrange(1, self.size)}"
        return lambda: self.page([("partner_id.name", "ilike", name)])

    def balance(self):
        return lambda: self.page([("balance", ">=", 100)])


def run(databases, registry, runs):
    """Measure; yield the results."""
    for size in SIZES:
        lists = Lists(registry(databases.sized("ours", size)), size)
        ways = {name: (lists.server, getattr(lists, name)) for name in ("card", "digits", "name", "balance")}
        for name, figure in harness.compare(ways, max(5, runs // 4)).items():
            yield harness.result(f"search_{name}", size, {"ours": figure}, max(5, runs // 4))
