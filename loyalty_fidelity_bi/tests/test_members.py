from datetime import date, timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.loyalty_fidelity.models.fidelity_member_birthday import birthday_in

from .common import FigureCase


@tagged("post_install", "-at_install")
class TestMembers(FigureCase):
    """Members are found by what they bought, have and lose, and by their birthday; always as of now."""

    def found(self, *domain):
        return self.env["fidelity.member"].search([("id", "in", [member.id for member in self.members]), *domain])

    def matching(self, name, operator, value):
        """The members that a search has to find, read one by one."""
        compare = {
            "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
            "=": lambda a, b: a == b,
        }[operator]
        return [
            m.id for m in self.members if (m[name] or m[name] == 0 and not isinstance(m[name], bool)) and compare(m[name], value)
        ]

    def assertSearches(self, name, values):
        for value in values:
            for operator in ("<", "<=", ">", ">=", "="):
                found = self.found((name, operator, value))
                self.assertEqual(sorted(found.ids), sorted(self.matching(name, operator, value)), f"{name} {operator} {value}")

    def test_purchases_are_found_rolled_up_or_not(self):
        """The last purchase is searched exactly before, in the middle of and after a roll-up."""
        now = self.env.cr.now().replace(microsecond=0)
        self.post(self.members[0], [self.line(self.products[0], 5000)], self.stores[0], now - timedelta(days=20))
        self.post(self.members[1], [self.line(self.products[0], 700)], self.stores[0], now - timedelta(days=5))
        moments = [now - timedelta(days=days) for days in (25, 20, 10, 5, 1)]
        for step in ("live", "part", "rolled"):
            if step != "live":
                self.settle(self.env["fidelity.posting"].search([], limit=2)[-1].id if step == "part" else None)
                self.roll_up()
            with self.subTest(step=step):
                self.assertSearches("last_purchase_at", moments)
                self.assertEqual(self.found(("last_purchase_at", "=", False)).ids, self.members[2].ids)
                self.assertEqual([m.purchase_count for m in self.members], [1, 1, 0])
                self.assertEqual([m.spent for m in self.members], [50.0, 7.0, 0.0])
        self.assertSearches("spent", [0, 7, 8, 50, 60, -1])
        self.assertSearches("purchase_count", [0, 1, 2])
        self.post(self.members[0], [self.line(self.products[0], 100)], self.stores[0], now - timedelta(days=1))
        self.assertSearches("last_purchase_at", moments)

    def test_who_was_not_seen_counts_from_joining(self):
        """A member who never bought is not seen since he joined."""
        now = self.env.cr.now().replace(microsecond=0)
        for member, days in zip(self.members, (200, 200, 100), strict=True):
            member.enrolled_date = now.date() - timedelta(days=days)
        self.post(self.members[0], [self.line(self.products[0], 5000)], self.stores[0], now - timedelta(days=20))
        self.assertEqual(self.found(("last_seen_date", "<", "today -90d")), self.members[2] + self.members[1])
        self.assertEqual(self.found(("last_seen_date", "<", "today -150d")), self.members[1])
        for days in (15, 20, 99, 100, 101, 200):
            day = now.date() - timedelta(days=days)
            for operator in ("<", "<=", ">", ">="):
                found = self.found(("last_seen_date", operator, day))
                self.assertEqual(sorted(found.ids), sorted(self.matching("last_seen_date", operator, day)), f"{operator} {days}")

    def test_balance_is_searched_exactly(self):
        """Folded or not, also where one household shares an account."""
        self.adjust(self.members[0], 120)
        self.adjust(self.members[1], 30)
        values = [-1, 0, 1, 30, 31, 120, 121]
        self.assertSearches("balance", values)
        horizon = self.env["fidelity.ledger.horizon"]
        horizon._advance()
        horizon._fold_up_to(self.env["fidelity.ledger.entry"].search([], limit=1).id)
        self.assertSearches("balance", values)
        self.adjust(self.members[1], 60)
        self.assertSearches("balance", [*values, 90])
        self.assertEqual(self.found(("balance", ">=", 50), ("balance", "<=", 100)), self.members[1])
        self.assertEqual(self.found("|", ("balance", "<", 1), ("balance", ">", 100)), self.members[2] + self.members[0])

    def lot(self, member, quantity, expires):
        """Points of a member that expire on a day."""
        self.adjust(member, quantity)
        entry = member.account_ids.entry_ids[:1]
        return self.env["fidelity.lot"]._append(
            [{"entry_id": entry.id, "account_id": entry.account_id.id, "quantity": quantity, "expires_date": expires}]
        )

    def test_what_expires_is_what_is_left(self):
        """Members are found by the day on which something of theirs expires; what is used does not count."""
        today = fields.Date.context_today(self.member)
        days = [today + timedelta(days=number) for number in (-1, 0, 10, 40)]
        self.lot(self.members[0], 5, days[0])
        self.lot(self.members[0], 7, days[2])
        self.lot(self.members[0], 9, days[3])
        used = self.lot(self.members[1], 6, days[2])
        entry = self.members[1].account_ids.entry_ids[:1]
        self.env["fidelity.lot.allocation"]._append([{"lot_id": used.id, "entry_id": entry.id, "quantity": 6}])
        self.lot(self.members[1], 3, days[3])
        self.env.invalidate_all()
        self.assertEqual([(m.next_expiry_date, m.expiring_points) for m in self.members[:2]], [(days[2], 7), (days[3], 3)])
        self.assertSearches("next_expiry_date", days)
        self.assertEqual(self.found(("next_expiry_date", "<=", "today +30d")), self.members[0])
        self.assertEqual(self.found(("next_expiry_date", "=", False)), self.members[2])

    def test_birthdays_come_round_every_year(self):
        """Over the end of a year and around 29 February."""
        for member, born in zip(self.members, (date(1980, 2, 29), date(1990, 12, 31), date(2000, 1, 3)), strict=True):
            member.birth_date = born
        self.assertEqual([birthday_in(date(1980, 2, 29), year).day for year in (2023, 2024)], [28, 29])
        for today in ("2023-12-30", "2024-12-31", "2025-02-28", "2024-02-28", "2024-02-29", "2025-03-01", "2025-01-03"):
            with freeze_time(today):
                self.env.invalidate_all()
                ahead = [fields.Date.to_date(today) + timedelta(days=number) for number in (-1, 0, 1, 4, 6, 60, 63, 64, 366)]
                for day in ahead:
                    for operator in ("<", "<=", ">", ">="):
                        found = self.found(("next_birthday", operator, day))
                        expected = self.matching("next_birthday", operator, day)
                        self.assertEqual(sorted(found.ids), sorted(expected), f"{today} {operator} {day}")

    def test_a_merged_member_brings_what_he_bought(self):
        """Purchases of a merged membership belong to the one that lives on, rolled up or not, however often."""
        first, second = self.members[0], self.members[1]
        for member in (first, second):
            self.post(member, [self.line(self.products[0], 1000)], self.stores[0])
        self.settle()
        self.roll_up()
        self.post(second, [self.line(self.products[0], 500)], self.stores[0])
        second._set({"state": "merged", "merged_into_id": first.id})
        self.assertEqual((first.purchase_count, first.spent), (3, 25.0))
        self.settle()
        self.roll_up()
        self.env.invalidate_all()
        self.assertEqual((first.purchase_count, first.spent, second.purchase_count), (3, 25.0, 0))
        self.env["fidelity.rollup"]._rebuild()
        self.env.invalidate_all()
        self.assertEqual((first.purchase_count, first.spent, second.purchase_count), (3, 25.0, 0))

    def test_a_merge_that_is_undone_takes_along_what_he_bought(self):
        """Rolled up or not; what was bought since stays."""
        first, second = self.members[0], self.members[1]
        for member in (first, second):
            self.post(member, [self.line(self.products[0], 1000)], self.stores[0])
        self.settle()
        self.roll_up()
        self.post(second, [self.line(self.products[0], 500)], self.stores[0])
        second._merge_into(first, "0d5c3c1e-0f5b-4d0e-8a55-0f4c7f0a1b01")
        self.post(first, [self.line(self.products[0], 200)], self.stores[0])
        self.settle()
        self.roll_up()
        self.post(first, [self.line(self.products[0], 100)], self.stores[0])
        self.assertEqual((first.purchase_count, second.purchase_count), (5, 0))
        second._unmerge(second.partner_id, "0d5c3c1e-0f5b-4d0e-8a55-0f4c7f0a1b02")
        expected = [(3, 13.0), (2, 15.0)]
        for step in (lambda: None, self.roll_up, self.env["fidelity.rollup"]._rebuild):
            step()
            self.env.invalidate_all()
            self.assertEqual([(member.purchase_count, member.spent) for member in (first, second)], expected)
