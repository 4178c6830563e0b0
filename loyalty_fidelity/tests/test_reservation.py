from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestReservation(FidelityCase):
    """A prize is set aside for points, collected once, or gives the points back once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug = cls.env["fidelity.prize"].create(
            {"name": "Mug", "card_type_id": cls.card_type.id, "points": 60, "pickup_days": 5, "money_part": 2.0}
        )
        cls.staff = cls.make_user("fid-staff", "loyalty_fidelity.group_fidelity_user")
        cls.store.write({"user_ids": [(6, 0, cls.staff.ids)], "tz": "Europe/Rome"})
        cls.stranger = cls.make_user("fid-stranger", "loyalty_fidelity.group_fidelity_user")

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 50, "first lot")
        self.adjust(self.member, 50, "second lot")

    def reserve(self, key="a", **kwargs):
        member = self.member.with_user(self.staff)
        return member._fidelity_take_prize(self.mug.with_user(self.staff), key, self.store, reserve=True, **kwargs)

    def left_in_lots(self):
        lots = self.env["fidelity.lot"].search([("account_id", "=", self.account.id)], order="id")
        return [lot.quantity - sum(lot.allocation_ids.mapped("quantity")) for lot in lots]

    def lapse(self):
        """Run the nightly job."""
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_lapse").method_direct_trigger()
        self.env.invalidate_all()

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def test_reserving_takes_the_points_and_names_the_last_day(self):
        reservation = self.reserve()
        today = self.env["fidelity.reservation"]._today_in(self.store)
        self.assertEqual((reservation.state, reservation.store_id, reservation.points), ("reserved", self.store, 60))
        self.assertEqual((reservation.until_date, reservation.money_part), (today + timedelta(days=5), 2.0))
        self.assertEqual((self.member.balance, self.left_in_lots()), (40, [0, 40]))
        self.assertEqual(self.reserve(), reservation, "the same key reserves once")
        self.assertEqual(self.member.balance, 40)

    def test_handing_over_says_who_when_and_where(self):
        reservation = self.reserve()
        reservation.action_ready()
        self.assertEqual(reservation.state, "ready")
        reservation.action_hand_over()
        self.assertEqual((reservation.state, reservation.handed_by), ("handed", "fid-staff"))
        self.assertEqual(reservation.handed_store_id, self.store)
        self.assertTrue(reservation.handed_at)
        reservation.action_hand_over()
        with self.assertRaisesRegex(UserError, "ended already"):
            reservation.action_cancel()
        self.assertEqual(self.member.balance, 40)

    def test_cancelling_gives_the_points_back_into_their_lots_once(self):
        reservation = self.reserve()
        reservation.action_cancel()
        reservation.action_cancel()
        self.assertEqual((reservation.state, self.member.balance, self.left_in_lots()), ("cancelled", 100, [50, 50]))
        with self.assertRaisesRegex(UserError, "ended already"):
            reservation.action_hand_over()
        self.assertClean()

    def test_a_prize_that_a_manager_takes_back_is_no_longer_reserved(self):
        reservation = self.reserve()
        reservation.action_hand_over()
        reservation.sudo().posting_id._take_back("Broken")
        self.assertEqual((reservation.state, reservation.reason, self.member.balance), ("cancelled", "Broken", 100))

    def test_what_nobody_collected_gives_its_points_back_once(self):
        reservation = self.reserve().sudo()
        fresh = self.env["fidelity.reservation"]._set_aside(self.member, self.mug, self.store)
        self.lapse()
        self.assertEqual((reservation.state, self.member.balance), ("reserved", 40), "its last day is still to come")
        reservation.until_date -= timedelta(days=6)
        self.lapse()
        self.lapse()
        self.assertEqual((reservation.state, self.member.balance, self.left_in_lots()), ("lapsed", 100, [50, 50]))
        self.assertEqual(reservation.posting_id.is_undone, True)
        self.assertEqual(fresh.state, "reserved")
        self.assertClean()

    def test_the_last_day_is_over_by_the_clock_of_the_store(self):
        reservation = self.reserve().sudo()
        reservation.until_date = reservation._today_in(self.store)
        reservation.flush_recordset()
        self.assertNotIn(reservation, reservation._due())
        reservation.until_date -= timedelta(days=1)
        reservation.flush_recordset()
        self.assertIn(reservation, reservation._due())

    def test_what_cannot_wait_is_refused(self):
        yesterday = self.env["fidelity.reservation"]._today_in(self.store) - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "Collect until is past"):
            self.reserve(until_date=yesterday)
        self.mug.reservable = False
        with self.assertRaisesRegex(UserError, "cannot be reserved"):
            self.reserve()
        self.mug.reservable = True
        self.member.store_id = False
        with self.assertRaisesRegex(UserError, "Choose the store"):
            self.member._fidelity_take_prize(self.mug, "b", reserve=True)
        self.assertEqual(self.member.balance, 100)

    def test_staff_of_another_store_sees_and_serves_nothing(self):
        reservation = self.reserve()
        self.assertFalse(self.env["fidelity.reservation"].with_user(self.stranger).search([("id", "=", reservation.id)]))
        for method in ("action_ready", "action_hand_over", "action_cancel"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(reservation.with_user(self.stranger), method)()

    def test_nobody_writes_a_reservation_by_hand(self):
        reservation = self.reserve().with_user(self.make_user("fid-boss", "loyalty_fidelity.group_fidelity_manager"))
        for attempt in (
            lambda: reservation.write({"state": "handed"}),
            lambda: reservation.copy(),
            lambda: reservation.unlink(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_the_wizard_reserves(self):
        form = Form(self.env["fidelity.redemption"].with_user(self.staff).with_context(default_member_id=self.member.id))
        form.prize_id = self.mug
        form.reserve = True
        wizard = form.save()
        self.assertEqual(wizard.until_date, self.env["fidelity.reservation"]._today_in(self.store) + timedelta(days=5))
        wizard.action_give()
        self.assertEqual(self.member.reservation_ids.mapped("state"), ["reserved"])
        self.assertEqual(self.member.balance, 40)
