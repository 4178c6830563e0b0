from odoo.tests import tagged

from .till import TillCase

BENEFITS = {
    "points": {"kind": "points", "points": 1, "step_amount": 10, "minimum_receipt": 20},
    "cashback": {"kind": "cashback", "percent": 3},
    "discount": {"kind": "discount", "percent": 10, "on_discounted": "skip"},
    "amount_off": {"kind": "amount_off", "amount": 5, "minimum_receipt": 50},
    "rolling": {
        "kind": "rolling",
        "valid_days": 60,
        "bracket_ids": [(0, 0, {"from_amount": 40, "percent": 5}), (0, 0, {"from_amount": 100, "percent": 8})],
    },
}


@tagged("post_install", "-at_install")
class TestSimulation(TillCase):
    """A tried basket equals the order that is sold."""

    def new_card_type(self, *kinds, **vals):
        """A published card type with some benefits, and a member of it."""
        number = len(self.env["fidelity.card.type"].search([]))
        card_type = self.make_card_type(
            name=f"Card {number}",
            prefix=f"048{number}",
            points=0,
            benefit_ids=[(0, 0, {"sequence": place, **BENEFITS[kind]}) for place, kind in enumerate(kinds)],
            **vals,
        )
        return card_type, self.make_member(card_type, name=f"Member {number}")

    def tried(self, card_type, products, **values):
        lines = [
            {
                "name": product.name,
                "product_id": product.id,
                "quantity": quantity,
                "price_unit": product.lst_price,
                "discount": discount,
            }
            for product, quantity, discount in products
        ]
        return card_type._simulate(lines, **values)

    def assertSame(self, card_type, member, products):
        """The order costs, earns and leaves what was tried."""
        result = self.tried(card_type, products, member=member)
        order = self.ring(
            [{"product": product, "qty": quantity, "manual": discount} for product, quantity, discount in products],
            card=member.card_ids,
            rolling_bps=result["used_bps"],
            customer=member.partner_id,
        )
        receipt = self.receipt(order)
        self.assertEqual(self.minor(order.amount_total), result["after_minor"])
        discounted = "discounted" if result["after_minor"] < result["before_minor"] else result["code"]
        self.assertEqual(receipt.outcome, "earned" if result["code"] == "earned" else discounted)
        paid = {line.source_key: line.total_minor - line.allocated_minor for line in receipt.line_ids if line.kind != "effect"}
        self.assertEqual(
            [paid[line.uuid] for line in order.lines if line.uuid in paid], [r["after_minor"] for r in result["lines"]]
        )
        self.assertEqual((receipt.base_minor, receipt.points), (result["base_minor"], result["points"]))
        self.assertEqual(receipt.cashback_minor or 0, result["cashback_minor"])
        self.assertEqual(receipt.rolling_bps, result["next_bps"] or 0)
        self.assertFalse(receipt.flags)
        return result, order

    def test_points_and_cashback_of_taxed_products(self):
        """Taxes come from the products, as at the till."""
        for kind in ("points", "cashback"):
            for base in ("total", "untaxed"):
                card_type, member = self.new_card_type(kind, base=base)
                for products in (
                    [(self.lamp, 1, 0)],
                    [(self.taxed, 1, 0), (self.mug, 3, 0)],
                    [(self.taxed, 2, 15), (self.lamp, 1, 33.33)],
                    [(self.mug, 1, 0)],
                ):
                    with self.subTest(kind=kind, base=base, products=products):
                        self.assertSame(card_type, member, products)

    def test_discount_and_what_is_earned_on_the_rest(self):
        card_type, member = self.new_card_type("discount", "points", "cashback")
        result, _order = self.assertSame(card_type, member, [(self.taxed, 1, 0), (self.lamp, 2, 0), (self.mug, 1, 50)])
        self.assertEqual([line["card_bps"] for line in result["lines"]], [1000, 1000, 0])

    def test_discount_of_the_last_purchase(self):
        """The first purchase leaves 5 %, the simulation of the member knows it, the next order gets it."""
        card_type, member = self.new_card_type("rolling")
        self.assertEqual(self.assertSame(card_type, member, [(self.lamp, 1, 0)])[0]["next_bps"], 500)
        result, order = self.assertSame(card_type, member, [(self.taxed, 1, 0)])
        self.assertEqual((result["used_bps"], result["lines"][0]["discount_bps"]), (500, 500))
        self.assertAlmostEqual(order.amount_total, 101.65)
        self.assertEqual(result["next_bps"], 800)
        self.assertEqual(self.tried(card_type, [(self.lamp, 1, 0)])["used_bps"], 0, "nobody in particular has none")

    def test_amount_off_is_shared_with_its_tax(self):
        """5.00 off 107.00 and 47.00: what is left adds up, with and without tax."""
        card_type, member = self.new_card_type("amount_off", "points", base="untaxed")
        result, _order = self.assertSame(card_type, member, [(self.taxed, 1, 0), (self.lamp, 1, 0)])
        self.assertEqual((result["before_minor"], result["after_minor"]), (15400, 14900))
        self.assertEqual([line["off_minor"] for line in result["lines"]], [347, 153])
        self.assertEqual(result["base_minor"], 10000 - 324 + 4700 - 153)

    def test_guided_setup_of_a_shop_sells(self):
        """Each recipe, from the first button to the sale of what its example says."""
        for recipe in ("points", "rolling", "prizes", "cashback"):
            setup = self.env["fidelity.setup"].create({"currency_id": self.config.currency_id.id, "card_count": 1})
            setup.with_context(fidelity_recipe=recipe).action_choose()
            setup.write({"store_id": False, "store_name": f"Shop {recipe}", "config_ids": [(6, 0, self.config.ids)]})
            setup.action_continue()
            setup.action_continue()
            self.assertIn("move here from another shop", setup.summary)
            rows = setup._example_values()["rows"]
            setup.action_create()
            self.assertEqual(self.config.fidelity_store_id.name, f"Shop {recipe}")
            for row in rows:
                partner = self.env["res.partner"].create({"name": f"{recipe} {row['spends']}"})
                member = self.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": setup.card_type_id.id})
                self.env["fidelity.card"].create({"card_type_id": setup.card_type_id.id, "member_id": member.id})
                article = self.create_product(f"Article {row['spends']}", self.categ_basic, row["amount"])
                with self.subTest(recipe=recipe, amount=row["amount"]):
                    result, _order = self.assertSame(setup.card_type_id, member, [(article, 1, 0)])
                    self.assertEqual(result["points"], row["result"]["points"])
                    self.assertEqual(result["cashback_minor"], row["result"]["cashback_minor"])
                    if recipe == "rolling":
                        again, _order = self.assertSame(setup.card_type_id, member, [(article, 1, 0)])
                        self.assertEqual(again["after_minor"], row["again"]["after_minor"])
        self.assertClean()
