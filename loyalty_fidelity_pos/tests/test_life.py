from psycopg2.errors import ForeignKeyViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestLife(FidelityPosCase):
    """Old plastic and old receipts after cards are replaced, members merged or in a household, contacts and tills gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marco = cls.make_member(cls.card_type, name="Marco Rossi")

    def identify(self, card):
        answer = self.config.fidelity_identify(card.number)
        return answer["status"], answer.get("balance")

    def sell_to(self, member, lines, card=None):
        return self.sell(lines, claim=self.claim(card or member.card_ids[:1]), customer=member.partner_id)

    def merge(self, member, survivor):
        wizard = self.env["fidelity.member.merge"].create(
            {"member_ids": [(6, 0, (member | survivor).ids)], "survivor_id": survivor.id}
        )
        wizard.action_merge()

    def join(self, member, other):
        self.env["fidelity.household.join"].create({"member_id": member.id, "other_id": other.id}).action_join()

    def leave(self, member, points=0):
        self.env["fidelity.household.leave"].create({"member_id": member.id, "points": points}).action_leave()

    def merge_contacts(self, source, destination):
        self.env["base.partner.merge.automatic.wizard"]._merge((source | destination).ids, destination)
        self.env.invalidate_all()

    # -- cards -----------------------------------------------------------------------------------------------------

    def test_replacing_a_card_moves_nothing(self):
        """The old plastic says why not, the new one works, the balance and returns of old receipts stay right."""
        order = self.sell_to(self.member, [(self.lamp, 1)])
        new = self.card._replace("worn out")
        answer = self.config.fidelity_identify(self.card.number)
        self.assertEqual(answer["status"], "replaced")
        self.assertIn("ask for the new one", answer["message"])
        self.assertEqual(self.identify(new), ("ok", 4))
        self.sell_to(self.member, [(self.mug, 1)], card=new)
        self.assertEqual(self.member.balance, 5)
        late = self.sell_to(self.member, [(self.mug, 1)], card=self.card)
        self.assertEqual((self.receipt(late).outcome, self.member.balance), ("card_replaced", 5))
        self.give_back(order, {self.lamp: 1})
        self.assertEqual(self.member.balance, 1)
        self.assertClean()

    # -- merged members --------------------------------------------------------------------------------------------

    def test_old_plastic_and_old_receipts_of_a_merged_member(self):
        order = self.sell_to(self.marco, [(self.lamp, 1)])
        plastic = self.marco.card_ids
        self.sell_to(self.member, [(self.mug, 1)])
        self.merge(self.marco, self.member)
        for card in self.card | plastic:
            self.assertEqual(self.identify(card), ("ok", 5))
        self.assertEqual(self.config.fidelity_identify(plastic.number)["member"]["name"], "Anna B.")
        sold = self.sell_to(self.member, [(self.mug, 2)], card=plastic)
        self.assertEqual((self.receipt(sold).member_id, self.member.balance), (self.member, 7))
        refund = self.give_back(order, {self.lamp: 1})
        self.assertEqual((self.receipt(refund).points, self.receipt(refund).member_id), (-4, self.member))
        self.assertEqual((self.member.balance, self.marco.balance), (3, 0))
        self.assertEqual(self.result(refund)["balance"], 3)
        self.assertEqual(self.result(order)["balance"], 3, "an old receipt printed again says what there is now")
        self.assertClean()

    def test_points_given_back_come_from_the_very_lots_wherever_they_are(self):
        order = self.sell_to(self.marco, [(self.lamp, 1)])
        lot = self.env["fidelity.lot"].search([("entry_id.posting_id", "=", self.receipt(order).posting_id.id)])
        self.merge(self.marco, self.member)
        refund = self.give_back(order, {self.lamp: 1})
        use = self.env["fidelity.lot.allocation"].search([("entry_id.posting_id", "=", self.receipt(refund).posting_id.id)])
        self.assertEqual((use.lot_id.origin_lot_id, use.lot_id.account_id), (lot, self.member.account_ids))
        self.assertEqual(use.quantity, 4)

    def test_an_order_that_waited_posts_to_who_survived(self):
        """The till was offline while the members were merged."""
        data = self.order_data([(self.lamp, 1)], claim=self.claim(self.marco.card_ids), customer=self.marco.partner_id)
        self.merge(self.marco, self.member)
        self.env["pos.order"].sync_from_ui([data])
        self.env.invalidate_all()
        self.assertEqual((self.member.balance, self.marco.balance), (4, 0))

    def test_merging_contacts_on_odoos_screen(self):
        order = self.sell_to(self.marco, [(self.lamp, 1)])
        self.sell_to(self.member, [(self.mug, 1)])
        cards = self.card | self.marco.card_ids
        self.merge_contacts(self.marco.partner_id, self.member.partner_id)
        self.assertEqual(order.partner_id, self.member.partner_id)
        for card in cards:
            self.assertEqual(self.identify(card), ("ok", 5))
        sold = self.sell_to(self.member, [(self.mug, 1)], card=cards[-1])
        self.assertFalse(self.receipt(sold).flags)
        self.give_back(order, {self.lamp: 1})
        self.assertEqual(self.member.balance, 2)
        self.assertClean()

    def test_what_the_last_purchase_left_survives_a_merge(self):
        """The rolling discount is derived from receipts: those of merged members count for who stays."""
        rolling = self.make_card_type(
            name="Boutique",
            prefix="0480",
            points=0,
            publish=False,
            benefit_ids=[
                (0, 0, {"kind": "rolling", "valid_days": 60, "bracket_ids": [(0, 0, {"from_amount": 20.0, "percent": 5.0})]})
            ],
        )
        rolling._publish("2020-01-01 00:00:00")
        anna, marco = (self.make_member(rolling, name=name) for name in ("Anna", "Marco"))
        plastic = marco.card_ids
        self.sell_to(marco, [(self.lamp, 1)])
        self.assertEqual(self.config.fidelity_identify(plastic.number)["rolling"]["bps"], 500)
        self.merge(marco, anna)
        for card in anna.card_ids:
            self.assertEqual(self.config.fidelity_identify(card.number)["rolling"]["bps"], 500)

    # -- households ------------------------------------------------------------------------------------------------

    def test_any_card_of_a_household_earns_for_all(self):
        before = self.sell_to(self.marco, [(self.lamp, 1)])
        self.join(self.marco, self.member)
        self.sell_to(self.member, [(self.mug, 1)])
        during = self.sell_to(self.marco, [(self.mug, 3)])
        self.assertEqual({self.identify(card) for card in self.card | self.marco.card_ids}, {("ok", 8)})
        self.assertEqual(self.config.fidelity_identify(self.marco.card_ids.number)["member"]["name"], "Marco R.")
        self.give_back(before, {self.lamp: 1})
        self.assertEqual(self.member.balance, 4)
        self.leave(self.marco, 2)
        self.assertEqual((self.identify(self.card), self.identify(self.marco.card_ids)), (("ok", 2), ("ok", 2)))
        self.give_back(during, {self.mug: 3})
        self.assertEqual((self.member.balance, self.marco.balance), (-1, 2), "at the expense of the household that got them")
        self.assertClean()

    # -- contacts, users, stores and tills -------------------------------------------------------------------------

    def test_an_archived_contact_earns_and_gives_back(self):
        order = self.sell_to(self.member, [(self.lamp, 1)])
        self.member.partner_id.active = False
        answer = self.config.fidelity_identify(self.card.number)
        self.assertEqual((answer["status"], answer["balance"], answer["partner"]["name"]), ("ok", 4, "Anna Bianchi"))
        self.sell_to(self.member, [(self.mug, 1)])
        self.give_back(order, {self.lamp: 1})
        self.assertEqual(self.member.balance, 1)
        self.assertClean()

    def test_a_contact_without_a_name_earns(self):
        self.member.partner_id.name = ""
        answer = self.config.fidelity_identify(self.card.number)
        self.assertEqual((answer["status"], answer["member"]["name"]), ("ok", ""))
        order = self.sell_to(self.member, [(self.lamp, 1)])
        self.assertEqual((self.result(order)["member"], self.result(order)["balance"]), ("", 4))

    def test_a_closed_membership_says_so_and_its_old_receipts_can_be_given_back(self):
        order = self.sell_to(self.member, [(self.lamp, 1)])
        self.member.action_close()
        self.assertEqual(self.identify(self.card)[0], "member_closed")
        late = self.sell_to(self.member, [(self.mug, 1)])
        self.assertEqual((self.receipt(late).outcome, self.member.balance), ("member_closed", 4))
        self.give_back(order, {self.lamp: 1})
        self.assertEqual(self.member.balance, 0)
        self.assertClean()

    def test_an_archived_store_does_not_stop_its_till(self):
        self.store.active = False
        order = self.sell_to(self.member, [(self.lamp, 1)])
        self.assertEqual((self.receipt(order).store_id, self.member.balance), (self.store, 4))
        with self.assertRaisesRegex(UserError, "Archive the store"):
            self.store.unlink()

    def test_deleting_a_till_leaves_receipts_and_balances(self):
        """Odoo itself keeps a till that had sessions; one without goes, and no receipt with it."""
        spare = self.env["pos.config"].create({"name": "Spare", "fidelity_store_id": self.store.id})
        order = self.sell_to(self.member, [(self.lamp, 1)])
        spare.unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(ForeignKeyViolation), self.env.cr.savepoint():
            self.config.unlink()
        receipt = self.receipt(order)
        self.assertEqual((receipt.till_name, receipt.store_id, self.member.balance), (self.config.name, self.store, 4))
        self.assertClean()

    def test_deleting_who_served_leaves_his_receipts(self):
        cashier = self.make_user("fid-life-cashier", "point_of_sale.group_pos_user")
        cashier.company_ids |= self.env.company
        cashier.company_id = self.env.company
        data = self.order_data([(self.lamp, 1)])
        self.env["pos.order"].with_user(cashier).sync_from_ui([{**data, "user_id": cashier.id}])
        self.env.invalidate_all()
        receipt = self.env["fidelity.receipt"].search([("member_id", "=", self.member.id)])
        cashier.active = False
        self.env.flush_all()
        self.assertEqual((receipt.author_uid, receipt.author_name), (cashier.id, "fid-life-cashier"))
        self.assertClean()
