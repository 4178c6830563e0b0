from odoo.addons.loyalty_fidelity.tests.common import FidelityBuilder
from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon

ANNA = "0490000000016"
CARLO = "0490000000023"
BLOCKED = "0490000000030"


class TourCase(FidelityBuilder, TestPointOfSaleHttpCommon):
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
