from datetime import timedelta

from odoo import fields
from odoo.tests import Form, tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestSimulation(FidelityCase):
    """Trying a basket: what it costs, what it gives, and why not; nothing is created."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mixed = cls.make_card_type(
            name="Mixed",
            prefix="0481",
            points=0,
            publish=False,
            benefit_ids=[
                (0, 0, {"sequence": 1, "kind": "points", "points": 1, "step_amount": 10, "minimum_receipt": 20}),
                (0, 0, {"sequence": 2, "kind": "cashback", "percent": 2}),
                (0, 0, {"sequence": 3, "kind": "discount", "percent": 10, "on_discounted": "skip"}),
                (0, 0, {"sequence": 4, "kind": "amount_off", "amount": 5, "minimum_receipt": 50}),
                (
                    0,
                    0,
                    {
                        "sequence": 5,
                        "kind": "rolling",
                        "valid_days": 30,
                        "bracket_ids": [(0, 0, {"from_amount": 40, "percent": 5})],
                    },
                ),
            ],
        )

    def line(self, price, quantity=1, discount=0, name="Thing"):
        return {"name": name, "quantity": quantity, "price_unit": price, "discount": discount}

    def simulate(self, *lines, card_type=None, **values):
        return (card_type or self.mixed)._simulate(list(lines), **values)

    def reason(self, result, kind):
        return next((row["applies"], row["why"]) for row in result["benefits"] if row["kind"] == kind)

    def test_every_benefit_of_a_basket(self):
        """60.00 and 40.00 by hand discounted: 10 % off the first alone, 5.00 off both, the rest earns."""
        result = self.simulate(self.line(60), self.line(50, discount=20, name="Sale"))
        first, second = result["lines"]
        self.assertEqual((first["full_minor"], first["before_minor"], first["card_bps"]), (6000, 6000, 1000))
        self.assertEqual((second["full_minor"], second["before_minor"], second["card_bps"]), (5000, 4000, 0))
        self.assertEqual((first["off_minor"], second["off_minor"]), (287, 213))
        self.assertEqual((result["before_minor"], result["after_minor"]), (10000, 8900))
        self.assertEqual((result["points"], result["cashback_minor"], result["next_bps"]), (8, 178, 500))
        self.assertEqual(sum(line["points"] for line in result["lines"]), 8)
        self.assertTrue(all(row["applies"] for row in result["benefits"]))
        self.assertEqual(
            self.reason(result, "discount")[1], f"{self.mixed._minor_text(600)} less. Not on Sale: discounted already."
        )

    def test_reasons_why_not(self):
        """Each benefit that gives nothing says what is missing."""
        result = self.simulate(self.line(10))
        applies, why = self.reason(result, "points")
        self.assertFalse(applies)
        self.assertIn("starts at a receipt of", why)
        self.assertIn("starts at a receipt of", self.reason(result, "amount_off")[1])
        applies, why = self.reason(result, "rolling")
        self.assertFalse(applies)
        self.assertIn("that starts at", why)
        result = self.simulate(self.line(10, discount=50))
        self.assertIn("discounted already", self.reason(result, "discount")[1])
        result = self.simulate(self.line(10, quantity=-1))
        self.assertEqual(result["code"], "not_positive")
        self.assertIn("Nothing is sold", self.reason(result, "cashback")[1])

    def test_rolling_discount_of_the_last_purchase(self):
        result = self.simulate(self.line(100), rolling_bps=500)
        self.assertEqual(result["lines"][0]["discount_bps"], 1450)
        self.assertIn("off now", self.reason(result, "rolling")[1])

    def test_return_without_its_sale_takes_back(self):
        result = self.simulate(self.line(30, quantity=-1), card_type=self.card_type)
        self.assertEqual((result["after_minor"], result["points"], result["unlinked_points"]), (-3000, 0, -3))
        self.assertEqual(result["lines"][0]["kind"], "return_unlinked")

    def test_published_rules_or_those_of_a_moment(self):
        """What is edited and not published is tried apart from what is in force."""
        self.card_type.benefit_ids.points = 5
        draft = self.simulate(self.line(47), card_type=self.card_type)
        published = self.simulate(self.line(47), card_type=self.card_type, ruleset=self.card_type.ruleset_id)
        self.assertEqual((draft["points"], published["points"]), (20, 4))
        with Form(self.env["fidelity.simulation"].with_context(default_card_type_id=self.card_type.id)) as form:
            self.assertIn("20", form.result)
            form.rules_from = "moment"
            form.moment = fields.Datetime.now()
            self.assertIn("4", form.result)
            self.assertNotIn("20 ", form.result)
            form.moment = fields.Datetime.now() - timedelta(days=20000)
            self.assertIn("Nothing was published by then", form.result)
            form.rules_from = "version"
            self.assertIn("Choose a version", form.result)
            form.ruleset_id = self.card_type.ruleset_id
            self.assertNotIn("Choose a version", form.result)

    def test_result_follows_the_basket_live(self):
        """Lines, quantities, discounts, a member: the form answers before it is saved."""
        self.adjust(self.member, 10)
        form = Form(self.env["fidelity.simulation"].with_context(default_card_type_id=self.card_type.id))
        self.assertIn("Purchase", form.result)
        with form.line_ids.edit(0) as line:
            line.price_unit = 100
            line.quantity = 2
        self.assertIn("200.00", form.result)
        with form.line_ids.edit(0) as line:
            line.discount = 50
        self.assertIn("by hand", form.result)
        form.member_id = self.member
        self.assertIn("has 10, then 20", form.result)
        with form.line_ids.edit(0) as line:
            line.discount = 150
        self.assertIn("between 0 and 100", form.result)

    def test_product_brings_its_price(self):
        product = self.env["product.product"].create({"name": "Vase", "list_price": 12.0})
        form = Form(self.env["fidelity.simulation"].with_context(default_card_type_id=self.card_type.id))
        with form.line_ids.new() as line:
            line.product_id = product
            self.assertEqual((line.price_unit, line.name), (12.0, "Vase"))

    def test_settings_that_are_not_complete_say_so(self):
        self.card_type.benefit_ids.step_amount = 10
        simulation = self.env["fidelity.simulation"].create({"card_type_id": self.card_type.id, "line_ids": [(5,)]})
        self.assertIn("Add a product", simulation.result)

    def test_it_creates_nothing(self):
        """Neither ledger nor account nor receipt nor ruleset moves."""
        names = ("fidelity.ledger.entry", "fidelity.posting", "fidelity.account", "fidelity.receipt", "fidelity.ruleset")
        before = {name: self.env[name].search_count([]) for name in names}
        user = self.make_user("fid-user", "loyalty_fidelity.group_fidelity_user")
        simulation = self.env["fidelity.simulation"].with_user(user).create({"card_type_id": self.mixed.id})
        self.assertIn("47.00", simulation.result)
        self.env.flush_all()
        self.assertEqual({name: self.env[name].search_count([]) for name in names}, before)

    def test_card_type_form_leads_to_it(self):
        action = self.mixed.action_try()
        self.assertEqual((action["res_model"], action["context"]), ("fidelity.simulation", {"default_card_type_id": self.mixed.id}))

    def test_when_and_for_whom_it_is_tried(self):
        """Another hour, tier, percentage or visit: the basket says what they change, and why something does not apply."""
        gold = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.mixed.id})
        self.mixed.benefit_ids = [
            (5,),
            (0, 0, {"sequence": 1, "points_mode": "visit", "points": 5, "from_hour": 17.0, "to_hour": 19.0}),
            (0, 0, {"sequence": 2, "points_mode": "visit", "points": 7, "tier_ids": [(6, 0, gold.ids)]}),
            (0, 0, {"sequence": 3, "points_mode": "visit", "points": 9, "every_purchase": 10}),
            (0, 0, {"sequence": 4, "kind": "discount", "percent": 0, "own": True, "cap_receipt": 2.0}),
            (0, 0, {"sequence": 5, "kind": "multiplier", "factor": 2, "on_birthday": True}),
        ]
        form = Form(self.env["fidelity.simulation"].with_context(default_card_type_id=self.mixed.id))
        form.happens_at = "2026-11-25 09:00:00"
        for words in (
            "Not at this hour",
            "Not for this tier",
            "not its turn",
            "no percentage of his own",
            "days around the birthday",
        ):
            self.assertIn(words, form.result)
        form.happens_at = "2026-11-25 18:00:00"
        form.tier_id = gold
        form.nth_purchase = 20
        form.own_percent = 10
        form.on_birthday = True
        self.assertIn("42", form.result)
        self.assertIn("45.00", form.result)
        self.assertIn("It adds", form.result)
