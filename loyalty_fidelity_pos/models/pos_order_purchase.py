from odoo import models
from odoo.tools import float_round

from odoo.addons.loyalty_fidelity.models.claim import parse_claim
from odoo.addons.loyalty_fidelity.models.effect_claim import parse_effect
from odoo.addons.loyalty_fidelity.models.purchase import Purchase, PurchaseLine
from odoo.addons.loyalty_fidelity.rules.ruleset import MAX_BPS

from .pos_order_prizes import parse_prize


class PosOrder(models.Model):
    """Reading an order as the loyalty core takes it: every amount recomputed by Odoo's tax engine."""

    _inherit = "pos.order"

    def _fidelity_purchase(self):
        """This order as the loyalty core takes it, its amounts recomputed by the tax engine."""
        self.ensure_one()
        config = self.config_id
        eligible = account = 0
        for payment in self.payment_ids:
            method = payment.payment_method_id
            # Only the type reads the journal: it is not asked of cash.
            if not method.is_cash_count and method.type == "pay_later":
                account += self._fidelity_minor(payment.amount)
            else:
                eligible += self._fidelity_minor(payment.amount)
        employee = self._fidelity_employee()
        return Purchase(
            op_key=self._fidelity_op_key(),
            source_model=self._name,
            source_id=self.id,
            source_ref=self.pos_reference or self.name,
            company_id=self.company_id.id,
            store_id=config.fidelity_store_id.id or None,
            till_id=config.id,
            till_name=config.name,
            author_uid=self.user_id.id or self.env.uid,
            author_name=employee,
            partner_id=self.partner_id.id or None,
            currency=self.currency_id.name,
            currency_id=self.currency_id.id,
            claimed_at=self.date_order,
            claim=parse_claim(self.fidelity_claim),
            lines=self._fidelity_purchase_lines(),
            eligible_paid_minor=eligible,
            customer_account_minor=account,
            pricelist_bps=self._fidelity_pricelist_bps,
            costs=self._fidelity_costs,
            values=self._fidelity_values,
            shop_prices=self._fidelity_shop_prices,
        )

    def _fidelity_employee(self):
        """Name of who served. The employee of the till where it has employees, else the user."""
        employee = self.employee_id if "employee_id" in self._fields else None
        return (employee and employee.sudo().name) or self.user_id.name or self.env.user.name

    def _fidelity_minor(self, amount):
        """An amount of the order's currency in its minor units."""
        return int(float_round(amount * 10**self.currency_id.decimal_places, precision_digits=0))

    def _fidelity_purchase_lines(self):
        lines = self.lines
        effects = {line: self._fidelity_effect(line) for line in lines}
        totals = self._fidelity_totals(lines)
        touched = {line: effect["manual_bps"] / 100 for line, effect in effects.items() if effect.get("kind") == "percent"}
        priced = lines.filtered(lambda line: effects[line].get("kind") not in ("amount", "share"))
        before = self._fidelity_totals(priced, touched) if touched else {}
        excluded = self.config_id._fidelity_excluded_products()
        kinds = {line: self._fidelity_line_kind(line, effects[line], excluded) for line in lines}
        return tuple(
            self._fidelity_purchase_line(line, kinds[line], effects[line], *totals[line], before.get(line, totals[line]))
            for line in lines
        )

    def _fidelity_effect(self, line):
        """What loyalty did to the price of a line, as the till says it, as far as that is possible."""
        effect = parse_effect(line.fidelity_effect)
        amount = line.qty * line.price_unit
        if effect.get("kind") == "percent":
            return {**effect, "manual_bps": min(effect["manual_bps"], self._fidelity_discount_bps(line))}
        original = line.refunded_orderline_id
        if original and line.qty < 0 and parse_effect(original.fidelity_effect).get("kind") == "amount":
            return {"kind": "share", "of": original.uuid, "allocation": effect.get("allocation") or {}}
        if effect.get("kind") == "amount" and amount < 0 and not original:
            return effect
        return {}

    def _fidelity_discount_bps(self, line):
        return max(0, min(MAX_BPS, round(line.discount * 100)))

    def _fidelity_totals(self, lines, discounts=None, prices=None):
        """What lines come to, by the tax engine.

        :param dict discounts: line → its discount in percent, where not its own
        :param dict prices: line → its unit price, where not its own
        :return: dict line → (tax included, without tax), signed, in minor units
        """
        tax = self.env["account.tax"]
        base_lines = [
            self._fidelity_base_line(line, (discounts or {}).get(line, line.discount), (prices or {}).get(line)) for line in lines
        ]
        tax._add_tax_details_in_base_lines(base_lines, self.company_id)
        tax._round_base_lines_tax_details(base_lines, self.company_id)
        # Odoo turns the lines of an order with a negative total over; here every amount has the sign of its line.
        sign = -1 if self.amount_total < 0.0 else 1
        totals = {}
        for line, base_line in zip(lines, base_lines, strict=True):
            details = base_line["tax_details"]
            untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
            total = untaxed + sum(tax["tax_amount_currency"] for tax in details["taxes_data"])
            totals[line] = (sign * self._fidelity_minor(total), sign * self._fidelity_minor(untaxed))
        return totals

    def _fidelity_base_line(self, line, discount, price_unit=None):
        """A line as the tax engine takes it, with Odoo's own signs and without the accounts to book it on.

        Amounts do not depend on accounts, and a product without one must not keep an order from being posted.
        """
        turned = self.amount_total < 0.0
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            line,
            partner_id=self.partner_id.commercial_partner_id,
            currency_id=self.currency_id,
            rate=self.currency_rate,
            product_id=line.product_id,
            tax_ids=line.tax_ids_after_fiscal_position,
            price_unit=line.price_unit if price_unit is None else price_unit,
            quantity=line.qty * (-1 if turned else 1),
            discount=discount,
            is_refund=line.qty * line.price_unit < 0,
            sign=1 if turned else -1,
        )

    def _fidelity_purchase_line(self, line, kind, effect, total_minor, untaxed_minor, before):
        discount_bps = self._fidelity_discount_bps(line)
        original = line.refunded_orderline_id
        return PurchaseLine(
            key=line.uuid,
            kind=kind,
            product_id=line.product_id.id,
            name=line.full_product_name or line.product_id.display_name,
            quantity_micro=round(line.qty * 1_000_000),
            total_minor=total_minor,
            untaxed_minor=untaxed_minor,
            original_key=original.uuid if original else None,
            discount_bps=discount_bps,
            before_minor=before[0],
            before_untaxed_minor=before[1],
            manual_bps=effect["manual_bps"] if effect.get("kind") == "percent" else discount_bps,
            effect=effect,
            member_price=line._fidelity_claims_member_price(),
        )

    def _fidelity_line_kind(self, line, effect, excluded):
        """How a line counts, see ``docs/architecture.md``.

        Goods that come back of a return are no return of a sale: goods that go out again are sold, whatever they name.
        """
        if effect.get("kind") in ("amount", "share"):
            return "effect"
        original = line.refunded_orderline_id
        if parse_prize(line.fidelity_prize or original.fidelity_prize):
            return "excluded"
        if original and line.qty < 0 and original.qty > 0:
            return "return_linked"
        if line.product_id in excluded:
            return "excluded"
        if line.qty < 0 and line.price_unit >= 0:
            return "return_unlinked"
        return "sale"

    def _fidelity_pricelist_bps(self):
        """What a price list, the shop's or the member's, took of the list price of lines whose price nobody typed.

        :return: dict line key → hundredths of a percent, above zero
        """
        taken = {}
        for line in self.lines.filtered(lambda line: line.price_type == "original" and not line.combo_parent_id):
            if not (self.pricelist_id or line.fidelity_price):
                continue
            listed = line.product_id.lst_price + (line.price_extra or 0.0)
            company = self.company_id.currency_id
            if self.currency_id != company:
                listed = company._convert(listed, self.currency_id, self.company_id, self.date_order, round=False)
            if 0 <= line.price_unit < listed:
                taken[line.uuid] = round((listed - line.price_unit) * MAX_BPS / listed)
        return {key: bps for key, bps in taken.items() if bps}

    def _fidelity_costs(self):
        """What lines cost the shop, as the till knows it: by the product's cost, which zero means nobody knows.

        :return: dict line key → minor units of the order's currency, without tax, signed
        """
        company = self.company_id
        costs = {}
        for line in self.lines.with_company(company):
            cost = line.product_id.sudo().standard_price
            if cost > 0:
                if self.currency_id != company.currency_id:
                    cost = company.currency_id._convert(cost, self.currency_id, company, self.date_order)
                costs[line.uuid] = self._fidelity_minor(cost * line.qty)
        return costs

    def _fidelity_values(self):
        """Attribute values that were chosen for lines and make no variant.

        :return: dict line key → ids of ``product.attribute.value``
        """
        return {
            line.uuid: line.attribute_value_ids.product_attribute_value_id.ids for line in self.lines if line.attribute_value_ids
        }
