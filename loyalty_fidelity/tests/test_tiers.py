from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .tiers import TierCase


@tagged("post_install", "-at_install")
class TestLadder(TierCase):
    """A ladder says what it does, and an impossible one is refused with the field named."""

    def test_told_in_plain_words(self):
        text = self.ranked.ladder_text
        for sentence in (
            "New members are Bronze.",
            "Who spends $ 500.00 within 12 months becomes Silver, and stays Silver with $ 400.00.",
            "Below that he keeps Silver for 3 months more.",
        ):
            self.assertIn(sentence, text.replace("\xa0", " ").replace("$500", "$ 500").replace("$400", "$ 400"))
        self.silver.stay_amount = 0
        self.assertIn("stays Silver for good", self.ranked.ladder_text)
        self.ranked.write({"tier_measure": "visits", "tier_period": "calendar"})
        self.assertIn("Who buys on 5 days within a calendar year becomes Silver", self.ranked.ladder_text)

    def test_impossible_ladders_name_the_tier_and_the_field(self):
        for tier, vals, words in (
            (self.bronze, {"entry_amount": 1}, ("From", "Bronze", "0")),
            (self.gold, {"entry_amount": 500, "stay_amount": 400}, ("From", "Gold", "Silver")),
            (self.gold, {"entry_amount": 499, "stay_amount": 400}, ("From", "Gold", "Silver")),
            (self.silver, {"stay_amount": 501}, ("Stays with", "Silver")),
            (self.gold, {"stay_amount": 399}, ("Stays with", "Gold", "Silver")),
            (self.silver, {"entry_amount": -1}, ("From", "Silver", "out of range")),
            (self.gold, {"entry_amount": 10.0**11}, ("From", "Gold", "out of range")),
            (self.silver, {"grace_months": -1}, ("Grace", "Silver")),
            (self.silver, {"grace_months": 61}, ("Grace", "Silver")),
            (self.gold, {"sequence": 15}, ("From", "Silver", "Gold")),
            (self.ranked, {"tier_months": 0}, ("Months", "120")),
            (self.ranked, {"tier_months": 121}, ("Months", "120")),
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError) as caught, self.env.cr.savepoint():
                tier.write(vals)
            for word in words:
                self.assertIn(word, str(caught.exception))

    def test_a_new_card_type_with_an_impossible_ladder_is_refused(self):
        with self.assertRaises(ValidationError):
            self.make_card_type(
                name="Gap", prefix="0485", tier_measure="points", tier_ids=[Command.create({"name": "Only", "entry_count": 5})]
            )

    def test_tiers_by_hand_ask_for_nothing(self):
        card_type = self.make_card_type(name="Hand", prefix="0485", tier_ids=[Command.create({"name": "Only"})])
        self.assertEqual((card_type.tier_measure, card_type._ladder()), ("hand", None))

    def test_tiers_that_members_have_are_not_deleted_under_them(self):
        with self.assertRaises(UserError):
            self.bronze.unlink()
        self.gold.unlink()


@tagged("post_install", "-at_install")
class TestLadderChange(TierCase):
    """The effect of a change is shown before it is kept."""

    def wizard(self, **vals):
        model = self.env["fidelity.tier.ladder"].with_context(default_card_type_id=self.ranked.id)
        wizard = model.create({**model.default_get(list(model._fields)), **vals})
        self.assertEqual(wizard.line_ids.tier_id, self.ranked.tier_ids)
        return wizard

    def test_effect_is_shown_and_nothing_is_kept(self):
        zoe = self.enrol("Zoe")
        today = fields.Date.to_string(fields.Date.today())
        for member in (self.anna, zoe):
            self.buy(member, 300, today)
        self.buy(zoe, 700, today)
        self.night(today)
        self.assertEqual((self.anna.tier_id, zoe.tier_id), (self.bronze, self.gold))
        wizard = self.wizard()
        wizard.action_preview()
        self.assertIn("Nobody's tier changes tonight.", wizard.effect)
        bronze, silver, gold = wizard.line_ids.sorted("sequence")
        silver.write({"entry_amount": 300, "stay_amount": 300})
        gold.write({"entry_amount": 2000, "stay_amount": 1500})
        wizard.action_preview()
        self.assertIn("1 member becomes Silver tonight.", wizard.effect)
        self.assertIn("1 member loses Gold and becomes Silver tonight.", wizard.effect)
        self.assertEqual((self.silver.entry_amount, zoe.tier_id), (500, self.gold))
        wizard.action_apply()
        self.assertEqual((self.silver.entry_amount, self.gold.stay_amount), (300, 1500))
        self.assertEqual(len(self.ranked.tier_ids), 3)
        run = self.night(fields.Date.to_string(fields.Date.add(fields.Date.today(), days=1)))
        self.assertEqual((self.anna.tier_id, zoe.tier_id, run.rose, run.fell), (self.silver, self.silver, 1, 1))

    def test_added_and_removed_tiers(self):
        today = fields.Date.to_string(fields.Date.today())
        self.buy(self.anna, 600, today)
        self.night(today)
        wizard = self.wizard()
        wizard.line_ids.filtered(lambda line: line.tier_id == self.silver).unlink()
        wizard.write(
            {"line_ids": [Command.create({"name": "Platinum", "medal": "platinum", "entry_amount": 5000, "stay_amount": 4000})]}
        )
        wizard.action_preview()
        self.assertIn("1 member loses Silver and becomes Bronze tonight.", wizard.effect)
        wizard.action_apply()
        self.assertEqual(self.ranked.tier_ids.sorted("sequence").mapped("name"), ["Bronze", "Gold", "Platinum"])
        self.assertEqual((self.anna.tier_id, self.history(self.anna)[-1]), (self.bronze, ("Silver", "Bronze", "ladder")))

    def test_impossible_ladder_is_told_and_not_kept(self):
        wizard = self.wizard()
        wizard.line_ids.sorted("sequence")[1].entry_amount = 5000
        self.assertIn("Gold", wizard.problem)
        self.assertFalse(wizard.ladder_text)
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.assertEqual(self.silver.entry_amount, 500)

    def test_swapping_the_order_is_one_change(self):
        wizard = self.wizard()
        bronze, silver, gold = wizard.line_ids.sorted("sequence")
        silver.write({"sequence": 40, "entry_amount": 3000, "stay_amount": 2500})
        wizard.action_apply()
        self.assertEqual(self.ranked.tier_ids.sorted("sequence"), self.bronze | self.gold | self.silver)

    def test_form_follows_live(self):
        model = self.env["fidelity.tier.ladder"].with_context(default_card_type_id=self.ranked.id)
        with Form(model) as form:
            with form.line_ids.edit(1) as line:
                line.entry_amount = 600
            self.assertIn("600", form.ladder_text)
            with form.line_ids.new() as line:
                line.name = "Diamond"
                line.entry_amount = 3000
                self.assertEqual(line.stay_amount, 3000)
            form.tier_measure = "points"
            self.assertIn("Diamond", form.problem)


@tagged("post_install", "-at_install")
class TestTierByHand(TierCase):
    """A manager gives a tier with a reason and an end; nobody else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.make_user("tier-manager", "loyalty_fidelity.group_fidelity_manager")
        cls.user = cls.make_user("tier-user", "loyalty_fidelity.group_fidelity_user")
        cls.cashier = cls.make_user("tier-cashier")
        cls.today = fields.Date.today()
        cls.end = fields.Date.add(cls.today, months=6)

    def setting(self, tier=None, user=None, member=None, **vals):
        values = {"member_id": (member or self.anna).id, "reason": "Old programme", "until": self.end}
        return (
            self.env["fidelity.tier.setting"]
            .with_user(user or self.manager)
            .create({**values, "tier_id": tier and tier.id, **vals})
        )

    def test_given_kept_and_over(self):
        self.setting(self.gold).action_set()
        self.assertEqual((self.anna.tier_id, self.anna.tier_floor_until), (self.gold, self.end))
        change = self.anna.tier_change_ids
        self.assertEqual(
            (change.why, change.reason, change.author_name, change.until, change.direction),
            ("hand", "Old programme", "tier-manager", self.end, "up"),
        )
        self.night(str(self.end))
        self.assertEqual(self.anna.tier_id, self.gold)
        self.night(str(fields.Date.add(self.end, days=1)))
        self.assertEqual(self.anna.tier_id, self.bronze)
        self.assertEqual(self.history(self.anna), [("Bronze", "Gold", "hand"), ("Gold", "Bronze", "downgraded")])

    def test_released(self):
        self.setting(self.gold).action_set()
        self.setting(reason="A mistake").action_release()
        self.env.invalidate_all()
        self.assertEqual((self.anna.tier_id, self.anna.tier_floor_until), (self.bronze, False))
        self.assertEqual([row[2] for row in self.history(self.anna)], ["hand", "released", "downgraded"])
        with self.assertRaises(UserError):
            self.setting().action_release()

    def test_refused_without_reason_end_tier_or_sense(self):
        for vals, word in (
            ({"reason": " "}, "why"),
            ({"until": False}, "Until"),
            ({"until": fields.Date.subtract(self.today, days=1)}, "Until"),
            ({"until": fields.Date.add(self.today, years=11)}, "Until"),
            ({"tier_id": False}, "tier"),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError) as caught:
                self.setting(self.gold, **vals).action_set()
            self.assertIn(word, str(caught.exception))
        other = self.make_ranked("Other", "0486")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.setting(other.tier_ids[0]).action_set()
        self.buy(self.anna, 1500, str(self.today))
        self.night(str(self.today))
        with self.assertRaises(UserError) as caught:
            self.setting(self.bronze).action_set()
        self.assertIn("Gold", str(caught.exception))

    def test_only_managers(self):
        for user in (self.user, self.cashier):
            with self.assertRaises(AccessError):
                self.setting(self.gold, user=user)
            with self.assertRaises(AccessError):
                self.anna.with_user(user).write({"tier_id": self.gold.id})
            with self.assertRaises(AccessError):
                self.anna.with_user(user).write({"tier_since": self.today})
        wizard = self.setting(self.gold)
        with self.assertRaises(AccessError):
            wizard.with_user(self.user).sudo(False).action_set()
        partner = self.env["res.partner"].create({"name": "Eve"})
        values = {"partner_id": partner.id, "card_type_id": self.ranked.id, "tier_id": self.gold.id}
        with self.assertRaises(AccessError):
            self.env["fidelity.member"].with_user(self.user).create(values)
        with self.assertRaises(AccessError):
            self.changes._record(self.anna, self.bronze, "hand", self.today)
            self.changes.search([], limit=1).with_user(self.manager).write({"reason": "x"})
        # The rules' ladders are changed by Set the tier alone, also for a manager.
        with self.assertRaises(UserError):
            self.anna.with_user(self.manager).write({"tier_id": self.gold.id})
        member = self.env["fidelity.member"].with_user(self.manager).create(values)
        self.assertEqual((member.tier_id, member.tier_change_ids.why), (self.gold, "hand"))
        self.night(str(fields.Date.add(self.today, days=1)))
        self.assertEqual(member.tier_id, self.gold, "kept for the months of the ladder")

    def test_where_tiers_are_by_hand_a_promise_ends_too(self):
        self.ranked.tier_measure = "hand"
        self.anna.with_user(self.manager).write({"tier_id": self.silver.id})
        self.assertEqual(self.history(self.anna), [("Bronze", "Silver", "hand")])
        self.night(str(fields.Date.add(self.today, days=1)))
        self.assertEqual(self.anna.tier_id, self.silver, "without an end it stays")
        self.setting(self.gold).action_set()
        self.night(str(self.end))
        self.assertEqual(self.anna.tier_id, self.gold)
        self.night(str(fields.Date.add(self.end, days=1)))
        self.assertEqual((self.anna.tier_id, self.history(self.anna)[-1]), (self.bronze, ("Gold", "Bronze", "ended")))

    def test_history_and_progress_are_of_ones_own_companies(self):
        self.setting(self.gold).action_set()
        self.buy(self.anna, 10, str(self.today))
        self.fold()
        foreign = self.env["res.company"].create({"name": "Other shops"})
        stranger = self.make_user("tier-stranger", "loyalty_fidelity.group_fidelity_manager")
        stranger.write({"company_ids": [Command.set(foreign.ids)], "company_id": foreign.id})
        for model in ("fidelity.tier.change", "fidelity.tier.progress"):
            self.assertTrue(self.env[model].with_user(self.user).search([("member_id", "=", self.anna.id)]))
            self.assertFalse(self.env[model].with_user(stranger).search([("member_id", "=", self.anna.id)]))

    def test_merging_keeps_the_better_tier_and_its_promise(self):
        marco = self.enrol("Marco")
        self.setting(self.gold, member=marco).action_set()
        marco._merge_into(self.anna, "6c9b1f62-0a3c-4a4b-9a57-4d4f6d2a7c05")
        self.assertEqual((self.anna.tier_id, self.anna.tier_floor_until), (self.gold, self.end))
        self.assertEqual(self.history(self.anna), [("Bronze", "Gold", "merged")])
        self.night(str(self.end))
        self.assertEqual(self.anna.tier_id, self.gold)
        marco._merge_into(self.anna, "6c9b1f62-0a3c-4a4b-9a57-4d4f6d2a7c05")
        self.assertEqual(len(self.anna.tier_change_ids), 1)

    def test_member_says_what_is_missing_and_until_when(self):
        day = str(self.today)
        self.buy(self.anna, 300, day)
        self.night(day)
        ladder, outlook = self.anna._tier_outlook(day)
        self.assertEqual((outlook.missing, outlook.figure), (20000, 30000))
        self.assertIn("200.00", self.anna.tier_next)
        self.assertIn("Silver", self.anna.tier_next)
        self.assertEqual(self.anna.tier_progress, 60)
        self.setting(self.gold).action_set()
        self.env.invalidate_all()
        self.assertEqual(self.anna.tier_next, "The highest tier")
        self.assertTrue(self.anna.tier_kept)
        self.assertFalse(self.member.tier_next, "a card type without a ladder says nothing")

    def test_member_with_a_history_is_not_deleted(self):
        eve = self.env["fidelity.member"].create(
            {"partner_id": self.env["res.partner"].create({"name": "Eve"}).id, "card_type_id": self.ranked.id}
        )
        self.setting(self.gold, member=eve).action_set()
        with self.assertRaises(UserError):
            eve.unlink()
