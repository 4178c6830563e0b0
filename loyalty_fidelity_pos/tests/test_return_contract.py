import uuid

from odoo.tests import tagged

from .till import TillCase

#: What the cards of the contract give. A lamp costs 47.00, a mug 10.00.
RULES = {
    "points": [{"kind": "points", "points": 1, "step_amount": 10.0}],
    "minimum": [{"kind": "points", "points": 1, "step_amount": 10.0, "minimum_receipt": 60.0}],
    "cashback": [{"kind": "points", "points": 1, "step_amount": 10.0}, {"kind": "cashback", "percent": 2.0}],
    "off": [{"kind": "points", "points": 1, "step_amount": 1.0}, {"kind": "amount_off", "amount": 5.0}],
    "tenth": [{"kind": "points", "points": 1, "step_amount": 1.0}, {"kind": "discount", "percent": 10.0}],
    "next": [
        {
            "kind": "rolling",
            "valid_days": 60,
            "bracket_ids": [(0, 0, {"from_amount": 40.0, "percent": 5.0}), (0, 0, {"from_amount": 60.0, "percent": 8.0})],
        }
    ],
}

#: The contract. Each row: why, which card, and steps. A step: what happens, to what, and what it moves:
#: points, cashback in cents, and the money that the customer pays (negative: gets back).
#: "return" and "exchange" give back goods of the first sale at the till, "office" in the back office.
CONTRACT = (
    ("All comes back: nothing is left", "cashback", (
        ("sell", "lamp 1, mug 3", (7, 154, 77.00)),
        ("return", "lamp 1, mug 3", (-7, -154, -77.00)),
    )),
    ("Part by part ends where all at once does", "cashback", (
        ("sell", "lamp 1, mug 3", (7, 154, 77.00)),
        ("return", "mug 1", (-1, -20, -10.00)),
        ("return", "mug 2", (-2, -40, -20.00)),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("The order of returns does not matter", "cashback", (
        ("sell", "lamp 1, mug 3", (7, 154, 77.00)),
        ("return", "lamp 1", (-4, -94, -47.00)),
        ("return", "mug 3", (-3, -60, -30.00)),
    )),
    ("What falls below the minimum receipt loses its points", "minimum", (
        ("sell", "lamp 1, mug 3", (7, 0, 77.00)),
        ("return", "mug 1", (-1, 0, -10.00)),
        ("return", "mug 1", (-6, 0, -10.00)),
        ("return", "mug 1", (0, 0, -10.00)),
    )),
    ("A discount comes back as it was paid", "tenth", (
        ("sell", "lamp 1, mug 3", (69, 0, 69.30)),
        ("return", "mug 1", (-9, 0, -9.00)),
        ("return", "lamp 1", (-42, 0, -42.30)),
        ("return", "mug 2", (-18, 0, -18.00)),
    )),
    ("An amount off comes back with the goods it fell on", "off", (
        ("sell", "lamp 1, mug 3", (72, 0, 72.00)),
        ("return", "mug 1", (-10, 0, -9.35)),
        ("return", "mug 2", (-19, 0, -18.70)),
        ("return", "lamp 1", (-43, 0, -43.95)),
    )),
    ("The back office gives back the same parts", "off", (
        ("sell", "lamp 1, mug 3", (72, 0, 72.00)),
        ("office", "mug 1", (-10, 0, -9.35)),
        ("return", "mug 1", (-9, 0, -9.35)),
        ("office", "lamp 1, mug 1", (-53, 0, -53.30)),
    )),
    ("The back office gives everything back at once", "off", (
        ("sell", "lamp 1, mug 3", (72, 0, 72.00)),
        ("office", "lamp 1, mug 3", (-72, 0, -72.00)),
    )),
    ("Of one, no more than one comes back, though Odoo returns five", "cashback", (
        ("sell", "lamp 1, mug 3", (7, 154, 77.00)),
        ("return", "lamp 5", (-4, -94, -235.00)),
        ("return", "lamp 1", (0, 0, -47.00)),
    )),
    ("Nor of an amount off", "off", (
        ("sell", "lamp 1, mug 3", (72, 0, 72.00)),
        ("return", "lamp 5", (-44, 0, -231.95)),
    )),
    ("An exchange earns on the new and takes back the old", "points", (
        ("sell", "lamp 1", (4, 0, 47.00)),
        ("exchange", "lamp 1 for mug 6", (6 - 4, 0, 13.00)),
    )),
    ("An exchange for less earns on the less", "points", (
        ("sell", "lamp 1", (4, 0, 47.00)),
        ("exchange", "lamp 1 for mug 2", (2 - 4, 0, -27.00)),
    )),
    ("An exchange with an amount off on both sides", "off", (
        ("sell", "lamp 1", (42, 0, 42.00)),
        ("exchange", "lamp 1 for mug 6", (55 - 42, 0, 13.00)),
    )),
    ("An invoiced order comes back like any other", "off", (
        ("invoice", "lamp 1, mug 3", (72, 0, 72.00)),
        ("return", "mug 1", (-10, 0, -9.35)),
        ("office", "lamp 1, mug 2", (-62, 0, -62.65)),
    )),
    ("Days later, under new rules: those of the sale count", "cashback", (
        ("sell", "lamp 1, mug 3", (7, 154, 77.00)),
        ("republish", "points", None),
        ("return", "mug 3", (-3, -60, -30.00)),
    )),
    ("The card was replaced", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("replace card", "", None),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("The card was blocked", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("block card", "", None),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("The card was lost", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("lose card", "", None),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("The card type was archived", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("archive type", "", None),
        ("sell again", "mug 1", (1, 20, 10.00)),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("The membership was closed", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("close member", "", None),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("The member was merged into another: who has the points gives them back", "cashback", (
        ("sell", "lamp 1, mug 3", (7, 154, 77.00)),
        ("merge member", "", None),
        ("return", "lamp 1", (-4, -94, -47.00)),
        ("return", "mug 3", (-3, -60, -30.00)),
    )),
    ("The order was moved to another customer: the card decides", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("move order", "", None),
        ("return", "lamp 1", (-4, -94, -47.00)),
    )),
    ("Points were taken away meanwhile: the account goes below zero", "points", (
        ("sell", "lamp 1", (4, 0, 47.00)),
        ("adjust", "-3", None),
        ("return", "lamp 1", (-4, 0, -47.00)),
    )),
    ("Without its receipt: what the value would earn", "cashback", (
        ("sell", "lamp 1", (4, 94, 47.00)),
        ("unlinked", "mug 2", (-2, -40, -20.00)),
    )),
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestReturnContract(TillCase):
    """Law: a return leaves what the rules give for what was kept, whatever happened in between."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.types = {
            name: cls.make_benefits(name.title(), f"048{at}", benefits) for at, (name, benefits) in enumerate(RULES.items())
        }

    def test_contract(self):
        for why, rules, steps in CONTRACT:
            with self.subTest(why), self.env.cr.savepoint() as savepoint:
                self.play(rules, steps)
                savepoint.rollback()
                self.env.invalidate_all()
                self.env.registry.clear_cache()

    def play(self, rules, steps):
        self.card_type = self.types[rules]
        self.member = self.make_member(self.card_type, name="Anna Bianchi")
        self.card = self.member.card_ids
        self.first = None
        for what, arg, moves in steps:
            points, cashback = self.balances()
            order = getattr(self, f"do_{what.replace(' ', '_')}")(arg)
            if moves:
                after = self.balances()
                moved = (after[0] - points, after[1] - cashback, round(order.amount_total, 2))
                self.assertEqual(moved, moves, f"{what} {arg}")
                self.assertFalse(self.unexpected(order, what, arg), f"{what} {arg}")
        self.assertClean()

    def balances(self):
        self.env.invalidate_all()
        accounts = self.member._surviving().holder_id.account_ids
        return tuple(sum(accounts.filtered(lambda a, u=unit: a.unit == u).mapped("balance")) for unit in ("points", "money"))

    def unexpected(self, order, what, arg):
        """Flags that the contract does not explain."""
        return set((self.receipt(order).flags or "").split(",")) - {"", "customer_differs"}

    def goods(self, text):
        named = (item.split() for item in text.split(", "))
        return [(getattr(self, name), float(quantity)) for name, quantity in named]

    def sold(self, text):
        lines = self.first.lines
        return [
            (lines.filtered(lambda line, p=product: line.product_id == p)[:1], quantity) for product, quantity in self.goods(text)
        ]

    # -- steps ---------------------------------------------------------------------------------------------------------

    def do_sell(self, arg, **vals):
        self.first = self.ring([{"product": product, "qty": quantity} for product, quantity in self.goods(arg)], **vals)
        return self.first

    def do_invoice(self, arg):
        order = self.do_sell(arg, to_invoice=True)
        self.assertEqual(order.account_move.state, "posted")
        return order

    def do_sell_again(self, arg):
        return self.ring([{"product": product, "qty": quantity} for product, quantity in self.goods(arg)])

    def do_return(self, arg):
        return self.bring_back(self.sold(arg), to_invoice=bool(self.first.account_move))

    def do_exchange(self, arg):
        back, new = arg.split(" for ")
        goods = [{"product": product, "qty": quantity} for product, quantity in self.goods(new)]
        return self.bring_back(self.sold(back), goods, card=self.card)

    def do_unlinked(self, arg):
        return self.ring([{"product": product, "qty": -quantity} for product, quantity in self.goods(arg)])

    def do_office(self, arg):
        """Press Return Products in the back office, keep what is wanted, pay."""
        refund = self.env["pos.order"].browse(self.first.refund()["res_id"])
        wanted = dict(self.goods(arg))
        for line in refund.lines.filtered(lambda line: not line.fidelity_effect):
            if line.product_id in wanted:
                line.qty = -wanted[line.product_id]
            else:
                line.unlink()
        refund.lines._onchange_amount_line_all()
        refund._compute_prices()
        refund._compute_prices()
        context = {"active_id": refund.id, "active_ids": refund.ids, "generate_pdf": False}
        refund.to_invoice = bool(self.first.account_move)
        payment = self.env["pos.make.payment"].with_context(**context).create({"payment_method_id": self.cash_pm1.id})
        payment.with_context(**context).check()
        self.env.invalidate_all()
        self.assertIn(refund.state, ("paid", "done"))
        return refund

    def do_republish(self, arg):
        self.card_type.benefit_ids = [(5, 0, 0), *((0, 0, benefit) for benefit in RULES[arg])]
        self.card_type._publish("2020-03-01 00:00:00")

    def do_replace_card(self, _arg):
        self.card = self.card._replace()

    def do_block_card(self, _arg):
        self.card._set_state("blocked")

    def do_lose_card(self, _arg):
        self.card._set_state("lost")

    def do_archive_type(self, _arg):
        self.card_type.active = False

    def do_close_member(self, _arg):
        self.member.action_close()

    def do_merge_member(self, _arg):
        other = self.make_member(self.card_type, name="Anna B. Bianchi")
        self.member._merge_into(other, str(uuid.uuid4()))

    def do_move_order(self, _arg):
        self.first.partner_id = self.other_customer

    def do_adjust(self, arg):
        self.adjust(self.member, int(arg))
