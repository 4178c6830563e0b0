from odoo.tests import tagged

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestGrantVisits(FidelityPosCase):
    """So many purchases give something, once; it goes with the purchase that led to it."""

    def setUp(self):
        super().setUp()
        self.rule = self.env["fidelity.grant.rule"].create(
            {"name": "Third purchase", "card_type_id": self.card_type.id, "occasion": "visit", "visit_number": 3, "points": 50}
        )
        self.rule.action_start()
        self.rule.started_at = "2020-01-01 00:00:00"

    def run_job(self):
        """Seal what is posted, as the settling job does, then look for occasions."""
        self.env.cr.execute("SELECT max(id) FROM fidelity_posting")
        last = self.env.cr.fetchone()[0]
        seals = self.env["fidelity.ledger.seal"].sudo()
        while seals._seal_up_to(last):
            continue
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_grant").method_direct_trigger()
        self.env.invalidate_all()

    def granted(self):
        return sum(self.rule.grant_ids.filtered(lambda grant: grant.state == "granted").mapped("posting_id.points"))

    def test_the_third_purchase_gives_once(self):
        orders = [self.sell([(self.lamp, 1)]) for _each in range(2)]
        self.run_job()
        self.assertEqual(self.granted(), 0)
        orders += [self.sell([(self.lamp, 1)]) for _each in range(4)]
        self.run_job()
        self.run_job()
        self.assertEqual((self.granted(), self.rule.grant_ids.occasion), (50, "visit:3"))
        self.assertEqual(self.rule.grant_ids.receipt_id, self.receipt(orders[2]))
        self.assertEqual(self.member.balance, 6 * 4 + 50)

    def test_every_third_purchase_gives(self):
        self.rule.state = "draft"
        self.rule.is_repeated = True
        self.rule.state = "running"
        for _each in range(6):
            self.sell([(self.mug, 1)])
        self.run_job()
        self.assertEqual(sorted(self.rule.grant_ids.mapped("occasion")), ["visit:3", "visit:6"])

    def test_it_goes_with_the_purchase_that_comes_back_in_full(self):
        orders = [self.sell([(self.lamp, 2)]) for _each in range(3)]
        self.run_job()
        self.give_back(orders[2], {self.lamp: 1})
        self.run_job()
        self.assertEqual(self.granted(), 50, "half of it is kept")
        self.give_back(orders[2], {self.lamp: 1})
        self.run_job()
        self.run_job()
        self.assertEqual((self.granted(), self.rule.grant_ids.state), (0, "reversed"))
        self.assertEqual(self.member.balance, 2 * 9)
        self.assertClean()
