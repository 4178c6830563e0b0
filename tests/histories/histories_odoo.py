"""Runs random histories on a real Odoo: ``python histories_odoo.py FIRST COUNT ODOO-ARGUMENTS…``.

Each history gets a card type and five customers of its own in the database; every step is a transaction that commits, taken
by the user who would take it: a cashier at the till, a loyalty manager in the back office. After each step every balance is compared
with the oracle, after each history the ledger is proved. Prints one line a history, JSON; ends with status 1 at the first difference.
"""

import copy
import importlib
import json
import random
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from history import History
from history_rules import PRICES, line_total

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

#: What the two never part in: their names for the policies and the kinds of benefits.
BENEFITS = {
    "points": lambda part: {"kind": "points", "points": part["points"], "step_amount": part["step"] / 100,
                            "minimum_receipt": part["from"] / 100},
    "cashback": lambda part: {"kind": "cashback", "percent": part["bps"] / 100, "minimum_receipt": part["from"] / 100},
    "discount": lambda part: {"kind": "discount", "percent": part["bps"] / 100, "on_discounted": part["on"]},
    "rolling": lambda part: {"kind": "rolling", "on_discounted": part["on"], "valid_days": 60, "bracket_ids": [
        (0, 0, {"from_amount": start / 100, "percent": bps / 100}) for start, bps in part["brackets"]]},
}  # fmt: skip


class Difference(Exception):
    """Odoo and the oracle part."""


class OdooShop:
    """One history's shop in the database.

    :param registry: of the database
    :param dict facts: of ``faults_seed``: users, tills
    :param History history: whose steps are taken
    """

    def __init__(self, registry, facts, history):
        self.registry, self.facts, self.history = registry, facts, history
        self.rng = random.Random(f"keys of {history.seed}")
        self.documents = {}
        self.transaction(self._open, SUPERUSER_ID)

    def transaction(self, work, uid):
        """Do some work as a server does it for a user: again after a serialisation failure, then commit."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, uid, {"tracking_disable": True})
            return retrying(lambda: work(env), env)

    def _open(self, env):
        # As the oracle reckons: each line is rounded, where Odoo's default rounds the whole order and moves the difference.
        env["res.company"].browse(self.facts["company"]).tax_calculation_rounding_method = "round_per_line"
        number = env["fidelity.card.type"].with_context(active_test=False).search_count([])
        self.card_type = (
            env["fidelity.card.type"]
            .create(
                {
                    "name": f"History {self.history.seed}",
                    "code": f"history-{self.history.seed}",
                    "number_prefix": f"0491{number:04d}",
                    "company_id": self.facts["company"],
                }
            )
            .id
        )
        self._publish(env, self.history.first_rules)
        people = range(len(self.history.shop.people))
        partners = env["res.partner"].create([{"name": f"Person {self.history.seed}.{number}"} for number in people])
        members = env["fidelity.member"].create([{"partner_id": p.id, "card_type_id": self.card_type} for p in partners])
        cards = env["fidelity.card"].create([{"card_type_id": self.card_type, "member_id": member.id} for member in members])
        self.members, self.partners = members.ids, partners.ids
        self.cards = cards.ids
        names = [f"History {index}" for index in range(len(PRICES))]
        self.products = [env["product.product"].search([("name", "=", name)], limit=1).id for name in names]
        for index, name in enumerate(names):
            self.products[index] = self.products[index] or env["product.product"].create(
                {"name": name, "lst_price": PRICES[index] / 100, "available_in_pos": True, "taxes_id": [(5, 0)]}
            ).id  # fmt: skip

    def _publish(self, env, rules):
        card_type = env["fidelity.card.type"].browse(self.card_type)
        benefits = [(0, 0, BENEFITS[name](rules[name])) for name in ("points", "cashback", "discount", "rolling") if rules[name]]
        for sequence, command in enumerate(benefits):
            command[2]["sequence"] = sequence
        card_type.benefit_ids.unlink()
        card_type.write({"benefit_ids": benefits, "unlinked_return": rules["unlinked"]})
        wizard = env["fidelity.publication"].create({"card_type_id": card_type.id})
        wizard.action_publish()

    # -- the till --------------------------------------------------------------------------------------------------

    def _identify(self, env, member):
        till = env["pos.session"].browse(self.facts["tills"][0]["session"]).config_id
        number = env["fidelity.card"].sudo().browse(self.cards[member]).number
        return till.fidelity_identify(number), number

    def _priced(self, env, answer, lines):
        """Lines as the till prices them: the card's percentages by its loaded rules."""
        if answer["status"] != "ok" or not answer["ruleset"]:
            return [{"discount": hand / 100} for _product, _quantity, hand in lines]
        price = importlib.import_module("odoo.addons.loyalty_fidelity.rules.price")
        ruleset = env["fidelity.ruleset"]._parsed(answer["ruleset"]["id"])
        asked = [
            price.PriceLine(str(n), "sale", line_total(PRICES[product], quantity, 0), hand)
            for n, (product, quantity, hand) in enumerate(lines)
        ]
        rolling = (answer.get("rolling") or {}).get("bps")
        made = price.discounts(ruleset, asked, rolling)
        values = []
        for n, (_product, _quantity, hand) in enumerate(lines):
            given = made[str(n)]
            effect = {"v": 1, "kind": "percent", "manual_bps": hand, "card_bps": given.card_bps, "benefits": given.benefits}
            values.append(
                {"discount": given.discount_bps / 100, **({"fidelity_effect": json.dumps(effect)} if given.card_bps else {})}
            )
        return values

    def _uuid(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def _line(self, product, quantity, **values):
        total = line_total(PRICES[product], quantity, round(values.get("discount", 0) * 100)) / 100
        return {"id": self.rng.randrange(1, 10**6), "uuid": self._uuid(), "pack_lot_ids": [], "product_id": self.products[product],
                "price_unit": PRICES[product] / 100, "qty": quantity, "discount": 0, "tax_ids": [[6, 0, []]],
                "price_subtotal": total, "price_subtotal_incl": total, **values}  # fmt: skip

    def _document(self, lines, member=None, number=None, **values):
        place = self.facts["tills"][0]
        total = round(sum(line["price_subtotal_incl"] for line in lines), 2)
        now = datetime.now(timezone.utc)
        claim = {"v": 1, "card": number, "entry": "scan", "screen": "product", "offline": False,
                 "added_at": now.strftime("%Y-%m-%dT%H:%M:%SZ")}  # fmt: skip
        key = self._uuid()
        return {
            "uuid": key, "name": f"Order {key}", "state": "paid", "amount_paid": total, "amount_return": 0, "amount_tax": 0,
            "amount_total": total, "date_order": now.strftime("%Y-%m-%d %H:%M:%S"), "fiscal_position_id": False,
            "pricelist_id": place["pricelist"], "last_order_preparation_change": "{}",
            "lines": [[0, 0, line] for line in lines], "session_id": place["session"],
            "partner_id": self.partners[member] if member is not None else False,
            "payment_ids": [[0, 0, {"amount": total, "name": now.strftime("%Y-%m-%d %H:%M:%S"), "uuid": self._uuid(),
                                    "payment_method_id": place["cash"]}]],
            "user_id": self.facts["users"]["cashier"], "to_invoice": False,
            **({"fidelity_claim": json.dumps(claim)} if number else {}), **values,
        }  # fmt: skip

    def _send(self, env, step, document):
        self.documents[step] = document
        env["pos.order"].sync_from_ui([copy.deepcopy(document)])

    def sale(self, env, step, member, lines):
        answer, number = self._identify(env, member) if member is not None else ({"status": "none"}, None)
        sold = [
            self._line(product, quantity, **values)
            for (product, quantity, _hand), values in zip(lines, self._priced(env, answer, lines), strict=True)
        ]
        self._send(env, step, self._document(sold, member, number))

    def give_back(self, env, step, of, quantities, member=None, lines=()):
        back = []
        for n, quantity in quantities.items():
            sold = self._sold_line(of, int(n))
            line_id = env["pos.order.line"].search([("uuid", "=", sold["uuid"])]).id
            product = self.products.index(sold["product_id"])
            back.append(self._line(product, -quantity, discount=sold["discount"], refunded_orderline_id=line_id))
        number, fresh = None, []
        if lines:
            answer, number = self._identify(env, member)
            fresh = [
                self._line(product, quantity, **values)
                for (product, quantity, _hand), values in zip(lines, self._priced(env, answer, lines), strict=True)
            ]
        self._send(env, step, self._document([*fresh, *back], member, number, is_refund=not lines))

    def _sold_line(self, of, n):
        return self.documents[of]["lines"][n][2]

    def unlinked(self, env, step, member, product, quantity):
        _answer, number = self._identify(env, member)
        self._send(env, step, self._document([self._line(product, -quantity)], member, number))

    def again(self, env, step, of):
        env["pos.order"].sync_from_ui([copy.deepcopy(self.documents[of])])

    # -- the back office -------------------------------------------------------------------------------------------

    def replace(self, env, step, member):
        self._change_card(env, member, "replaced")
        self.cards[member] = env["fidelity.card"].browse(self.cards[member]).replaced_by_id.id

    def state(self, env, step, member, to):
        self._change_card(env, member, to)

    def _change_card(self, env, member, state):
        env["fidelity.card.state"].create({"card_ids": [(6, 0, [self.cards[member]])], "state": state}).action_apply()

    def adjust(self, env, step, member, points):
        wizard = env["fidelity.adjustment"].create({"member_id": self.members[member], "quantity": points, "reason": "History"})
        try:
            with env.cr.savepoint():
                wizard.action_post()
        except UserError:
            if points > 0:
                raise

    def close(self, env, step, member):
        env["fidelity.member"].browse(self.members[member]).action_close()

    def reopen(self, env, step, member):
        env["fidelity.member"].browse(self.members[member]).action_reopen()

    def publish(self, env, step, rules):
        self._publish(env, rules)

    def merge(self, env, step, keep, lose):
        members = [self.members[keep], self.members[lose]]
        wizard = env["fidelity.member.merge"].create({"member_ids": [(6, 0, members)], "survivor_id": members[0]})
        wizard.action_merge()

    def join(self, env, step, member, household_of):
        values = {"member_id": self.members[member], "other_id": self.members[household_of]}
        env["fidelity.household.join"].create(values).action_join()

    def leave(self, env, step, member):
        env["fidelity.household.leave"].create({"member_id": self.members[member]}).action_leave()

    def settle(self, env, step):
        env["fidelity.ledger.seal"].sudo()._cron_settle()

    # -- taking a step ---------------------------------------------------------------------------------------------

    def take(self, step):
        arguments = {name: value for name, value in step.items() if name not in ("number", "do")}
        at_till = step["do"] in ("sale", "give_back", "unlinked", "again")
        uid = self.facts["users"]["cashier" if at_till else "manager"]
        uid = SUPERUSER_ID if step["do"] == "settle" else uid
        self.transaction(lambda env: getattr(self, step["do"])(env, step["number"], **arguments), uid)
        self.transaction(lambda env: self._compare(env, step), SUPERUSER_ID)

    def _compare(self, env, step):
        told = f"history {self.history.seed}, step {step['number']}: {step}"
        waiting = env["fidelity.outbox"].search([("state", "!=", "done")])
        if waiting:
            raise Difference(f"{told}: waits in the outbox: {waiting.mapped('last_error')}")
        shop = self.history.shop
        for number in shop.living():
            accounts = env["fidelity.member"].browse(self.members[number]).holder_id.account_ids
            balances = accounts._balances()
            held = [sum(balances[a.id] for a in accounts if a.unit == unit) for unit in ("points", "money")]
            if held != shop.accounts[shop.account_of(number)]:
                raise Difference(f"{told}: member {number} has {held}, the oracle {shop.accounts[shop.account_of(number)]}")
        if step["do"] in ("sale", "give_back", "unlinked"):
            order = env["pos.order"].search([("uuid", "=", self.documents[step["number"]]["uuid"])])
            receipt = env["fidelity.receipt"]._of(order)
            wrong = set((receipt.flags or "").split(",")) & {"discount_differs", "claim_differs", "clock"}
            if len(order) != 1 or wrong:
                raise Difference(f"{told}: {len(order)} orders, {len(receipt)} receipts, flags {wrong}")

    def prove(self):
        def verify(env):
            found = env["fidelity.verification"]._verify()
            if found.state != "clean":
                raise Difference(f"history {self.history.seed}: {found.findings}")

        self.transaction(verify, SUPERUSER_ID)


def main(first, count, facts, registry):
    """Run histories; return the status of the process."""
    # The job believes a horizon at once.
    importlib.import_module("odoo.addons.loyalty_fidelity.models.fidelity_ledger_seal").SETTLE_AFTER_SECONDS = 0
    for seed in range(first, first + count):
        began = time.monotonic()
        history = History(seed)
        shop = OdooShop(registry, facts, history)
        try:
            for step in history:
                shop.take(step)
            shop.prove()
        except Difference as difference:
            print(json.dumps({"history": seed, "difference": str(difference)}), flush=True)
            return 1
        print(json.dumps({"history": seed, "steps": len(history.steps), "seconds": round(time.monotonic() - began, 2)}), flush=True)
    return 0


if __name__ == "__main__":
    world = json.loads(sys.stdin.read())
    config.parse_config(sys.argv[3:], setup_logging=True)
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), world, Registry(config["db_name"][0])))
