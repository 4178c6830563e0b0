from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestLedger(FidelityCase):
    """The ledger only grows: the database and the ORM both see to it."""

    def setUp(self):
        super().setUp()
        self.adjust(self.member, 100, "welcome")
        self.adjust(self.member, -30, "mistake at the till")

    def test_database_refuses_update_delete_and_truncate_on_every_append_only_table(self):
        """To everyone: even the owner of the tables."""
        names = self.env["fidelity.append.only"]._append_only_models()
        self.assertGreaterEqual(len(names), 9)
        row_of = {"fidelity.posting", "fidelity.ledger.entry", "fidelity.lot", "fidelity.lot.allocation", "fidelity.ruleset"}
        for name in names:
            table = self.env[name]._table
            statements = [f"TRUNCATE {table} CASCADE"]
            if name in row_of:
                statements += [f"UPDATE {table} SET id = id", f"DELETE FROM {table}"]
            for statement in statements:
                with self.subTest(statement=statement), self.assertRaises(RestrictViolation), mute_logger("odoo.sql_db"):
                    with self.env.cr.savepoint():
                        self.env.cr.execute(statement)

    def test_orm_refuses_with_a_sentence(self):
        with self.assertRaisesRegex(AccessError, "adjustment with a reason"):
            self.env["fidelity.ledger.entry"].create({"account_id": self.account.id, "quantity": 5})
        with self.assertRaises(AccessError):
            self.account.write({"folded_balance": 5})

    def test_balance_is_the_sum_of_entries(self):
        self.assertEqual(self.account.balance, 70)
        self.assertEqual(sum(self.account.entry_ids.mapped("quantity")), 70)
        self.assertEqual(self.env["fidelity.account"].search([("balance", "=", 70)]), self.account)
        self.assertEqual(self.env["fidelity.account"].search([("balance", ">", 70), ("id", "=", self.account.id)]).ids, [])

    def test_adjustment_keeps_who_and_why(self):
        posting = self.env["fidelity.posting"].search([("member_id", "=", self.member.id)], limit=1)
        self.assertEqual((posting.kind, posting.reason), ("adjust", "mistake at the till"))
        self.assertEqual((posting.author_uid, posting.author_name), (self.env.uid, self.env.user.name))

    def test_adjustment_posts_once_a_key(self):
        self.adjust(self.member, 5, key="same")
        self.adjust(self.member, 5, key="same")
        self.assertEqual(self.account.balance, 75)

    def test_adjustment_takes_no_more_than_there_is(self):
        with self.assertRaisesRegex(UserError, "70 points"):
            self.adjust(self.member, -71)
        self.adjust(self.member, -70)
        self.assertEqual(self.account.balance, 0)

    def test_adjustment_needs_points_and_a_reason(self):
        for quantity, reason in ((0, "why"), (5, "   "), (2_000_000_000, "big")):
            with self.subTest(quantity=quantity), self.assertRaises(UserError):
                self.adjust(self.member, quantity, reason)

    def test_negative_adjustment_uses_the_oldest_lot_first(self):
        self.adjust(self.member, 50, "second lot")
        self.adjust(self.member, -90, "uses 70 of the first, 20 of the second")
        lots = self.env["fidelity.lot"].search([("account_id", "=", self.account.id)], order="id")
        self.assertEqual([lot.quantity - sum(lot.allocation_ids.mapped("quantity")) for lot in lots], [0, 30])

    def test_only_a_loyalty_manager_adjusts(self):
        user = self.make_user("fid-user", "loyalty_fidelity.group_fidelity_store_manager")
        wizard = self.env["fidelity.adjustment"].create({"member_id": self.member.id, "quantity": 5, "reason": "x"})
        with self.assertRaises(AccessError):
            wizard.with_user(user).action_post()
        with self.assertRaises(AccessError):
            self.env["fidelity.adjustment"].with_user(user).create({"member_id": self.member.id, "quantity": 5, "reason": "x"})
