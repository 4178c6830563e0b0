import json

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.loyalty_fidelity.rules import ruleset as kernel

from .common import FidelityCase

#: What every benefit says when nothing is chosen.
ALWAYS = {"selector": None, "when": {}}
CAPS = {"minimum_lines_minor": 0, "cap_receipt": 0, "cap_day": 0, "cap_month": 0}
#: Each kind of benefit: its settings, the sentence of the list, the worked example, what tills and servers read.
KINDS = (
    (
        {"kind": "points", "points": 2, "step_amount": 10.0, "minimum_receipt": 5.0},
        "2 points for every full $ 10.00",
        "A customer who spends $ 47.00 gets 8 points.",
        {"kind": "points", "mode": "step", "points": 2, "step_minor": 1000, "minimum_receipt_minor": 500, **ALWAYS, **CAPS},
    ),
    (
        {"kind": "cashback", "percent": 2.5},
        "2.5 % of what was paid, back as cashback",
        "A customer who spends $ 47.00 gets $ 1.17 cashback.",
        {"kind": "cashback", "percent_bps": 250, "minimum_receipt_minor": 0, **ALWAYS, **CAPS},
    ),
    (
        {"kind": "discount", "percent": 10.0, "on_discounted": "best"},
        "10 % off every product",
        "A customer who buys for $ 47.00 pays $ 42.30.",
        {
            "kind": "discount",
            "percent_bps": 1000,
            "own": False,
            "on_discounted": "best",
            "minimum_receipt_minor": 0,
            "cap_line_minor": 0,
            "cap_receipt_minor": 0,
            "cap_day_minor": 0,
            "cap_month_minor": 0,
            **ALWAYS,
        },
    ),
    (
        {"kind": "amount_off", "amount": 5.0, "minimum_receipt": 50.0},
        "$ 5.00 off the receipt",
        "A customer who buys for $ 50.00 pays $ 45.00.",
        {"kind": "amount_off", "amount_minor": 500, "minimum_receipt_minor": 5000, **ALWAYS},
    ),
    (
        {
            "kind": "rolling",
            "valid_days": 60,
            "on_discounted": "skip",
            "bracket_ids": [(0, 0, {"from_amount": 100.0, "percent": 8.0}), (0, 0, {"from_amount": 40.0, "percent": 5.0})],
        },
        "Off the next purchase within 60 days: 5 % from $ 40.00 on and 8 % from $ 100.00 on",
        "A customer who spends $ 47.00 gets 5 % off the next purchase within 60 days.",
        {
            "kind": "rolling",
            "mode": "percent",
            "use": "next",
            "keep_cost": False,
            **ALWAYS,
            "brackets": [{"from_minor": 4000, "percent_bps": 500}, {"from_minor": 10000, "percent_bps": 800}],
            "valid_days": 60,
            "on_discounted": "skip",
            "minimum_receipt_minor": 0,
        },
    ),
)


@tagged("post_install", "-at_install")
class TestBenefit(FidelityCase):
    """Five kinds of benefit: each says what it gives, is checked, and compiles to what the kernel reads."""

    def setUp(self):
        super().setUp()
        self.env.ref("base.USD").write({"active": True, "symbol": "$", "position": "before"})
        self.card_type = self.make_card_type(name="Kinds", prefix="0480", points=0, currency_id=self.env.ref("base.USD").id)

    def give(self, *benefits):
        self.card_type.benefit_ids = [(5, 0, 0), *((0, 0, vals) for vals in benefits)]
        return self.card_type.benefit_ids

    def plain(self, text):
        return text.replace("\N{NO-BREAK SPACE}", " ").replace("$ ", "$").replace("$", "$ ")

    def test_each_kind_says_what_it_gives_and_compiles(self):
        for vals, sentence, example, payload in KINDS:
            with self.subTest(kind=vals["kind"]):
                benefit = self.give(vals)
                self.assertEqual(self.plain(benefit.display_name), sentence)
                self.assertEqual(self.plain(self.card_type.example), example)
                self.assertEqual(benefit._rule_payload(), {"key": f"b{benefit.id}", **payload})
                self.assertEqual(kernel.parse(json.loads(self.card_type._publish().payload)).benefits[0].kind, vals["kind"])

    def test_several_kinds_make_one_sentence(self):
        self.give(KINDS[2][0], KINDS[0][0], KINDS[1][0])
        self.assertEqual(
            self.plain(self.card_type.example),
            "A customer who buys for $ 47.00 pays $ 42.30 and gets 8 points and $ 1.05 cashback.",
        )
        self.give(KINDS[2][0], KINDS[4][0])
        self.card_type.benefit_ids[1].bracket_ids[0].unlink()
        self.assertEqual(
            self.plain(self.card_type.example).replace("$ ", ""),
            "A customer who buys for 47.00 pays 42.30 and gets 5 % off the next purchase within 60 days.",
        )
        self.give()
        self.assertIn("gives nothing yet", self.card_type.example)

    def test_settings_that_make_no_sense_are_refused(self):
        bracket = {"from_amount": 40.0, "percent": 5.0}
        for vals in (
            {"kind": "cashback", "percent": 0.0},
            {"kind": "cashback", "percent": 100.01},
            {"kind": "discount", "percent": -1.0},
            {"kind": "amount_off", "amount": 0.0},
            {"kind": "discount", "minimum_receipt": -1.0},
            {"kind": "rolling"},
            {"kind": "rolling", "bracket_ids": [(0, 0, bracket)], "valid_days": 0},
            {"kind": "rolling", "bracket_ids": [(0, 0, bracket), (0, 0, bracket)]},
            {"kind": "rolling", "bracket_ids": [(0, 0, {**bracket, "from_amount": -1.0})]},
            {"kind": "rolling", "bracket_ids": [(0, 0, bracket), (0, 0, {"from_amount": 50.0, "percent": 4.0})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.give(vals)

    def test_a_bracket_cannot_be_edited_into_nonsense(self):
        benefit = self.give(KINDS[4][0])
        with self.assertRaises(ValidationError):
            benefit._sorted_brackets()[0].percent = 9.0
        with self.assertRaisesRegex(ValidationError, "one discount on the next purchase"):
            self.give(KINDS[4][0], KINDS[4][0])

    def test_the_form_shows_each_kind_its_own_fields(self):
        with Form(self.card_type) as form, form.benefit_ids.new() as benefit:
            benefit.kind = "rolling"
            with benefit.bracket_ids.new() as bracket:
                bracket.from_amount, bracket.percent = 40.0, 5.0
            with self.assertRaises(AssertionError):
                benefit.points = 5
        self.assertIn("5 %", self.card_type.example)

    def test_the_currency_stays_once_members_have_cashback(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.card_type.currency_id = euro
        self.give(KINDS[1][0])
        self.card_type._publish("2020-01-01 00:00:00")
        member = self.make_member(self.card_type, name="Marco Rossi")
        account = member.account_ids.filtered(lambda account: account.unit == "money")
        self.assertTrue(account, "opened at once: no first sale has to")
        self.assertEqual((account.currency_id, account._unit_word("money", euro)), (euro, "EUR"))
        self.assertIn("0.00", account.balance_text)
        with self.assertRaisesRegex(ValidationError, "its currency stays"):
            self.card_type.currency_id = self.env.ref("base.USD")
        self.card_type.currency_id = euro
