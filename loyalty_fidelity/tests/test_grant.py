from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.draw import proof, winners
from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestGrant(FidelityCase):
    """Members get something by themselves: once an occasion, and not for what was before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.make_user("fid-boss", "loyalty_fidelity.group_fidelity_manager")
        cls.today = fields.Date.context_today(cls.member)

    def rule(self, occasion, start=True, **vals):
        vals = {"name": "Surprise", "card_type_id": self.card_type.id, "occasion": occasion, "points": 50, **vals}
        rule = self.env["fidelity.grant.rule"].create(vals)
        if start:
            rule.with_user(self.boss).action_start()
        return rule

    def run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_fidelity.ir_cron_grant").method_direct_trigger()
        self.env.invalidate_all()

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def test_a_birthday_gives_once_a_year(self):
        self.member.partner_id.fidelity_birth_date = self.today.replace(year=1990, day=min(self.today.day, 28))
        rule = self.rule("birthday", points_days=30)
        rule.started_at -= timedelta(days=10)
        self.member.partner_id.fidelity_birth_date = fields.Date.subtract(self.today, years=30)
        self.run_job()
        self.run_job()
        self.assertEqual(self.member.balance, 50)
        grant = rule.grant_ids
        self.assertEqual(grant.posting_id.op_key, f"grant:{rule.id}:{self.member.id}:{grant.occasion}")
        self.assertTrue(grant.occasion.startswith("birthday:"))
        lot = self.env["fidelity.lot"].search([("entry_id", "in", grant.posting_id.entry_ids.ids)])
        self.assertEqual(lot.expires_date, self.env["fidelity.receipt"]._day_of(self.env.cr.now(), self.store) + timedelta(days=30))
        self.assertClean()

    def test_a_birthday_before_the_rule_was_started_gives_nothing(self):
        self.member.partner_id.fidelity_birth_date = fields.Date.subtract(self.today, years=30, days=1)
        self.rule("birthday")
        self.run_job()
        self.assertEqual(self.member.balance, 0)

    def test_the_anniversary_of_joining_gives_from_the_first_year_on(self):
        new = self.make_member(self.card_type, name="Carla Neri")
        self.member.enrolled_date = fields.Date.subtract(self.today, years=2)
        rule = self.rule("anniversary")
        rule.started_at -= timedelta(days=2)
        self.run_job()
        self.assertEqual((self.member.balance, new.balance, rule.grant_ids.occasion), (50, 0, "anniversary:2"))

    def test_who_joins_gets_it_and_who_was_there_does_not(self):
        rule = self.rule("signup")
        self.env.cr.execute(
            "UPDATE fidelity_member SET create_date = create_date - interval '1 day' WHERE id = %s", [self.member.id]
        )
        rule.started_at = self.env.cr.now().replace(microsecond=0) - timedelta(hours=1)
        carla = self.make_member(self.card_type, name="Carla Neri")
        closed = self.make_member(self.card_type, name="Dino Rossi", state="closed")
        self.run_job()
        self.assertEqual((self.member.balance, carla.balance, closed.balance), (0, 50, 0))

    def test_reaching_a_tier_gives_once_and_not_to_who_is_in_it(self):
        gold = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.card_type.id})
        carla = self.make_member(self.card_type, name="Carla Neri", tier_id=gold.id)
        rule = self.rule("tier", tier_id=gold.id)
        self.member.tier_id = gold
        self.run_job()
        self.member.tier_id = False
        self.run_job()
        self.member.tier_id = gold
        self.run_job()
        self.assertEqual((self.member.balance, carla.balance, rule.grant_count), (50, 0, 1))

    def test_a_code_is_made_for_the_member(self):
        code_list = self.env["fidelity.code.list"].create({"name": "Voucher", "worth_amount": 5.0})
        rule = self.rule("signup", gift="code", code_list_id=code_list.id)
        rule._grant_all(self.member, "segment:7")
        rule._grant_all(self.member, "segment:7")
        code = rule.grant_ids.code_id
        self.assertEqual((code.member_id, code.origin, code_list.code_count), (self.member, "grant", 1))

    def test_a_prize_waits_in_the_home_store(self):
        mug = self.env["fidelity.prize"].create({"name": "Mug", "card_type_id": self.card_type.id, "points": 10})
        rule = self.rule("signup", gift="prize", prize_id=mug.id)
        rule.started_at -= timedelta(days=1)
        carla = self.make_member(self.card_type, name="Carla Neri")
        self.run_job()
        reservation = self.member.reservation_ids
        self.assertEqual((reservation.prize_id, reservation.store_id, reservation.points), (mug, self.store, 0))
        self.assertFalse(carla.reservation_ids, "nobody knows where she collects it")
        reservation.action_cancel()
        self.assertEqual(self.member.balance, 0, "it cost nothing")

    def test_what_fails_for_one_member_does_not_keep_it_from_others(self):
        mug = self.env["fidelity.prize"].create(
            {"name": "Mug", "card_type_id": self.card_type.id, "points": 10, "availability": "limited", "limit_count": 1}
        )
        rule = self.rule("signup", gift="prize", prize_id=mug.id)
        rule.started_at -= timedelta(days=1)
        carla = self.make_member(self.card_type, name="Carla Neri", store_id=self.store.id)
        with self.assertLogs("odoo.addons.loyalty_fidelity.models.fidelity_grant_occasions", "WARNING"):
            self.run_job()
        self.assertEqual(len((self.member | carla).reservation_ids), 1)

    def test_a_draw_can_be_repeated_by_anybody(self):
        others = [self.make_member(self.card_type, name=f"Member {number}") for number in range(5)]
        rule = self.rule("draw", winner_count=2)
        self.assertTrue(rule.seed_proof)
        self.assertFalse(rule.seed_shown, "nobody knows the seed before")
        with self.assertRaises(AccessError):
            rule.with_user(self.boss).read(["seed"])
        self.run_job()
        self.assertFalse(rule.grant_ids, "it is drawn by hand")
        rule.with_user(self.boss).action_draw()
        ids = [self.member.id, *(member.id for member in others)]
        self.assertEqual(proof(rule.seed_shown), rule.seed_proof)
        self.assertEqual(set(rule.grant_ids.member_id.ids), set(winners(rule.seed_shown, ids, 2)))
        self.assertEqual((rule.drawn_from, sum(self.env["fidelity.member"].browse(ids).mapped("balance"))), (6, 100))
        with self.assertRaisesRegex(UserError, "drawn once"):
            rule.action_draw()

    def test_a_grant_is_taken_back_from_what_is_left_of_it(self):
        rule = self.rule("signup")
        rule._grant_all(self.member, "a")
        self.adjust(self.member, 10)
        mug = self.env["fidelity.prize"].create({"name": "Mug", "card_type_id": self.card_type.id, "points": 30})
        self.member._fidelity_take_prize(mug, "a")
        rule.grant_ids._take_back("The purchase came back")
        rule.grant_ids._take_back("The purchase came back")
        self.assertEqual((self.member.balance, rule.grant_ids.state), (-20, "reversed"))
        self.assertClean()

    def test_a_started_rule_stays_as_it_is(self):
        rule = self.rule("signup")
        with self.assertRaisesRegex(UserError, "was started"):
            rule.points = 100
        rule._grant_all(self.member, "a")
        with self.assertRaisesRegex(UserError, "archived"):
            rule.unlink()
        rule.with_user(self.boss).action_stop()
        self.assertFalse(rule._grant_all(self.member, "b"))

    def test_what_makes_no_sense_is_refused_and_the_field_is_named(self):
        foreign = self.env["fidelity.tier"].create({"name": "Gold", "card_type_id": self.make_card_type("Other", "0481").id})
        for vals, message in (
            ({"points": 0}, "Points"),
            ({"points_days": -1}, "Days to use them"),
            ({"gift": "code"}, "Code list"),
            ({"gift": "prize"}, "Prize"),
            ({"occasion": "visit", "visit_number": 0}, "Purchases"),
            ({"occasion": "tier"}, "Tier"),
            ({"occasion": "tier", "tier_id": foreign.id}, "Gold does not belong to"),
            ({"occasion": "draw", "winner_count": 0}, "Winners"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message):
                self.rule(**{"occasion": "signup", "start": False, **vals})

    def test_only_a_manager_starts_stops_and_draws(self):
        rule = self.rule("draw")
        staff = self.make_user("fid-store", "loyalty_fidelity.group_fidelity_store_manager")
        for method in ("action_start", "action_stop", "action_draw"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(rule.with_user(staff), method)()
        with self.assertRaises(AccessError):
            rule.with_user(staff).name = "Mine"
        rule.with_user(self.boss).action_draw()
        grant = rule.grant_ids.with_user(self.boss)
        for attempt in (lambda: grant.copy(), lambda: grant.write({"state": "reversed"}), lambda: grant.unlink()):
            with self.assertRaises(AccessError):
                attempt()
