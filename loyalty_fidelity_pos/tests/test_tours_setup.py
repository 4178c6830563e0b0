from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install", "fidelity_till")
class TestTourSetup(HttpCase):
    """The guided set-up in a real browser."""

    @mute_logger("odoo.http")
    def test_guided_setup_from_the_first_button_to_a_tried_basket(self):
        """The example follows while one types; nonsense names its field; the last button makes it all."""
        groups = ("base.group_user", "loyalty_fidelity.group_fidelity_manager")
        self.env["res.users"].create(
            {
                "name": "Rosa",
                "login": "rosa",
                "password": "rosa-password",
                "group_ids": [(6, 0, [self.env.ref(group).id for group in groups])],
            }
        )
        url = "/odoo/action-loyalty_fidelity.fidelity_setup_action"
        self.start_tour(url, "loyalty_fidelity_pos.guided_setup", login="rosa")
        setup = self.env["fidelity.setup"].search([("step", "=", "done")], limit=1)
        benefit = setup.card_type_id.benefit_ids
        self.assertEqual((benefit.kind, benefit.points, benefit.step_amount), ("points", 3, 2.0))
        self.assertEqual((setup.card_type_id.card_count, bool(setup.card_type_id.ruleset_id)), (5, True))
