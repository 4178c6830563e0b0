import json

from odoo import models
from odoo.tools import float_is_zero

from odoo.addons.loyalty_fidelity.models.effect_claim import parse_effect
from odoo.addons.loyalty_fidelity.models.line_prices import Given, expected_shares


class PosOrder(models.Model):
    """Returns made in the back office: with the goods comes back what amounts off took from them, no more and no less.

    Odoo copies every line that was not returned yet; an amount line would come back whole with the first goods. Here it
    becomes a share line with the part that belongs to the goods.
    """

    _inherit = "pos.order"

    def _refund(self):
        refunds = super()._refund()
        refunds._fidelity_settle_all()
        return refunds

    def _fidelity_settle_all(self):
        for order in self:
            order._fidelity_settle_shares()

    def _fidelity_settle_shares(self):
        """Make the share lines of a draft order agree with the goods that it gives back."""
        self.ensure_one()
        sources = self.lines.refunded_orderline_id.order_id
        carriers = sources.lines.filtered(lambda line: parse_effect(line.fidelity_effect).get("kind") == "amount")
        if self.state != "draft" or not carriers:
            return
        own = self.lines.filtered(lambda line: line.refunded_orderline_id in carriers)
        shares = expected_shares(self._fidelity_returned(self.lines - own), sources._fidelity_given(self))
        changed = False
        for carrier in carriers:
            line = own.filtered(lambda line, carrier=carrier: line.refunded_orderline_id == carrier)
            changed |= self._fidelity_settle_share(carrier, line, shares.get(carrier.uuid, {}))
        if changed:
            # Odoo computes the sign of an order from its total and the total from the sign: the second time counts.
            self._compute_prices()
            self._compute_prices()

    def _fidelity_returned(self, lines):
        """Lines that return goods, as ``expected_shares`` takes them."""
        return [
            (line.uuid, line.refunded_orderline_id.uuid, round(-line.qty * 1_000_000))
            for line in lines
            if line.refunded_orderline_id and line.qty < 0 < line.refunded_orderline_id.qty
        ]

    def _fidelity_given(self, returning):
        """The amounts off of these orders, line by line: as posted, or as the till said where that waits.

        What came back before is counted as Odoo counts it, with orders that are not paid yet.

        :param returning: the order that returns goods now, which does not count
        """
        receipts = self.env["fidelity.receipt"]._of(self)
        lines = {line.uuid: line for line in self.lines}
        given = receipts._given_amounts({})
        posted = set(receipts.mapped("source_id"))
        for carrier in self.filtered(lambda order: order.id not in posted).lines:
            effect = parse_effect(carrier.fidelity_effect)
            for key, amount in effect.get("allocation", {}).items() if effect.get("kind") == "amount" else ():
                given.append(Given(carrier.uuid, key, effect["benefit"], amount, 0, 0))
        return [
            Given(
                part.carrier_key,
                part.line_key,
                part.benefit,
                part.amount_minor,
                round(lines[part.line_key].qty * 1_000_000),
                self._fidelity_back_before(lines[part.line_key], returning),
            )
            for part in given
            if part.line_key in lines
        ]

    def _fidelity_back_before(self, sold, returning):
        """What other orders gave back of a line, in millionths."""
        others = sold.refund_orderline_ids.filtered(lambda line: line.order_id != returning and line.order_id.state != "cancel")
        return max(0, -sum(round(line.qty * 1_000_000) for line in others))

    def _fidelity_settle_share(self, carrier, line, allocation):
        """Write, make or remove the line that gives back a part of an amount line.

        :param line: the share line that the order has, or copies of the amount line
        :param dict allocation: minor units by uuid of the line that returns goods; empty: nothing comes back
        :return: whether anything changed
        """
        if not allocation:
            line.unlink()
            return bool(line)
        vals = self._fidelity_share_vals(carrier, sum(allocation.values()), allocation)
        same = len(line) == 1 and line.qty == -1 and line.fidelity_effect == vals["fidelity_effect"]
        if same and float_is_zero(line.price_unit - vals["price_unit"], precision_digits=6):
            return False
        line[1:].unlink()
        share = line[:1] or carrier.copy(carrier._prepare_refund_data(self, self.env["pos.pack.operation.lot"]))
        share.write(vals)
        return True

    def _fidelity_share_vals(self, carrier, amount_minor, allocation):
        """Columns of a share line: Odoo's own helper splits the part that comes back over the taxes of the amount line."""
        tax = self.env["account.tax"]
        base_line = carrier.order_id._fidelity_base_line(carrier, 0.0)
        tax._add_tax_details_in_base_lines([base_line], self.company_id)
        tax._round_base_lines_tax_details([base_line], self.company_id)
        amount = amount_minor / 10**self.currency_id.decimal_places
        part = tax._fidelity_split([base_line], self.company_id, amount)[0]
        details = part["tax_details"]
        untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
        return {
            "qty": -1,
            "price_unit": part["price_unit"],
            "discount": 0.0,
            # For an order with a negative total, whose lines Odoo turns over.
            "extra_tax_data": tax._export_base_line_extra_tax_data(part),
            "price_subtotal": -untaxed,
            "price_subtotal_incl": amount,
            "fidelity_effect": json.dumps({"v": 1, "kind": "share", "of": carrier.uuid, "allocation": allocation}),
        }
