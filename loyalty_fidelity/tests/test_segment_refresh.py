from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from .segment_common import NOW, SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentRefresh(SegmentCase):
    """Who came and who left is kept; refreshing takes steps and goes on where it stopped."""

    def test_who_came_and_left_is_noted_once(self):
        segment = self.segment({"kind": "balance", "number": 100})
        self.assertEqual(segment.member_count, 0)
        self.adjust(self.anna, 100)
        self.adjust(self.bruno, 100)
        segment._refresh()
        segment._refresh()
        self.adjust(self.anna, -1)
        segment._refresh()
        events = [
            (event.member_id, event.kind) for event in self.env["fidelity.segment.event"].search([("segment_id", "=", segment.id)])
        ]
        self.assertCountEqual(events, [(self.anna, "entered"), (self.bruno, "entered"), (self.anna, "left")])
        self.assertEqual((segment.member_count, segment.entered_count, segment.left_count), (1, 0, 1))
        self.assertTrue(segment._contains(self.bruno) and not segment._contains(self.anna))
        self.assertEqual(self.env["fidelity.segment"]._of(self.bruno), segment)

    def test_a_refresh_in_steps_goes_on_where_it_stopped(self):
        segment = self.segment(refresh=False)
        steps = 0
        while segment._refresh_next(batch=1):
            steps += 1
            self.env.invalidate_all()
            self.assertTrue(segment._is_due(NOW), "what is under way is gone on with")
        self.assertGreaterEqual(steps, 4)
        self.assertEqual(self.members(segment), self.people)
        self.assertEqual((segment.member_count, segment.entered_count), (4, 4))
        self.assertFalse(segment._is_due(NOW))

    def test_what_hooks_hear(self):
        """Those who came, those who left, and whether they were there from the beginning."""
        heard = []
        model = self.env.registry["fidelity.segment"]

        def enter(segment, members):
            heard.append(("entered", members, bool(segment.env.context.get("fidelity_first_refresh"))))

        def leave(segment, members):
            heard.append(("left", members, bool(segment.env.context.get("fidelity_first_refresh"))))

        self.patch(model, "_fidelity_on_enter", enter)
        self.patch(model, "_fidelity_on_leave", leave)
        self.adjust(self.anna, 100)
        segment = self.segment({"kind": "balance", "number": 100})
        self.adjust(self.bruno, 100)
        self.adjust(self.anna, -50)
        segment._refresh()
        self.assertEqual(heard, [("entered", self.anna, True), ("entered", self.bruno, False), ("left", self.anna, False)])

    def test_changed_conditions_begin_anew(self):
        segment = self.segment(refresh=False)
        segment._refresh_next(batch=1)
        segment.condition_ids = [Command.create({"kind": "balance", "number": 100})]
        self.assertTrue(segment.is_stale)
        self.assertFalse(segment.refresh_member_id)
        segment._refresh()
        self.assertFalse(self.members(segment))

    def test_the_job_refreshes_what_is_due_in_order(self):
        """First what others ask for, however they are sorted."""
        first = self.segment({"kind": "balance", "number": 100}, name="Z first", refresh=False)
        second = self.segment({"kind": "segment", "other_segment_id": first.id}, name="A second", refresh=False)
        by_hand = self.segment(refresh_every="never")
        self.adjust(self.anna, 100)
        self.assertEqual((second | first)._in_order(), first | second)
        self.assertEqual(list((second | first)._in_order()), [first, second])
        for segment in self.env["fidelity.segment"]._due()._in_order():
            segment._refresh()
        self.assertEqual(self.members(second), self.anna)
        with freeze_time(NOW + timedelta(hours=25)):
            due = self.env["fidelity.segment"]._due()
        self.assertEqual(due & (first | second | by_hand), first | second)

    def test_the_button_refreshes_what_the_segment_asks_for_too(self):
        first = self.segment({"kind": "balance", "number": 100}, name="First")
        second = self.segment({"kind": "segment", "other_segment_id": first.id}, name="Second")
        third = self.segment({"kind": "segment", "other_segment_id": second.id}, name="Third")
        self.adjust(self.anna, 100)
        third.action_refresh()
        self.assertEqual([self.members(segment) for segment in (first, second, third)], [self.anna] * 3)

    def test_asking_whether_somebody_belongs_costs_one_statement(self):
        segment = self.segment()
        before = self.env.cr.sql_log_count
        segment._contains(self.anna)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)

    def test_old_events_are_forgotten(self):
        segment = self.segment()
        events = self.env["fidelity.segment.event"]
        with freeze_time(NOW + timedelta(days=401)):
            events._gc()
        self.assertFalse(events.search([("segment_id", "=", segment.id)]))


@tagged("post_install", "-at_install")
class TestSegmentScreens(SegmentCase):
    """Editing shows how many fit before it is saved; who may do what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls.make_user(f"segment_{role}", f"loyalty_fidelity.group_fidelity_{role}")
            for role in ("user", "store_manager", "manager")
        }

    def test_count_and_sample_before_saving(self):
        self.adjust(self.anna, 100)
        form = Form(self.env["fidelity.segment"].with_user(self.users["manager"]))
        form.name = "Rich"
        self.assertIn("4 members", form.preview_text)
        with form.condition_ids.new() as condition:
            condition.kind = "balance"
            condition.number = 100
            self.assertEqual(condition.summary, "at least 100 points")
        self.assertEqual(form.preview_text, "1 member meets the conditions.")
        self.assertEqual(form.summary, "Active members: at least 100 points")
        segment = form.save()
        self.assertTrue(segment.is_stale)
        segment.with_user(self.users["store_manager"]).action_refresh()
        self.assertEqual((segment.member_count, segment.is_stale), (1, False))
        action = segment.action_view_members()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), self.anna)

    def test_rights(self):
        segment = self.segment()
        for role in ("user", "store_manager"):
            own = segment.with_user(self.users[role])
            self.assertEqual(own.member_count, 4)
            with self.assertRaises(AccessError):
                own.name = "Mine"
            with self.assertRaises(AccessError):
                own.condition_ids.create({"segment_id": segment.id, "kind": "never_bought"})
        with self.assertRaisesRegex(AccessError, "store manager"):
            segment.with_user(self.users["user"]).action_refresh()
        stranger = self.make_user("segment_stranger")
        for model in ("fidelity.segment", "fidelity.segment.condition", "fidelity.segment.member", "fidelity.segment.event"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])
        for model in ("fidelity.segment.member", "fidelity.segment.event"):
            with self.assertRaises(AccessError):
                self.env[model].search([], limit=1).write({"member_id": self.anna.id})

    def test_another_companys_segment_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other shops"})
        theirs = self.segment(company_id=other.id)
        for user in self.users.values():
            self.assertFalse(self.env["fidelity.segment"].with_user(user).search([("id", "=", theirs.id)]))
            with self.assertRaises(AccessError):
                theirs.with_user(user).action_refresh()

    def test_profiling_is_known(self):
        bought = self.segment({"kind": "purchases", "number": 1})
        self.assertTrue(bought.is_profiling)
        self.assertTrue(self.segment({"kind": "segment", "other_segment_id": bought.id}).is_profiling)
        self.assertFalse(self.segment({"kind": "tier", "tier_ids": [Command.set(self.gold.ids)]}).is_profiling)
        within = {"kind": "group", "child_ids": [Command.create({"kind": "spent", "amount": 1})]}
        self.assertTrue(self.segment(within).is_profiling)
