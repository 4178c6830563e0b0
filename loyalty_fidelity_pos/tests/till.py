"""A till in Python: prices a basket with the shipped kernel and Odoo's tax helpers, and sends it as the till does."""

import json
import uuid
from dataclasses import replace

from odoo import fields
from odoo.tools import float_round

from odoo.addons.loyalty_fidelity.rules import price as kernel
from odoo.addons.loyalty_fidelity.rules.arithmetic import largest_remainder
from odoo.addons.loyalty_fidelity.rules.reversal import share_back
from odoo.addons.loyalty_fidelity.rules.situation import Situation, nowhere
from odoo.addons.loyalty_fidelity.rules.spending import spend
from odoo.addons.loyalty_fidelity.rules.voucher import redeem

from .common import FidelityPosCase

MICRO = 1_000_000


class TillCase(FidelityPosCase):
    """Orders with price effects: ``self.ring`` sells, ``self.bring_back`` returns."""

    def ring(self, goods, card=None, rolling_bps=0, ruleset=None, rolling_minor=0, situation=None, spending=0, codes=(), **vals):
        """Sell goods with a card and its price effects.

        :param goods: dicts with ``product``, ``qty`` and, where not the product's own, ``price``, ``manual`` (percent)
        :param card: a card; False: none
        :param ruleset: the kernel's; by default that in force for the card
        :param int spending: what the customer wants to pay with cashback, in minor units
        :param codes: records, in the order in which they are read
        :param situation: the kernel's; by default what the server tells a till of the member now
        """
        card = self.card if card is None else card
        lines = [self.goods_line(**good) for good in goods]
        if card:
            ruleset = ruleset or self.env["fidelity.ruleset"]._parsed(card.card_type_id.ruleset_id.id)
            told = situation or self.told_situation(card)
            lines += self.apply_card(lines, ruleset, rolling_bps, rolling_minor, told, spending, codes)
        elif codes:
            lines += self.apply_codes(lines, codes)
        if codes:
            vals["fidelity_codes"] = json.dumps({"v": 1, "codes": [{"id": code.id, "code": code.code} for code in codes]})
        return self.send(lines, card, **vals)

    def told_situation(self, card):
        """What the server tells a till of the member of a card."""
        told = self.config.fidelity_identify(card.number).get("situation")
        return Situation(**{**told, "tag_ids": tuple(told["tag_ids"])}) if told else nowhere()

    def bring_back(self, returns, goods=(), card=False, **vals):
        """Give goods back, and take others with them for an exchange.

        :param returns: (order line sold, quantity) pairs
        """
        back = [
            self.goods_line(
                sold.product_id,
                -quantity,
                sold.price_unit,
                taxes=sold.tax_ids,
                discount=sold.discount,
                refunded_orderline_id=sold.id,
            )
            for sold, quantity in returns
        ]
        new = [self.goods_line(**good) for good in goods]
        if card and new:
            new += self.apply_card(new, self.env["fidelity.ruleset"]._parsed(card.card_type_id.ruleset_id.id), 0)
        lines = back + self.share_lines(back) + new
        return self.send(lines, card, is_refund=True, **vals)

    # -- lines ---------------------------------------------------------------------------------------------------------

    def goods_line(self, product, qty, price=None, manual=0.0, taxes=None, discount=None, **extra):
        taxes = product.taxes_id if taxes is None else taxes
        return {
            "uuid": str(uuid.uuid4()),
            "product_id": product.id,
            "qty": qty,
            "price_unit": product.lst_price if price is None else price,
            "price_type": "original" if price is None else "manual",
            "discount": manual if discount is None else discount,
            "tax_ids": taxes,
            "full_product_name": product.name,
            **extra,
        }

    def minor(self, amount):
        return int(float_round(amount * 10**self.currency.decimal_places, precision_digits=0))

    def base_lines(self, lines, discounts=None, turned=False):
        """Base lines of the tax engine with their details; in an order with a negative total Odoo turns them over."""
        tax = self.env["account.tax"]
        base_lines = [
            tax._prepare_base_line_for_taxes_computation(
                {"extra_tax_data": line.get("extra_tax_data")},
                product_id=self.env["product.product"].browse(line["product_id"]),
                tax_ids=line["tax_ids"],
                price_unit=line["price_unit"],
                quantity=line["qty"] * (-1 if turned else 1),
                discount=(discounts or {}).get(line["uuid"], line["discount"]),
                currency_id=self.currency,
                rate=self.rate(),
                is_refund=line["qty"] * line["price_unit"] < 0,
                sign=1 if turned else -1,
            )
            for line in lines
        ]
        tax._add_tax_details_in_base_lines(base_lines, self.env.company)
        tax._round_base_lines_tax_details(base_lines, self.env.company)
        return base_lines

    def rate(self):
        company = self.env.company
        return self.env["res.currency"]._get_conversion_rate(company.currency_id, self.currency, company, fields.Date.today())

    def amounts(self, base_line):
        """(tax included, without tax) in minor units."""
        details = base_line["tax_details"]
        untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
        taxes = sum(data["tax_amount_currency"] for data in details["taxes_data"])
        return self.minor(untaxed + taxes), self.minor(untaxed)

    # -- the card's work -------------------------------------------------------------------------------------------------

    def apply_card(self, lines, ruleset, rolling_bps, rolling_minor=0, situation=None, spending=0, codes=()):
        """Write percentages on lines; return the amount lines."""
        manual = {line["uuid"]: round(line["discount"] * 100) for line in lines}
        totals = {line["uuid"]: self.amounts(base)[0] for line, base in zip(lines, self.base_lines(lines), strict=True)}
        situation = situation or nowhere()
        matched = self.env["fidelity.selector"]._matched(ruleset, {line["uuid"]: line["product_id"] for line in lines})
        before = [
            kernel.PriceLine(
                line["uuid"],
                self.kind(line),
                totals[line["uuid"]],
                manual[line["uuid"]],
                cost_minor=self.cost(line),
                selectors=matched.get(line["uuid"], ()),
            )
            for line in lines
        ]
        rules = kernel.discounts(ruleset, before, rolling_bps, situation, rolling_minor)
        for line in lines:
            rule = rules.get(line["uuid"])
            if rule and rule.card_bps:
                line["discount"] = rule.discount_bps / 100
                effect = {"v": 1, "kind": "percent", "manual_bps": manual[line["uuid"]], "card_bps": rule.card_bps}
                line["fidelity_effect"] = json.dumps({**effect, "benefits": rule.benefits})
        after = [
            replace(priced, total_minor=self.amounts(base)[0]) for priced, base in zip(before, self.base_lines(lines), strict=True)
        ]
        effects = kernel.amounts(
            ruleset,
            after,
            kernel.receipt_total(before),
            situation,
            before=before,
            rolling_bps=rolling_bps,
            rolling_minor=rolling_minor,
        )
        effects += redeem(after, self.taken(effects), self.vouchers(codes, lines), kernel.receipt_total(before))
        paid = spend(after, self.taken(effects), spending)
        return [line for effect in [*effects, *([paid] if paid else [])] for line in self.amount_lines(lines, effect)]

    def apply_codes(self, lines, codes):
        """What codes take off without a card; return the amount lines."""
        priced = [
            kernel.PriceLine(line["uuid"], self.kind(line), self.amounts(base)[0])
            for line, base in zip(lines, self.base_lines(lines), strict=True)
        ]
        effects = redeem(priced, {}, self.vouchers(codes, lines), kernel.receipt_total(priced))
        return [line for effect in effects for line in self.amount_lines(lines, effect)]

    def vouchers(self, codes, lines):
        """What codes take off goods, as a till reckons it."""
        products = {line["uuid"]: line["product_id"] for line in lines}
        sold = self.env["fidelity.selector"]._line_facts(products)
        return [code._voucher(sold) for code in codes]

    def taken(self, effects):
        """What amounts off take of lines together, by line key."""
        taken = {}
        for effect in effects:
            for key, share in effect.allocation.items():
                taken[key] = taken.get(key, 0) + share
        return taken

    def cost(self, line):
        """The cost of a line of untaxed goods, where the product has one."""
        cost = self.env["product.product"].browse(line["product_id"]).standard_price
        return self.minor(cost * line["qty"]) if cost else None

    def kind(self, line):
        if line.get("refunded_orderline_id"):
            return "return_linked"
        return "return_unlinked" if line["qty"] < 0 <= line["price_unit"] else "sale"

    def amount_lines(self, lines, effect):
        groups = {}
        for line in lines:
            if line["uuid"] in effect.allocation:
                groups.setdefault(line["tax_ids"], []).append(line)
        made = []
        for taxes, group in groups.items():
            left = [effect.allocation[line["uuid"]] for line in group]
            for part in self.split(self.base_lines(group), sum(left)):
                amount = -self.amounts(part)[0]
                shares = largest_remainder(amount, left)
                left = [rest - share for rest, share in zip(left, shares, strict=True)]
                allocation = {line["uuid"]: share for line, share in zip(group, shares, strict=True) if share}
                claim = {"v": 1, "kind": "amount", "benefit": effect.benefit, "amount_minor": amount, "allocation": allocation}
                made.append(self.effect_line(1, part, claim, taxes))
        return made

    def split(self, base_lines, amount_minor):
        amount = amount_minor / 10**self.currency.decimal_places
        return self.env["account.tax"]._fidelity_split(base_lines, self.env.company, amount)

    def effect_line(self, qty, part, claim, taxes, **extra):
        data = self.env["account.tax"]._export_base_line_extra_tax_data(part)
        product = self.env.ref("loyalty_fidelity_pos.product_fidelity_discount")
        return {
            **self.goods_line(product, qty, part["price_unit"], taxes=part["tax_ids"] or taxes, **extra),
            "extra_tax_data": data,
            "fidelity_effect": json.dumps(claim),
        }

    def share_lines(self, back):
        """What amounts off took from the goods that come back."""
        shares, gone = {}, {}
        for line in back:
            sold = self.env["pos.order.line"].browse(line["refunded_orderline_id"])
            before = gone.get(sold.id, -sum(round(other.qty * MICRO) for other in sold.refund_orderline_ids))
            now = round(-line["qty"] * MICRO)
            gone[sold.id] = before + now
            for carrier in sold.order_id.lines.filtered("fidelity_effect"):
                claim = json.loads(carrier.fidelity_effect)
                if claim["kind"] == "amount" and sold.uuid in claim["allocation"]:
                    share = share_back(claim["allocation"][sold.uuid], round(sold.qty * MICRO), before, now)
                    if share:
                        shares.setdefault(carrier, {})[line["uuid"]] = share
        made = []
        for carrier, allocation in shares.items():
            source = {
                "uuid": carrier.uuid,
                "product_id": carrier.product_id.id,
                "tax_ids": carrier.tax_ids,
                "price_unit": carrier.price_unit,
                "qty": 1,
                "discount": 0.0,
                "extra_tax_data": carrier.extra_tax_data,
            }
            part = self.split(self.base_lines([source]), sum(allocation.values()))[0]
            claim = {"v": 1, "kind": "share", "of": carrier.uuid, "allocation": allocation}
            made.append(self.effect_line(-1, part, claim, carrier.tax_ids, refunded_orderline_id=carrier.id))
        return made

    # -- sending ---------------------------------------------------------------------------------------------------------

    def totals(self, lines):
        """(total, tax, base lines) as Odoo computes them for the order."""
        for turned in (False, True):
            sign = -1 if turned else 1
            base_lines = self.base_lines(lines, turned=turned)
            summary = self.env["account.tax"]._get_tax_totals_summary(base_lines, self.currency, self.env.company)
            total, tax = sign * summary["total_amount_currency"], sign * summary["tax_amount_currency"]
            if turned or total >= 0:
                return total, tax, base_lines, sign

    def send(self, lines, card, customer=None, **vals):
        """Pay in cash and synchronise; return the order."""
        for line in lines:
            data = line.get("extra_tax_data")
            if data and line["qty"] < 0 and self.total_before(lines) >= 0:
                # The order is not turned over: its share lines carry their tax data for their own quantity.
                line["extra_tax_data"] = {
                    **self.env["account.tax"]._reverse_quantity_base_line_extra_tax_data(data),
                    "quantity": -1,
                }
        total, tax, base_lines, sign = self.totals(lines)
        rows = []
        for line, base_line in zip(lines, base_lines, strict=True):
            with_tax, without_tax = (sign * amount / 10**self.currency.decimal_places for amount in self.amounts(base_line))
            row = {**line, "price_subtotal": without_tax, "price_subtotal_incl": with_tax, "pack_lot_ids": []}
            rows.append([0, 0, {**row, "tax_ids": [[6, 0, line["tax_ids"].ids]]}])
        method = self.config.payment_method_ids.filtered(lambda method: method.is_cash_count)[:1]
        payments = vals.pop("payments", [(method, total)])
        customer = self.member.partner_id if customer is None else customer
        data = {
            "uuid": str(uuid.uuid4()),
            "access_token": str(uuid.uuid4()),
            "state": "paid",
            "session_id": self.pos_session.id,
            "pricelist_id": self.pricelist.id,
            "user_id": self.env.uid,
            "partner_id": customer.id,
            "date_order": fields.Datetime.now(),
            "amount_total": total,
            "amount_paid": sum(amount for _method, amount in payments),
            "amount_return": 0,
            "amount_tax": tax,
            "to_invoice": False,
            "lines": rows,
            "payment_ids": [
                [0, 0, {"uuid": str(uuid.uuid4()), "amount": amount, "name": fields.Datetime.now(), "payment_method_id": paid.id}]
                for paid, amount in payments
                if amount
            ],
            **vals,
        }
        if card:
            data.setdefault("fidelity_claim", self.claim(card))
        self.env["pos.order"].with_context(generate_pdf=False).sync_from_ui([data])
        self.env.invalidate_all()
        return self.env["pos.order"].search([("uuid", "=", data["uuid"])])

    def total_before(self, lines):
        plain = [{**line, "extra_tax_data": None} for line in lines]
        base_lines = self.base_lines(plain)
        return sum(self.amounts(base_line)[0] for base_line in base_lines)
