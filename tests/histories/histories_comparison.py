"""What a real Odoo must agree on with the oracle, step by step."""

from collections import Counter

from odoo import SUPERUSER_ID

LOTS = """
SELECT l.expires_date, l.available_date, l.inactive_months, sum(l.quantity - COALESCE(x.used, 0))::bigint
  FROM fidelity_lot l LEFT JOIN LATERAL (SELECT sum(quantity) AS used FROM fidelity_lot_allocation WHERE lot_id = l.id) x ON TRUE
 WHERE l.account_id = ANY (%s) GROUP BY 1, 2, 3 HAVING sum(l.quantity - COALESCE(x.used, 0)) <> 0
"""


class Difference(Exception):
    """Odoo and the oracle part."""


class Comparison:
    """Of :class:`histories_odoo.OdooShop`: everything that the oracle knows is looked at in the database."""

    def _compare(self, env, step):
        told = f"history {self.history.seed}, step {step['number']}: {step}"
        waiting = env["fidelity.outbox"].search([("state", "!=", "done")])
        if waiting:
            raise Difference(f"{told}: waits in the outbox: {waiting.mapped('last_error')}")
        shop = self.history.shop
        compared = set()
        for number in shop.living():
            member, account = env["fidelity.member"].browse(self.members[number]), shop.account_of(number)
            if shop.ladder and member.tier_id.sequence != shop.people[number].tier:
                raise Difference(f"{told}: member {number} is {member.tier_id.name}, the oracle {shop.people[number].tier}")
            if account not in compared:
                self._compare_account(env, told, member.holder_id.account_ids, account)
                compared.add(account)
        if step["do"] in ("sale", "give_back", "unlinked"):
            order = env["pos.order"].search([("uuid", "=", self.documents[step["number"]]["uuid"])])
            receipt = env["fidelity.receipt"]._of(order)
            wrong = set((receipt.flags or "").split(",")) & {"discount_differs", "claim_differs", "clock"}
            if len(order) != 1 or wrong:
                raise Difference(f"{told}: {len(order)} orders, {len(receipt)} receipts, flags {wrong}")

    def _compare_account(self, env, told, accounts, account):
        """Balances, what is left of the points by when they can be used, and what of them can be spent now."""
        shop = self.history.shop
        purse, balances = shop.purses[account], accounts._balances()
        held = [sum(balances[a.id] for a in accounts if a.unit == unit) for unit in ("points", "money")]
        if held != shop.accounts[account]:
            raise Difference(f"{told}: account {account} has {held}, the oracle {shop.accounts[account]}")
        points = accounts.filtered(lambda account: account.unit == "points")
        env.cr.execute(LOTS, (points.ids,))
        left, wanted = {tuple(row[:3]): int(row[3]) for row in env.cr.fetchall()}, Counter()
        for lot in purse.lots:
            wanted[lot.expires, lot.available, lot.inactive] += lot.left
        if left != +wanted:
            raise Difference(f"{told}: account {account} has lots {left}, the oracle {+wanted}")
        available = sum(count for _lot, count in purse.usable(shop.day))
        spending = points._spending().get(points.id, (0, 0, 0))
        if (spending[0], spending[2]) != (available, purse.set_aside(shop.day).total()):
            raise Difference(f"{told}: account {account} can spend and holds {spending}, the oracle {available}")

    def prove(self):
        def verify(env):
            found = env["fidelity.verification"]._verify()
            if found.state != "clean":
                raise Difference(f"history {self.history.seed}: {found.findings}")

        self.transaction(verify, SUPERUSER_ID)
