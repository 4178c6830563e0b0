import random
from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..rules import tier as kernel_tier
from .tiers import TierCase


@tagged("post_install", "-at_install")
class TestTierProgress(TierCase):
    """What counts: from posted receipts, each once, returns on the day of what they take back."""

    def test_purchases_count_on_their_day(self):
        self.buy(self.anna, 120, "2026-02-01")
        self.buy(self.anna, 30.5, "2026-02-01")
        self.buy(self.anna, 40, "2026-03-05")
        self.assertEqual(self.fold(), {self.anna.id})
        self.assertEqual(self.rows(self.anna), [("2026-02-01", 15, 15050, 2), ("2026-03-05", 4, 4000, 1)])
        self.assertEqual(self.fold(), set(), "counted once")
        self.assertEqual(len(self.rows(self.anna)), 2)

    def test_the_day_is_the_stores(self):
        self.store.tz = "Asia/Tokyo"
        self.buy(self.anna, 100, "2025-12-31", at="20:00:00")
        self.fold()
        self.assertEqual(self.rows(self.anna)[0][0], "2026-01-01")

    def test_return_takes_back_on_the_day_of_the_purchase(self):
        sold = self.buy(self.anna, 300, "2026-02-01", quantity=3)
        self.buy(self.anna, -100, "2026-04-01", back_of=sold)
        self.fold()
        self.assertEqual(self.rows(self.anna), [("2026-02-01", 20, 20000, 1)])
        self.buy(self.anna, -200, "2026-05-01", back_of=sold, quantity=2)
        self.fold()
        self.assertEqual(self.rows(self.anna), [("2026-02-01", 0, 0, 0)], "given back whole: no visit either")

    def test_sale_and_return_counted_at_once(self):
        sold = self.buy(self.anna, 300, "2026-02-01", quantity=3)
        self.buy(self.anna, -100, "2026-04-01", back_of=sold)
        self.buy(self.anna, -200, "2026-05-01", back_of=sold, quantity=2)
        self.fold()
        self.assertEqual(self.rows(self.anna), [], "nothing is left to say")

    def test_return_posted_before_its_share_was_noted(self):
        """Returns of earlier versions have no note of what they took: the value of their lines counts."""
        sold = self.buy(self.anna, 300, "2026-02-01", quantity=3)
        back = self.buy(self.anna, -100, "2026-04-01", back_of=sold)
        self.env.cr.execute("SET LOCAL session_replication_role = origin")
        self.env.cr.execute("ALTER TABLE fidelity_receipt_reversal DISABLE TRIGGER ALL")
        self.env.cr.execute(SQL("UPDATE fidelity_receipt_reversal SET base_minor = NULL WHERE receipt_id = %s", back.id))
        self.env.cr.execute("ALTER TABLE fidelity_receipt_reversal ENABLE ALWAYS TRIGGER fidelity_receipt_reversal_append_only")
        self.env.invalidate_all()
        self.buy(self.anna, -200, "2026-05-01", back_of=sold, quantity=2)
        self.assertEqual(self.env["fidelity.receipt.reversal"].search([("original_id", "=", sold.id)]).mapped("base_minor"), [0, 0])
        self.fold()
        self.assertEqual(self.rows(self.anna), [])

    def test_return_without_its_receipt_takes_back_where_the_rules_say_so(self):
        self.buy(self.anna, 300, "2026-02-01")
        self.buy(self.anna, -100, "2026-03-01", kind="return_unlinked")
        self.fold()
        self.assertEqual(self.rows(self.anna), [("2026-02-01", 30, 30000, 1), ("2026-03-01", -10, -10000, 0)])
        lenient = self.make_ranked("Lenient", "0482", unlinked_return="leave")
        zoe = self.enrol("Zoe", lenient)
        self.buy(zoe, -100, "2026-03-01", kind="return_unlinked")
        self.fold()
        self.assertEqual(self.rows(zoe), [])

    def test_corrections_by_hand_do_not_count(self):
        self.adjust(self.anna, 5000)
        self.fold()
        self.assertEqual(self.rows(self.anna), [])

    def test_household_shares_points_and_not_tiers(self):
        marco = self.enrol("Marco Verdi")
        marco._join(self.anna, "6c9b1f62-0a3c-4a4b-9a57-4d4f6d2a7c01")
        self.buy(marco, 600, "2026-02-01")
        self.night("2026-02-02")
        self.assertEqual((marco.tier_id, self.anna.tier_id), (self.silver, self.bronze))
        self.assertEqual(self.anna.balance, 60)

    def test_merged_members_count_together(self):
        marco = self.enrol("Marco Verdi")
        self.buy(self.anna, 300, "2026-02-01")
        self.buy(marco, 250, "2026-02-01")
        self.fold()
        late = self.buy(marco, 50, "2026-02-03")
        marco._merge_into(self.anna, "6c9b1f62-0a3c-4a4b-9a57-4d4f6d2a7c02")
        self.fold()
        self.assertEqual(self.rows(self.anna), [("2026-02-01", 55, 55000, 2), ("2026-02-03", 5, 5000, 1)])
        self.buy(marco, -50, "2026-02-04", back_of=late)
        self.fold()
        self.assertEqual(self.rows(self.anna)[-1], ("2026-02-03", 0, 0, 0))
        self.night("2026-02-05")
        self.assertEqual(self.anna.tier_id, self.silver)


@tagged("post_install", "-at_install")
class TestTierRuns(TierCase):
    """Nights: whoever reaches a tier has it, whoever does not any more loses it, once, with a note."""

    def test_rises_and_is_noted(self):
        self.buy(self.anna, 499.99, "2026-02-01")
        self.night("2026-02-02")
        self.assertEqual((self.anna.tier_id, self.history(self.anna)), (self.bronze, []))
        self.buy(self.anna, 0.01, "2026-02-02")
        run = self.night("2026-02-03")
        self.assertEqual((self.anna.tier_id, str(self.anna.tier_since)), (self.silver, "2026-02-03"))
        self.assertEqual(self.history(self.anna), [("Bronze", "Silver", "qualified")])
        self.assertEqual((run.rose, run.fell, run.state), (1, 0, "done"))
        self.assertEqual(self.anna.tier_change_ids.direction, "up")

    def test_a_second_look_changes_nothing(self):
        self.buy(self.anna, 1200, "2026-02-01")
        self.night("2026-02-02")
        self.assertEqual(self.nights._evaluate("2026-02-02", SQL("TRUE")), (0, 0))
        self.assertFalse(self.nights._begin("2026-02-02"), "a day has one night")
        self.assertEqual(len(self.anna.tier_change_ids), 1)

    def test_return_takes_the_tier_back_at_the_next_run_without_grace(self):
        self.buy(self.anna, 100, "2026-02-01")
        sold = self.buy(self.anna, 500, "2026-02-01")
        self.night("2026-02-02")
        self.assertEqual(self.anna.tier_id, self.silver)
        self.buy(self.anna, -500, "2026-02-10", back_of=sold)
        self.assertEqual(self.fold(), {self.anna.id})
        self.nights._evaluate("2026-02-10", SQL("m.id = ANY(%s)", [self.anna.id]))
        self.env.invalidate_all()
        self.assertEqual(self.anna.tier_id, self.bronze)
        self.assertEqual(self.history(self.anna)[-1], ("Silver", "Bronze", "downgraded"))

    def test_grace_then_down(self):
        self.buy(self.anna, 600, "2025-01-15")
        self.night("2025-01-16")
        for day, tier in (
            ("2026-01-14", self.silver),
            ("2026-01-15", self.silver),
            ("2026-04-14", self.silver),
            ("2026-04-15", self.bronze),
        ):
            with self.subTest(day=day):
                self.night(day)
                self.assertEqual(self.anna.tier_id, tier)

    def test_nights_that_were_missed_do_not_lengthen_the_grace(self):
        self.buy(self.anna, 600, "2025-01-15")
        self.night("2025-01-16")
        self.night("2026-05-01")
        self.assertEqual(self.anna.tier_id, self.bronze)

    def test_calendar_year_ends(self):
        self.ranked.tier_period = "calendar"
        self.buy(self.anna, 1000, "2024-12-31")
        self.night("2024-12-31")
        self.assertEqual(self.anna.tier_id, self.gold)
        for day, tier in (("2025-01-01", self.gold), ("2025-12-31", self.gold), ("2026-01-01", self.bronze)):
            self.night(day)
            self.assertEqual(self.anna.tier_id, tier, day)

    def test_year_of_the_membership_that_began_on_a_leap_day(self):
        self.ranked.tier_period = "anniversary"
        self.ranked.tier_ids.grace_months = 0
        leo = self.enrol("Leo", enrolled="2024-02-29")
        self.buy(leo, 1000, "2025-02-27")
        self.night("2025-02-27")
        for day, tier in (("2025-02-28", self.gold), ("2026-02-27", self.gold), ("2026-02-28", self.bronze)):
            self.night(day)
            self.assertEqual(leo.tier_id, tier, day)

    def test_points_and_visits_count_too(self):
        for measure, prefix in (("points", "0483"), ("visits", "0484")):
            card_type = self.make_ranked(measure, prefix, measure=measure)
            member = self.enrol("Vito", card_type)
            for number in range(5):
                self.buy(member, 10, f"2026-02-0{number + 1}")
                self.buy(member, 1, f"2026-02-0{number + 1}")
            self.night("2026-02-06" if measure == "points" else "2026-02-07")
            self.assertEqual(member.tier_id, card_type.tier_ids.sorted("sequence")[1], measure)

    def test_interrupted_night_goes_on_where_it_was(self):
        members = self.anna | self.enrol("Bea") | self.enrol("Carl") | self.enrol("Dora")
        for member in members:
            self.buy(member, 600, "2026-02-01")
        self.fold()
        run = self.nights._begin("2026-02-02")
        self.env.cr.execute(SQL("UPDATE fidelity_tier_run SET position = %s WHERE id = %s", min(members.ids) - 1, run.id))
        self.assertTrue(run._advance(2))
        self.assertEqual(sorted(member.tier_id.name for member in members), ["Bronze", "Bronze", "Silver", "Silver"])
        self.assertEqual(run, self.nights._running())
        while self.nights._running()._advance(2):
            continue
        self.assertEqual(set(members.mapped("tier_id.name")), {"Silver"})
        self.assertEqual([len(member.tier_change_ids) for member in members], [1, 1, 1, 1])
        self.assertEqual((run.rose, run.state), (4, "done"))

    def test_a_tier_that_somebody_changed_meanwhile_stays(self):
        """A change is made from the tier that the rules saw, only."""
        rows = [{"member_id": self.anna.id, "from_id": self.silver.id, "to_id": self.bronze.id, "since": "2026-01-01"}]
        rows[0] |= {"landed": True, "why": "downgraded"}
        self.assertEqual(self.changes._apply(rows, "2026-01-01"), (0, 0))
        self.assertEqual((self.anna.tier_id, self.history(self.anna)), (self.bronze, []))

    def test_closed_members_keep_their_tier(self):
        self.buy(self.anna, 600, "2026-02-01")
        self.anna.action_close()
        self.night("2026-02-02")
        self.assertEqual(self.anna.tier_id, self.bronze)

    def test_members_without_a_tier_begin_at_the_first_without_a_note(self):
        zoe = self.enrol("Zoe")
        self.env.cr.execute(SQL("UPDATE fidelity_member SET tier_id = NULL WHERE id IN %s", tuple((self.anna | zoe).ids)))
        self.env.invalidate_all()
        self.buy(zoe, 700, "2026-02-01")
        self.night("2026-02-02")
        self.assertEqual((self.anna.tier_id, self.history(self.anna)), (self.bronze, []))
        self.assertEqual((zoe.tier_id, self.history(zoe)), (self.silver, [("", "Silver", "qualified")]))

    def test_statements_do_not_follow_the_number_of_members(self):
        for number in range(30):
            member = self.enrol(f"Member {number}")
            self.buy(member, 600, "2026-02-01")
        self.fold()
        self.env.flush_all()
        with self.assertQueryCount(12):
            self.nights._evaluate("2026-02-02", SQL("m.id > 0"))

    def test_sql_leaves_out_only_whom_the_rules_leave_alone(self):
        """Random members under random ladders: whom the statement does not return, the rules would not move."""
        chance = random.Random(20261125)
        first = date(2023, 1, 1)
        members = self.env["fidelity.member"]
        for number in range(40):
            members |= self.enrol(f"Any {number}", enrolled=str(first + timedelta(days=chance.randrange(420))))
        moved = 0
        for period in ("rolling", "calendar", "anniversary"):
            self.ranked.write({"tier_period": period, "tier_months": chance.choice([1, 6, 12])})
            for tier in (self.silver, self.gold):
                tier.write({"grace_months": chance.choice([0, 1, 5]), "downgrade": chance.choice(["one", "deserved"])})
            for _turn in range(6):
                moved += self.compare(members, chance, first)
        self.assertGreater(moved, 50)

    def compare(self, members, chance, first):
        """Draw a situation, look at everybody both ways; return how many move."""
        self.env.cr.execute(SQL("DELETE FROM fidelity_tier_progress WHERE member_id IN %s", tuple(members.ids)))
        day = first + timedelta(days=chance.randrange(500, 1300))
        rows = {}
        for member in members:
            for _number in range(chance.randrange(5)):
                at = day - timedelta(days=chance.randrange(-5, 800))
                rows[member.id, at] = chance.randrange(-20_000, 90_000)
            tier = chance.choice(self.ranked.tier_ids)
            member._set(
                {
                    "tier_id": tier.id,
                    "tier_since": day - timedelta(days=chance.randrange(0, 500)),
                    "tier_landed": chance.random() < 0.3,
                    "tier_floor_id": chance.choice([False, self.silver.id]),
                    "tier_floor_until": day + timedelta(days=chance.randrange(-40, 40)),
                }
            )
        self.progress._append(
            [
                {"member_id": member_id, "day": at, "points": 0, "spending_minor": amount, "purchases": 1}
                for (member_id, at), amount in rows.items()
            ]
        )
        self.env.flush_all()
        ladder = self.ranked._ladder()
        tier_ids = {level.key: int(level.key) for level in ladder.levels}
        arguments = (self.ranked, ladder, tier_ids, str(day), SQL("m.id = ANY(%s)", members.ids))
        found = {row["id"]: row for row in self.nights._candidates(*arguments)}
        moving = 0
        for row in self.nights._candidates(*arguments, everybody=True):
            whole = {str(at): amount for (member_id, at), amount in rows.items() if member_id == row["id"]}
            place = kernel_tier.place(ladder, row["enrolled"], whole, str(day), self.nights._holding(row))
            moving += bool(place.change)
            if place.change:
                self.assertTrue(row["id"] in found, (row, place, ladder))
            if row["id"] in found:
                self.assertEqual(self.nights._place(ladder, found[row["id"]], str(day)), place, "older purchases do not matter")
        return moving
