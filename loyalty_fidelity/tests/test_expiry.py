from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models import fidelity_expiry_run
from .common import FidelityCase

LAST_YEAR = {"expiry_kind": "months", "expiry_months": 12}


class ExpiryCase(FidelityCase):
    """Points of any day, and runs of any day."""

    def today(self):
        return self.env["fidelity.expiry.policy"]._today()

    def lots(self, member=None):
        account = (member or self.member).account_ids
        return self.env["fidelity.lot"].search([("account_id", "=", account.id)], order="id")

    def left(self, member=None):
        return [lot.quantity - sum(lot.allocation_ids.mapped("quantity")) for lot in self.lots(member)]

    def post(self, quantity, member=None, key=None, kind="adjust", uses=(), **lot):
        """Post a movement as any channel might, with its lot's columns."""
        member = member or self.member
        posting = self.env["fidelity.posting"].sudo()
        now = lot.pop("at", self.env.cr.now().replace(microsecond=0))
        number = self.env["fidelity.posting"].search_count([])
        values = {
            "op_key": f"test:{key or number}",
            "kind": "adjust",
            "occurred_at": now,
            "posted_at": now,
            "company_id": self.env.company.id,
            "member_id": member.id,
        }
        entry = {
            "sequence": 1,
            "account_id": member.account_ids.id,
            "kind": kind,
            "quantity": quantity,
            "uses": list(uses),
            **{name: value.isoformat() if isinstance(value, date) else value for name, value in lot.items()},
        }
        posting._insert(values, [entry])
        self.env.invalidate_all()

    def run_of(self, day, batch=None):
        """Let what is past on a day expire."""
        if batch:
            self.patch(fidelity_expiry_run, "BATCH", batch)
        self.patch(type(self.env["fidelity.expiry.policy"]), "_today", lambda policy: day)
        runs = self.env["fidelity.expiry.run"].sudo()
        run = runs._running() or runs._begin()
        while run and run._advance(lambda remaining: True):
            continue
        self.env.invalidate_all()
        return run

    def expired(self, member=None):
        domain = [("kind", "=", "expire"), ("account_id", "=", (member or self.member).account_ids.id)]
        return self.env["fidelity.ledger.entry"].search(domain, order="id")

    def assertSound(self):
        """The ledger is proved, and every balance is what is left in the lots minus what is owed."""
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)


@tagged("post_install", "-at_install")
class TestExpiryPolicy(ExpiryCase):
    """What is published applies to what is earned from then on; a lot keeps what its day gave it."""

    def test_without_a_policy_points_stay(self):
        self.adjust(self.member, 10)
        self.assertFalse(self.lots().expires_date)
        self.assertEqual(self.card_type.expiry_summary, "Points never expire.")

    def test_a_lot_gets_its_last_day(self):
        self.card_type.write(LAST_YEAR)
        self.assertTrue(self.card_type.has_changes)
        self.card_type._publish("2020-01-01 00:00:00")
        self.assertFalse(self.card_type.has_changes)
        self.adjust(self.member, 10)
        day = self.env["fidelity.receipt"]._day_of(self.env.cr.now(), self.store)
        self.assertEqual(self.lots().expires_date.year, day.year + 1)

    def test_a_new_policy_leaves_earlier_lots_alone(self):
        self.card_type.write(LAST_YEAR)
        self.card_type._publish("2020-01-01 00:00:00")
        self.card_type.write({"expiry_kind": "year_end"})
        self.card_type._publish("2024-06-01 00:00:00")
        self.card_type.write({"expiry_kind": "never", "pending_days": 14})
        self.card_type._publish("2024-09-01 00:00:00")
        columns = self.env["fidelity.expiry.policy"]._lot_columns
        moments = ("2019-03-05", "2024-02-29", "2024-06-01", "2024-10-01")
        found = [columns(self.card_type.id, fields.Datetime.to_datetime(f"{day} 12:00:00"), self.store) for day in moments]
        self.assertEqual(
            found, [{}, {"expires_date": "2025-02-28"}, {"expires_date": "2024-12-31"}, {"available_date": "2024-10-15"}]
        )
        self.assertEqual(self.card_type.expiry_policy_ids.mapped("version"), [3, 2, 1])

    def test_the_day_is_the_stores(self):
        self.card_type.write(LAST_YEAR)
        self.card_type._publish("2020-01-01 00:00:00")
        self.store.tz = "Pacific/Auckland"
        moment = fields.Datetime.to_datetime("2024-02-28 12:00:00")
        columns = self.env["fidelity.expiry.policy"]._lot_columns
        self.assertEqual(columns(self.card_type.id, moment, self.store)["expires_date"], "2025-02-28")
        self.assertEqual(columns(self.card_type.id, moment, self.store.browse())["expires_date"], "2025-02-28")
        moment = fields.Datetime.to_datetime("2024-12-31 12:00:00")
        self.assertEqual(columns(self.card_type.id, moment, self.store)["expires_date"], "2026-01-01")
        self.assertEqual(columns(self.card_type.id, moment, self.store.browse())["expires_date"], "2025-12-31")

    def test_out_of_bounds_is_refused(self):
        for vals, words in (
            ({"expiry_kind": "months", "expiry_months": 0}, "Months is out of bounds. Enter 1 to 120."),
            ({"expiry_kind": "inactivity", "expiry_months": 121}, "Months is out of bounds"),
            ({"expiry_kind": "year_end", "expiry_grace_months": 12}, "Months of grace is out of bounds. Enter 0 to 11."),
            ({"expiry_kind": "never", "pending_days": -1}, "Available after is out of bounds. Enter 0 to 366."),
        ):
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, words):
                self.card_type.write(vals)

    def test_a_point_can_be_used_until_the_day_has_ended_everywhere(self):
        self.env["fidelity.store"].search([]).tz = "UTC"
        self.store.tz = "Pacific/Auckland"
        self.make_store("S2", tz="Pacific/Honolulu")
        now = self.env.cr.now()
        self.assertEqual(self.today(), (now - timedelta(hours=10)).date())


@tagged("post_install", "-at_install")
class TestExpiryRun(ExpiryCase):
    """What is past is taken away: once, from the very lots, never what somebody used or owes."""

    day = date(2030, 1, 31)

    def test_what_is_past_expires(self):
        self.post(50, expires_date=self.day)
        self.post(30, expires_date=self.day + timedelta(days=1))
        self.post(20)
        self.assertEqual(self.run_of(self.day).account_count, 0)
        self.assertEqual(self.member.balance, 100)
        run = self.run_of(self.day + timedelta(days=1))
        self.assertEqual((run.account_count, run.points, run.phase), (1, 50, "done"))
        self.assertEqual(self.member.balance, 50)
        self.assertEqual(self.left(), [0, 30, 20])
        posting = self.expired().posting_id
        self.assertEqual(posting.op_key, f"expire:{self.account.id}:2030-02-01")
        self.assertEqual((posting.kind, posting.member_id, posting.company_id), ("expire", self.member, self.env.company))
        self.assertSound()

    def test_one_posting_an_account_and_day(self):
        for back in range(3):
            self.post(10, expires_date=self.day - timedelta(days=back))
        self.run_of(self.day + timedelta(days=1))
        self.assertEqual(self.expired().mapped("quantity"), [-30])
        self.assertEqual(len(self.env["fidelity.lot.allocation"].search([("entry_id", "=", self.expired().id)])), 3)
        self.assertSound()

    def test_a_run_twice_takes_once(self):
        self.post(50, expires_date=self.day)
        self.run_of(self.day + timedelta(days=1))
        self.assertFalse(self.run_of(self.day + timedelta(days=1)))
        postings = self.env["fidelity.posting"].sudo()
        again = postings._post_expiry(self.account.ids, self.day + timedelta(days=1), SQL("l.expires_date <= %s", self.day))
        self.assertEqual(again, (0, 0))
        self.assertEqual(self.member.balance, 0)

    def test_what_was_spent_does_not_expire(self):
        self.post(50, expires_date=self.day)
        first = self.lots()
        self.post(-20, uses=[{"lot_id": first.id, "quantity": 20}])
        self.run_of(self.day + timedelta(days=1))
        self.assertEqual(self.expired().quantity, -30)
        self.assertEqual(self.member.balance, 0)
        self.assertSound()

    def test_a_debt_was_paid_by_the_oldest(self):
        """Who owes 30 has them paid by the lot that expires: 20 of 50 expire, and nothing is owed twice."""
        self.post(50, expires_date=self.day)
        self.post(40)
        self.post(-30, kind="reverse")
        self.run_of(self.day + timedelta(days=1))
        self.assertEqual(self.expired().quantity, -20)
        self.assertEqual(self.member.balance, 40)
        self.run_of(self.day + timedelta(days=2))
        self.assertEqual(self.member.balance, 40)
        self.assertSound()

    def test_who_owes_more_than_expires_loses_nothing(self):
        self.post(50, expires_date=self.day)
        self.post(-80, kind="reverse")
        self.run_of(self.day + timedelta(days=1))
        self.assertFalse(self.expired())
        self.assertEqual(self.member.balance, -30)

    def test_a_run_goes_on_where_it_was_stopped(self):
        members = [self.make_member(self.card_type, f"Member {number}") for number in range(5)]
        for member in members:
            self.post(10, member, expires_date=self.day)
        self.patch(fidelity_expiry_run, "BATCH", 2)
        self.patch(type(self.env["fidelity.expiry.policy"]), "_today", lambda policy: self.day + timedelta(days=1))
        run = self.env["fidelity.expiry.run"].sudo()._begin()
        self.assertTrue(run._advance(lambda remaining: True))
        self.assertEqual(run.phase, "days")
        self.assertFalse(run._advance(lambda remaining: False))
        self.assertEqual((run.phase, run.account_count), ("days", 2))
        self.run_of(self.day + timedelta(days=1))
        self.assertEqual((run.phase, run.account_count, run.points), ("done", 5, 50))
        self.assertEqual([member.balance for member in members], [0] * 5)
        self.assertSound()

    def test_what_comes_late_expires_with_the_next_run(self):
        """A sale that waited, and a prize that comes back into a lot whose last day is past."""
        self.post(60, expires_date=self.day)
        prize = self.env["fidelity.prize"].create({"name": "Mug", "card_type_id": self.card_type.id, "points": 60})
        self.patch(type(self.env["fidelity.expiry.policy"]), "_today", lambda policy: self.day)
        given = self.env["fidelity.posting"].sudo()._post_redemption(self.member, prize, "late")
        self.run_of(self.day + timedelta(days=1))
        self.post(5, expires_date=self.day - timedelta(days=3))
        given._take_back("broken")
        self.assertEqual(self.member.balance, 65)
        self.run_of(self.day + timedelta(days=2))
        self.assertEqual(self.member.balance, 0)
        self.assertSound()

    def test_inactive_members_lose_all(self):
        """Nothing bought for twelve months, and no points got either."""
        self.card_type.write({"expiry_kind": "inactivity", "expiry_months": 12})
        self.card_type._publish("2020-01-01 00:00:00")
        long_ago, lately = (fields.Datetime.to_datetime(f"{day} 12:00:00") for day in ("2028-12-31", "2029-06-01"))
        other = self.make_member(self.card_type, "Carla Neri")
        self.post(70, inactive_months=12, at=long_ago)
        self.post(30, at=long_ago)
        self.post(70, other, inactive_months=12, at=long_ago)
        self.post(10, other, inactive_months=12, at=lately)
        self.run_of(date(2030, 1, 1))
        self.assertEqual((self.member.balance, other.balance), (30, 80))
        self.assertEqual(self.expired().posting_id.op_key, f"expire:{self.account.id}:2030-01-01:inactive")
        self.run_of(date(2030, 6, 2))
        self.assertEqual(other.balance, 0)
        self.assertSound()

    def test_the_job_commits_and_ends(self):
        self.post(50, expires_date=self.today() - timedelta(days=1))
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_expire").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.member.balance, 0)
        self.assertEqual(self.env["fidelity.expiry.run"].search([], limit=1).phase, "done")

    def test_a_member_sees_what_expires_when(self):
        today = self.today()
        self.post(20, expires_date=today + timedelta(days=40))
        self.post(50, expires_date=today + timedelta(days=3))
        self.post(5)
        days = self.member._expiry_days()[self.member]
        self.assertEqual(days, [(today + timedelta(days=3), 50), (today + timedelta(days=40), 20), (None, 5)])
        self.assertIn("<td>Without a last day</td><td class='text-end'>5</td>", self.member.expiry_table)
        self.assertEqual((self.member.soon_points, self.member.soonest_date), (50, today + timedelta(days=3)))
        members = self.env["fidelity.member"]
        self.assertIn(self.member, members.search([("soonest_date", "<=", today + timedelta(days=3))]))
        self.assertNotIn(self.member, members.search([("soonest_date", "<", today + timedelta(days=3))]))

    def test_an_invented_expiry_is_found(self):
        """Verification notices points that expired too early."""
        self.post(50, expires_date=self.day)
        postings = self.env["fidelity.posting"].sudo()
        postings._post_expiry(self.account.ids, self.day, SQL("TRUE"))
        found = self.env["fidelity.verification"].sudo()._verify()
        self.assertIn("could still be used", found.findings)
