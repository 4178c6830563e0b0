from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestPrize(FidelityCase):
    """Points buy prizes: taken once, oldest first, never below zero, and given back to the very lots."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mug = cls.env["fidelity.prize"].create({"name": "Mug", "card_type_id": cls.card_type.id, "points": 60})
        cls.towel = cls.mug.copy({"name": "Towel", "points": 200})
        cls.staff = cls.make_user("fid-staff", "loyalty_fidelity.group_fidelity_user")
        cls.store.user_ids = cls.staff
        cls.manager = cls.make_user("fid-boss", "loyalty_fidelity.group_fidelity_manager")

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 50, "first lot")
        self.adjust(self.member, 50, "second lot")

    def wizard(self, prize=None, user=None, **vals):
        model = self.env["fidelity.redemption"].with_user(user or self.staff)
        return model.create({"member_id": self.member.id, "prize_id": (prize or self.mug).id, **vals})

    def give(self, prize=None, **vals):
        wizard = self.wizard(prize, **vals)
        wizard.action_give()
        return self.env["fidelity.posting"].search([("op_key", "=", f"redeem:{wizard.key}")])

    def take_back(self, posting, reason="wrong prize", user=None):
        model = self.env["fidelity.redemption.undo"].with_user(user or self.manager)
        model.create({"posting_id": posting.id, "reason": reason}).action_take_back()
        return self.env["fidelity.posting"].search([("op_key", "=", f"{posting.op_key}:undo")])

    def left_in_lots(self):
        lots = self.env["fidelity.lot"].search([("account_id", "=", self.account.id)], order="id")
        return [lot.quantity - sum(lot.allocation_ids.mapped("quantity")) for lot in lots]

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def test_prize_takes_its_points_from_the_oldest_lots(self):
        posting = self.give()
        self.assertEqual(self.member.balance, 40)
        self.assertEqual(self.left_in_lots(), [0, 40])
        self.assertEqual((posting.kind, posting.prize_id, posting.reason), ("redeem", self.mug, "Mug"))
        self.assertEqual((posting.author_uid, posting.store_id), (self.staff.id, self.store))
        self.assertEqual((posting.entry_ids.kind, posting.entry_ids.quantity), ("redeem", -60))
        self.assertEqual(posting.display_name, "Mug")
        self.assertClean()

    def test_wizard_shows_what_is_in_reach_and_what_comes_next(self):
        form = Form(self.env["fidelity.redemption"].with_user(self.staff).with_context(default_member_id=self.member.id))
        self.assertEqual(form.prize_ids[:], self.mug)
        self.assertEqual(form.next_prize, "Next: Towel. Missing: 100 points.")
        self.assertEqual(form.store_id, self.store)
        form.prize_id = self.mug
        self.assertEqual(form.balance_after, 40)

    def test_giving_it_twice_gives_it_once(self):
        wizard = self.wizard()
        wizard.action_give()
        wizard.action_give()
        self.assertEqual(self.member.balance, 40)

    def test_never_below_zero(self):
        self.give()
        with self.assertRaisesRegex(UserError, "Mug costs 60 points and Anna Bianchi has 40"):
            self.give()
        self.assertEqual(self.member.balance, 40)

    def test_what_is_not_given_today_is_refused(self):
        """Archived, before its first day, after its last day, of another card type, to a closed membership."""
        today = date.fromisoformat(str(self.env["fidelity.redemption"].env.cr.now().date()))
        other = self.make_card_type(name="Other", prefix="0481")
        for vals in (
            {"active": False},
            {"from_date": today + timedelta(days=2)},
            {"to_date": today - timedelta(days=2)},
            {"card_type_id": other.id},
        ):
            prize = self.mug.copy(vals)
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "not given today"):
                self.give(prize)
        self.member.action_close()
        with self.assertRaisesRegex(UserError, "closed"):
            self.give()

    def test_taking_back_returns_the_points_to_the_very_lots(self):
        posting = self.give()
        undo = self.take_back(posting)
        self.assertEqual(self.member.balance, 100)
        self.assertEqual(self.left_in_lots(), [50, 50])
        self.assertEqual((undo.prize_id, undo.reason, undo.source_id), (self.mug, "wrong prize", posting.id))
        self.assertTrue(posting.is_undone and undo.is_undo and not undo.is_undone)
        self.assertEqual((posting.points, undo.points), (-60, 60))
        self.assertEqual(undo.display_name, "Taken back: Mug")
        self.assertClean()

    def test_points_that_moved_since_come_back_where_they_are(self):
        """The member joined a household, or was merged, after he got the prize: who has his points gets them, with their expiry."""
        marco = self.make_member(self.card_type, name="Marco Bianchi")
        self.adjust(marco, 70)
        self.env["fidelity.redemption"].create({"member_id": marco.id, "prize_id": self.mug.id}).action_give()
        posting = marco.redemption_ids
        self.env["fidelity.household.join"].create({"member_id": marco.id, "other_id": self.member.id}).action_join()
        self.assertEqual((marco.balance, self.member.balance), (110, 110))
        undo = self.take_back(posting)
        self.assertEqual((marco.balance, self.member.balance), (170, 170))
        self.assertEqual((undo.entry_ids.account_id, undo.points), (self.account, 60))
        lot = self.env["fidelity.lot"].search([("entry_id", "=", undo.entry_ids.id)])
        self.assertEqual((lot.origin_lot_id.account_id, lot.origin_lot_id.quantity), (posting.entry_ids.account_id, 70))
        self.assertClean()

    def test_a_member_of_a_household_spends_its_points(self):
        marco = self.make_member(self.card_type, name="Marco Bianchi")
        self.env["fidelity.household.join"].create({"member_id": marco.id, "other_id": self.member.id}).action_join()
        self.env["fidelity.redemption"].create({"member_id": marco.id, "prize_id": self.mug.id}).action_give()
        self.assertEqual((marco.balance, self.member.balance), (40, 40))
        self.assertClean()

    def test_taking_back_twice_takes_back_once(self):
        posting = self.give()
        self.take_back(posting)
        self.take_back(posting)
        self.assertEqual(self.member.balance, 100)
        with self.assertRaisesRegex(UserError, "Only a prize that was given"):
            self.take_back(self.env["fidelity.posting"].search([("op_key", "=", f"{posting.op_key}:undo")]))
        with self.assertRaises(UserError):
            self.take_back(self.env["fidelity.posting"].search([("kind", "=", "adjust")], limit=1))

    def test_only_a_manager_takes_back_and_says_why(self):
        posting = self.give()
        with self.assertRaises(AccessError):
            self.take_back(posting, user=self.make_user("fid-store", "loyalty_fidelity.group_fidelity_store_manager"))
        with self.assertRaisesRegex(UserError, "Say why"):
            self.take_back(posting, "  ")

    def test_staff_of_the_store_read_prize_and_posting(self):
        """Every screen that names a prize opens for a loyalty user."""
        posting = self.give().with_user(self.staff)
        self.assertEqual(posting.entry_ids.prize_id.name, "Mug")
        self.assertEqual(self.member.with_user(self.staff).redemption_ids, posting)
        self.assertEqual(self.mug.with_user(self.staff).given_count, 1)

    def test_counts_what_was_given_and_kept(self):
        self.adjust(self.member, 100)
        self.take_back(self.give())
        self.give()
        self.assertEqual(self.mug.given_count, 1)

    def test_values_that_make_no_sense_are_refused(self):
        for points in (0, -5, 2_000_000_000):
            with self.subTest(points=points), self.assertRaisesRegex(ValidationError, "Mug: enter what it costs"):
                self.mug.points = points
        with self.assertRaisesRegex(ValidationError, "last day"):
            self.mug.write({"from_date": "2026-02-01", "to_date": "2026-01-01"})

    def test_a_prize_that_was_given_is_archived_not_deleted(self):
        self.give()
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.mug.unlink()
        self.towel.unlink()
