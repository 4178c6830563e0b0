from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .segment_common import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentWords(SegmentCase):
    """A segment says in words whom it holds, and of one member why."""

    def test_the_whole_segment_is_a_sentence(self):
        segment = self.segment(
            {"kind": "balance", "number": 1000},
            {"kind": "last_purchase", "days": 30, "negated": True},
            {
                "kind": "group",
                "child_ids": [
                    Command.create({"kind": "tier", "tier_ids": [Command.set(self.gold.ids)]}),
                    Command.create({"kind": "birthday", "days": 7}),
                ],
            },
        )
        self.assertEqual(
            segment.summary,
            "Active members: at least 1,000 points and not: last purchase at most 30 days ago and "
            "(tier Gold or birthday within 7 days)",
        )

    def test_a_member_is_explained_condition_by_condition(self):
        self.adjust(self.anna, 120)
        self.buy(self.anna, 1000, days=41)
        segment = self.segment({"kind": "balance", "number": 100}, {"kind": "last_purchase", "days": 30})
        wizard = self.env["fidelity.segment.explanation"].create({"segment_id": segment.id, "member_id": self.anna.id})
        balance = self.anna.balance
        self.assertEqual(
            wizard.explanation.splitlines(),
            [f"✓ at least 100 points ({balance})", "✗ last purchase at most 30 days ago (last purchase 41 days ago)"],
        )
        self.assertFalse(wizard.belongs)

    def test_the_explanation_says_what_changed_since_the_refresh(self):
        segment = self.segment({"kind": "balance", "number": 100})
        self.adjust(self.anna, 120)
        wizard = self.env["fidelity.segment.explanation"].create({"segment_id": segment.id, "member_id": self.anna.id})
        self.assertTrue(wizard.belongs)
        self.assertIn("Since the last refresh something has changed", wizard.explanation)

    def test_every_kind_has_words_and_a_query(self):
        kinds = dict(self.env["fidelity.segment.condition"]._fields["kind"].selection)
        for kind in kinds:
            condition = self.env["fidelity.segment.condition"].new({"kind": kind})
            self.assertNotEqual(condition._words(), kind, kind)
            self.assertTrue(hasattr(condition, f"_sql_{kind}"), kind)

    def test_what_was_archived_since_is_said(self):
        segment = self.segment({"kind": "store", "store_ids": [Command.set(self.north.ids)]})
        self.assertFalse(segment.problem)
        self.north.active = False
        self.env.invalidate_all()
        self.assertEqual(segment.problem, "Archived, yet asked for: [N1] Store N1.")


@tagged("post_install", "-at_install")
class TestSegmentChecks(SegmentCase):
    """Nonsense is refused when it is saved, and the sentence names the field."""

    def test_wrong_values(self):
        archived = self.make_store("A1", active=False)
        wrong = (
            ({"kind": "expiring", "days": -1}, "Days: -1"),
            ({"kind": "last_purchase", "days": 40_000}, "Days: 40000"),
            ({"kind": "birthday", "days": 400}, "Days: 400"),
            ({"kind": "age", "number": 131}, "From: 131"),
            ({"kind": "purchases", "number": -1}, "From: -1"),
            ({"kind": "balance", "compare": "between", "number": 5, "number_to": 4}, "To: 4 is less than 5"),
            ({"kind": "spent", "compare": "between", "amount": 5, "amount_to": 4}, "To amount: "),
            ({"kind": "spent", "amount": -1}, "From amount"),
            ({"kind": "tier"}, "Tiers: choose"),
            ({"kind": "store"}, "Stores: choose"),
            ({"kind": "tag"}, "Tags: choose"),
            ({"kind": "place", "places": " , "}, "Cities or post codes: choose"),
            ({"kind": "language"}, "Language: choose"),
            ({"kind": "consent"}, "Agreed to: choose"),
            ({"kind": "segment"}, "Segment: choose"),
            ({"kind": "group"}, "Conditions: choose"),
            ({"kind": "store", "store_ids": [Command.set(archived.ids)]}, r"Stores: \[A1\] Store A1 is archived"),
        )
        for values, message in wrong:
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, message):
                self.segment(values, refresh=False)

    def test_a_segment_that_asks_for_itself_by_a_detour(self):
        first = self.segment({"kind": "balance", "number": 1})
        second = self.segment({"kind": "segment", "other_segment_id": first.id}, name="Second")
        group = {"kind": "group", "child_ids": [Command.create({"kind": "segment", "other_segment_id": second.id})]}
        for condition in ({"kind": "segment", "other_segment_id": second.id}, group):
            with self.assertRaisesRegex(ValidationError, "Segment: Second asks for members of Some itself"):
                first.condition_ids = [Command.create(condition)]
        with self.assertRaisesRegex(ValidationError, "itself"):
            first.condition_ids = [Command.create({"kind": "segment", "other_segment_id": first.id})]
        with self.assertRaisesRegex(UserError, "asked for by the segment Second"):
            first.active = False

    def test_what_a_condition_asks_for_is_not_deleted(self):
        self.segment({"kind": "tag", "tag_ids": [Command.create({"name": "Friend"})]}, refresh=False)
        tag = self.env["res.partner.category"].search([("name", "=", "Friend")])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            tag.unlink()
