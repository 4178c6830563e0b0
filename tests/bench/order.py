"""One paid order of five lines, as the till sends it and the server answers.

ours: with an identified member; base: the same order in the same database with the customer and no card; native: Odoo's own
loyalty as its till does it, in three calls; raw: what a posting writes, as plain SQL.
"""

import random
import uuid

import basket
import content
import harness

from odoo import SUPERUSER_ID, api

MEMBERS = 2_000

RAW = """
WITH p AS (INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, member_id, digest)
           VALUES (%(key)s, 'receipt', now(), now(), %(company)s, %(member)s, '-') RETURNING id),
     e AS (INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
           SELECT id, 1, %(account)s, 'earn', 4, now() FROM p RETURNING id, account_id, quantity)
INSERT INTO fidelity_lot (entry_id, account_id, quantity) SELECT id, account_id, quantity FROM e
"""


class Till:
    """Sends orders of one database's open session.

    :param str name: which till
    :param str products: how the references of what it sells begin
    """

    def __init__(self, registry, native=False, name="Bench till", products="BENCH", members=MEMBERS):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            config = env["pos.config"].search([("name", "=", name)])
            sold = env["product.product"].search([("default_code", "like", f"{products}%")], order="default_code")
            self.products = [(product.id, product.lst_price, product.taxes_id.ids) for product in sold]
            self.uid = env["res.users"].search([("login", "=", content.CASHIER)]).id
            self.place = {
                "session": config.current_session_id.id,
                "pricelist": config.pricelist_id.id,
                "method": config.payment_method_ids[0].id,
                "user": self.uid,
                "customer": content.customer(env).id,
            }
            self.programme_id = native and env["loyalty.program"].search([("name", "=", "Bench points")]).id
            self.card = native and min(env["loyalty.card"].search([("program_id", "=", self.programme_id)]).ids)
        self.server = harness.Server(registry, self.uid)
        self.random = random.Random(7)
        self.members = members

    def order(self, member, claim=False):
        """Make the data of one order of five lines, for customer number ``member``."""
        return basket.order(self.place, member, self.products, claim)

    def prepare(self, claim=False):
        """Prepare an order of another member each time; return the function that sends it."""
        data = self.order(self.random.randrange(self.members), claim)
        return lambda: self.server.call("pos.order", "sync_from_ui", [data])

    def prepare_native(self):
        """Prepare an order as the native till finishes it: check, order, confirm."""
        member = self.random.randrange(self.members)
        data, card, points = self.order(member), self.card + member, 4.8
        change = {
            "points": points, "program_id": self.programme_id, "coupon_id": card, "barcode": False,
            "partner_id": self.place["customer"] + member,
        }  # fmt: skip

        def work():
            self.server.call("pos.order", "validate_coupon_programs", [], {str(card): points}, [])
            answer = self.server.call("pos.order", "sync_from_ui", [data])
            order_id = answer["pos.order"][0]["id"]
            self.server.call("pos.order", "confirm_coupon_programs", [order_id], {str(card): change})

        return work


def prepare_raw(till, account, member, company):
    """Prepare what a posting writes, as one statement."""
    key = f"bench:{uuid.uuid4()}"
    values = {"key": key, "account": account, "member": member, "company": company}
    return lambda: till.server.query(RAW, values)


def run(databases, registry, runs):
    """Measure; yield the results."""
    ours = Till(registry(databases.sized("ours", MEMBERS)))
    native = Till(registry(databases.sized("native", MEMBERS)), native=True)
    account, member, company = ours.server.query(
        "SELECT a.id, m.id, t.company_id FROM fidelity_member m JOIN fidelity_account a ON a.holder_id = m.holder_id"
        " JOIN fidelity_card_type t ON t.id = m.card_type_id LIMIT 1"
    )[0]
    ways = {
        "ours": (ours.server, lambda: ours.prepare(claim=True)),
        "base": (ours.server, ours.prepare),
        "native": (native.server, native.prepare_native),
        "raw": (ours.server, lambda: prepare_raw(ours, account, member, company)),
        "native_base": (native.server, native.prepare),
    }
    figures = harness.compare(ways, runs)
    yield harness.result("order", MEMBERS, figures, runs)
    over = {"ours": figures["native"], "base": figures["native_base"]}
    yield harness.result("order_native_against_its_base", MEMBERS, over, runs)
