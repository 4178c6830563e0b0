"""Whose card is this? Card, member, customer, balance and rules among many members, for a random card each time.

ours: ``fidelity_identify``, one call. native: what Odoo's till asks after reading a loyalty card: the customer of the code, then
his card of the programme; and the customer's record in between when the till has not loaded him yet (``identify_new``).
raw: the same rows in one SQL statement.
"""

import random

import basket
import content
import harness

from odoo import SUPERUSER_ID, api

SIZES = (2_000, 1_000_000)

RAW = """
SELECT c.id, c.state, m.id, m.state, p.id, p.name, t.company_id,
       a.folded_balance + COALESCE((SELECT sum(quantity) FROM fidelity_ledger_entry e
                                     WHERE e.account_id = a.id AND e.id > a.folded_entry_id), 0)
  FROM fidelity_card c JOIN fidelity_card_type t ON t.id = c.card_type_id JOIN fidelity_member m ON m.id = c.member_id
  JOIN res_partner p ON p.id = m.partner_id JOIN fidelity_account a ON a.holder_id = m.holder_id
 WHERE c.number = %s
"""


#: What a look-up reads. Read whole once before measuring: a till's server has its cards in memory, not on a cold disk.
TABLES = {
    "ours": ("fidelity_card", "fidelity_member", "fidelity_account", "res_partner"),
    "native": ("loyalty_card", "res_partner"),
}


def read_into_memory(server, tables):
    """Have the operating system hold the tables."""
    for table in tables:
        server.query(f"SELECT count(t.*) FROM {table} t")


class Ours:
    """Our till."""

    def __init__(self, registry, size):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.config_id = env["pos.config"].search([("name", "=", "Bench till")]).id
            self.customer = content.customer(env).id
            uid = env["res.users"].search([("login", "=", content.CASHIER)]).id
        self.server = harness.Server(registry, uid)
        self.size = size
        self.random = random.Random(size)

    def prepare(self, known):
        member = self.random.randrange(self.size)
        number = basket.number("0490", member + 1)
        known_ids = [self.customer + member] if known else []

        def work():
            answer = self.server.call("pos.config", "fidelity_identify", [self.config_id], number, known_ids)
            assert answer["status"] == "ok" and answer["partner_id"] == self.customer + member, answer
            assert known or answer["partner"]["id"] == self.customer + member

        return work

    def prepare_raw(self):
        number = basket.number("0490", self.random.randrange(self.size) + 1)
        return lambda: self.server.query(RAW, [number])


class Native:
    """Odoo's own till."""

    def __init__(self, registry, size):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            config = env["pos.config"].search([("name", "=", "Bench till")])
            self.customer = content.customer(env).id
            self.programme_id = env["loyalty.program"].search([("name", "=", "Bench points")]).id
            self.partner_fields = env["res.partner"]._load_pos_data_fields(config)
            self.card_fields = env["loyalty.card"]._load_pos_data_fields(config)
            uid = env["res.users"].search([("login", "=", content.CASHIER)]).id
        self.server = harness.Server(registry, uid)
        self.size = size
        self.random = random.Random(size)
        self.first_code = self.server.query("SELECT code FROM loyalty_card WHERE partner_id = %s", [self.customer])[0][0]

    def prepare(self, known):
        member = self.random.randrange(self.size)
        code = f"044{member:012x}" if member else self.first_code
        domain = [["partner_id", "=", self.customer + member], ["program_id", "=", self.programme_id]]

        def work():
            partner_id = self.server.call("loyalty.card", "get_loyalty_card_partner_by_code", code)
            if not known:
                self.server.call("res.partner", "read", [self.customer + member], self.partner_fields, load=False)
            rows = self.server.call("loyalty.card", "search_read", domain, fields=self.card_fields, limit=1, load=False)
            assert partner_id and rows

        return work


def run(databases, registry, runs):
    """Measure; yield the results."""
    for size in SIZES:
        ours = Ours(registry(databases.sized("ours", size)), size)
        native = Native(registry(databases.sized("native", size)), size)
        read_into_memory(ours.server, TABLES["ours"])
        read_into_memory(native.server, TABLES["native"])
        for name, known in (("identify", True), ("identify_new", False)):
            ways = {
                "ours": (ours.server, lambda known=known, ours=ours: ours.prepare(known)),
                "native": (native.server, lambda known=known, native=native: native.prepare(known)),
                "raw": (ours.server, ours.prepare_raw),
            }
            yield harness.result(name, size, harness.compare(ways, 4 * runs, warm=100), 4 * runs)
