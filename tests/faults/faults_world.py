"""A seeded database: orders as a till writes them, and what its ledger says."""

import json
import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import faults_environment as environment

STEP_MINOR = 1000

BALANCES = """
SELECT a.id, a.folded_balance + COALESCE((SELECT sum(e.quantity) FROM fidelity_ledger_entry e
                                           WHERE e.account_id = a.id AND e.id > a.folded_entry_id), 0),
       COALESCE((SELECT sum(e.quantity) FROM fidelity_ledger_entry e WHERE e.account_id = a.id), 0)
  FROM fidelity_account a
"""

#: The settling job believes a horizon at once.
NO_WAIT = {"constants": [["odoo.addons.loyalty_fidelity.models.fidelity_ledger_seal", "SETTLE_AFTER_SECONDS", 0]]}

SETTLED = """
SELECT (SELECT max(id) FROM fidelity_ledger_entry) <= (SELECT folded_entry_id FROM fidelity_ledger_horizon)
   AND (SELECT max(id) FROM fidelity_posting) <= (SELECT max(last_posting_id) FROM fidelity_ledger_seal)
"""


def settle(zygote, times=1):
    """Run the job that folds and seals."""
    for _again in range(times):
        zygote.call("fidelity.ledger.seal", "_cron_settle", **NO_WAIT)


def settle_all(world, zygote):
    """Run it until everything is folded and sealed; a transaction of another database may hold it up for a while."""

    def everything_is_sealed():
        settle(zygote)
        return world.value(SETTLED)

    world.until(everything_is_sealed, 60)


def at_once(*calls):
    """Run functions at the same moment, each in a thread; return their results.

    :raise Exception: the first that one of them raised
    """
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


class World:
    """A database, with the ids of what is in it.

    :ivar facts: what ``faults_seed`` printed
    """

    def __init__(self, database, facts):
        self.database = database
        self.facts = facts
        self.random = random.Random(environment.SEED)
        self._next_card = 0

    def query(self, statement, *parameters):
        return environment.query(self.database, statement, *parameters)

    def value(self, statement, *parameters):
        rows = self.query(statement, *parameters)
        return rows[0][0] if rows else None

    def card(self):
        """A card that no test used yet."""
        card = self.facts["cards"][self._next_card]
        self._next_card += 1
        return card

    # -- orders ----------------------------------------------------------------------------------------------------

    def line(self, product, quantity, **values):
        """A line as a till sends it."""
        untaxed = round(product["price"] * quantity, 2)
        return {
            "id": self.random.randrange(1, 10**6),
            "uuid": self.uuid(),
            "pack_lot_ids": [],
            "product_id": product["id"],
            "price_unit": product["price"],
            "qty": quantity,
            "discount": 0,
            "tax_ids": [[6, 0, product["taxes"]]],
            "price_subtotal": untaxed,
            "price_subtotal_incl": round(untaxed * (1 + product["percent"] / 100), 2),
            **values,
        }

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def order(self, card, lines=None, claim=True, till=0, **values):
        """A paid order as a till sends it: five lines unless told otherwise, paid in cash.

        :param card: None for a customer whom nobody knows
        :param int till: which till sells; Odoo lets the orders of one till wait for one another
        """
        place = self.facts["tills"][till]
        products = self.facts["products"]
        lines = lines or [self.line(product, self.random.randint(1, 4)) for product in products]
        total = round(sum(line["price_subtotal_incl"] for line in lines), 2)
        now = datetime.now(timezone.utc)
        evidence = {
            "v": 1, "card": card and card["number"], "entry": "scan", "screen": "product", "offline": False,
            "added_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
        key = self.uuid()
        return {
            "uuid": key,
            "name": f"Order {key}",
            "state": "paid",
            "amount_paid": total,
            "amount_return": 0,
            "amount_tax": round(total - sum(line["price_subtotal"] for line in lines), 2),
            "amount_total": total,
            "date_order": now.strftime("%Y-%m-%d %H:%M:%S"),
            "fiscal_position_id": False,
            "pricelist_id": place["pricelist"],
            "last_order_preparation_change": "{}",
            "lines": [[0, 0, line] for line in lines],
            "partner_id": bool(card) and card["partner"],
            "session_id": place["session"],
            "payment_ids": [
                [0, 0, {"amount": total, "name": now.strftime("%Y-%m-%d %H:%M:%S"), "payment_method_id": place["cash"],
                        "uuid": self.uuid()}]
            ],
            "user_id": self.facts["users"]["cashier"],
            "to_invoice": False,
            **({"fidelity_claim": json.dumps(evidence)} if card and claim else {}),
            **values,
        }  # fmt: skip

    def return_of(self, order, card, quantities, till=0):
        """A return of some of an order's goods.

        :param dict quantities: number of the line → quantity given back, positive
        """
        lines = []
        for number, quantity in quantities.items():
            sold = order["lines"][number][2]
            product = next(p for p in self.facts["products"] if p["id"] == sold["product_id"])
            line_id = self.value("SELECT id FROM pos_order_line WHERE uuid = %s", sold["uuid"])
            lines.append(self.line(product, -quantity, refunded_orderline_id=line_id))
        return self.order(card, lines, claim=False, till=till, is_refund=True)

    @staticmethod
    def points(*orders):
        """What the rules give for orders of sale lines: one point per full 10."""
        return sum(round(order["amount_total"] * 100) // STEP_MINOR for order in orders)

    # -- what the ledger says --------------------------------------------------------------------------------------

    def balance(self, card):
        """The balance of a card's member, proved from its entries."""
        rows = self.query(f"{BALANCES} JOIN fidelity_member m ON m.holder_id = a.holder_id WHERE m.id = %s", card["member"])
        assert len(rows) == 1, f"member {card['member']} has {len(rows)} accounts"
        _account, balance, proved = rows[0]
        assert balance == proved, f"the balance {balance} is not the sum of its entries {proved}"
        return int(balance)

    def counts(self, order):
        """(orders, postings, receipts, entries) of one order's uuid."""
        return self.query(
            """
            SELECT (SELECT count(*) FROM pos_order WHERE uuid = %(u)s),
                   (SELECT count(*) FROM fidelity_posting WHERE op_key = 'pos.order:' || %(u)s),
                   (SELECT count(*) FROM fidelity_receipt r JOIN pos_order o ON r.source_id = o.id WHERE o.uuid = %(u)s),
                   (SELECT count(*) FROM fidelity_ledger_entry e JOIN fidelity_posting p ON p.id = e.posting_id
                     WHERE p.op_key = 'pos.order:' || %(u)s)
            """.replace("%(u)s", f"'{uuid.UUID(order['uuid'])}'")
        )[0]

    def waiting(self):
        """Rows of the outbox that are not posted: (op_key, error)."""
        return self.query("SELECT op_key, last_error FROM fidelity_outbox WHERE state <> 'done' ORDER BY id")

    def make_due(self):
        """Let the outbox try at once what waits for its next time."""
        self.query("UPDATE fidelity_outbox SET next_try_at = now() AT TIME ZONE 'UTC' - interval '1 second' WHERE state <> 'done'")

    def settle_outbox(self, zygote):
        """Run the outbox job until nothing waits, as its schedule would."""
        for _again in range(5):
            if not self.waiting():
                return
            self.make_due()
            zygote.call("fidelity.outbox", "_cron_post")
        raise AssertionError(f"still waiting: {self.waiting()}")

    def until(self, condition, seconds=30):
        """Wait until a condition holds.

        :raise AssertionError: it does not
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {condition.__doc__ or condition.__name__}")
            time.sleep(0.05)

    def assert_clean(self, zygote):
        """Prove the ledger."""
        row = zygote.call("fidelity.verification", "_verify")[0]
        assert row["state"] == "clean", row["findings"]
