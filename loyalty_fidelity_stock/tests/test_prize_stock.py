from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.tests.common import FidelityCase


@tagged("post_install", "-at_install")
class TestPrizeStock(FidelityCase):
    """A prize that is handed over leaves the warehouse of its store; what is free there is what is left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].create({"name": "Corner", "code": "CRN"})
        cls.store.warehouse_id = cls.warehouse
        cls.product = cls.env["product.product"].create({"name": "Mug", "is_storable": True})
        cls.mug = cls.env["fidelity.prize"].create(
            {
                "name": "Mug",
                "card_type_id": cls.card_type.id,
                "points": 10,
                "kind": "product",
                "product_id": cls.product.id,
                "availability": "product",
            }
        )
        cls.staff = cls.make_user("fid-staff", "loyalty_fidelity.group_fidelity_user")
        cls.store.user_ids = cls.staff

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 100)
        self.stock(2)

    def stock(self, quantity):
        self.env["stock.quant"]._update_available_quantity(self.product, self.warehouse.lot_stock_id, quantity)

    def on_hand(self):
        return self.env["stock.quant"]._get_available_quantity(self.product, self.warehouse.lot_stock_id)

    def take(self, key, **kwargs):
        return self.member.with_user(self.staff)._fidelity_take_prize(
            self.mug.with_user(self.staff), key, self.store.with_user(self.staff), **kwargs
        )

    def pickings(self):
        return self.env["stock.picking"].search([("partner_id", "=", self.member.partner_id.id)], order="id")

    def test_a_prize_given_at_once_is_a_done_delivery(self):
        posting = self.take("a")
        picking = self.pickings()
        self.assertEqual((picking.state, picking.picking_type_id), ("done", self.warehouse.out_type_id))
        self.assertEqual((picking.origin, picking.move_ids.quantity), (f"Prize {posting.id}: Mug", 1.0))
        self.assertEqual(self.on_hand(), 1)
        self.take("a")
        self.assertEqual((len(self.pickings()), self.on_hand()), (1, 1), "once")

    def test_a_reserved_prize_leaves_when_it_is_handed_over(self):
        reservation = self.take("a", reserve=True)
        self.assertFalse(self.pickings())
        self.assertEqual(self.mug._left_counts(self.store), {self.mug.id: 1})
        reservation.action_hand_over()
        reservation.action_hand_over()
        self.assertEqual((self.pickings().state, self.on_hand()), ("done", 1))
        self.assertEqual(self.mug._left_counts(self.store), {self.mug.id: 1})

    def test_a_cancelled_reservation_moves_nothing(self):
        self.take("a", reserve=True).action_cancel()
        self.assertFalse(self.pickings())
        self.assertEqual(self.mug._left_counts(self.store), {self.mug.id: 2})

    def test_a_prize_taken_back_comes_into_the_warehouse(self):
        self.take("a").sudo()._take_back("Broken")
        self.assertEqual(self.pickings().mapped("state"), ["done", "done"])
        self.assertEqual(self.pickings()[1].picking_type_id, self.warehouse.in_type_id)
        self.assertEqual((self.on_hand(), self.member.balance), (2, 100))

    def test_no_more_is_given_than_lies_in_the_warehouse_of_the_store(self):
        self.take("a", reserve=True)
        self.take("b")
        with self.assertRaisesRegex(UserError, "No Mug is left"):
            self.take("c")
        self.assertEqual(self.member.balance, 80)

    def test_two_prizes_of_one_product_share_what_there_is(self):
        other = self.mug.copy({"name": "Mug and tea"})
        self.take("a", reserve=True)
        self.take("b")
        self.assertEqual((self.mug | other)._left_counts(self.store), {self.mug.id: 0, other.id: 0})

    def test_a_product_with_serial_numbers_leaves_a_delivery_to_complete(self):
        self.product.tracking = "serial"
        self.take("a")
        self.assertNotEqual(self.pickings().state, "done")

    def test_a_service_moves_nothing(self):
        self.mug.write({"availability": "unlimited", "kind": "service", "product_id": False})
        self.take("a")
        self.assertFalse(self.pickings())

    def test_what_has_no_stock_cannot_follow_it(self):
        self.product.is_storable = False
        with self.assertRaisesRegex(ValidationError, "Product is an article whose inventory is tracked"):
            self.mug.copy()

    def test_the_warehouse_is_of_the_company_of_the_store(self):
        company = self.env["res.company"].create({"name": "Other company"})
        foreign = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        with self.assertRaisesRegex(ValidationError, "Warehouse .* is of another company"):
            self.store.warehouse_id = foreign
        self.store.warehouse_id = False
        self.assertEqual(self.store._fidelity_warehouse().company_id, self.store.company_id)
