import json

from odoo.tests import tagged

from .test_benefit_options import OptionsCase


@tagged("post_install", "-at_install")
class TestBenefitLabels(OptionsCase):
    """What a till loads to say what each benefit gives."""

    def test_each_benefit_in_the_language_of_the_cashier(self):
        self.env["res.lang"]._activate_lang("it_IT")
        discount, points = self.set_benefits(
            {"kind": "discount", "percent": 10, "selector_id": self.lamps.id, "sequence": 1},
            {"points": 2, "step_amount": 5.0, "sequence": 2},
        )
        ruleset = self.card_type.ruleset_id
        labels = json.loads(ruleset.benefit_labels)
        self.assertEqual(labels, {discount._key(): discount.display_name, points._key(): points.display_name})
        self.assertIn("off Lamps", labels[discount._key()])
        italian = json.loads(ruleset.with_context(lang="it_IT").benefit_labels)
        self.assertIn("di sconto su Lamps", italian[discount._key()])

    def test_rules_that_are_no_longer_the_settings(self):
        """What was published says what it gives, whatever the settings have become."""
        (old,) = self.set_benefits({"kind": "discount", "percent": 10})
        key, ruleset = old._key(), self.card_type.ruleset_id
        self.set_benefits({"kind": "discount", "percent": 20})
        self.assertRegex(json.loads(ruleset.benefit_labels)[key], r"^10\W?%")

    def test_a_till_loads_them(self):
        self.set_benefits({"kind": "discount", "percent": 10})
        self.config.open_ui()
        rows = self.config.current_session_id.load_data(["fidelity.card.type", "fidelity.ruleset"])["fidelity.ruleset"]
        mine = next(row for row in rows if row["id"] == self.card_type.ruleset_id.id)
        self.assertEqual(len(json.loads(mine["benefit_labels"])), 1)
