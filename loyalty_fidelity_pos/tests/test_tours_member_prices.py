from odoo import Command
from odoo.tests import tagged

from .tours import TourCase


@tagged("post_install", "-at_install", "fidelity_till")
class TestMemberPriceTours(TourCase):
    """A member's price at a till in a real browser."""

    def test_a_member_pays_his_price_and_sees_the_shops(self):
        """47.00 in the shop, 40.00 for members: twice 80.00, 14.00 saved, and nothing for a manager to look at."""
        lamp = self.env["product.product"].search([("barcode", "=", "5901234123457")])
        self.card_type.member_pricelist_id = self.env["product.pricelist"].create(
            {
                "name": "Members",
                "currency_id": self.card_type.currency_id.id,
                "item_ids": [
                    Command.create({"applied_on": "1_product", "product_tmpl_id": lamp.product_tmpl_id.id, "fixed_price": 40.0})
                ],
            }
        )
        self.run_tour("member_price")
        receipt = self.receipts()
        self.assertEqual((receipt.flags, receipt.total_minor, receipt.discount_minor), (False, 8000, 1400))
        self.assertEqual(receipt.line_ids.member_price_minor, 1400)
        self.assertLedger({self.anna: 8}, postings=1)
