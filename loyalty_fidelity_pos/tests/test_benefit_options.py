import json
from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.rules import situation as kernel_situation

from .till import TillCase


class OptionsCase(TillCase):
    """A card type whose benefits each test chooses, and a selection of some products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_type = cls.make_benefits("Options", "0480", [{"kind": "points", "points": 1}])
        cls.member = cls.make_member(cls.card_type, name="Marco Rossi")
        cls.card = cls.member.card_ids
        cls.lamps = cls.env["fidelity.selector"].create({"name": "Lamps", "product_ids": [(6, 0, cls.lamp.ids)]})
        cls.published = datetime(2020, 2, 1)

    def set_benefits(self, *benefits, **vals):
        self.card_type.write({"benefit_ids": [(5, 0, 0), *((0, 0, benefit) for benefit in benefits)], **vals})
        self.published += timedelta(days=1)
        self.card_type._publish(self.published)
        return self.card_type.benefit_ids.sorted("sequence")

    def goods(self, *products):
        return [{"product": product, "qty": qty} for product, qty in products]

    def assertAgrees(self, order, **expected):
        """The till gave what the server gives, nothing is flagged, and the ledger is sound."""
        receipt = self.receipt(order)
        self.assertFalse(receipt.flags)
        self.assertEqual({name: receipt[name] for name in expected}, expected)
        self.assertClean()
        return receipt


@tagged("post_install", "-at_install")
class TestSelectors(OptionsCase):
    """What a card gives for some products only, at the till, on the receipt and when goods come back."""

    def test_a_discount_on_some_products(self):
        (benefit,) = self.set_benefits({"kind": "discount", "percent": 10, "selector_id": self.lamps.id})
        order = self.ring(self.goods((self.lamp, 1), (self.mug, 1)))
        receipt = self.assertAgrees(order, discount_minor=470)
        self.assertEqual(order.lines.mapped("discount"), [10.0, 0.0])
        lamp, mug = receipt.line_ids.sorted("sequence")
        self.assertEqual((lamp.selectors, mug.selectors), (self.lamps._key(), False))
        self.assertEqual(receipt.effect_ids.benefit, benefit._key())

    def test_points_come_back_by_what_was_selected_when_it_was_sold(self):
        """The selection names other products by now; the return takes what the sale gave."""
        self.set_benefits({"points": 1, "step_amount": 1.0, "selector_id": self.lamps.id})
        order = self.ring(self.goods((self.lamp, 2), (self.mug, 1)))
        self.assertAgrees(order, points=94)
        self.lamps.product_ids = [(6, 0, self.mug.ids)]
        self.card_type._publish()
        mug, lamp = order.lines.sorted("price_unit")
        self.assertEqual(self.receipt(self.bring_back([(mug, 1)])).points, 0)
        self.assertEqual(self.receipt(self.bring_back([(lamp, 1)])).points, -47)
        self.assertEqual(self.receipt(self.bring_back([(lamp, 1)])).points, -47)
        self.assertEqual(self.member.balance, 0)
        self.assertClean()

    def test_an_amount_off_falls_on_the_selected_products(self):
        self.set_benefits({"kind": "amount_off", "amount": 5, "selector_id": self.lamps.id})
        receipt = self.assertAgrees(self.ring(self.goods((self.lamp, 1), (self.mug, 1))), discount_minor=500)
        lines = receipt.line_ids.filtered(lambda line: line.kind == "sale").sorted("sequence")
        self.assertEqual(lines.mapped("allocated_minor"), [500, 0])

    def test_categories_tags_and_attributes_hit_at_the_sale(self):
        category = self.env["product.category"].create({"name": "Lighting"})
        child = self.env["product.category"].create({"name": "Lamps", "parent_id": category.id})
        tag = self.env["product.tag"].create({"name": "Local"})
        self.lamp.categ_id = child
        self.mug.product_tag_ids = tag
        self.lamps.write({"product_ids": [(5,)], "category_ids": [(6, 0, category.ids)], "tag_ids": [(6, 0, tag.ids)]})
        self.set_benefits({"points_mode": "unit", "points": 3, "selector_id": self.lamps.id})
        self.assertAgrees(self.ring(self.goods((self.lamp, 1), (self.mug, 2), (self.taxed, 4))), points=9)

    def test_a_value_chosen_at_the_till_hits(self):
        """An attribute that makes no variant is chosen on the line."""
        attribute = self.env["product.attribute"].create(
            {"name": "Milk", "create_variant": "no_variant", "value_ids": [(0, 0, {"name": name}) for name in ("Oat", "Cow")]}
        )
        oat = attribute.value_ids[0]
        template = self.env["product.template"].create(
            {
                "name": "Coffee",
                "list_price": 3.0,
                "taxes_id": False,
                "available_in_pos": True,
                "attribute_line_ids": [(0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]})],
            }
        )
        self.lamps.write({"product_ids": [(5,)], "value_ids": [(6, 0, oat.ids)]})
        self.set_benefits({"points_mode": "unit", "points": 3, "selector_id": self.lamps.id})
        chosen = template.attribute_line_ids.product_template_value_ids
        coffee = template.product_variant_ids
        lines = [self.goods_line(coffee, 1, attribute_value_ids=[(6, 0, [value.id])]) for value in chosen]
        order = self.send(lines, self.card)
        self.assertEqual(self.receipt(order).points, 3)


@tagged("post_install", "-at_install")
class TestPointsOptions(OptionsCase):
    """Modes, conditions, multipliers and limits of points and cashback; what comes back takes back what was given."""

    def test_modes(self):
        for vals, points in (
            ({"points_mode": "proportional", "points": 3, "step_amount": 2.0}, 70),
            ({"points_mode": "visit", "points": 5}, 5),
            ({"points_mode": "unit", "points": 2}, 2),
            ({"points_mode": "step", "points": 2, "step_amount": 20.0}, 4),
        ):
            with self.subTest(vals=vals):
                self.set_benefits(vals)
                order = self.ring(self.goods((self.lamp, 1)))
                self.assertAgrees(order, points=points)
                self.assertEqual(self.receipt(self.bring_back([(order.lines, 1)])).points, -points)

    def test_the_situation_decides_and_is_stored(self):
        """In this store, on its local day, for this tier: the receipt keeps what was looked at, and a return uses it."""
        self.store.tz = "Pacific/Auckland"
        tier = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.card_type.id})
        tag = self.env["res.partner.category"].create({"name": "VIP"})
        self.member.tier_id = tier
        self.member.partner_id.category_id = tag
        self.set_benefits(
            {"points_mode": "visit", "points": 1, "store_ids": [(6, 0, self.store.ids)]},
            {"points_mode": "visit", "points": 10, "tier_ids": [(6, 0, tier.ids)]},
            {"points_mode": "visit", "points": 100, "tag_ids": [(6, 0, tag.ids)]},
            {"points_mode": "visit", "points": 1000, "store_ids": [(6, 0, self.make_store("S2").ids)]},
        )
        order = self.ring(self.goods((self.lamp, 1)))
        receipt = self.assertAgrees(order, points=111)
        situation = json.loads(receipt.situation)
        local = receipt._local(receipt.occurred_at, "Pacific/Auckland")
        self.assertEqual((situation["date"], situation["minute"]), (local.date().isoformat(), local.hour * 60 + local.minute))
        self.assertEqual((situation["store_id"], situation["tier_id"], situation["tag_ids"]), (self.store.id, tier.id, tag.ids))
        self.member.tier_id = False
        self.member.partner_id.category_id = False
        self.assertEqual(self.receipt(self.bring_back([(order.lines, 1)])).points, -111)

    def test_the_hour_is_the_stores_and_the_price_is_told_before_it_is_paid(self):
        """Told at 18:58 in Rome, paid at 19:01: the happy hour counts; told the day before, it does not."""
        self.store.tz = "Europe/Rome"
        self.set_benefits({"kind": "discount", "percent": 10, "from_hour": 17.0, "to_hour": 19.0})
        paid = (fields.Datetime.now() - timedelta(days=1)).replace(hour=17, minute=1, second=0, microsecond=0)
        if self.env["fidelity.receipt"]._local(paid, "Europe/Rome").hour == 18:
            paid = paid.replace(hour=18)
        told = paid - timedelta(minutes=3)
        happy = kernel_situation.Situation(date=paid.date().isoformat(), minute=18 * 60 + 58)
        goods = self.goods((self.lamp, 1))
        claim = self.claim(priced_at=told.strftime("%Y-%m-%dT%H:%M:%SZ"))
        order = self.ring(goods, situation=happy, date_order=paid, fidelity_claim=claim)
        self.assertAgrees(order, discount_minor=470)
        late = self.claim(priced_at=(paid - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        order = self.ring(goods, situation=happy, date_order=paid, fidelity_claim=late)
        self.assertEqual(self.receipt(order).flags, "discount_differs")
        self.assertEqual(order.amount_total, 42.3, "what was paid stands")

    def test_birthday_and_visits(self):
        today = fields.Date.context_today(self.member)
        self.member.birth_date = today.replace(year=1980, day=min(today.day, 28))
        self.set_benefits(
            {"points_mode": "visit", "points": 1, "on_birthday": True, "birthday_days": 3},
            {"points_mode": "visit", "points": 10, "first_purchase": True},
            {"points_mode": "visit", "points": 100, "every_purchase": 3},
        )
        points = [self.receipt(self.ring(self.goods((self.mug, 1)))).points for _visit in range(4)]
        self.assertEqual(points, [11, 1, 101, 1])
        receipts = self.env["fidelity.receipt"].search([("member_id", "=", self.member.id)], order="id")
        self.assertEqual(receipts.mapped("purchase_number"), [1, 2, 3, 4])

    def test_multipliers_and_limits(self):
        points, _double = self.set_benefits(
            {"points": 1, "step_amount": 10.0, "cap_points_receipt": 7, "cap_points_day": 9},
            {"kind": "multiplier", "factor": 2, "selector_id": self.lamps.id, "sequence": 20},
        )
        first = self.assertAgrees(self.ring(self.goods((self.lamp, 1))), points=7)
        self.assertEqual(first.earning_ids.mapped(lambda row: (row.benefit, row.quantity)), [(points._key(), 7)])
        self.assertEqual(self.config.fidelity_identify(self.card.number)["situation"]["used"][f"{points._key()}:day"], 7)
        self.assertAgrees(self.ring(self.goods((self.lamp, 1))), points=2)
        third = self.ring(self.goods((self.lamp, 1)))
        self.assertAgrees(third, points=0)
        self.assertEqual(self.receipt(self.bring_back([(third.lines, 1)])).points, 0)
        self.assertEqual(self.member.balance, 9)

    def test_limits_of_cashback_in_a_month(self):
        self.set_benefits({"kind": "cashback", "percent": 10, "cap_month": 6.0})
        amounts = [self.receipt(self.ring(self.goods((self.lamp, 1)))).cashback_minor for _purchase in range(3)]
        self.assertEqual(amounts, [470, 130, 0])
        self.assertClean()

    def test_a_simple_card_stores_no_situation(self):
        self.set_benefits({"points": 1})
        receipt = self.assertAgrees(self.ring(self.goods((self.lamp, 1))), points=4)
        self.assertFalse(receipt.situation)
        self.assertIsNone(self.config.fidelity_identify(self.card.number)["situation"])


@tagged("post_install", "-at_install")
class TestDiscountOptions(OptionsCase):
    """The member's own percentage, limits of discounts, cost, and which of several discounts count."""

    def give_percentage(self, percent, **vals):
        wizard = self.env["fidelity.percentage"].create(
            {"member_id": self.member.id, "percent": percent, "reason": "Friend", **vals}
        )
        wizard.action_give()

    def test_the_members_own_percentage(self):
        self.set_benefits({"kind": "discount", "percent": 5, "own": True})
        self.assertAgrees(self.ring(self.goods((self.lamp, 1))), discount_minor=235)
        self.give_percentage(10)
        order = self.ring(self.goods((self.lamp, 1)))
        self.assertAgrees(order, discount_minor=470)
        self.give_percentage(2)
        self.assertAgrees(self.ring(self.goods((self.lamp, 1))), discount_minor=235)

    def test_a_limit_turns_the_percentage_into_an_amount(self):
        """10 % of 94.00 is more than 6.00: 6.00 is taken off, shared over the lines; the day has 2.00 left."""
        (benefit,) = self.set_benefits({"kind": "discount", "percent": 10, "cap_receipt": 6.0, "cap_day": 8.0})
        order = self.ring(self.goods((self.lamp, 2)))
        receipt = self.assertAgrees(order, discount_minor=600)
        self.assertEqual(order.amount_total, 88.0)
        effect = receipt.effect_ids
        self.assertEqual((effect.kind, effect.amount_minor, bool(effect.carrier_key)), ("discount", 600, True))
        self.assertIn("by the card", effect.reason)
        self.assertEqual(
            receipt.earning_ids.mapped(lambda row: (row.benefit, row.unit, row.quantity)), [(benefit._key(), "price", 600)]
        )
        self.assertAgrees(self.ring(self.goods((self.lamp, 2))), discount_minor=200)
        self.assertAgrees(self.ring(self.goods((self.lamp, 2))), discount_minor=0)

    def test_goods_bring_their_part_of_a_limited_discount_back(self):
        self.set_benefits({"kind": "discount", "percent": 10, "cap_receipt": 6.0})
        order = self.ring(self.goods((self.lamp, 2)))
        sold = order.lines.filtered(lambda line: line.product_id == self.lamp)
        first, second = self.bring_back([(sold, 1)]), self.bring_back([(sold, 1)])
        self.assertEqual([first.amount_total, second.amount_total], [-44.0, -44.0])
        self.assertFalse(any(self.receipt(back).flags for back in (first, second)))
        self.assertClean()

    def test_the_most_on_a_product(self):
        self.set_benefits({"kind": "discount", "percent": 10, "cap_line": 3.0})
        receipt = self.assertAgrees(self.ring(self.goods((self.lamp, 1), (self.mug, 1))))
        lines = receipt.line_ids.sorted("sequence")
        self.assertLessEqual(lines[0].discount_minor, 300)
        self.assertEqual(lines[1].discount_minor, 100)

    def test_which_of_several_discounts_count(self):
        benefits = (
            {"kind": "discount", "percent": 5, "sequence": 1},
            {"kind": "amount_off", "amount": 8, "sequence": 2},
        )
        for stacking, taken in (("stack", 235 + 800), ("best", 800), ("exclusive", 235)):
            with self.subTest(stacking=stacking):
                self.set_benefits(*benefits, stacking=stacking)
                self.assertAgrees(self.ring(self.goods((self.lamp, 1))), discount_minor=taken)
