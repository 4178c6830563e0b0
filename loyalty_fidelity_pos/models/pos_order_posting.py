import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, float_round

from odoo.addons.loyalty_fidelity.models.claim import parse_claim
from odoo.addons.loyalty_fidelity.models.fidelity_receipt_posting import PostLater
from odoo.addons.loyalty_fidelity.models.purchase import Purchase, PurchaseLine

_logger = logging.getLogger(__name__)

SWEEP_DAYS = 35
SWEEP_BATCH = 500
PAID_STATES = ("paid", "done")


class PosOrder(models.Model):
    """Posting a paid order to the loyalty ledger: in the sale's own transaction, in a savepoint, once.

    A sale is never blocked and never lost: whatever fails is rolled back to before it, and the outbox keeps the
    intent.
    """

    _inherit = "pos.order"

    def action_pos_order_paid(self):
        res = super().action_pos_order_paid()
        for order in self:
            if order._fidelity_concerns():
                order._fidelity_post_or_keep()
        return res

    def write(self, vals):
        if "fidelity_claim" in vals:
            for order in self:
                if order.state != "draft" and (order.fidelity_claim or False) != (vals["fidelity_claim"] or False):
                    raise AccessError(self.env._("Order %(name)s is paid: its card cannot be changed any more.", name=order.name))
        return super().write(vals)

    def _fidelity_concerns(self):
        """Whether a card was read for this order, or for an order whose goods come back."""
        self.ensure_one()
        return bool(self.fidelity_claim) or any(self.lines.refunded_orderline_id.order_id.mapped("fidelity_claim"))

    def _fidelity_op_key(self):
        """What makes the posting of this order unique."""
        self.ensure_one()
        return f"pos.order:{self.uuid}"

    def _fidelity_store(self):
        return self.config_id.fidelity_store_id

    def _fidelity_post_or_keep(self):
        """Post now; what cannot be posted now waits in the outbox. Never raises for a loyalty reason."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._fidelity_post()
        except PostLater as error:
            self.env["fidelity.outbox"].sudo()._enqueue(self, self._fidelity_op_key(), error)
        except Exception as error:
            _logger.exception("Fidelity: order %s is paid; its points wait in the outbox", self.name)
            self.env["fidelity.outbox"].sudo()._enqueue(self, self._fidelity_op_key(), error)

    def _fidelity_post(self, late=False):
        """Post this order. Posting it again changes nothing.

        :param bool late: it waited in the outbox, or the sweep found it
        :return: id of its receipt
        :raise PostLater: it gives back goods of an order that still waits itself
        """
        self.ensure_one()
        self.lines.refunded_orderline_id.order_id._fidelity_check_posted()
        receipt = self.env["fidelity.receipt"].sudo().with_company(self.company_id)
        return receipt._post_purchase(self._fidelity_purchase(), late=late)

    def _fidelity_check_posted(self):
        """Orders whose goods come back must be posted first."""
        waiting = self.filtered(lambda order: order.fidelity_claim and order.state in PAID_STATES)
        if waiting and len(self.env["fidelity.receipt"]._of(waiting)) < len(waiting):
            raise PostLater(self.env._("The order that it gives back still waits in the outbox."))

    # -- reading an order ------------------------------------------------------------------------------------------

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
        tax = self.env["account.tax"]
        base_lines = [self._fidelity_base_line(line) for line in lines]
        tax._add_tax_details_in_base_lines(base_lines, self.company_id)
        tax._round_base_lines_tax_details(base_lines, self.company_id)
        # Odoo turns the lines of an order with a negative total over; here every amount has the sign of its line.
        sign = -1 if self.amount_total < 0.0 else 1
        return tuple(
            self._fidelity_purchase_line(line, base_line["tax_details"], sign)
            for line, base_line in zip(lines, base_lines, strict=True)
        )

    def _fidelity_base_line(self, line):
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
            price_unit=line.price_unit,
            quantity=line.qty * (-1 if turned else 1),
            discount=line.discount,
            is_refund=line.qty * line.price_unit < 0,
            sign=1 if turned else -1,
        )

    def _fidelity_purchase_line(self, line, details, sign):
        untaxed = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
        total = untaxed + sum(tax["tax_amount_currency"] for tax in details["taxes_data"])
        original = line.refunded_orderline_id
        return PurchaseLine(
            key=line.uuid,
            kind=self._fidelity_line_kind(line),
            product_id=line.product_id.id,
            name=line.full_product_name or line.product_id.display_name,
            quantity_micro=round(line.qty * 1_000_000),
            total_minor=sign * self._fidelity_minor(total),
            untaxed_minor=sign * self._fidelity_minor(untaxed),
            original_key=original.uuid if original else None,
        )

    def _fidelity_line_kind(self, line):
        """How a line counts, see ``docs/architecture.md``."""
        if line.refunded_orderline_id:
            return "return_linked"
        if line.product_id == self.config_id.tip_product_id:
            return "excluded"
        if line.qty < 0 and line.price_unit >= 0:
            return "return_unlinked"
        return "sale"

    # -- the sweep -------------------------------------------------------------------------------------------------

    @api.model
    def _cron_fidelity_sweep(self):
        """Find paid orders with a card and no receipt, and hand them to the outbox.

        Orders reach that state without our override, by a raw write. Looks at the orders of the last five weeks.
        """
        since = fields.Datetime.now() - timedelta(days=SWEEP_DAYS)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id
                  FROM pos_order o
             LEFT JOIN fidelity_receipt r ON r.source_model = 'pos.order' AND r.source_id = o.id
             LEFT JOIN fidelity_outbox x ON x.op_key = 'pos.order:' || o.uuid AND x.state <> 'done'
                 WHERE o.fidelity_claim IS NOT NULL AND o.id >= %s
                   AND o.state IN %s AND r.id IS NULL AND x.id IS NULL
              ORDER BY o.id LIMIT %s
                """,
                self._fidelity_first_id_since(since),
                PAID_STATES,
                SWEEP_BATCH,
            )
        )
        for order in self.browse(row[0] for row in rows):
            self.env["fidelity.outbox"].sudo()._enqueue(
                order, order._fidelity_op_key(), self.env._("Found by the sweep: paid without passing the till.")
            )
        return len(rows)

    @api.model
    def _fidelity_first_id_since(self, moment):
        """The lowest id of the orders dated since a moment; reads only those (``OFFSET 0`` keeps the planner from
        walking all ids from the first)."""
        rows = self.env.execute_query(
            SQL("SELECT min(id) FROM (SELECT id FROM pos_order WHERE date_order >= %s OFFSET 0) s", moment)
        )
        return rows[0][0] or 0
