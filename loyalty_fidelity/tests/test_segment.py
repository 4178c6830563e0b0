from datetime import date, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .segment_common import NOW, SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentConditions(SegmentCase):
    """What each condition finds, and that the explanation of each member agrees."""

    def test_points(self):
        self.adjust(self.anna, 100)
        self.adjust(self.bruno, 250)
        points = {"kind": "balance", "compare": "at_least"}
        self.assertFinds(self.anna | self.bruno, {**points, "number": 100})
        self.assertFinds(self.bruno, {**points, "number": 101})
        self.assertFinds(self.anna, {**points, "compare": "between", "number": 50, "number_to": 100})
        self.assertFinds(self.carla | self.dario, {**points, "compare": "at_most", "number": 0})
        self.assertFinds(self.carla | self.dario, {**points, "number": 1, "negated": True})

    def test_points_of_a_household_are_everybodys(self):
        self.adjust(self.anna, 100)
        self.bruno._join(self.anna, "7d0d2a5e-7f0b-4a66-9a51-7d4b0c9a3f11")
        self.assertFinds(self.anna | self.bruno, {"kind": "balance", "number": 100})

    def test_points_that_expire_within_days(self):
        """The last day counts, what was used or has expired does not, and tomorrow the same segment is right again."""
        self.expire(self.anna, 50, date(2026, 6, 25))
        self.expire(self.bruno, 50, date(2026, 6, 26))
        self.expire(self.carla, 50, date(2026, 6, 14))
        self.expire(self.dario, 50, date(2026, 6, 20))
        self.adjust(self.dario, -45)
        segment = self.assertFinds(self.anna, {"kind": "expiring", "days": 10, "number": 10})
        self.assertFinds(self.anna | self.dario, {"kind": "expiring", "days": 10, "number": 5})
        with freeze_time(NOW + timedelta(days=1)):
            segment._refresh()
        self.assertEqual(self.members(segment), self.anna | self.bruno)

    def test_last_purchase(self):
        """A day is counted from midnight of the company's clock; who never bought has no last purchase."""
        self.buy(self.anna, 1000, days=30)
        self.buy(self.bruno, 1000, days=31)
        self.buy(self.bruno, 1000, days=90)
        recent = {"kind": "last_purchase", "days": 30, "direction": "within"}
        segment = self.assertFinds(self.anna, recent)
        self.assertFinds(self.bruno, {**recent, "direction": "before"})
        self.assertFinds(self.carla | self.dario, {"kind": "never_bought"})
        self.assertFinds(self.people - self.anna, {**recent, "negated": True})
        with freeze_time(NOW + timedelta(days=1)):
            segment._refresh()
        self.assertFalse(self.members(segment), "tomorrow it is 31 days ago")

    def test_number_of_purchases_and_spending(self):
        """Ever and in a period; spending in another currency than the card type's does not count."""
        other = self.env.ref("base.JPY")
        other.active = True
        self.buy(self.anna, 4999, days=5)
        self.buy(self.anna, 5001, days=100)
        self.buy(self.bruno, 4999, days=5)
        self.buy(self.bruno, 999_999, days=5, currency=other)
        self.assertFinds(self.anna | self.bruno, {"kind": "purchases", "number": 2})
        self.assertFinds(self.bruno, {"kind": "purchases", "number": 2, "days": 30})
        self.assertFinds(self.carla | self.dario, {"kind": "purchases", "compare": "at_most", "number": 0})
        self.assertFinds(self.anna, {"kind": "spent", "amount": 100.00})
        self.assertFinds(self.people.browse(), {"kind": "spent", "amount": 100.01})
        self.assertFinds(self.anna | self.bruno, {"kind": "spent", "amount": 49.99, "days": 30})
        self.assertFinds(self.bruno, {"kind": "spent", "compare": "between", "amount": 0.01, "amount_to": 50})

    def test_what_a_merged_membership_bought_counts_for_who_has_it_now(self):
        self.buy(self.dario, 1000, days=3)
        self.dario._merge_into(self.carla, "0e4e5b5c-52b2-4f62-8c5d-2a6d1d4f6a10")
        self.people -= self.dario
        self.assertFinds(self.carla, {"kind": "last_purchase", "days": 5})
        self.assertFinds(self.anna | self.bruno, {"kind": "never_bought"})

    def test_store_tier_card_type_card(self):
        self.buy(self.anna, 1000, store=self.north)
        self.carla.card_ids._set_state("blocked")
        self.assertFinds(self.bruno, {"kind": "store", "store_ids": [Command.set(self.north.ids)]})
        bought = {"kind": "store", "store_role": "bought", "store_ids": [Command.set(self.north.ids)]}
        self.assertFinds(self.anna, bought)
        self.assertFinds(self.carla, {"kind": "tier", "tier_ids": [Command.set(self.gold.ids)]})
        other = self.make_card_type("Other", "0480")
        self.assertFinds(self.people.browse(), {"kind": "card_type", "card_type_ids": [Command.set(other.ids)]})
        self.assertFinds(self.people, {"kind": "card_type", "card_type_ids": [Command.set(self.card_type.ids)]})
        self.assertFinds(self.carla, {"kind": "card_state", "card_state": "blocked"})
        self.assertFinds(self.carla, {"kind": "card_state", "card_state": "active", "negated": True})

    def test_joining(self):
        self.assertFinds(self.bruno, {"kind": "enrolled", "days": 14})
        self.assertFinds(self.anna, {"kind": "enrolled", "days": 1000, "direction": "before"})

    def test_birthday_and_age(self):
        """Also over New Year and for who was born on 29 February."""
        self.anna.birth_date, self.bruno.birth_date = date(1980, 6, 20), date(2008, 6, 15)
        self.carla.birth_date = date(2000, 2, 29)
        self.assertFinds(self.bruno, {"kind": "birthday", "days": 0})
        self.assertFinds(self.anna | self.bruno, {"kind": "birthday", "days": 5})
        self.assertFinds(self.anna | self.bruno, {"kind": "birthday_month", "month": "0"})
        self.assertFinds(self.carla, {"kind": "birthday_month", "month": "2"})
        self.assertFinds(self.anna | self.bruno | self.carla, {"kind": "birthday", "days": 366})
        self.assertFinds(self.bruno | self.carla, {"kind": "age", "compare": "between", "number": 18, "number_to": 26})
        self.assertFinds(self.anna, {"kind": "age", "number": 40})
        for day in (date(2026, 2, 28), date(2028, 2, 29)):
            with freeze_time(f"{day} 12:00:00"):
                self.assertFinds(self.carla, {"kind": "birthday", "days": 0})
        with freeze_time("2026-12-30 12:00:00"):
            self.dario.birth_date = date(1990, 1, 2)
            self.assertFinds(self.dario, {"kind": "birthday", "days": 3})

    def test_what_the_contact_says(self):
        self.env["res.lang"]._activate_lang("it_IT")
        tag = self.env["res.partner.category"].create({"name": "Friend"})
        self.anna.partner_id.write({"city": "Milano", "zip": "20121", "category_id": [Command.link(tag.id)], "lang": "it_IT"})
        self.bruno.partner_id.write({"city": "monza", "zip": "20900", "email": "bruno@example.com", "street": "Via Roma 1"})
        self.carla.partner_id.write({"city": "Roma", "zip": "00184", "phone": "+393331234567"})
        self.assertFinds(self.anna, {"kind": "tag", "tag_ids": [Command.set(tag.ids)]})
        self.assertFinds(self.anna | self.bruno, {"kind": "place", "places": "Monza, 20121"})
        self.assertFinds(self.anna | self.bruno, {"kind": "place", "places": "20*"})
        self.assertFinds(self.carla, {"kind": "place", "places": " ROMA ,"})
        self.assertFinds(self.anna, {"kind": "language", "lang": "it_IT"})
        self.assertFinds(self.bruno, {"kind": "reachable", "address": "email"})
        self.assertFinds(self.carla, {"kind": "reachable", "address": "phone"})
        self.assertFinds(self.bruno, {"kind": "reachable", "address": "post"})

    def test_consent(self):
        purpose = self.env.ref("loyalty_fidelity.consent_purpose_marketing_sms")
        purpose.valid_months = 1
        self.env["fidelity.consent"]._record(self.anna.partner_id, {purpose: True}, "paper", occurred_at=NOW - timedelta(days=60))
        self.env["fidelity.consent"]._record(self.bruno.partner_id, {purpose: True}, "paper")
        self.env["fidelity.consent"]._record(self.carla.partner_id, {purpose: True}, "paper", occurred_at=NOW - timedelta(days=2))
        self.env["fidelity.consent"]._record(self.carla.partner_id, {purpose: False}, "paper")
        self.assertFinds(self.bruno, {"kind": "consent", "purpose_id": purpose.id})

    def test_groups_nest_and_are_negated(self):
        self.adjust(self.anna, 100)
        self.buy(self.anna, 1000, days=40)
        self.buy(self.bruno, 1000, days=40)
        tier = {"kind": "tier", "tier_ids": [Command.set(self.gold.ids)]}
        points = {"kind": "balance", "number": 100}
        bought = {"kind": "purchases", "number": 1}
        either = {"kind": "group", "match": "any", "child_ids": [Command.create(tier), Command.create(points)]}
        self.assertFinds(self.anna | self.carla, either)
        self.assertFinds(self.anna, either, bought)
        self.assertFinds(self.people - self.dario, either, bought, match="any")
        self.assertFinds(self.bruno | self.dario, {**either, "negated": True})
        deep = {"kind": "group", "match": "all", "child_ids": [Command.create(either), Command.create(bought)]}
        self.assertFinds(self.anna | self.carla, {"kind": "group", "child_ids": [Command.create(deep), Command.create(tier)]})

    def test_another_segment(self):
        self.adjust(self.anna, 100)
        first = self.segment({"kind": "balance", "number": 100})
        self.assertFinds(self.people - self.anna, {"kind": "segment", "other_segment_id": first.id, "negated": True})

    def test_no_condition_holds_all_active_members(self):
        self.dario.action_close()
        segment = self.segment()
        self.assertEqual(self.members(segment), self.people - self.dario)
        self.assertEqual(segment.summary, "All active members")

    def test_other_companies_members_are_not_looked_at(self):
        other = self.env["res.company"].create({"name": "Other shops"})
        theirs = self.make_member(self.make_card_type("Theirs", "0480", company=other), "Elena")
        shared_type = self.make_card_type("Shared", "0481")
        shared_type.company_id = False
        shared = self.make_member(shared_type, "Fabio")
        self.assertEqual(self.members(self.segment()), self.people | shared)
        self.assertEqual(self.members(self.segment(company_id=other.id)).sudo(), theirs | shared)
        self.assertEqual(self.members(self.segment(company_id=False)).sudo(), self.people | theirs | shared)
