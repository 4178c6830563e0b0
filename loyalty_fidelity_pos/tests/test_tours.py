from odoo.tests import tagged

from .tours import TourCase


@tagged("post_install", "-at_install", "fidelity_till")
class TestTours(TourCase):
    """Reading cards."""

    def test_card_earns_on_product_and_payment_screen(self):
        self.run_tour("earn")
        self.assertLedger({self.anna: 6, self.carlo: 0}, postings=2)
        first, second = self.receipts()
        self.assertEqual((first.points, first.screen, first.entry), (4, "product", "scan"))
        self.assertEqual((second.points, second.screen, second.entry), (2, "payment", "scan"))
        self.assertEqual((first | second).mapped("points_claimed"), [4, 2])
        self.assertEqual((first | second).card_id, self.anna.card_ids)
        self.assertFalse(first.flags or second.flags)

    def test_refused_cards_say_why_and_the_sale_goes_on(self):
        self.run_tour("refused")
        self.assertLedger({self.anna: 0}, postings=0)
        orders = self.main_pos_config.current_session_id.order_ids
        self.assertEqual(orders.mapped("state"), ["paid"])
        self.assertFalse(orders.fidelity_claim)

    def test_two_cards_the_last_one_counts(self):
        self.run_tour("two_cards")
        self.assertLedger({self.anna: 0, self.carlo: 4}, postings=1)
        self.assertEqual(self.receipts().card_id, self.carlo.card_ids)
        self.assertEqual(self.receipts().flags, "two_cards")

    def test_customer_changed_by_hand_takes_the_card_off(self):
        self.run_tour("customer_changed")
        self.assertLedger({self.anna: 0}, postings=0)
        self.assertFalse(self.main_pos_config.current_session_id.order_ids.fidelity_claim)

    def test_typed_number_survives_a_reload(self):
        self.run_tour("typed")
        self.assertLedger({self.anna: 4}, postings=1)
        self.assertEqual(self.receipts().entry, "typed")

    def test_offline_card_is_found_when_the_connection_is_back(self):
        self.run_tour("offline")
        self.assertLedger({self.anna: 4}, postings=1)
        self.assertEqual(self.receipts().card_id, self.anna.card_ids)
