from uuid import uuid4

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestMerge(FidelityCase):
    """Merging memberships: one survives with everything, nothing is lost, the ledger stays provable."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marco = cls.make_member(cls.card_type, name="Marco Rossi")
        cls.gold = cls.env["fidelity.tier"].create({"name": "Gold", "card_type_id": cls.card_type.id, "sequence": 20})

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 120)
        self.adjust(self.marco, 30)

    def wizard(self, members, survivor=None):
        values = {"member_ids": [(6, 0, members.ids)], **({"survivor_id": survivor.id} if survivor else {})}
        return self.env["fidelity.member.merge"].create(values)

    def merge(self, members, survivor=None):
        self.wizard(members, survivor).action_merge()

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    def lots(self, member):
        """(what is left, expiry) of the lots of a member's account, those with something left."""
        lots = self.env["fidelity.lot"].search([("account_id", "in", member.account_ids.ids)], order="expires_date, id")
        left = [(lot.quantity - sum(lot.allocation_ids.mapped("quantity")), lot.expires_date) for lot in lots]
        return [row for row in left if row[0]]

    def add_lot(self, member, quantity, expires_date):
        """Points that expire, as another benefit may give them."""
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": member.account_ids.id, "kind": "adjust", "quantity": quantity, "uses": []}
        posting = {"op_key": f"adjust:{uuid4()}", "kind": "adjust", "occurred_at": now, "posted_at": now}
        posting["company_id"] = self.env.company.id
        self.env["fidelity.posting"]._insert(posting, [{**entry, "expires_date": expires_date}])
        self.env.invalidate_all()

    def test_points_cards_and_the_better_tier_go_to_who_stays(self):
        self.marco.tier_id = self.gold
        self.marco.enrolled_date = "2020-05-01"
        plastic = self.marco.card_ids
        self.merge(self.member | self.marco, self.member)
        self.assertEqual((self.member.balance, self.marco.balance), (150, 0))
        self.assertEqual((self.marco.state, self.marco.merged_into_id), ("merged", self.member))
        self.assertEqual(plastic.member_id, self.member)
        self.assertEqual(self.member.card_ids, self.card | plastic)
        self.assertEqual(self.member.tier_id, self.gold)
        self.assertEqual(str(self.member.enrolled_date), "2020-05-01")
        for card in self.card | plastic:
            row = self.env["fidelity.card"]._identify(card.number)
            self.assertEqual((row["member_id"], row["member_state"], row["balance"]), (self.member.id, "active", 150))
        self.assertClean()

    def test_screen_says_what_will_happen(self):
        wizard = self.wizard(self.member | self.marco)
        self.assertEqual(wizard.survivor_id, self.member, "the oldest active one, unless said otherwise")
        self.assertFalse(wizard.problem)
        for text in ("150 points", "120 points + 30 points", "Cards: 2", "Marco Rossi", "becomes merged", "can undo it"):
            self.assertIn(text, wizard.effect)

    def test_lots_keep_their_expiry_and_their_origin(self):
        self.add_lot(self.marco, 50, "2027-03-31")
        self.add_lot(self.marco, 20, "2026-12-31")
        self.adjust(self.marco, -5)
        origin = self.env["fidelity.lot"].search([("account_id", "=", self.marco.account_ids.id)])
        self.merge(self.member | self.marco, self.member)
        self.assertEqual([(q, str(day)) for q, day in self.lots(self.member)][:2], [(15, "2026-12-31"), (50, "2027-03-31")])
        self.assertEqual(self.lots(self.marco), [])
        moved = self.env["fidelity.lot"].search([("account_id", "=", self.member.account_ids.id), ("origin_lot_id", "!=", False)])
        self.assertEqual(moved.origin_lot_id, origin)
        zoe = self.make_member(self.card_type, name="Zoe")
        self.merge(self.member | zoe, zoe)
        again = self.env["fidelity.lot"].search([("account_id", "=", zoe.account_ids.id), ("origin_lot_id", "in", origin.ids)])
        self.assertEqual(again.origin_lot_id, origin, "the very first lot, however often it moves")
        self.assertEqual(zoe.balance, 215)
        self.assertClean()

    def test_what_was_owed_before_stays_paid(self):
        """An account that owed and earned since has more in its lots than it has: what it has moves, no more."""
        account = self.marco.account_ids
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": account.id, "kind": "reverse", "quantity": -70, "uses": []}
        posting = {"op_key": "test:debt", "kind": "adjust", "occurred_at": now, "posted_at": now}
        self.env["fidelity.posting"]._insert({**posting, "company_id": self.env.company.id}, [entry])
        self.env.invalidate_all()
        self.assertEqual(self.marco.balance, -40)
        self.add_lot(self.marco, 100, "2027-03-31")
        self.merge(self.member | self.marco, self.member)
        self.assertEqual((self.marco.balance, self.member.balance), (0, 180))
        self.assertEqual([row[0] for row in self.lots(self.member)], [30, 120, 30])
        self.assertClean()

    def test_debt_goes_along(self):
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": self.marco.account_ids.id, "kind": "reverse", "quantity": -50, "uses": []}
        posting = {"op_key": "test:debt", "kind": "adjust", "occurred_at": now, "posted_at": now}
        self.env["fidelity.posting"]._insert({**posting, "company_id": self.env.company.id}, [entry])
        self.env.invalidate_all()
        self.merge(self.member | self.marco, self.member)
        self.assertEqual((self.marco.balance, self.member.balance), (0, 100))
        self.assertClean()

    def test_money_moves_like_points(self):
        units = dict(self.env["fidelity.account"]._fields["unit"].selection)
        for unit in units:
            account = self.env["fidelity.account"].sudo()._open(self.marco.holder_id, unit)
            now = self.env.cr.now().replace(microsecond=0)
            entry = {"sequence": 1, "account_id": account.id, "kind": "earn", "quantity": 250, "uses": []}
            posting = {"op_key": f"test:{unit}", "kind": "adjust", "occurred_at": now, "posted_at": now}
            self.env["fidelity.posting"]._insert({**posting, "company_id": self.env.company.id}, [entry])
        self.merge(self.member | self.marco, self.member)
        balances = {account.unit: account.balance for account in self.member.account_ids}
        self.assertEqual(balances, {"points": 400, **{unit: 250 for unit in units if unit != "points"}})
        self.assertEqual(set(self.marco.account_ids.mapped("balance")), {0})
        self.assertClean()

    def test_merging_twice_merges_once(self):
        wizard = self.wizard(self.member | self.marco, self.member)
        wizard.action_merge()
        wizard.action_merge()
        self.assertEqual(self.member.balance, 150)
        self.assertEqual(self.env["fidelity.posting"].search_count([("kind", "=", "transfer")]), 1)

    def test_three_at_once_and_again_later(self):
        zoe = self.make_member(self.card_type, name="Zoe")
        eve = self.make_member(self.card_type, name="Eve")
        self.adjust(zoe, 7)
        self.merge(self.member | self.marco | zoe, zoe)
        self.assertEqual(zoe.balance, 157)
        self.merge(zoe | eve, eve)
        self.assertEqual(eve.balance, 157)
        self.assertEqual(self.member._surviving(), eve)
        self.assertEqual(eve.merged_ids, self.member | self.marco | zoe)
        self.assertEqual(len(eve.card_ids), 4)
        self.assertClean()

    def test_refusals_say_why(self):
        other = self.make_card_type(name="Other", prefix="0480")
        stranger = self.make_member(other, name="Marco Rossi")
        self.merge(self.member | self.marco, self.member)
        for members, text in (
            (self.member | stranger, "different card types"),
            (self.member | self.marco, "was merged into Anna Bianchi"),
            (self.member, "at least two"),
        ):
            wizard = self.wizard(members, self.member)
            self.assertIn(text, wizard.problem)
            self.assertFalse(wizard.effect)
            if members != self.member | self.marco:
                with self.assertRaisesRegex(UserError, text):
                    wizard.action_merge()

    def test_a_merged_membership_stays_as_it_is(self):
        self.merge(self.member | self.marco, self.member)
        for call in (
            self.marco.action_reopen,
            self.marco.action_close,
            lambda: self.marco.write({"state": "active"}),
            lambda: self.marco.write({"merged_into_id": False}),
            lambda: self.member.write({"state": "merged"}),
            lambda: self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "member_id": self.marco.id}),
            lambda: self.make_member(self.card_type, name="X", state="merged"),
            lambda: self.adjust(self.marco, 5),
            self.marco.unlink,
            self.member.unlink,
        ):
            with self.subTest(call=call), self.assertRaises(UserError):
                call()
        self.assertEqual((self.marco.state, self.member.balance), ("merged", 150))

    def test_an_active_one_makes_the_survivor_active(self):
        """Old plastic of both works afterwards, also when the one who stays was closed."""
        self.member.action_close()
        self.merge(self.member | self.marco, self.member)
        self.assertEqual((self.member.state, self.member.balance), ("active", 150))

    def test_what_came_late_follows(self):
        """A sale that did not know of the merge yet posted to the account left behind."""
        account = self.marco.account_ids
        self.merge(self.member | self.marco, self.member)
        for number, quantity in enumerate((9, -4)):
            now = self.env.cr.now().replace(microsecond=0)
            entry = {"sequence": 1, "account_id": account.id, "kind": "earn", "quantity": quantity, "uses": []}
            posting = {"op_key": f"test:late{number}", "kind": "adjust", "occurred_at": now, "posted_at": now}
            self.env["fidelity.posting"]._insert({**posting, "company_id": self.env.company.id}, [entry])
            self.env.invalidate_all()
            holders = self.env["fidelity.holder"].sudo()._left_behind()
            self.assertEqual(holders, account.holder_id)
            holders._bring_after()
            self.assertEqual(self.env["fidelity.holder"].sudo()._left_behind().ids, [])
        self.assertEqual((account.balance, self.member.balance), (0, 155))
        self.assertClean()

    def test_a_card_given_at_that_very_moment_follows(self):
        card = self.env["fidelity.card"].create({"card_type_id": self.card_type.id})
        self.merge(self.member | self.marco, self.member)
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE fidelity_card SET member_id = %s, state = 'active' WHERE id = %s", self.marco.id, card.id))
        self.env.invalidate_all()
        cards = self.env["fidelity.holder"].sudo()._cards_left_behind()
        self.assertEqual(cards, card)
        cards._bring_after()
        self.assertEqual(card.member_id, self.member)

    def test_the_job_sweeps_and_is_called_soon(self):
        cron = self.env.ref("loyalty_fidelity.ir_cron_sweep")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.merge(self.member | self.marco, self.member)
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_only_a_loyalty_manager_merges(self):
        user = self.make_user("fid-merge-user", "loyalty_fidelity.group_fidelity_store_manager")
        wizard = self.wizard(self.member | self.marco)
        with self.assertRaises(AccessError):
            wizard.with_user(user).action_merge()
        with self.assertRaises(AccessError):
            self.env["fidelity.member.merge"].with_user(user).create({"member_ids": [(6, 0, self.member.ids)]})
        manager = self.make_user("fid-merge-manager", "loyalty_fidelity.group_fidelity_manager")
        own = self.env["fidelity.member.merge"].with_user(manager).create({"member_ids": [(6, 0, (self.member | self.marco).ids)]})
        own.action_merge()
        posting = self.env["fidelity.posting"].search([("kind", "=", "transfer")])
        self.assertEqual((posting.author_uid, posting.author_name), (manager.id, "fid-merge-manager"))
        self.assertEqual(posting.display_name, f"Transfer {posting.id}")

    def test_verify_finds_a_transfer_that_makes_points(self):
        self.merge(self.member | self.marco, self.member)
        now = self.env.cr.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": self.account.id, "kind": "transfer", "quantity": 5, "uses": []}
        posting = {"op_key": "transfer:x", "kind": "transfer", "occurred_at": now, "posted_at": now}
        self.env["fidelity.posting"]._insert({**posting, "company_id": self.env.company.id}, [entry])
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertIn("made or lost 5", verification.findings)
