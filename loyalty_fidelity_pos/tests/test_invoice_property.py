import os
import random

from odoo.tests import tagged

from .till import TillCase

#: Random baskets of a run; the seed of a failure is in its message: LF_SEED=<seed> replays it.
BASKETS = 1000 if os.environ.get("LF_ALL") else 12
SEED = int(os.environ.get("LF_SEED", "20260101"))
#: Rounding of the currency, and what prices look like in it.
CURRENCIES = {"whole": (1.0, 100), "cents": (0.01, 1), "thousandths": (0.001, 1)}


@tagged("post_install", "-at_install")
class TestInvoiceProperty(TillCase):
    """Whatever the basket: order, receipt, invoice and journal entry agree to the last minor unit, and what comes back
    in any number of steps leaves nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tax = cls.env["account.tax"]
        five = tax.create({"name": "5.5 % included", "amount": 5.5, "price_include_override": "tax_included"})
        twenty = tax.create({"name": "20 % on top", "amount": 20.0, "price_include_override": "tax_excluded"})
        cls.tax_sets = (
            tax,
            cls.taxes["tax7"],
            cls.taxes["tax10"],
            cls.taxes["tax21"],
            five,
            twenty,
            cls.taxes["tax7"] | twenty,
            cls.taxes["tax10"] | cls.taxes["tax21"],
            cls.taxes["tax8"] | cls.taxes["tax9"],
        )
        cls.products = [
            cls.create_product(f"Property {at}", cls.categ_basic, 10.0, tax_ids=taxes.ids) for at, taxes in enumerate(cls.tax_sets)
        ]
        for at, (product, taxes) in enumerate(zip(cls.products, cls.tax_sets, strict=True)):
            product.write({"taxes_id": [(6, 0, taxes.ids)], "type": "service", "name": f"Property {at}"})
        # Goods by weight: 0.347 kg.
        cls.env["decimal.precision"].search([("name", "=", "Product Unit")]).digits = 3

    def test_cents(self):
        self.check_currency("cents")

    def test_thousandths(self):
        self.use_other_currency("thousandths")
        self.check_currency("thousandths")

    def test_whole_units(self):
        self.use_other_currency("whole")
        self.check_currency("whole")

    def use_other_currency(self, name):
        self.pos_session.close_session_from_ui()
        self.other_currency.rounding = CURRENCIES[name][0]
        self.config = self.other_currency_config
        self.config.fidelity_store_id = self.store
        self.open_new_session()

    # -- one currency ----------------------------------------------------------------------------------------------------

    def check_currency(self, name):
        for basket in range(BASKETS // 3):
            seed = f"{SEED}-{name}-{basket}"
            with self.subTest(seed=seed):
                self.check_basket(random.Random(seed), name, basket)
        self.assertClean()

    def check_basket(self, rng, name, at):
        self.env.company.tax_calculation_rounding_method = rng.choice(("round_per_line", "round_globally"))
        member = self.random_member(rng, name, at)
        order = self.ring(self.random_goods(rng, name), to_invoice=True, customer=member.partner_id)
        self.assertInvoiced(order)
        receipt = self.receipt(order)
        self.assertFalse(receipt.flags)
        self.assertAllocated(order, receipt)
        refunds = self.bring_back_in_steps(rng, order, member)
        self.assertNothingLeft(order, receipt, refunds, member)

    def random_member(self, rng, name, at):
        scale = CURRENCIES[name][1]
        benefits = [
            {"kind": "points", "points": 1, "step_amount": 1.0 * scale},
            {"kind": "cashback", "percent": rng.choice((1.0, 2.5, 7.77))},
            {
                "kind": "discount",
                "percent": rng.choice((3.0, 10.0, 12.34, 33.33)),
                "on_discounted": rng.choice(("stack", "best", "skip")),
            },
            {"kind": "amount_off", "amount": rng.choice((1.0, 5.0, 7.0)) * scale},
            {"kind": "amount_off", "amount": 2.0 * scale, "minimum_receipt": 30.0 * scale},
        ]
        chosen = [benefits[0], *rng.sample(benefits[1:], rng.randint(1, 4))]
        prefix = f"048{list(CURRENCIES).index(name)}{at:04d}"
        card_type = self.make_benefits(
            f"{name} {at}", prefix, chosen, currency_id=self.currency.id, base=rng.choice(("total", "untaxed"))
        )
        self.member = self.make_member(card_type, name=f"Member {name} {at}")
        self.member.partner_id.property_account_receivable_id = self.receivable_account
        self.card = self.member.card_ids
        return self.member

    def random_goods(self, rng, name):
        decimals, scale = self.currency.decimal_places, CURRENCIES[name][1]
        return [
            {
                "product": rng.choice(self.products),
                "qty": rng.choice((1, 2, 3, 7, 0.347, 1.25, 0.01, 12.5)),
                "price": round(rng.choice((0.99, 1.0, 3.33, 9.95, 10.0, 47.0, 129.9, rng.uniform(0.1, 80))) * scale, decimals),
                "manual": rng.choice((0, 0, 0, 5.0, 20.0, 33.33)),
            }
            for _line in range(rng.randint(1, 6))
        ]

    # -- what must hold ----------------------------------------------------------------------------------------------------

    def assertInvoiced(self, order):
        """Order, receipt, invoice and journal entry say the same."""
        invoice, receipt = order.account_move, self.receipt(order)
        self.assertEqual(invoice.state, "posted")
        paid = self.minor(order.amount_total)
        self.assertEqual(self.minor(order.amount_paid), paid)
        self.assertEqual(receipt.total_minor, paid)
        self.assertEqual(self.minor(self.signed(invoice, "amount_total")), paid)
        self.assertEqual(self.minor(self.signed(invoice, "amount_tax")), self.minor(order.amount_tax))
        self.assertEqual(sum(receipt.line_ids.mapped("total_minor")), paid)
        untaxed = sum(receipt.line_ids.mapped("untaxed_minor"))
        self.assertEqual(self.minor(self.signed(invoice, "amount_untaxed")), untaxed)
        self.assertAlmostEqual(sum(invoice.line_ids.mapped("balance")), 0.0)
        terms = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(self.minor(sum(terms.mapped("amount_currency"))), paid)

    def signed(self, invoice, field):
        return invoice[field] * (-1 if invoice.move_type == "out_refund" else 1)

    def assertAllocated(self, order, receipt):
        """What amounts off took is what their lines come to, line by line, and explained by effects."""
        lines = receipt.line_ids
        carried = -sum(lines.filtered(lambda line: line.kind == "effect").mapped("total_minor"))
        untaxed = -sum(lines.filtered(lambda line: line.kind == "effect").mapped("untaxed_minor"))
        self.assertEqual(sum(lines.mapped("allocated_minor")), carried)
        self.assertEqual(sum(lines.mapped("allocated_untaxed_minor")), untaxed)
        for line in lines:
            self.assertLessEqual(line.allocated_minor, max(0, line.total_minor))
            percent = line.effect_ids.filtered(lambda effect: effect.kind != "amount_off")
            self.assertEqual(sum(percent.mapped("amount_minor")), line.discount_minor)
            self.assertEqual(sum((line.effect_ids - percent).mapped("amount_minor")), line.allocated_minor)
        net = sum(line.total_minor - line.allocated_minor for line in lines if line.kind == "sale")
        self.assertEqual(net, self.minor(order.amount_total))

    def bring_back_in_steps(self, rng, order, member):
        """Return everything: at once, or in random parts, at the till or in the back office."""
        sold = order.lines.filtered(lambda line: not line.fidelity_effect or "percent" in line.fidelity_effect)
        left = {line: line.qty for line in sold}
        refunds = self.env["pos.order"]
        while left:
            everything = rng.random() < 0.4
            chosen = list(left) if everything else rng.sample(list(left), rng.randint(1, len(left)))
            parts = [(line, left[line] if everything or left[line] < 1 else rng.randint(1, int(left[line]))) for line in chosen]
            if everything and rng.random() < 0.5:
                refunds |= self.office(order)
                parts = list(left.items())
            else:
                refunds |= self.bring_back(parts, customer=member.partner_id, to_invoice=True)
            left = {line: round(left[line] - dict(parts).get(line, 0), 6) for line in left}
            left = {line: quantity for line, quantity in left.items() if quantity > 0}
        return refunds

    def office(self, order):
        refund = self.env["pos.order"].browse(order.refund()["res_id"])
        refund.to_invoice = True
        context = {"active_id": refund.id, "active_ids": refund.ids, "generate_pdf": False}
        method = self.config.payment_method_ids.filtered(lambda method: method.is_cash_count)[:1]
        payment = self.env["pos.make.payment"].with_context(**context).create({"payment_method_id": method.id})
        payment.with_context(**context).check()
        self.env.invalidate_all()
        return refund

    def assertNothingLeft(self, order, receipt, refunds, member):
        for refund in refunds:
            self.assertInvoiced(refund)
            self.assertFalse(self.receipt(refund).flags, f"{refund.name} of {refunds.mapped('name')}")
        self.env.invalidate_all()
        self.assertEqual([account.balance for account in member.account_ids if account.balance], [])
        carriers = order.lines.filtered(lambda line: line.fidelity_effect and '"amount"' in line.fidelity_effect)
        for carrier in carriers:
            effects = self.env["fidelity.receipt.effect"].search([("carrier_key", "=", carrier.uuid)])
            self.assertEqual(sum(effects.mapped("amount_minor")), 0, "all of the amount came back with the goods")
        back = sum(self.minor(refund.amount_total) for refund in refunds)
        # Odoo rounds every line of every return by itself; at once, nothing is rounded twice.
        rounded = 0 if len(refunds) == 1 else sum(len(refund.lines) for refund in refunds)
        self.assertLessEqual(abs(self.minor(order.amount_total) + back), rounded)
