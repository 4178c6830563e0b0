import logging
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.fidelity_receipt_posting import PostLater

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
        for name in {"fidelity_claim", "fidelity_codes"} & vals.keys():
            for order in self:
                if order.state != "draft" and (order[name] or False) != (vals[name] or False):
                    raise AccessError(self.env._("Order %(name)s is paid: its card cannot be changed any more.", name=order.name))
        return super().write(vals)

    def _fidelity_concerns(self):
        """Whether a card was read for this order or changed its prices, or for an order whose goods come back."""
        self.ensure_one()
        if self.fidelity_claim or self.fidelity_codes or any(line.fidelity_effect or line.fidelity_price for line in self.lines):
            return True
        return any(order.fidelity_claim or order.fidelity_codes for order in self.lines.refunded_orderline_id.order_id)

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
            self._fidelity_keep(error)
        except Exception as error:
            _logger.exception("Fidelity: order %s is paid; its points wait in the outbox", self.name)
            self._fidelity_keep(error)

    def _fidelity_keep(self, error):
        """Let this order wait in the outbox. Where even that fails, the order is paid all the same: the sweep finds it."""
        try:
            with self.env.cr.savepoint():
                self.env["fidelity.outbox"].sudo()._enqueue(self, self._fidelity_op_key(), error)
        except Exception:
            _logger.exception("Fidelity: order %s is paid and could not be put into the outbox; the sweep will find it", self.name)

    def _fidelity_post(self, late=False):
        """Post this order. Posting it again changes nothing.

        :param bool late: it waited in the outbox, or the sweep found it
        :return: id of its receipt
        :raise PostLater: it gives back goods of an order that still waits itself
        """
        self.ensure_one()
        self.lines.refunded_orderline_id.order_id._fidelity_check_posted()
        receipt = self.env["fidelity.receipt"].sudo().with_company(self.company_id)
        purchase = self._fidelity_purchase()
        prizes = any(line.fidelity_prize or line.refunded_orderline_id.fidelity_prize for line in self.lines)
        if (prizes or self.fidelity_codes) and not receipt._posted_receipt(purchase.op_key):
            flags = self._fidelity_settle_prizes(purchase) if prizes else set()
            vouchers, refused = self._fidelity_redeem_codes(purchase) if self.fidelity_codes else ((), set())
            purchase = replace(purchase, flags=frozenset(flags | refused), vouchers=vouchers)
        return receipt._post_purchase(purchase, late=late)

    def _fidelity_check_posted(self):
        """Orders whose goods come back must be posted first."""
        waiting = self.filtered(lambda order: (order.fidelity_claim or order.fidelity_codes) and order.state in PAID_STATES)
        if waiting and len(self.env["fidelity.receipt"]._of(waiting)) < len(waiting):
            raise PostLater(self.env._("The order that it gives back still waits in the outbox."))

    # -- the sweep -------------------------------------------------------------------------------------------------

    @api.model
    def _cron_fidelity_sweep(self):
        """Find paid orders with a card, or with goods of such an order given back, that have no receipt; hand them to the outbox.

        Orders reach that state without our override, by a raw write. Looks at the orders of the last five weeks.
        """
        since = fields.Datetime.now() - timedelta(days=SWEEP_DAYS)
        rows = self.env.execute_query(
            SQL(
                """
                WITH concerned AS (
                    SELECT id FROM pos_order WHERE (fidelity_claim IS NOT NULL OR fidelity_codes IS NOT NULL) AND id >= %(first)s
                     UNION
                    SELECT back.order_id FROM pos_order_line back
                      JOIN pos_order_line sold ON sold.id = back.refunded_orderline_id
                      JOIN pos_order origin ON origin.id = sold.order_id
                       AND (origin.fidelity_claim IS NOT NULL OR origin.fidelity_codes IS NOT NULL)
                     WHERE back.refunded_orderline_id IS NOT NULL AND back.order_id >= %(first)s)
                SELECT o.id
                  FROM concerned JOIN pos_order o USING (id)
             LEFT JOIN fidelity_receipt r ON r.source_model = 'pos.order' AND r.source_id = o.id
             LEFT JOIN fidelity_outbox x ON x.op_key = 'pos.order:' || o.uuid AND x.state <> 'done'
                 WHERE o.state IN %(paid)s AND r.id IS NULL AND x.id IS NULL
              ORDER BY o.id LIMIT %(batch)s
                """,
                first=self._fidelity_first_id_since(since),
                paid=PAID_STATES,
                batch=SWEEP_BATCH,
            )
        )
        for order in self.browse(row[0] for row in rows):
            self.env["fidelity.outbox"].sudo()._enqueue(
                order, order._fidelity_op_key(), self.env._("Found by the sweep: paid without passing the till."), swept=True
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
