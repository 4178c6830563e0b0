from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_expiry import ExpiryCase


@tagged("post_install", "-at_install")
class TestHold(ExpiryCase):
    """Points set aside for a basket: nobody else spends them, the balance stays, earning goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug = cls.env["fidelity.prize"].create({"name": "Mug", "card_type_id": cls.card_type.id, "points": 60})
        cls.holds = cls.env["fidelity.hold"].sudo()

    def take(self, quantity=60, key="basket", **vals):
        return self.holds._take(self.member, quantity, key, **vals)

    def give(self, key, hold=None):
        return self.env["fidelity.posting"].sudo()._post_redemption(self.member, self.mug, key, hold=hold)

    def lapse(self, hold):
        past = self.env.cr.now() - timedelta(seconds=1)
        self.env.cr.execute("UPDATE fidelity_hold SET expires_at = %s WHERE id = %s", (past, hold.id))
        self.env.invalidate_all()

    def test_the_balance_stays_and_less_can_be_spent(self):
        self.post(100)
        hold = self.take()
        self.assertEqual((self.member.balance, self.member.available_points, self.member.held_points), (100, 40, 60))
        self.assertEqual(hold.display_name, "60 points of Anna Bianchi")
        with self.assertRaisesRegex(UserError, "Anna Bianchi can spend 40 points now. Set aside for another basket: 60 points."):
            self.take(41, "other")
        self.take(40, "third")
        self.assertEqual(self.member.available_points, 0)

    def test_a_prize_respects_it(self):
        self.post(100)
        self.take()
        with self.assertRaisesRegex(UserError, "Mug costs 60 points. Anna Bianchi can spend 40 points now."):
            self.give("a")
        form = Form(self.env["fidelity.redemption"].with_context(default_member_id=self.member.id))
        self.assertFalse(form.prize_ids[:])
        self.assertEqual(form.next_prize, "Next: Mug. Missing: 20 points.")

    def test_it_is_captured_once_from_its_own_lots(self):
        self.post(50)
        self.post(50)
        hold = self.take()
        self.post(30, expires_date=self.today())
        posting = self.give("a", hold)
        self.assertEqual((hold.state, hold.status), ("captured", "captured"))
        self.assertEqual(self.left(), [0, 40, 30])
        self.assertEqual((self.member.balance, self.member.available_points), (70, 70))
        self.assertEqual(self.give("a", hold), posting)
        with self.assertRaisesRegex(UserError, "not set aside any more"):
            self.give("b", hold)
        self.assertSound()

    def test_it_covers_what_it_was_taken_for(self):
        self.post(100)
        with self.assertRaisesRegex(UserError, "What was set aside is not what is to be paid"):
            self.give("a", self.take(50))

    def test_taking_it_again_takes_it_once(self):
        self.post(100)
        self.assertEqual(self.take(), self.take())
        self.assertEqual(self.member.held_points, 60)
        with self.assertRaisesRegex(UserError, "used before"):
            self.take(61)
        self.take()._release()
        with self.assertRaisesRegex(UserError, "used before"):
            self.take()

    def test_it_lapses_by_itself(self):
        self.post(100)
        hold = self.take(minutes=7)
        self.assertEqual(hold.expires_at - hold.taken_at, timedelta(minutes=7))
        self.lapse(hold)
        self.assertEqual(hold.status, "lapsed")
        self.assertEqual(self.member.available_points, 100)
        with self.assertRaisesRegex(UserError, "not set aside any more"):
            self.give("a", hold)
        self.holds._gc_holds()
        self.assertEqual(hold.state, "lapsed")

    def test_minutes_follow_the_card_type(self):
        self.post(100)
        self.card_type.hold_minutes = 3
        hold = self.take()
        self.assertEqual(hold.expires_at - hold.taken_at, timedelta(minutes=3))

    def test_released_points_are_free(self):
        self.post(100)
        hold = self.take()
        self.assertEqual(hold._release(), hold)
        self.assertFalse(hold._release())
        self.assertEqual(self.member.available_points, 100)

    def test_what_was_taken_back_meanwhile_is_owed(self):
        """A return takes from the very lots of its receipt, set aside or not; who pays with the hold owes the difference."""
        self.post(60)
        hold = self.take()
        self.post(-50, kind="reverse", uses=[{"lot_id": self.lots().id, "quantity": 50}])
        self.assertEqual((self.member.balance, self.member.available_points, self.member.held_points), (10, 0, 10))
        self.give("a", hold)
        self.assertEqual(self.member.balance, -50)
        self.assertEqual(self.left(), [0])
        self.assertSound()

    def test_what_is_set_aside_does_not_expire_until_it_is_free(self):
        day = self.today()
        self.post(60, expires_date=day)
        self.post(10, self.make_member(self.card_type, "Carla Neri"), expires_date=day)
        hold = self.take(50)
        run = self.run_of(day + timedelta(days=1))
        self.assertEqual((run.account_count, self.member.balance), (1, 60))
        hold._release()
        self.run_of(day + timedelta(days=2))
        self.assertEqual(self.member.balance, 0)
        self.assertSound()

    def test_nothing_is_no_quantity(self):
        with self.assertRaisesRegex(UserError, "Enter how many points to spend, at least 1."):
            self.take(0)
        with self.assertRaisesRegex(UserError, "can spend 0 points now"):
            self.take(1)

    def test_a_closed_membership_sets_nothing_aside(self):
        self.post(100)
        self.member.action_close()
        with self.assertRaisesRegex(UserError, "is closed"):
            self.take()

    def test_rights(self):
        """Nobody writes a hold; a loyalty user of the company may release one, others not."""
        self.post(100)
        hold = self.take()
        outsider = self.make_user("fid-none")
        user = self.make_user("fid-user", "loyalty_fidelity.group_fidelity_user")
        with self.assertRaises(AccessError):
            hold.with_user(outsider).action_release()
        with self.assertRaises(AccessError):
            hold.with_user(user).write({"quantity": 1})
        with self.assertRaises(AccessError):
            self.env["fidelity.hold"].with_user(user).create({"key": "x"})
        company = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute("UPDATE fidelity_hold SET company_id = %s WHERE id = %s", (company.id, hold.id))
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            hold.with_user(user).action_release()
        self.env.cr.execute("UPDATE fidelity_hold SET company_id = %s WHERE id = %s", (self.env.company.id, hold.id))
        self.env.invalidate_all()
        hold.with_user(user).action_release()
        self.assertEqual(hold.state, "released")


@tagged("post_install", "-at_install")
class TestPending(ExpiryCase):
    """Points that are not available yet count in the balance and cannot be spent."""

    def test_pending_points_wait(self):
        today = self.today()
        self.post(50)
        self.post(40, available_date=today + timedelta(days=1))
        self.post(30, available_date=today)
        found = self.member.balance, self.member.available_points, self.member.pending_points
        self.assertEqual(found, (120, 80, 40))
        mug = self.env["fidelity.prize"].create({"name": "Mug", "card_type_id": self.card_type.id, "points": 90})
        with self.assertRaisesRegex(UserError, "can spend 80 points now. Not available yet: 40 points."):
            self.env["fidelity.posting"].sudo()._post_redemption(self.member, mug, "a")
        self.patch(type(self.env["fidelity.expiry.policy"]), "_today", lambda policy: today + timedelta(days=1))
        self.env.invalidate_all()
        self.env["fidelity.posting"].sudo()._post_redemption(self.member, mug, "a")
        self.assertEqual((self.member.balance, self.left()), (30, [0, 0, 30]))
        self.assertSound()

    def test_a_gift_does_not_wait(self):
        self.card_type.pending_days = 14
        self.card_type._publish("2020-01-01 00:00:00")
        self.adjust(self.member, 10)
        self.assertEqual(self.member.available_points, 10)
