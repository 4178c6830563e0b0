from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_expiry import ExpiryCase


@tagged("post_install", "-at_install")
class TestPointsTransfer(ExpiryCase):
    """A manager gives points of one member to another: within limits, lot by lot with its expiry, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_type.write({"transfer_max_points": 60, "transfer_day_points": 100})
        cls.other = cls.make_member(cls.card_type, "Carla Neri")
        cls.manager = cls.make_user("fid-boss", "loyalty_fidelity.group_fidelity_manager")

    def setUp(self):
        super().setUp()
        self.soon = self.today() + timedelta(days=5)
        self.post(40, expires_date=self.soon)
        self.post(100)

    def give(self, quantity=60, user=None, **vals):
        values = {"member_id": self.member.id, "other_id": self.other.id, "quantity": quantity, "reason": "A gift", **vals}
        wizard = self.env["fidelity.points.transfer"].with_user(user or self.manager).create(values)
        wizard.action_give()
        return wizard

    def test_points_move_lot_by_lot(self):
        self.give().action_give()
        self.assertEqual((self.member.balance, self.other.balance), (80, 60))
        self.assertEqual(self.left(), [0, 80])
        arrived = self.lots(self.other)
        self.assertEqual(arrived.mapped("quantity"), [40, 20])
        self.assertEqual(arrived.mapped("expires_date"), [self.soon, False])
        self.assertEqual(arrived.origin_lot_id, self.lots())
        posting = arrived.entry_id.posting_id
        self.assertEqual((posting.kind, posting.reason, posting.author_name), ("transfer", "A gift", "fid-boss"))
        self.assertSound()

    def test_limits(self):
        for quantity in (61, 0, -5):
            with self.subTest(quantity), self.assertRaisesRegex(UserError, "from 1 to 60 at a time"):
                self.give(quantity)
        self.give(60)
        with self.assertRaisesRegex(UserError, "Anna Bianchi can give 40 more points away today. Give the rest tomorrow."):
            self.give(41)
        self.give(40)
        self.card_type.transfer_max_points = 0
        with self.assertRaisesRegex(UserError, "cannot be given away"):
            self.give(1)

    @mute_logger("odoo.sql_db")
    def test_the_day_holds_a_transfer(self):
        with self.assertRaises(CheckViolation):
            self.card_type.transfer_day_points = 59
            self.card_type.flush_recordset()

    def test_only_what_can_be_spent(self):
        self.env["fidelity.hold"].sudo()._take(self.member, 100, "basket")
        with self.assertRaisesRegex(UserError, "can spend 40 points now. Set aside for another basket: 100 points."):
            self.give(41)

    def test_who_cannot_be_given_to(self):
        stranger = self.make_member(self.make_card_type(name="Other Points", prefix="0491"), "Dario Blu")
        for other, words in (
            (self.member, "another member of the same card type"),
            (stranger, "another member of the same card type"),
            (self.member.browse(), "another member of the same card type"),
        ):
            with self.subTest(other), self.assertRaisesRegex(UserError, words):
                self.give(other_id=other.id)
        self.other.action_close()
        with self.assertRaisesRegex(UserError, "The membership of Carla Neri is closed"):
            self.give()

    def test_a_reason_is_needed(self):
        with self.assertRaisesRegex(UserError, "Say why"):
            self.give(reason="  ")

    def test_only_a_manager(self):
        user = self.make_user("fid-sm", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaises(AccessError):
            self.give(user=user)
