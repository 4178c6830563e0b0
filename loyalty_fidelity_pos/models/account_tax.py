from odoo import api, models

COMPUTATION_KEY = "fidelity_amount"


class AccountTax(models.Model):
    """Amounts off, split over the taxes of lines; the till's ``splitByTax`` does the same."""

    _inherit = "account.tax"

    @api.model
    def _fidelity_split(self, base_lines, company, amount):
        """Split an amount over the taxes of lines with Odoo's own helper, to the last minor unit.

        The helper can miss a unit of a small part, where the tax on it rounds to nothing: what is missing becomes
        untaxed amount of the largest part.

        :param base_lines: with their tax details
        :param amount: tax included, in the currency of the lines
        :return: base lines of quantity 1, with their tax details; together they come to minus the amount
        """
        parts = self._prepare_global_discount_lines(base_lines, company, "fixed", amount, computation_key=COMPUTATION_KEY)
        if parts:
            currency = parts[0]["currency_id"]
            missing = currency.round(-amount - sum(map(self._fidelity_total, parts)))
            if missing:
                self._fidelity_level(max(parts, key=lambda part: abs(self._fidelity_total(part))), company, missing)
        return parts

    @api.model
    def _fidelity_total(self, base_line):
        """What a base line comes to, tax included, in its currency."""
        details = base_line["tax_details"]
        untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
        return untaxed + sum(data["tax_amount_currency"] for data in details["taxes_data"])

    @api.model
    def _fidelity_level(self, part, company, missing):
        """Add an untaxed amount to a part."""
        in_company = company.currency_id.round(missing / part["rate"]) if part["rate"] else 0.0
        part["tax_details"]["delta_total_excluded_currency"] += missing
        part["tax_details"]["delta_total_excluded"] += in_company
        if not part["manual_tax_amounts"]:
            part["price_unit"] += missing
            return
        part["manual_total_excluded_currency"] += missing
        part["manual_total_excluded"] += in_company
        for amounts in part["manual_tax_amounts"].values():
            amounts["base_amount_currency"] += missing
            amounts["base_amount"] += in_company
