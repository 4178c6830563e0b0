import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import FidelityCase

RECIPES = ("points", "rolling", "prizes", "cashback")


@tagged("post_install", "-at_install")
class TestSetup(FidelityCase):
    """The guided set-up: a worked example that follows every setting, and nothing made before the last button."""

    def setup_for(self, recipe, **vals):
        """A set-up in which a recipe is chosen."""
        setup = self.env["fidelity.setup"].create({})
        setup.with_context(fidelity_recipe=recipe).action_choose()
        if vals:
            setup.write(vals)
        return setup

    def made(self, recipe, **vals):
        """The card type that a recipe makes."""
        setup = self.setup_for(recipe, **vals)
        setup.action_continue()
        setup.action_continue()
        setup.action_create()
        return setup.card_type_id

    def counts(self):
        names = ("fidelity.card.type", "fidelity.benefit", "fidelity.prize", "fidelity.ruleset", "fidelity.card", "fidelity.store")
        return {name: self.env[name].search_count([]) for name in names}

    def headline(self, setup):
        return setup._example_values()["headline"].replace("\N{NO-BREAK SPACE}", " ")

    def money(self, amount):
        return self.env.company.currency_id.format(amount).replace("\N{NO-BREAK SPACE}", " ")

    def test_every_recipe_makes_a_published_card_type(self):
        """With the benefits of the settings, the cards asked for, and the shop."""
        for recipe in RECIPES:
            with self.subTest(recipe=recipe):
                card_type = self.made(recipe, card_count=3, name=f"Card {recipe}")
                self.assertTrue(card_type.ruleset_id)
                self.assertFalse(card_type.has_changes)
                self.assertEqual((card_type.card_count, card_type.code), (3, f"card-{recipe}"))
                self.assertEqual(card_type.company_id, self.env.company)
                prizes = self.env["fidelity.prize"].search([("card_type_id", "=", card_type.id)])
                self.assertEqual(sorted(prizes.mapped("points")), [20, 50, 100] if recipe == "prizes" else [])

    def test_example_is_what_the_published_rules_give(self):
        """Every row of the example equals a simulation of the rules that were published."""
        for recipe in RECIPES:
            setup = self.setup_for(recipe)
            rows = setup._example_values()["rows"]
            self.assertGreaterEqual(len(rows), 2)
            setup.action_continue()
            setup.action_continue()
            setup.action_create()
            for row in rows:
                with self.subTest(recipe=recipe, amount=row["amount"]):
                    line = {"name": "", "quantity": 1, "price_unit": row["amount"], "discount": 0}
                    result = setup.card_type_id._simulate([line], ruleset=setup.card_type_id.ruleset_id, rolling_bps=0)
                    for name in ("points", "cashback_minor", "next_bps", "code"):
                        self.assertEqual(result[name], row["result"][name])

    def test_sentences_in_plain_words(self):
        """One sentence a recipe, with what the default settings give."""
        self.assertEqual(self.headline(self.setup_for("points")), f"A customer who spends {self.money(47)} gets 4 points.")
        self.assertEqual(
            self.headline(self.setup_for("prizes")),
            f"A customer who spends {self.money(47)} gets 4 points. After 5 such purchases the first prize is his: Coffee mug.",
        )
        self.assertEqual(
            self.headline(self.setup_for("cashback")),
            f"A customer who pays {self.money(12.5)} gets {self.money(0.62)} back on the account.",
        )
        self.assertEqual(
            self.headline(self.setup_for("rolling")),
            f"A customer who spends {self.money(50)} and comes back within 60 days pays 5 % less: "
            f"{self.money(47.5)} instead of {self.money(50)}.",
        )

    def test_too_small_a_receipt_is_told(self):
        """The first row is the receipt that gets nothing, with the reason."""
        first = self.setup_for("points")._example_values()["rows"][0]
        self.assertTrue(first["nothing"])
        self.assertIn("first points come at", first["note"])
        first = self.setup_for("points", minimum_receipt=20)._example_values()["rows"][0]
        self.assertEqual(first["amount"], 19.99)
        self.assertIn("starts at a receipt of", first["note"])
        self.assertTrue(self.setup_for("rolling")._example_values()["rows"][0]["nothing"])

    def test_example_follows_every_setting_live(self):
        """On the form, before anything is saved."""
        with Form(self.setup_for("points")) as form:
            self.assertIn("gets 4 points", form.example)
            form.points = 3
            self.assertIn("gets 12 points", form.example)
            form.step_amount = 5.0
            self.assertIn("gets 27 points", form.example)
            form.minimum_receipt = 100.0
            self.assertIn("gets 60 points", form.example)
            form.try_amount = 111.0
            self.assertIn("66 points", form.example)
            form.step_amount = 0
            self.assertIn("Enter an amount above zero", form.example)
            form.step_amount = 5.0
        with Form(self.setup_for("rolling")) as form:
            with form.bracket_ids.edit(0) as bracket:
                bracket.percent = 7
            self.assertIn("7\N{NO-BREAK SPACE}% less", form.example)
            form.valid_days = 14
            self.assertIn("within 14 days", form.example)
            form.bracket_ids.remove(0)
            form.bracket_ids.remove(0)
            form.bracket_ids.remove(0)
            self.assertIn("Add a line", form.example)
            with form.bracket_ids.new() as bracket:
                bracket.from_amount, bracket.percent = 10, 2
        with Form(self.setup_for("cashback")) as form:
            form.percent = 10
            self.assertIn("1.25", form.example)
        with Form(self.setup_for("prizes")) as form:
            with form.prize_ids.edit(0) as prize:
                prize.name, prize.points = "Pen", 4
            self.assertIn("That is enough for the first prize: Pen", form.example)

    def test_nonsense_is_refused_with_the_field_named(self):
        """Where one continues, before anything is made."""
        wrong = {
            "points": (
                ({"points": 0}, "Points: "),
                ({"points": -4}, "Points: "),
                ({"step_amount": 0}, "For every full: "),
                ({"minimum_receipt": -1}, "Smallest receipt: "),
                ({"name": "  "}, "Name of the card: "),
            ),
            "rolling": (
                ({"valid_days": 0}, "Days to come back: "),
                ({"valid_days": 9999}, "Days to come back: "),
                ({"bracket_ids": [(5,)]}, "Steps: "),
                ({"bracket_ids": [(5,), (0, 0, {"from_amount": 5, "percent": 120})]}, "Steps: "),
                ({"bracket_ids": [(0, 0, {"from_amount": 500, "percent": 1})]}, "Steps: .*cannot get less"),
                ({"bracket_ids": [(0, 0, {"from_amount": 50, "percent": 5})]}, "Steps: .*same amount"),
            ),
            "prizes": (({"prize_ids": [(5,)]}, "Prizes: "), ({"prize_ids": [(0, 0, {"name": "X", "points": 0})]}, "Prizes: X ")),
            "cashback": (({"percent": 0}, "Back on the account"), ({"percent": 101}, "Back on the account")),
        }
        for recipe, cases in wrong.items():
            for vals, message in cases:
                with self.subTest(recipe=recipe, vals=vals), self.assertRaisesRegex(ValidationError, f"^{message}"):
                    self.setup_for(recipe, **vals).action_continue()
        for vals, message in (
            ({"number_prefix": "0490"}, "Card numbers start with: .*Take 0491"),
            ({"number_prefix": "20"}, "Card numbers start with: .*Take 0491"),
            ({"number_prefix": "x"}, "Card numbers start with: "),
            ({"card_count": -1}, "Cards to make now: "),
            ({"card_count": 20_000}, "Cards to make now: "),
            ({"store_id": False, "store_name": ""}, "Name of the shop: "),
        ):
            setup = self.setup_for("points", **vals)
            setup.action_continue()
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, f"^{message}"):
                setup.action_continue()

    def test_nothing_is_made_before_the_last_button(self):
        before = self.counts()
        setup = self.setup_for("prizes")
        setup.action_continue()
        setup.action_continue()
        self.assertIn("100 cards", setup.summary)
        self.env.flush_all()
        self.assertEqual(self.counts(), before)
        with self.assertRaisesRegex(UserError, "Go through the steps"):
            self.setup_for("points").action_create()
        self.assertEqual(self.counts(), before)

    def test_creating_twice_makes_it_once(self):
        setup = self.setup_for("points", card_count=0)
        setup.action_continue()
        setup.action_continue()
        setup.action_create()
        before = self.counts()
        setup.action_create()
        self.assertEqual(self.counts(), before)

    def test_it_can_be_left_and_come_back_to(self):
        """The set-up under way is found again; a finished one is not, and one of somebody else is not."""
        model = self.env["fidelity.setup"]
        first = model.browse(model._action_open()["res_id"])
        first.with_context(fidelity_recipe="cashback").action_choose()
        first.percent = 3
        self.assertEqual(model._action_open()["res_id"], first.id)
        other = self.make_user("fid-other", "loyalty_fidelity.group_fidelity_manager")
        self.assertNotEqual(model.with_user(other)._action_open()["res_id"], first.id)
        first.action_back()
        first.with_context(fidelity_recipe="cashback").action_choose()
        self.assertEqual((first.step, first.percent), ("gives", 3), "choosing the same again keeps the settings")
        first.action_continue()
        first.action_continue()
        first.action_create()
        self.assertNotEqual(model._action_open()["res_id"], first.id)
        second = self.setup_for("points")
        self.assertEqual(second.action_discard()["res_model"], "fidelity.setup")
        self.assertFalse(second.exists())

    def test_a_second_card_type_gets_its_own_prefix_and_code(self):
        first = self.made("points", name="Café Größe", card_count=0)
        second = self.made("points", name="Café Größe", card_count=0)
        self.assertEqual((first.code, second.code), ("cafe-groe", "cafe-groe-2"))
        self.assertEqual((first.number_prefix, second.number_prefix), ("0491", "0492"))

    def test_a_new_shop_is_made_where_none_is_chosen(self):
        setup = self.setup_for("points", store_id=False, store_name="Harbour", card_count=0)
        setup.action_continue()
        setup.action_continue()
        setup.action_create()
        self.assertEqual((setup.store_id.name, setup.store_id.company_id), ("Harbour", self.env.company))

    def test_loyalty_opens_on_it_while_nothing_is_published(self):
        """For a manager; others, and everybody later, see the members."""
        model = self.env["fidelity.setup"]
        self.assertEqual(model._action_start()["res_model"], "fidelity.member")
        self.patch(type(self.env["fidelity.ruleset"]), "search_count", lambda *args, **kwargs: 0)
        self.assertEqual(model._action_start()["res_model"], "fidelity.setup")
        user = self.make_user("fid-user", "loyalty_fidelity.group_fidelity_user")
        self.assertEqual(model.with_user(user)._action_start()["res_model"], "fidelity.member")
        with self.assertRaises(AccessError):
            model.with_user(user).create({})

    def test_amounts_suit_a_currency_without_cents(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        setup = self.env["fidelity.setup"].create({"currency_id": yen.id})
        setup.with_context(fidelity_recipe="points").action_choose()
        self.assertEqual(setup.step_amount, 1000)
        rows = setup._example_values()["rows"]
        self.assertEqual([(row["amount"], row["result"]["points"]) for row in rows], [(999, 0), (4700, 4), (12500, 12)])

    def test_what_is_next_opens(self):
        setup = self.setup_for("prizes", card_count=2)
        setup.action_continue()
        setup.action_continue()
        setup.action_create()
        for action, model in (
            (setup.action_view_cards(), "fidelity.card"),
            (setup.action_try(), "fidelity.simulation"),
            (setup.action_enrol(), "fidelity.member"),
            (setup.action_view_card_type(), "fidelity.card.type"),
            (setup.action_view_prizes(), "fidelity.prize"),
            (setup.action_again(), "fidelity.setup"),
        ):
            self.assertEqual(action["res_model"], model)
        rules = json.loads(setup.card_type_id.ruleset_id.payload)
        self.assertEqual(rules["benefits"][0]["step_minor"], 1000)
