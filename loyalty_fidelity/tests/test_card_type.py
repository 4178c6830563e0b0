import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestCardType(FidelityCase):
    """Configuration is edited freely and applied only when published, as an immutable ruleset."""

    def test_prefixes_that_could_be_mistaken_are_refused(self):
        for prefix in ("0490", "04", "04901", "041", "0421", "043", "044", "20", "23", "10", "", "49x", "1"):
            with self.subTest(prefix=prefix), self.assertRaises(ValidationError):
                self.make_card_type(name=f"T{prefix}", prefix=prefix)
        self.assertTrue(self.make_card_type(name="Fine", prefix="0491"))

    def test_editing_changes_nothing_until_published(self):
        before = self.card_type.ruleset_id
        self.assertFalse(self.card_type.has_changes)
        self.card_type.benefit_ids.points = 2
        self.assertTrue(self.card_type.has_changes)
        self.assertEqual(self.card_type.ruleset_id, before)
        after = self.card_type._publish()
        self.assertFalse(self.card_type.has_changes)
        self.assertEqual((after.version, self.card_type.ruleset_id), (2, after))
        self.assertEqual(json.loads(before.payload)["benefits"][0]["points"], 1)

    def test_a_ruleset_applies_from_its_moment(self):
        now = fields.Datetime.now()
        later = self.card_type._publish(now + timedelta(days=1))
        in_force = self.env["fidelity.ruleset"]._in_force
        self.assertEqual(in_force(self.card_type.id, now)[0], later.search([("version", "=", 1)], limit=1).id)
        self.assertEqual(in_force(self.card_type.id, now + timedelta(days=2))[0], later.id)
        self.assertIsNone(in_force(self.card_type.id, now - timedelta(days=20000)))

    def test_publishing_does_not_rewrite_the_past(self):
        self.card_type._publish(fields.Datetime.now() + timedelta(days=3))
        wizard = self.env["fidelity.publication"].create({"card_type_id": self.card_type.id})
        with self.assertRaisesRegex(UserError, "later moment"):
            wizard.action_publish()
        wizard.valid_from = fields.Datetime.now() + timedelta(days=4)
        wizard.action_publish()
        self.assertEqual(len(self.card_type.ruleset_ids), 3)

    def test_example_follows_the_settings_live(self):
        with Form(self.card_type) as form:
            self.assertIn("4 points", form.example)
            with form.benefit_ids.edit(0) as benefit:
                benefit.points = 5
            self.assertIn("20 points", form.example)

    def test_amounts_that_make_no_sense_are_refused(self):
        for vals in ({"points": 0}, {"step_amount": 0}, {"step_amount": -1}, {"minimum_receipt": -1}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.card_type.benefit_ids.write(vals)

    def test_a_type_with_cards_keeps_its_prefix_and_company(self):
        with self.assertRaises(ValidationError):
            self.card_type.number_prefix = "0477"
        with self.assertRaises(ValidationError):
            self.card_type.company_id = False
        self.card_type.write({"number_prefix": "0490", "company_id": self.card_type.company_id.id})

    def test_a_published_type_is_archived_not_deleted(self):
        bare = self.make_card_type(name="Bare", prefix="0480")
        with self.assertRaises(ValidationError):
            bare.unlink()
        self.make_card_type(name="Draft", prefix="0481", publish=False).unlink()
