from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.tests.common import FidelityBuilder
from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon

ANNA = "0490000000016"
CARLO = "0490000000023"
BLOCKED = "0490000000030"


@tagged("post_install", "-at_install", "fidelity_till")
class TestTours(FidelityBuilder, TestPointOfSaleHttpCommon):
    """A cashier at the till in a real browser; afterwards the ledger is read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("loyalty_fidelity.group_fidelity_manager")
        cls.card_type = cls.make_card_type()
        cls.store = cls.make_store()
        cls.main_pos_config.fidelity_store_id = cls.store
        cls.main_pos_config.payment_method_ids |= cls.bank_payment_method
        cls.anna = cls.make_numbered_member("Anna Bianchi", ANNA)
        cls.carlo = cls.make_numbered_member("Carlo Verdi", CARLO)
        cls.make_numbered_member("Bruno Neri", BLOCKED).card_ids._set_state("blocked", "Stolen bag")
        cls.env["product.product"].create(
            [
                {"name": name, "list_price": price, "barcode": barcode, "available_in_pos": True, "taxes_id": False}
                for name, price, barcode in (("Lamp", 47.0, "5901234123457"), ("Mug", 10.0, "5901234123464"))
            ]
        )

    @classmethod
    def make_numbered_member(cls, name, number):
        """A member whose card has this number."""
        partner = cls.env["res.partner"].create({"name": name})
        member = cls.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": cls.card_type.id})
        cls.env["fidelity.card"].create({"card_type_id": cls.card_type.id, "member_id": member.id, "number": number})
        return member

    def run_tour(self, name):
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour(f"loyalty_fidelity_pos.{name}")
        self.env.invalidate_all()

    def receipts(self):
        """The loyalty receipts of this till, oldest first."""
        return self.env["fidelity.receipt"].search([("till_id", "=", self.main_pos_config.id)], order="id")

    def assertLedger(self, balances, postings):
        self.assertEqual({member: member.balance for member in balances}, balances)
        self.assertEqual(self.env["fidelity.posting"].search_count([("source_model", "=", "pos.order")]), postings)
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

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
