"""Runs random histories on a real Odoo: ``python histories_odoo.py FIRST COUNT ODOO-ARGUMENTS…``.

Each history gets a card type and five customers of its own in the database; every step is a transaction that commits, taken
by the user who would take it: a cashier at the till, a loyalty manager in the back office, the server at night. The clock of this
process is the history's. After each step every balance, every lot and every tier is compared with the oracle, after each
history the ledger is proved. Prints one line a history, JSON; ends with status 1 at the first difference.
"""

import copy
import importlib
import json
import random
import sys
import uuid
from datetime import timezone
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parent))

from histories_back_office import BackOffice
from histories_clock import Clock
from histories_comparison import Comparison, Difference
from history import COSTS, History, arguments_of
from history_rules import PRICES, ROLLING_DAYS, line_total

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

#: What the two never part in: their names for the policies and the kinds of benefits.
BENEFITS = {
    "points": lambda part: {"kind": "points", "points": part["points"], "step_amount": part["step"] / 100,
                            "minimum_receipt": part["from"] / 100},
    "cashback": lambda part: {"kind": "cashback", "percent": part["bps"] / 100, "minimum_receipt": part["from"] / 100},
    "discount": lambda part: {"kind": "discount", "percent": part["bps"] / 100, "on_discounted": part["on"]},
    "rolling": lambda part: {"kind": "rolling", "on_discounted": part["on"], "valid_days": ROLLING_DAYS, "bracket_ids": [
        (0, 0, {"from_amount": start / 100, "percent": bps / 100}) for start, bps in part["brackets"]]},
}  # fmt: skip


#: Taken by a cashier, and by the server itself.
AT_TILL = ("sale", "give_back", "unlinked", "again", "hold", "release")
JOBS = ("settle", "wait", "night")
EXPIRY = {"kind": "expiry_kind", "months": "expiry_months", "month_end": "expiry_month_end", "grace": "expiry_grace_months",
          "pending": "pending_days"}  # fmt: skip


class OdooShop(BackOffice, Comparison):
    """One history's shop in the database.

    :param registry: of the database
    :param Clock clock: of this process
    :param dict facts: of ``faults_seed``: users, tills
    :param History history: whose steps are taken
    """

    def __init__(self, registry, clock, facts, history):
        self.registry, self.clock, self.facts, self.history = registry, clock, facts, history
        self.rng = random.Random(f"keys of {history.seed}")
        self.documents = {}
        # The first moment of all belongs to the first rules.
        self.clock.turn_to(history.shop.day, -1)
        self.transaction(self._open, SUPERUSER_ID)

    def transaction(self, work, uid):
        """Do some work as a server does it for a user: again after a serialisation failure, then commit."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, uid, {"tracking_disable": True})
            return retrying(lambda: work(env), env)

    def _open(self, env):
        # As the oracle reckons: each line is rounded, where Odoo's default rounds the whole order and moves the difference.
        env["res.company"].browse(self.facts["company"]).tax_calculation_rounding_method = "round_per_line"
        # The nights of the history before may lie in days to come.
        env.cr.execute("DELETE FROM fidelity_expiry_run; DELETE FROM fidelity_tier_run")
        number = env["fidelity.card.type"].with_context(active_test=False).search_count([])
        self.card_type = (
            env["fidelity.card.type"]
            .create(
                {
                    "name": f"History {self.history.seed}",
                    "code": f"history-{self.history.seed}",
                    "number_prefix": f"0491{number:04d}",
                    "company_id": self.facts["company"],
                    "transfer_max_points": 1000,
                    "transfer_day_points": 100_000,
                    **self._ladder(),
                }
            )
            .id
        )
        prizes = [{"name": f"Prize of {cost}", "points": cost, "card_type_id": self.card_type} for cost in COSTS]
        self.prizes = dict(zip(COSTS, env["fidelity.prize"].create(prizes).ids, strict=True))
        self._publish(env, self.history.first_rules)
        people = range(len(self.history.shop.people))
        partners = env["res.partner"].create([{"name": f"Person {self.history.seed}.{number}"} for number in people])
        enrolled = {"card_type_id": self.card_type, "enrolled_date": self.clock.moment.date()}
        members = env["fidelity.member"].create([{"partner_id": partner.id, **enrolled} for partner in partners])
        cards = env["fidelity.card"].create([{"card_type_id": self.card_type, "member_id": member.id} for member in members])
        self.members, self.partners = members.ids, partners.ids
        self.cards = cards.ids
        names = [f"History {index}" for index in range(len(PRICES))]
        self.products = [env["product.product"].search([("name", "=", name)], limit=1).id for name in names]
        for index, name in enumerate(names):
            self.products[index] = self.products[index] or env["product.product"].create(
                {"name": name, "lst_price": PRICES[index] / 100, "available_in_pos": True, "taxes_id": [(5, 0)]}
            ).id  # fmt: skip

    def _ladder(self):
        """The columns of the card type that make its tiers."""
        ladder = self.history.shop.ladder
        if not ladder:
            return {}
        levels = zip(ladder["entries"], ladder["stays"], strict=True)
        tiers = [
            (0, 0, {"name": f"Tier {place}", "sequence": place, "entry_amount": entry / 100, "stay_amount": stay / 100})
            for place, (entry, stay) in enumerate(levels)
        ]
        return {"tier_measure": "spending", "tier_period": "rolling", "tier_months": ladder["months"], "tier_ids": tiers}

    def _publish(self, env, rules):
        card_type = env["fidelity.card.type"].browse(self.card_type)
        benefits = [(0, 0, BENEFITS[name](rules[name])) for name in ("points", "cashback", "discount", "rolling") if rules[name]]
        for sequence, command in enumerate(benefits):
            command[2]["sequence"] = sequence
        card_type.benefit_ids.unlink()
        expiry = {column: rules["expiry"][name] for name, column in EXPIRY.items()}
        # What does not belong to a kind of expiry stays as it is.
        expiry["expiry_months"] = expiry["expiry_months"] or 12
        card_type.write({"benefit_ids": benefits, "unlinked_return": rules["unlinked"], **expiry})
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
        now = self.clock.moment.replace(tzinfo=timezone.utc)
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

    def hold(self, env, step, member, points):
        till = env["pos.session"].browse(self.facts["tills"][0]["session"]).config_id
        number = env["fidelity.card"].sudo().browse(self.cards[member]).number
        return till.fidelity_hold(number, points, self._key(step))["status"] == "ok"

    def release(self, env, step, of):
        till = env["pos.session"].browse(self.facts["tills"][0]["session"]).config_id
        assert till.fidelity_release(self._key(of))

    # -- taking a step ---------------------------------------------------------------------------------------------

    def take(self, step):
        self.clock.turn_to(self.history.shop.day, step["number"])
        name, arguments = step["do"], arguments_of(step)
        uid = SUPERUSER_ID if name in JOBS else self.facts["users"]["cashier" if name in AT_TILL else "manager"]
        outcome = self.transaction(lambda env: getattr(self, name)(env, step["number"], **arguments), uid)
        if outcome != step["outcome"]:
            raise Difference(f"history {self.history.seed}, step {step['number']}: {step}: Odoo says {outcome}")
        self.transaction(lambda env: self._compare(env, step), SUPERUSER_ID)

    def close_down(self):
        """The nights of other histories leave this one's members alone."""
        self.transaction(lambda env: env["fidelity.card.type"].browse(self.card_type).write({"tier_measure": "hand"}), SUPERUSER_ID)


def main(first, count, facts, registry):
    """Run histories; return the status of the process."""
    # The job believes a horizon at once.
    importlib.import_module("odoo.addons.loyalty_fidelity.models.fidelity_ledger_seal").SETTLE_AFTER_SECONDS = 0
    clock = Clock()
    for seed in range(first, first + count):
        began = monotonic()
        history = History(seed)
        shop = OdooShop(registry, clock, facts, history)
        try:
            for step in history:
                shop.take(step)
            shop.prove()
            shop.close_down()
        except Difference as difference:
            print(json.dumps({"history": seed, "difference": str(difference)}), flush=True)
            return 1
        print(json.dumps({"history": seed, "steps": len(history.steps), "seconds": round(monotonic() - began, 2)}), flush=True)
    return 0


if __name__ == "__main__":
    world = json.loads(sys.stdin.read())
    config.parse_config(sys.argv[3:], setup_logging=True)
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), world, Registry(config["db_name"][0])))
