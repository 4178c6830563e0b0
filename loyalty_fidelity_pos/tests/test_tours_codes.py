from odoo.tests import tagged

from .tours import TourCase


@tagged("post_install", "-at_install", "fidelity_till")
class TestCodeTours(TourCase):
    """A code that a customer brings to a till in a real browser."""

    def test_a_code_is_scanned_taken_off_typed_and_used(self):
        """5.00 off a lamp of 47.00, which earns on the 42.00 that were paid; the code is refused at the next sale."""
        code = self.env["fidelity.code.list"].create({"name": "Voucher of 5", "worth_amount": 5.0})._make()
        self.env.flush_all()
        self.env.cr.execute("UPDATE fidelity_code SET code = '23456789ABCDEFB' WHERE id = %s", [code.id])
        self.env.invalidate_all()
        self.run_tour("codes")
        (receipt,) = self.receipts()
        self.assertEqual((receipt.flags, receipt.points, receipt.total_minor), (False, 4, 4200))
        self.assertEqual((code.state, code.use_ids.member_id, code.use_ids.source_ref), ("redeemed", self.anna, receipt.source_ref))
        self.assertLedger({self.anna: 4}, 1)
