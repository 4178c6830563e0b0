from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.tests.test_health import HealthBuilder

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestHealthOfTills(HealthBuilder, FidelityPosCase):
    """What the tills add to the health page."""

    def test_sweep(self):
        """An order that became paid past the till shows, and where to read on."""
        self.assertLine("sweep", "ok", "found none")
        order = self.sell([(self.mug, 1)], claim=False)
        self.env.cr.execute("UPDATE pos_order SET fidelity_claim = %s WHERE id = %s", [self.claim(), order.id])
        self.env["pos.order"]._cron_fidelity_sweep()
        line = self.assertLine("sweep", "look", "in the last 7 days: 1,", "ask who marks orders as paid")
        action = line.action_go()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.source_id, order.id)

    def test_tills_without_a_store(self):
        """A till that stands nowhere is named; given a store, all is well."""
        self.env["pos.config"].search([]).fidelity_store_id = self.store
        self.assertLine("tills", "ok", "Every till stands in a store")
        self.config.fidelity_store_id = False
        line = self.assertLine("tills", "look", rf"Tills in no store: 1 \({self.config.name}\)", "Choose their store")
        action = line.action_go()
        self.assertIn(self.config, self.env["pos.config"].search(action["domain"]))

    def test_clock_of_a_real_till_is_in_order(self):
        self.sell([(self.mug, 1)])
        self.assertLine("clocks", "ok", "agree on the time")
