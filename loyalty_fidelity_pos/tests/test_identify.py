from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.loyalty_fidelity.rules import card_number

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestIdentify(FidelityPosCase):
    """One call answers whose card it is, or says why it does not work."""

    def identify(self, raw, known=()):
        return self.config.fidelity_identify(raw, known)

    def test_card_brings_member_customer_rules_and_balance(self):
        self.sell([(self.lamp, 1)])
        answer = self.identify(self.card.number)
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(answer["member"], {"id": self.member.id, "name": "Anna B."})
        self.assertEqual(answer["partner_id"], self.member.partner_id.id)
        self.assertEqual(answer["partner"]["name"], "Anna Bianchi")
        self.assertEqual((answer["unit"], answer["balance"]), ("points", 4))
        self.assertEqual(answer["ruleset"]["id"], self.card_type.ruleset_id.id)
        self.assertEqual(answer["card"]["masked"], f"•••• {self.card.number[-4:]}")

    def test_known_customer_is_not_sent_again(self):
        self.assertNotIn("partner", self.identify(self.card.number, [self.member.partner_id.id]))

    def test_lost_leading_zero_is_the_same_card(self):
        self.assertEqual(self.identify(self.card.number[1:])["card"]["id"], self.card.id)

    def test_wrong_cards_say_which_and_change_nothing(self):
        """Each refusal has its own status and a sentence; nothing is written."""
        number = self.card.number
        wrong_digit = number[:-1] + str((int(number[-1]) + 1) % 10)
        unknown = card_number.build("0490", 99999999)
        draft = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        cases = [
            ("garbage", "malformed"),
            ("", "malformed"),
            (wrong_digit, "check_digit"),
            (unknown, "unknown"),
            (draft.number, "draft"),
        ]
        for raw, status in cases:
            answer = self.identify(raw)
            self.assertEqual(answer["status"], status)
            self.assertTrue(answer["message"])

    def test_blocked_lost_and_replaced_cards_say_so(self):
        for state in ("blocked", "lost"):
            card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "member_id": self.member.id})
            card._set_state(state, "test")
            answer = self.identify(card.number)
            self.assertEqual(answer["status"], state)
            self.assertNotIn("Anna", answer["message"], "no personal data in a refusal")
        new = self.card._replace("worn out")
        self.assertEqual(self.identify(self.card.number)["status"], "replaced")
        self.assertEqual(self.identify(new.number)["status"], "ok")

    def test_card_of_another_company_is_refused_politely(self):
        company = self.env["res.company"].create({"name": "Other shops"})
        other = self.make_card_type(name="Foreign", prefix="0470", company=company)
        member = self.make_member(other, name="Zoe Far")
        answer = self.identify(member.card_ids.number)
        self.assertEqual(answer["status"], "other_company")
        self.assertNotIn("member", answer)

    def test_group_wide_card_works_in_every_company(self):
        shared = self.make_card_type(name="Group", prefix="0460")
        shared.company_id = False
        member = self.make_member(shared, name="Zoe Near")
        self.assertEqual(self.identify(member.card_ids.number)["status"], "ok")

    def test_a_cashier_may_ask_and_a_stranger_may_not(self):
        cashier = self.make_user("fid-cashier", "point_of_sale.group_pos_user")
        answer = self.config.with_user(cashier).fidelity_identify(self.card.number)
        self.assertEqual(answer["status"], "ok")
        stranger = self.make_user("fid-stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.config.with_user(stranger).fidelity_identify(self.card.number)

    def test_identify_takes_at_most_five_statements(self):
        """Card, member, customer, balance and rules in one call."""
        cashier = self.make_user("fid-cashier-2", "point_of_sale.group_pos_user")
        config = self.config.with_user(cashier)
        config.fidelity_identify(self.card.number, [self.member.partner_id.id])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            config.fidelity_identify(self.card.number, [self.member.partner_id.id])

    def test_what_a_till_loads_does_not_grow_with_members(self):
        before = self.pos_session.load_data(["fidelity.card.type", "fidelity.ruleset"])
        for index in range(20):
            self.make_member(self.card_type, name=f"Member {index}")
        after = self.pos_session.load_data(["fidelity.card.type", "fidelity.ruleset"])
        for name in ("fidelity.card.type", "fidelity.ruleset"):
            self.assertEqual(before[name], after[name])
        self.assertIn(self.card_type.ruleset_id.id, [row["id"] for row in after["fidelity.ruleset"]])

    def test_a_till_that_was_open_before_gets_new_rules(self):
        """Nothing of the card type changed since, but its rules did: the till must not go on with the old ones."""
        session = self.pos_session.with_context(pos_last_server_date="2999-01-01 00:00:00", pos_limited_loading=True)
        ruleset = self.card_type._publish("2020-01-02 00:00:00")
        for models in (["fidelity.card.type", "fidelity.ruleset"], ["fidelity.ruleset"]):
            rows = session.load_data(models)["fidelity.ruleset"]
            self.assertIn(ruleset.id, [row["id"] for row in rows])

    def test_tier_comes_with_what_is_missing_in_no_statement_more(self):
        number, known = self.card.number, [self.member.partner_id.id]
        self.assertIsNone(self.identify(number, known)["progress"])
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.identify(number, known)
        plain = self.env.cr.sql_log_count - before
        tiers = [{"name": "Bronze"}, {"name": "Gold", "medal": "gold", "sequence": 20, "entry_amount": 100, "stay_amount": 50}]
        tiers[1] |= {"entry_count": 3, "stay_count": 1}
        self.card_type.write({"tier_measure": "spending", "tier_ids": [Command.create(tier) for tier in tiers]})
        bronze, gold = self.card_type.tier_ids.sorted("sequence")
        self.member._set({"tier_id": bronze.id})
        self.sell([(self.lamp, 1)])
        last = self.env["fidelity.posting"].search([], order="id desc", limit=1).id
        self.env["fidelity.tier.progress"]._fold_next(up_to=last)
        for measure, missing in (("spending", 5300), ("visits", 2), ("points", 1)):
            for period in ("rolling", "calendar", "anniversary"):
                self.card_type.with_context(fidelity_ladder_later=True).write({"tier_measure": measure, "tier_period": period})
                if measure == "points":
                    gold.entry_count = 5
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                answer = self.identify(number, known)
                self.assertEqual(self.env.cr.sql_log_count - before, plain)
                self.assertEqual(answer["tier"]["name"], "Bronze")
                self.assertEqual(answer["progress"], {"tier": "Gold", "measure": measure, "missing": missing})
        self.member._set({"tier_id": gold.id})
        self.assertIsNone(self.identify(number, known)["progress"])
