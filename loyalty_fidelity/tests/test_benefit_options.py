import json
from datetime import datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.loyalty_fidelity.rules import ruleset as kernel

from .common import FidelityCase, early_payload

#: Options of a benefit: its settings, how its sentence ends, what of the payload says it.
OPTIONS = (
    ({"points_mode": "proportional", "points": 2}, "2 points for $ 10.00, in proportion", {"mode": "proportional", "step_minor": 1000}),
    ({"points_mode": "visit", "points": 5}, "5 points for each visit", {"mode": "visit", "step_minor": 0}),
    ({"points_mode": "unit", "points": 1}, "1 point for each piece", {"mode": "unit", "step_minor": 0}),
    ({"kind": "multiplier", "factor": 2}, "Double points", {"factor_bps": 20_000}),
    ({"kind": "multiplier", "factor": 1.5, "mon": True}, "Points times 1.5 · Mondays", {"factor_bps": 15_000, "when": {"weekdays": [0]}}),
    ({"kind": "discount", "percent": 0, "own": True}, "The member's own percentage off every product", {"own": True, "percent_bps": 0}),
    (
        {"kind": "discount", "percent": 5, "own": True},
        "The member's own percentage off every product, at least 5 %",
        {"own": True, "percent_bps": 500},
    ),
    (
        {"from_hour": 17.0, "to_hour": 19.0, "fri": True, "sat": True},
        "1 point for every full $ 10.00 · Fridays and Saturdays · 17:00 to 19:00 o'clock",
        {"when": {"weekdays": [4, 5], "from_minute": 1020, "to_minute": 1139}},
    ),
    ({"from_hour": 22.0, "to_hour": 2.0}, "22:00 to 2:00 o'clock", {"when": {"from_minute": 1320, "to_minute": 119}}),
    ({"from_hour": 22.0}, "22:00 to 0:00 o'clock", {"when": {"from_minute": 1320, "to_minute": 1439}}),
    ({"to_hour": 24.0}, "1 point for every full $ 10.00", {"when": {}}),
    ({"from_date": "2026-12-01", "to_date": "2026-12-24"}, "from 12/01/2026 until 12/24/2026",
     {"when": {"from_date": "2026-12-01", "to_date": "2026-12-24"}}),
    ({"on_birthday": True, "birthday_days": 3}, "within 3 days of the birthday", {"when": {"birthday_days": 3}}),
    ({"on_birthday": True}, "on the birthday", {"when": {"birthday_days": 0}}),
    ({"first_purchase": True}, "first purchase only", {"when": {"first_purchase": True}}),
    ({"every_purchase": 10}, "once every 10 purchases", {"when": {"every_purchase": 10}}),
    ({"cap_points_receipt": 20, "cap_points_day": 50}, "at most 20 points on a receipt · at most 50 points in a day",
     {"cap_receipt": 20, "cap_day": 50, "cap_month": 0}),
    ({"kind": "cashback", "percent": 2, "cap_month": 30.0}, "at most $ 30.00 in a month", {"cap_month": 3000}),
    (
        {"kind": "discount", "percent": 10, "cap_line": 5.0, "cap_receipt": 20.0},
        "10 % off every product · at most $ 5.00 on a product · at most $ 20.00 on a receipt",
        {"cap_line_minor": 500, "cap_receipt_minor": 2000},
    ),
)  # fmt: skip

#: What is refused when it is saved, and a word of the sentence that says why.
REFUSED = (
    ({"points": 0}, "at least one point"),
    ({"points": 1_000_001}, "Points"),
    ({"kind": "multiplier", "factor": 1}, "Points times"),
    ({"kind": "multiplier", "factor": 101}, "Points times"),
    ({"kind": "discount", "percent": 0}, "percentage"),
    ({"from_date": "2026-12-24", "to_date": "2026-12-01"}, "last day"),
    ({"from_hour": 17.0, "to_hour": 17.0}, "hours are empty"),
    ({"from_hour": 25.0, "to_hour": 3.0}, "0:00 to 24:00"),
    ({"from_hour": -1.0, "to_hour": 3.0}, "0:00 to 24:00"),
    ({"on_birthday": True, "birthday_days": 200}, "birthday"),
    ({"every_purchase": 1}, "Every so many purchases"),
    ({"every_purchase": 5, "first_purchase": True}, "never meet"),
    ({"cap_points_day": -1}, "Most points a day"),
    ({"cap_points_receipt": 50, "cap_points_day": 20}, "Most points a day is less than Most points a receipt"),
    ({"kind": "cashback", "percent": 2, "cap_receipt": -1.0}, "Most on a receipt"),
    ({"kind": "discount", "percent": 2, "cap_line": 9.0, "cap_month": 5.0}, "Most in a month"),
)


@tagged("post_install", "-at_install")
class TestBenefitOptions(FidelityCase):
    """For which products, when and how much at most: told in a sentence, compiled, refused where impossible."""

    def setUp(self):
        super().setUp()
        self.env.ref("base.USD").write({"active": True, "symbol": "$", "position": "before"})
        self.card_type = self.make_card_type(name="Options", prefix="0480", points=0, currency_id=self.env.ref("base.USD").id)
        self.wine = self.env["product.product"].create({"name": "Red"})
        self.selector = self.env["fidelity.selector"].create({"name": "Wine", "product_ids": [(6, 0, self.wine.ids)]})

    def give(self, *benefits):
        self.card_type.benefit_ids = [(5, 0, 0), *((0, 0, vals) for vals in benefits)]
        return self.card_type.benefit_ids

    def plain(self, text):
        return text.replace("\N{NO-BREAK SPACE}", " ").replace("$ ", "$").replace("$", "$ ")

    def test_each_option_is_told_and_compiled(self):
        for vals, sentence, payload in OPTIONS:
            with self.subTest(vals=vals):
                benefit = self.give(vals)
                self.assertTrue(self.plain(benefit.display_name).endswith(sentence), benefit.display_name)
                compiled = benefit._rule_payload()
                self.assertEqual({name: compiled[name] for name in payload}, payload)
                kernel.parse(self.card_type._rule_payload())

    def test_impossible_options_are_refused_by_name(self):
        for vals, words in REFUSED:
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, words):
                self.give(vals)

    def test_only_some_products(self):
        benefit = self.give({"selector_id": self.selector.id, "minimum_lines": 20.0})
        self.assertEqual(self.plain(benefit.display_name), "1 point for every full $ 10.00 · for Wine · from $ 20.00 of these on")
        payload = self.card_type._rule_payload()
        key = f"s{self.selector.id}"
        self.assertEqual((payload["benefits"][0]["selector"], payload["benefits"][0]["minimum_lines_minor"]), (key, 2000))
        self.assertEqual(payload["selectors"][key]["products"], self.wine.ids)
        self.assertEqual(list(kernel.parse(json.loads(self.card_type._publish().payload)).selectors), [key])
        with self.assertRaisesRegex(ValidationError, "is used by Options"):
            self.selector.unlink()

    def test_a_selection_whose_products_are_gone_is_refused(self):
        self.wine.active = False
        with self.assertRaisesRegex(ValidationError, "all archived"):
            self.give({"selector_id": self.selector.id})

    def test_a_selection_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.selector.company_id = other
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.give({"selector_id": self.selector.id})

    def test_tiers_and_stores_of_others_are_refused(self):
        stranger = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.make_card_type("Other", "0481").id})
        with self.assertRaisesRegex(ValidationError, "tiers must be"):
            self.give({"tier_ids": [(6, 0, stranger.ids)]})
        other = self.env["res.company"].create({"name": "Elsewhere"})
        store = self.make_store("X", company_id=other.id)
        with self.assertRaisesRegex(ValidationError, "store of another company"):
            self.give({"store_ids": [(6, 0, store.ids)]})

    def test_changing_a_selection_is_a_change_to_publish(self):
        self.give({"selector_id": self.selector.id})
        self.card_type._publish()
        self.assertFalse(self.card_type.has_changes)
        self.selector.product_ids = [(4, self.env["product.product"].create({"name": "White"}).id)]
        self.card_type.invalidate_recordset(["has_changes"])
        self.assertTrue(self.card_type.has_changes)

    def test_what_an_earlier_version_published_is_no_change(self):
        """Schema 2 said the same with fewer words."""
        self.give({"kind": "discount", "percent": 5}, {"points": 2})
        older = early_payload(self.card_type._rule_payload(), 2)
        self.env["fidelity.ruleset"]._publish(self.card_type, older, "2020-02-01 00:00:00")
        self.card_type.invalidate_recordset()
        self.assertFalse(self.card_type.has_changes)
        self.card_type.benefit_ids[0].cap_receipt = 5
        self.assertTrue(self.card_type.has_changes)

    def test_the_form_is_simple_first(self):
        with Form(self.card_type) as form, form.benefit_ids.new() as benefit:
            benefit.kind = "points"
            benefit.points_mode = "visit"
            with self.assertRaises(AssertionError):
                benefit.step_amount = 5
            with self.assertRaises(AssertionError):
                benefit.cap_line = 5
            benefit.cap_points_day = 10
            self.assertIn("at most 10 points in a day", benefit.display_name)


@tagged("post_install", "-at_install")
class TestOwnPercentage(FidelityCase):
    """A member's own percentage: given by a manager with a reason, for good or until a day, with its history."""

    def give(self, percent, user=None, **vals):
        wizard = self.env["fidelity.percentage"].with_user(user or self.env.user)
        wizard.create({"member_id": self.member.id, "percent": percent, "reason": "Old friend", **vals}).action_give()

    def test_the_last_one_counts_and_all_stay(self):
        self.assertFalse(self.member.own_percentage)
        self.give(7.5)
        self.assertEqual(self.member.own_percentage, "7.5 %")
        self.give(10, until_date="2100-01-31", reason="Wedding")
        self.assertEqual(self.member.own_percentage, "10 % until 01/31/2100")
        self.give(0, reason="Moved away")
        self.assertFalse(self.member.own_percentage)
        rows = self.member.percentage_ids.sorted("id", reverse=True)
        self.assertEqual(rows.mapped("percent_bps"), [0, 1000, 750])
        self.assertEqual(set(rows.mapped("author_name")), {self.env.user.name})
        self.assertEqual(rows[1].reason, "Wedding")

    def test_nobody_changes_the_history(self):
        self.give(5)
        with self.assertRaises(AccessError):
            self.member.percentage_ids.percent_bps = 9000
        with self.assertRaises(AccessError):
            self.member.percentage_ids.unlink()

    def test_only_a_manager_gives_and_says_why(self):
        user = self.make_user("own_user", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaises(AccessError):
            self.give(5, user)
        manager = self.make_user("own_manager", "loyalty_fidelity.group_fidelity_manager")
        self.give(5, manager)
        self.assertEqual(self.member.percentage_ids.author_name, manager.name)
        for percent, vals in ((101, {}), (-1, {}), (5, {"until_date": "2001-01-01"}), (5, {"reason": " "})):
            with self.subTest(percent=percent, vals=vals), self.assertRaises(UserError):
                self.give(percent, **vals)

    def test_what_the_till_is_told(self):
        self.give(5)
        card = self.env["fidelity.card"]._identify(self.card.number)
        self.assertEqual((card["own_bps"], card["own_until"]), (500, None))
        before = self.env["fidelity.card"]._identify(self.card.number, datetime(2001, 1, 1))
        self.assertIsNone(before["own_bps"], "a late sale of before does not get it")
