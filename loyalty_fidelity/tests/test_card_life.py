from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FidelityCase

LONG_AGO = date(2024, 1, 31)


@tagged("post_install", "-at_install")
class TestCardLife(FidelityCase):
    """From the first day of a card to its last, and what is remembered of it."""

    def expire(self):
        while self.env["fidelity.card"]._expire_some(2):
            pass

    def history(self, card):
        return [(event.from_state, event.to_state, event.reason) for event in card.event_ids.sorted("id")]

    def test_every_change_is_in_the_history(self):
        self.card._set_state("blocked", "stolen purse")
        new = self.card._replace("worn out")
        self.assertEqual(
            self.history(self.card),
            [(False, "active", False), ("active", "blocked", "stolen purse"), ("blocked", "replaced", "worn out")],
        )
        self.assertEqual(self.history(new), [(False, "active", False)])
        event = self.card.event_ids[0]
        self.assertEqual((event.member_id, event.author_name), (self.member, self.env.user.name))
        with self.assertRaises(AccessError):
            event.sudo().write({"reason": "other"})

    def test_card_is_valid_for_the_months_of_its_type(self):
        self.card_type.validity_months = 12
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        self.assertFalse(card.expires_date)
        card._give_out(self.member)
        today = fields.Date.context_today(card)
        self.assertEqual(card.expires_date, fields.Date.add(today, months=12, days=-1))
        self.assertFalse(self.card.expires_date)

    def test_card_ends_after_its_last_day(self):
        self.card.expires_date = LONG_AGO
        later = self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "member_id": self.member.id})
        later.expires_date = date(2999, 1, 1)
        self.expire()
        self.assertEqual((self.card.state, later.state), ("expired", "active"))
        self.assertEqual(self.history(self.card)[-1], ("active", "expired", "Its last day is over"))
        self.expire()
        self.assertEqual(len(self.card.event_ids), 2)

    def test_sale_of_the_last_day_counts_also_when_it_arrives_later(self):
        """The day decides, not the moment at which a job noted it."""
        self.card.expires_date = LONG_AGO
        for noted in (False, True):
            if noted:
                self.expire()
            for moment, state in (
                (datetime(2024, 1, 31, 20), "active"),
                (datetime(2024, 2, 1, 11, 59), "active"),
                (datetime(2024, 2, 1, 12), "expired"),
            ):
                self.assertEqual(self.env["fidelity.card"]._identify(self.card.number, moment)["card_state"], state)

    def test_blocked_card_stays_blocked_for_every_sale(self):
        self.card.expires_date = LONG_AGO
        self.card._set_state("blocked")
        found = self.env["fidelity.card"]._identify(self.card.number, datetime(2024, 1, 1))
        self.assertEqual(found["card_state"], "blocked")

    def test_only_a_manager_changes_the_last_day(self):
        user = self.make_user("life-user", "loyalty_fidelity.group_fidelity_user")
        with self.assertRaises(AccessError):
            self.card.with_user(user).expires_date = date(2999, 1, 1)

    def reissue(self, **vals):
        wizard = self.env["fidelity.card.reissue"].create(
            {"card_type_id": self.card_type.id, "expiring_date": date(2999, 12, 31), **vals}
        )
        self.assertEqual(wizard.count, 1)
        return self.env["fidelity.card.batch"].browse(wizard.action_reissue()["res_id"])

    def test_reissue_makes_a_successor_that_works_when_given_out(self):
        self.card.expires_date = date(2999, 1, 1)
        batch = self.reissue()
        new = batch.card_ids
        self.assertEqual((batch.state, new.state, new.predecessor_id, new.member_id.id), ("done", "draft", self.card, False))
        with self.assertRaisesRegex(UserError, "nobody"):
            self.env["fidelity.card.batch"]._start(self.card_type, "reissue", expiring_date=date(2999, 12, 31))
        other = self.make_member(self.card_type, name="Marco Rossi")
        with self.assertRaisesRegex(UserError, "was made for Anna Bianchi"):
            new._give_out(other)
        new._give_out(self.member)
        self.env["fidelity.card"]._replace_some(10)
        self.assertEqual((self.card.state, new.state), ("active", "active"))

    def test_old_card_stops_on_the_day_stated(self):
        self.card.expires_date = date(2999, 1, 1)
        today = fields.Date.context_today(self.card)
        batch = self.reissue(replace_date=today)
        self.assertEqual(self.env["fidelity.card"]._replace_some(10), 0)
        batch.action_give_all_out()
        self.assertEqual((batch.card_ids.state, batch.card_ids.member_id), ("active", self.member))
        self.assertEqual(self.env["fidelity.card"]._replace_some(10), 1)
        self.assertEqual((self.card.state, self.card.replaced_by_id), ("replaced", batch.card_ids))
        self.assertEqual(self.env["fidelity.card"]._replace_some(10), 0)

    def test_reissue_in_the_past_is_refused(self):
        self.card.expires_date = date(2999, 1, 1)
        yesterday = fields.Date.context_today(self.card) - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "The old ones stop on"):
            self.reissue(replace_date=yesterday)

    def test_merged_member_gives_his_card_with_a_note(self):
        other = self.make_member(self.card_type, name="Marco Rossi")
        card = other.card_ids
        other._merge_into(self.member, "3e1f0c1e-5b0a-4a53-9d8e-0f3b0f6f8a11")
        self.assertEqual((self.history(card)[-1][2], card.event_ids[0].member_id), ("Member merged", self.member))
