from odoo.tests import tagged

from .tours import TourCase


@tagged("post_install", "-at_install", "fidelity_till")
class TestPrizeTours(TourCase):
    """A prize over the counter at a till in a real browser."""

    def test_a_prize_beside_goods(self):
        """100 points: a mug costs 60, the lamp of the same sale brings 4, and another lamp is 50 points too dear."""
        self.adjust(self.anna, 100)
        mug, lamp = (self.env["product.product"].search([("barcode", "=", code)]) for code in ("5901234123464", "5901234123457"))
        vals = {"kind": "product", "card_type_id": self.card_type.id}
        prize, _dear = self.env["fidelity.prize"].create(
            [
                {**vals, "name": "Mug", "points": 60, "product_id": mug.id},
                {**vals, "name": "Lamp", "points": 150, "product_id": lamp.id},
            ]
        )
        self.run_tour("prizes")
        (receipt,) = self.receipts()
        self.assertEqual((receipt.flags, receipt.points, receipt.total_minor), (False, 4, 4700))
        self.assertEqual(prize.given_count, 1)
        self.assertEqual(self.env["fidelity.hold"].sudo().search([]).mapped("state"), ["captured"])
        self.assertEqual(self.anna.balance, 44)
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)
