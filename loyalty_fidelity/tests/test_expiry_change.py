from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models import fidelity_expiry_change
from .test_expiry import ExpiryCase


@tagged("post_install", "-at_install")
class TestExpiryChange(ExpiryCase):
    """Earned points get another expiry when the owner says so, after he saw what it does; balances stay."""

    def setUp(self):
        super().setUp()
        self.card_type.write({"expiry_kind": "months", "expiry_months": 12})
        self.card_type._publish("2020-01-01 00:00:00")
        self.soon = self.today() + timedelta(days=30)

    def preview(self, user=None, **vals):
        model = self.env["fidelity.expiry.preview"].with_user(user or self.env.user)
        return model.create({"card_type_id": self.card_type.id, "not_before": self.soon, **vals})

    def work(self):
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_expiry_change").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["fidelity.expiry.change"].search([], limit=1)

    def earned(self, quantity, day, member=None, **lot):
        self.post(quantity, member, at=fields.Datetime.to_datetime(f"{day} 12:00:00"), **lot)

    def test_the_effect_is_told_first(self):
        year = self.today().year
        self.earned(50, date(year, 1, 15))
        self.earned(20, date(year - 3, 1, 15))
        other = self.make_member(self.card_type, "Carla Neri")
        self.earned(5, date(year, 1, 20), other)
        wizard = self.preview()
        self.assertEqual(wizard.effect_now, "2 members keep 75 points without a last day.")
        then = self.env["fidelity.expiry.change"]._effect(
            self.card_type, {"kind": "year_end", "months": 0, "month_end": False, "grace_months": 11, "pending_days": 0}, self.soon
        )["then"]
        # What is past already gets the first day that is allowed; the rest the end of November.
        self.assertEqual(then, [(self.soon.replace(day=1), 1, 20), (date(year + 1, 11, 1), 2, 55)])
        self.assertIn("one member loses 20 points", wizard.effect_then)

    def test_lots_are_replaced_by_a_posting(self):
        today = self.today()
        self.earned(50, today - timedelta(days=20), available_date=today - timedelta(days=10))
        self.earned(30, today - timedelta(days=800))
        self.post(-10, uses=[{"lot_id": self.lots()[0].id, "quantity": 10}])
        self.post(7, expires_date=today - timedelta(days=1))
        self.preview(sure=True).action_apply()
        change = self.work()
        self.assertEqual((change.state, change.account_count, change.points), ("done", 1, 70))
        self.assertEqual(self.member.balance, 77)
        self.assertEqual(self.left(), [0, 0, 7, 40, 30])
        fresh = self.lots()[3:]
        self.assertEqual(fresh.mapped("origin_lot_id"), self.lots()[:2])
        self.assertEqual(fresh[1].expires_date, self.soon)
        self.assertGreater(fresh[0].expires_date, self.soon)
        self.assertEqual(fresh[0].available_date, today - timedelta(days=10))
        posting = fresh.entry_id.posting_id
        self.assertEqual((posting.kind, posting.op_key), ("renew", f"renew:{self.account.id}:{change.id}"))
        self.assertEqual(posting.entry_ids.sorted("sequence").mapped("quantity"), [-70, 40, 30])
        self.assertSound()
        change._amend({"state": "running", "position": 0})
        self.work()
        self.assertEqual(self.left(), [0, 0, 7, 40, 30])

    def test_a_debt_stays_a_debt(self):
        self.earned(50, self.today() - timedelta(days=20))
        self.post(-20, kind="reverse")
        self.preview(sure=True).action_apply()
        self.work()
        self.assertEqual((self.member.balance, self.left()), (30, [0, 50]))
        self.run_of(self.soon + timedelta(days=400))
        self.assertEqual(self.member.balance, 0)
        self.assertSound()

    def test_it_can_be_undone_by_another(self):
        """Never again: what got a last day loses it."""
        self.earned(50, self.today() - timedelta(days=20))
        self.preview(sure=True).action_apply()
        self.work()
        self.card_type.expiry_kind = "never"
        self.card_type._publish("2021-01-01 00:00:00")
        self.preview(sure=True).action_apply()
        self.work()
        self.assertEqual([bool(lot.expires_date) for lot in self.lots()], [False, True, False])
        self.assertEqual(self.left(), [0, 0, 50])
        self.assertSound()

    def test_what_moved_with_a_new_expiry_is_proved(self):
        """Somebody whose points got a new expiry is merged: the lots that arrive keep it."""
        other = self.make_member(self.card_type, "Carla Neri")
        self.earned(50, self.today() - timedelta(days=20))
        self.preview(sure=True).action_apply()
        self.work()
        self.env["fidelity.posting"].sudo()._post_transfer(self.member.holder_id, other.holder_id, "moved", other)
        self.assertEqual(other.balance, 50)
        self.assertSound()

    def test_points_set_aside_are_done_later(self):
        self.earned(50, self.today() - timedelta(days=20))
        hold = self.env["fidelity.hold"].sudo()._take(self.member, 20, "basket")
        self.preview(sure=True).action_apply()
        self.assertEqual(self.work().state, "running")
        self.assertEqual(self.left(), [50])
        hold._release()
        self.assertEqual(self.work().state, "done")
        self.assertEqual(self.left(), [0, 50])

    def test_batches(self):
        self.patch(fidelity_expiry_change, "BATCH", 2)
        members = [self.make_member(self.card_type, f"Member {number}") for number in range(5)]
        for member in members:
            self.earned(10, self.today() - timedelta(days=20), member)
        self.preview(sure=True).action_apply()
        self.assertEqual(self.work().account_count, 5)
        self.assertSound()

    def test_what_is_refused(self):
        for vals, words in (
            ({"sure": False}, "Tick that members have been told"),
            ({"not_before": self.today() - timedelta(days=1)}, "choose a day to come"),
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, words):
                self.preview(**{"sure": True, **vals}).action_apply()
        self.card_type.expiry_months = 6
        with self.assertRaisesRegex(UserError, "Publish Gift Points first"):
            self.preview(sure=True).action_apply()
        self.card_type.expiry_months = 12
        self.preview(sure=True).action_apply()
        with self.assertRaisesRegex(UserError, "still at work"):
            self.preview(sure=True).action_apply()

    def test_only_a_manager(self):
        user = self.make_user("fid-sm", "loyalty_fidelity.group_fidelity_store_manager")
        with self.assertRaises(AccessError):
            self.preview(user)
        manager = self.make_user("fid-boss", "loyalty_fidelity.group_fidelity_manager")
        self.preview(manager, sure=True).action_apply()
        change = self.env["fidelity.expiry.change"].search([], limit=1)
        self.assertEqual(change.asked_by, "fid-boss")
        with self.assertRaises(AccessError):
            change.with_user(manager).write({"state": "done"})

    def test_an_unbalanced_change_is_found(self):
        self.earned(50, self.today() - timedelta(days=20))
        self.preview(sure=True).action_apply()
        self.work()
        entry = self.env["fidelity.ledger.entry"].search([("kind", "=", "renew"), ("quantity", ">", 0)])
        self.env.cr.execute(SQL("ALTER TABLE fidelity_ledger_entry DISABLE TRIGGER ALL"))
        self.env.cr.execute("UPDATE fidelity_ledger_entry SET quantity = 49 WHERE id = %s", [entry.id])
        found = self.env["fidelity.verification"].sudo()._verify()
        self.assertIn("gave points a new expiry and does not give back what it took", found.findings)
