from odoo import models

from odoo.addons.loyalty_fidelity.rules.arithmetic import largest_remainder


class FidelityCardType(models.Model):
    """Trying a basket, with the taxes of products, by the tax engine, as an order of the till is computed."""

    _inherit = "fidelity.card.type"

    def _simulation_amounts(self, lines, discounts):
        return self._simulation_taxed(
            [
                self._simulation_base_line(line, line["price_unit"], line["quantity"], discount)
                for line, discount in zip(lines, discounts, strict=True)
            ]
        )

    def _simulation_untaxed_off(self, effect, lines, percents, totals):
        """Negative lines for each set of taxes, as the till makes them; their tax falls on the lines that they touch."""
        touched = {}
        for line, percent in zip(lines, percents, strict=True):
            if line["key"] in effect.allocation:
                touched.setdefault(self._simulation_taxes(line), []).append((line, percent))
        untaxed = dict.fromkeys(effect.allocation, 0)
        for group in touched.values():
            keys = [line["key"] for line, _percent in group]
            left = [effect.allocation[key] for key in keys]
            base_lines = [
                self._simulation_base_line(line, line["price_unit"], line["quantity"], percent) for line, percent in group
            ]
            self._simulation_taxed(base_lines)
            for total, without_tax in self._simulation_split(base_lines, sum(left)):
                shares = largest_remainder(-total, left)
                left = [rest - share for rest, share in zip(left, shares, strict=True)]
                for key, part in zip(keys, largest_remainder(-without_tax, shares), strict=True):
                    untaxed[key] += part
        return untaxed

    def _simulation_split(self, base_lines, amount_minor):
        """What Odoo's own helper makes of an amount off lines: (tax included, without tax) of each negative line."""
        amount = amount_minor / 10**self.currency_id.decimal_places
        parts = self.env["account.tax"]._fidelity_split(base_lines, self._simulation_company(), amount)
        return [self._simulation_details(part) for part in parts]

    def _simulation_base_line(self, line, price_unit, quantity, discount):
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
        return [self._simulation_details(base_line) for base_line in base_lines]

    def _simulation_details(self, base_line):
        """(tax included, without tax) of a base line in minor units."""
        details = base_line["tax_details"]
        untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
        total = untaxed + sum(data["tax_amount_currency"] for data in details["taxes_data"])
        return self._simulation_minor(total), self._simulation_minor(untaxed)
