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

    def test_a_voucher_given_taken_back_given_again_and_used(self):
        """200 points less 60, and 4 for the 42.00 that are left of a lamp with the voucher."""
        self.adjust(self.anna, 200)
        vouchers = self.env["fidelity.code.list"].create({"name": "Voucher of 5", "worth_amount": 5.0})
        vals = {"card_type_id": self.card_type.id, "points": 60}
        prize, _dinner = self.env["fidelity.prize"].create(
            [
                {**vals, "name": "Voucher of 5", "kind": "voucher", "code_list_id": vouchers.id},
                {**vals, "name": "Dinner", "kind": "experience", "money_part": 20.0},
            ]
        )
        self.run_tour("voucher")
        (receipt,) = self.receipts()
        self.assertEqual((receipt.flags, receipt.points, receipt.total_minor), (False, 4, 4200))
        self.assertEqual(sorted(vouchers.code_ids.mapped("state")), ["cancelled", "redeemed"])
        self.assertEqual((prize.given_count, self.anna.balance), (1, 144))
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)
