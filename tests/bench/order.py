"""One paid order of five lines, as the till sends it and the server answers.

ours: with an identified member; base: the same order in the same database with the customer and no card; native: Odoo's own
loyalty as its till does it, in three calls; raw: what a posting writes, as plain SQL.
"""

import json
import random
import uuid
from datetime import datetime, timezone

import content
import fill
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
    """Sends orders of one database's open session."""

    def __init__(self, registry, native=False):
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            config = env["pos.config"].search([("name", "=", "Bench till")])
            products = env["product.product"].search([("default_code", "like", "BENCH%")], order="default_code")
            self.products = [(product.id, product.lst_price, product.taxes_id.ids) for product in products]
            self.session_id = config.current_session_id.id
            self.pricelist_id = config.pricelist_id.id
            self.method_id = config.payment_method_ids[0].id
            self.uid = env["res.users"].search([("login", "=", content.CASHIER)]).id
            self.customer = content.customer(env).id
            self.programme_id = native and env["loyalty.program"].search([("name", "=", "Bench points")]).id
            self.card = native and min(env["loyalty.card"].search([("program_id", "=", self.programme_id)]).ids)
        self.server = harness.Server(registry, self.uid)
        self.random = random.Random(7)

    def order(self, member, claim=False):
        """Make the data of one order of five lines, for customer number ``member``."""
        lines, total = [], 0.0
        for product_id, price, taxes in self.products:
            lines.append(
                [0, 0, {
                    "uuid": str(uuid.uuid4()), "product_id": product_id, "qty": 1, "price_unit": price, "discount": 0,
                    "price_subtotal": round(price / 1.2, 2), "price_subtotal_incl": price, "tax_ids": [[6, 0, taxes]],
                    "pack_lot_ids": [], "full_product_name": f"Bench product {product_id}",
                }]
            )  # fmt: skip
            total += price
        total = round(total, 2)
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        payment = {"uuid": str(uuid.uuid4()), "amount": total, "name": str(now)[:19], "payment_method_id": self.method_id}
        data = {
            "uuid": str(uuid.uuid4()), "access_token": str(uuid.uuid4()), "state": "paid", "session_id": self.session_id,
            "pricelist_id": self.pricelist_id, "user_id": self.uid, "partner_id": self.customer + member,
            "date_order": str(now)[:19], "amount_total": total, "amount_paid": total, "amount_return": 0,
            "amount_tax": round(total - total / 1.2, 2), "lines": lines, "payment_ids": [[0, 0, payment]],
            "to_invoice": False, "last_order_preparation_change": "{}", "fiscal_position_id": False,
        }  # fmt: skip
        if claim:
            data["fidelity_claim"] = json.dumps(
                {"v": 1, "card": fill.number("0490", member + 1), "entry": "scan", "screen": "product",
                 "added_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "offline": False, "points": 4, "previous_cards": []}
            )  # fmt: skip
        return data

    def prepare(self, claim=False):
        """Prepare an order of another member each time; return the function that sends it."""
        data = self.order(self.random.randrange(MEMBERS), claim)
        return lambda: self.server.call("pos.order", "sync_from_ui", [data])

    def prepare_native(self):
        """Prepare an order as the native till finishes it: check, order, confirm."""
        member = self.random.randrange(MEMBERS)
        data, card, points = self.order(member), self.card + member, 4.8
        change = {
            "points": points, "program_id": self.programme_id, "coupon_id": card, "barcode": False,
            "partner_id": self.customer + member,
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
