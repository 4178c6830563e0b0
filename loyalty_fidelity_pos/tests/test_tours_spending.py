from odoo.tests import tagged

from .tours import TourCase


@tagged("post_install", "-at_install", "fidelity_till")
class TestSpendingTours(TourCase):
    """Paying with cashback at a till in a real browser."""

    def test_cashback_is_earned_used_kept_and_used(self):
        """47.00 brings 4.70; the next lamp costs 42.30 and brings 4.23. What was set aside and kept is free again."""
        self.card_type.benefit_ids = [(5, 0, 0), (0, 0, {"kind": "cashback", "percent": 10})]
        self.card_type._publish("2020-02-01 00:00:00")
        self.run_tour("spending")
        first, second = self.receipts()
        self.assertEqual((first.flags, second.flags), (False, False))
        self.assertEqual((second.cashback_spent_minor, second.cashback_minor, second.total_minor), (470, 423, 4230))
        self.assertEqual(round(self.anna.cashback_balance * 100), 423)
        holds = self.env["fidelity.hold"].sudo().search([], order="id")
        self.assertEqual(holds.mapped("state"), ["released", "captured"])
        self.assertLedger({self.anna: 0}, postings=2)
