from odoo import models

from odoo.addons.loyalty_fidelity.rules.arithmetic import largest_remainder


class FidelityCardType(models.Model):
    """Trying a basket, with the taxes of products, by the tax engine, as an order of the till is computed."""

    _inherit = "fidelity.card.type"

    def _simulation_amounts(self, lines, discounts):
        amounts = self._simulation_taxed(
            [
                self._simulation_base_line(line, line["price_unit"], line["quantity"], discount)
                for line, discount in zip(lines, discounts, strict=True)
            ]
        )
        return amounts

    def _simulation_untaxed_off(self, effect, lines, totals):
        """One negative line for each set of taxes, as the till makes them; its tax falls on the lines that it touches."""
        by_key = {line["key"]: line for line in lines}
        groups = {}
        for key in effect.allocation:
            groups.setdefault(self._simulation_taxes(by_key[key]), []).append(key)
        untaxed = {}
        for keys in groups.values():
            shares = [effect.allocation[key] for key in keys]
            price = sum(shares) / 10**self.currency_id.decimal_places
            base_line = self._simulation_base_line(by_key[keys[0]], price, 1.0, 0.0, special_mode="total_included")
            (_total, without_tax), *_rest = self._simulation_taxed([base_line])
            untaxed.update(zip(keys, largest_remainder(without_tax, shares), strict=True))
        return [untaxed[key] for key in effect.allocation]

    def _simulation_base_line(self, line, price_unit, quantity, discount, **values):
        product = self.env["product.product"].browse(line.get("product_id") or ())
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            {},
            currency_id=self.currency_id,
            product_id=product,
            tax_ids=self._simulation_taxes(line),
            price_unit=price_unit,
            quantity=quantity,
            discount=discount,
            is_refund=quantity * price_unit < 0,
            **values,
        )

    def _simulation_taxes(self, line):
        """The taxes of a line: its product's in the company; a plain amount has none."""
        product = self.env["product.product"].browse(line.get("product_id") or ())
        return product.taxes_id._filter_taxes_by_company(self._simulation_company())

    def _simulation_company(self):
        return self.company_id or self.env.company

    def _simulation_taxed(self, base_lines):
        """What base lines come to: (tax included, without tax) in minor units, one a line."""
        tax, company = self.env["account.tax"], self._simulation_company()
        tax._add_tax_details_in_base_lines(base_lines, company)
        tax._round_base_lines_tax_details(base_lines, company)
        amounts = []
        for base_line in base_lines:
            details = base_line["tax_details"]
            untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
            total = untaxed + sum(data["tax_amount_currency"] for data in details["taxes_data"])
            amounts.append((self._simulation_minor(total), self._simulation_minor(untaxed)))
        return amounts
