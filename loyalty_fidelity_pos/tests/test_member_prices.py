import json

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .till import TillCase


@tagged("post_install", "-at_install")
class TestMemberPrices(TillCase):
    """Prices of members: computed anew by the server, what they saved on the receipt, what differs told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prices = cls.env["product.pricelist"].create(
            {
                "name": "Members",
                "currency_id": cls.card_type.currency_id.id,
                "item_ids": [
                    Command.create(
                        {"applied_on": "1_product", "product_tmpl_id": cls.lamp.product_tmpl_id.id, "fixed_price": 40.0}
                    ),
                    Command.create({"applied_on": "1_product", "product_tmpl_id": cls.mug.product_tmpl_id.id, "fixed_price": 12.0}),
                ],
            }
        )
        cls.card_type.member_pricelist_id = cls.prices

    def member_line(self, product, qty, unit, **values):
        """A line at a member's price, as the till writes it."""
        line = self.goods_line(product, qty, unit, **values)
        claim = {"v": 1, "unit": unit, "shop": product.lst_price, "pricelist_id": self.prices.id}
        return {**line, "price_type": "original", "fidelity_price": json.dumps(claim)}

    def sold(self, *lines, card=None, **vals):
        return self.receipt(self.send(list(lines), self.card if card is None else card, **vals))

    def test_a_member_price_saves_and_the_receipt_says_how_much(self):
        """40.00 instead of 47.00, twice: 14.00 saved, nothing flagged, points on what was paid."""
        receipt = self.sold(self.member_line(self.lamp, 2, 40.0), self.goods_line(self.mug, 1))
        self.assertEqual((receipt.flags, receipt.discount_minor, receipt.total_minor, receipt.points), (False, 1400, 9000, 9))
        lamp, mug = receipt.line_ids
        self.assertEqual((lamp.member_price_minor, lamp.discount_minor, mug.member_price_minor), (1400, 0, 0))
        self.assertEqual(lamp.effect_ids.mapped("kind"), ["member_price"])
        self.assertIn("14.00", lamp.benefits_text)
        self.assertClean()

    def test_the_lower_price_counts_unless_the_policy_says_the_members(self):
        """The mug costs 10.00 in the shop and 12.00 by the members' list."""
        self.assertFalse(self.sold(self.goods_line(self.mug, 1)).flags)
        self.card_type.member_price_policy = "always"
        self.assertEqual(self.sold(self.goods_line(self.mug, 1)).flags, "discount_differs")
        receipt = self.sold(self.member_line(self.mug, 1, 12.0))
        self.assertEqual((receipt.flags, receipt.discount_minor), (False, 0))

    def test_the_price_list_of_the_tier_wins(self):
        gold = self.prices.copy({"name": "Gold"})
        gold.item_ids.filtered(lambda item: item.product_tmpl_id == self.lamp.product_tmpl_id).fixed_price = 35.0
        self.card_type.tier_ids = [Command.create({"name": "Gold", "member_pricelist_id": gold.id})]
        self.member.tier_id = self.card_type.tier_ids
        answer = self.config.fidelity_identify(self.card.number)
        self.assertEqual(answer["prices"], {"pricelist_id": gold.id, "policy": "lower"})
        self.assertFalse(self.sold(self.member_line(self.lamp, 1, 35.0)).flags)
        self.assertEqual(self.sold(self.member_line(self.lamp, 1, 40.0)).flags, "discount_differs")

    def test_a_price_that_a_person_typed_stands(self):
        receipt = self.sold(self.goods_line(self.lamp, 1, 45.0))
        self.assertEqual((receipt.flags, receipt.discount_minor, receipt.total_minor), (False, 0, 4500))

    def test_without_a_member_a_member_price_is_flagged_and_stands(self):
        """No card, and a card that is blocked: 40.00 was paid, the manager sees it."""
        receipt = self.sold(self.member_line(self.lamp, 1, 40.0), card=False)
        self.assertEqual((receipt.outcome, receipt.flags, receipt.total_minor), ("no_card", "discount_differs", 4000))
        self.assertEqual(receipt.discount_minor, 700)
        self.card._set_state("blocked")
        receipt = self.sold(self.member_line(self.lamp, 1, 40.0))
        self.assertEqual((receipt.outcome, receipt.flags, receipt.discount_minor), ("card_blocked", "discount_differs", 700))

    def test_a_member_who_did_not_get_his_price_is_told(self):
        receipt = self.sold(self.goods_line(self.lamp, 1))
        self.assertEqual((receipt.flags, receipt.discount_minor), ("discount_differs", 0))

    def test_a_lower_price_than_the_list_gives_is_told(self):
        receipt = self.sold(self.member_line(self.lamp, 1, 30.0))
        self.assertEqual((receipt.flags, receipt.member_id, receipt.discount_minor), ("discount_differs", self.member, 1700))

    def test_a_claim_that_is_no_claim_is_none(self):
        line = {**self.goods_line(self.mug, 1), "fidelity_price": "[nonsense"}
        self.assertFalse(self.sold(line).flags)

    def test_a_member_price_counts_as_already_discounted(self):
        """The card's 10 % is for what has its full price: the lamp has the member's price already."""
        self.card_type.benefit_ids = [
            Command.clear(),
            Command.create({"kind": "discount", "percent": 10.0, "on_discounted": "skip"}),
        ]
        self.card_type._publish("2020-02-01 00:00:00")
        receipt = self.sold(self.member_line(self.lamp, 1, 40.0))
        self.assertEqual((receipt.flags, receipt.discount_minor), (False, 700))

    def test_percentages_come_on_top_and_each_says_its_part(self):
        """47.00 → 40.00 by the member's price → 36.00 by 10 %: 7.00 and 4.00, together 11.00."""
        self.card_type.benefit_ids = [Command.clear(), Command.create({"kind": "discount", "percent": 10.0})]
        self.card_type._publish("2020-02-01 00:00:00")
        line = self.member_line(self.lamp, 1, 40.0, discount=10.0)
        line["fidelity_effect"] = json.dumps({"v": 1, "kind": "percent", "manual_bps": 0, "card_bps": 1000, "benefits": {}})
        receipt = self.sold(line)
        self.assertEqual((receipt.flags, receipt.discount_minor, receipt.total_minor), (False, 1100, 3600))
        self.assertEqual((receipt.line_ids.member_price_minor, receipt.line_ids.discount_minor), (700, 400))
        self.assertClean()

    def test_goods_come_back_at_the_price_paid(self):
        order = self.send([self.member_line(self.lamp, 2, 40.0)], self.card)
        back = self.bring_back([(order.lines, 1)])
        receipt = self.receipt(back)
        self.assertEqual((back.amount_total, receipt.flags, receipt.discount_minor), (-40.0, False, 0))
        self.assertClean()

    def test_order_invoice_and_receipt_agree(self):
        """Tax on top, two products, a discount by hand: to the cent."""
        self.prices.item_ids = [
            Command.create({"applied_on": "1_product", "product_tmpl_id": self.taxed.product_tmpl_id.id, "fixed_price": 83.33})
        ]
        self.member.partner_id.property_account_receivable_id = self.receivable_account
        lines = [self.member_line(self.taxed, 3, 83.33, manual=7.0), self.member_line(self.lamp, 1, 40.0)]
        order = self.send(lines, self.card, to_invoice=True)
        receipt, invoice = self.receipt(order), order.account_move
        self.assertFalse(receipt.flags)
        self.assertEqual(self.minor(invoice.amount_total), receipt.total_minor)
        self.assertEqual(self.minor(order.amount_total), receipt.total_minor)
        self.assertEqual(self.minor(invoice.amount_untaxed), sum(receipt.line_ids.mapped("untaxed_minor")))
        self.assertAlmostEqual(sum(invoice.line_ids.mapped("balance")), 0.0)
        self.assertClean()

    # -- what a till loads and what is refused ---------------------------------------------------------------------------

    def test_a_till_loads_the_price_lists_and_offers_them_to_nobody(self):
        base = self.env["product.pricelist"].create({"name": "Base", "currency_id": self.card_type.currency_id.id})
        self.prices.item_ids = [
            Command.create({"applied_on": "3_global", "compute_price": "percentage", "percent_price": 5.0, "base": "pricelist",
                            "base_pricelist_id": base.id})
        ]  # fmt: skip
        loaded = self.config._get_available_pricelists()
        self.assertLessEqual(self.prices | base, loaded)
        row = self.env["pos.config"]._load_pos_data_read(self.config, self.config)[0]
        self.assertEqual(sorted(row["_fidelity_pricelist_ids"]), sorted((self.prices | base).ids))
        self.assertNotIn(self.prices.id, row["available_pricelist_ids"])

    def test_a_price_list_in_another_currency_is_refused_by_name(self):
        other = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": self.other_currency.id})
        with self.assertRaisesRegex(ValidationError, "Abroad"):
            self.card_type.member_pricelist_id = other
        with self.assertRaisesRegex(ValidationError, "Abroad"):
            self.card_type.tier_ids = [Command.create({"name": "Gold", "member_pricelist_id": other.id})]

    def test_a_price_list_of_another_company_is_refused_by_name(self):
        company = self.env["res.company"].create({"name": "Elsewhere Ltd", "currency_id": self.card_type.currency_id.id})
        other = self.env["product.pricelist"].create(
            {"name": "Theirs", "company_id": company.id, "currency_id": self.card_type.currency_id.id}
        )
        with self.assertRaisesRegex(ValidationError, "Elsewhere Ltd"):
            self.card_type.member_pricelist_id = other

    def test_the_settings_are_said_in_words(self):
        self.assertIn("Members", self.card_type.member_prices_text)
        self.assertIn("lower", self.card_type.member_prices_text)
        self.card_type.member_pricelist_id = False
        self.assertEqual(self.card_type.member_prices_text, "Members pay the shop's prices.")

    def test_a_paid_order_keeps_what_its_till_said(self):
        order = self.send([self.member_line(self.lamp, 1, 40.0)], self.card)
        with self.assertRaisesRegex(Exception, "paid"):
            order.lines.fidelity_price = False
