from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.big_integer import BigInteger

BATCH = 20_000

ROLLED = ("fidelity.rolled.purchase", "fidelity.rolled.product", "fidelity.rolled.entry", "fidelity.rolled.member")


class FidelityRollup(models.Model):
    """Up to which posting the figures are rolled up. One row.

    Invariant: every rolled table holds exactly the postings with an id up to ``posting_id``; what is younger is added
    from the sources whenever figures are read. So figures are right at any moment, and the job only makes them fast.

    Only sealed postings are rolled up: below the last seal no transaction can add any more.
    """

    _name = "fidelity.rollup"
    _inherit = "fidelity.guarded"
    _description = "State of the figures"
    _log_access = False

    posting_id = BigInteger(
        string="Rolled up to posting", required=True, readonly=True, help="Younger postings are added when figures are read."
    )
    rolled_at = fields.Datetime(string="Last roll-up", readonly=True, help="When the job last ended a batch.")
    waiting_count = fields.Integer(
        string="Postings added live", compute="_compute_waiting_count", help="Postings that are younger than the roll-up."
    )

    @api.depends_context("lang")
    def _compute_display_name(self):
        for rollup in self:
            rollup.display_name = self.env._("How fresh the figures are")

    def _compute_waiting_count(self):
        rows = self.env.execute_query(SQL("SELECT count(*) FROM fidelity_posting WHERE id > %s", self._watermark()))
        for rollup in self:
            rollup.waiting_count = rows[0][0]

    @api.model
    def _watermark(self):
        """The highest posting id that is rolled up, as this transaction sees it; 0 before the first.

        Queries get the number and not a subquery, so that the planner knows how little is younger.
        """
        return self.env.execute_query(SQL("SELECT COALESCE(max(posting_id), 0) FROM fidelity_rollup"))[0][0]

    @api.model
    def _settled(self):
        """The highest posting id below which nothing can be added any more.

        :return: a posting id, 0 when there is none
        """
        return self.env.execute_query(SQL("SELECT COALESCE(max(last_posting_id), 0) FROM fidelity_ledger_seal"))[0][0]

    @api.model
    def _lock(self):
        """Lock the state for this transaction, making its row when it is missing.

        The row is written over, unchanged: whoever else is at work on the figures fails to serialise and tries again.

        :return: the posting id that is rolled up
        """
        self.env.cr.execute(
            SQL("INSERT INTO fidelity_rollup (id, posting_id) VALUES (1, 0) ON CONFLICT (id) DO NOTHING"),
        )
        return self.env.execute_query(SQL("UPDATE fidelity_rollup SET posting_id = posting_id WHERE id = 1 RETURNING posting_id"))[
            0
        ][0]

    @api.model
    def _roll_up_next(self, up_to=None, batch=BATCH):
        """Roll up the next postings.

        :param int up_to: a posting id; by default what is settled
        :param int batch: at most so many ids
        :return: whether there were any
        """
        start = self._lock()
        end = min(self._settled() if up_to is None else up_to, start + batch)
        if end <= start:
            return False
        for name in ROLLED:
            self.env[name]._add(SQL("p.id > %s AND p.id <= %s", start, end))
        self.env.cr.execute(
            SQL("UPDATE fidelity_rollup SET posting_id = %s, rolled_at = now() AT TIME ZONE 'UTC' WHERE id = 1", end)
        )
        self.invalidate_model()
        return True

    @api.model
    def _redo(self, alias_condition):
        """Make part of the rolled figures anew, because what they depend on changed.

        :param alias_condition: from the alias of a row with ``store_id`` and ``company_id`` to an SQL condition
        """
        rolled_up_to = self._lock()
        for name in ROLLED:
            model = self.env[name]
            if "store_id" not in model._fields:
                continue
            self.env.cr.execute(
                SQL("DELETE FROM %s t WHERE %s", SQL.identifier(model._table), alias_condition(SQL("t"))),
            )
            model._add(SQL("p.id <= %s AND %s", rolled_up_to, alias_condition(SQL("p"))))

    @api.model
    def _cron_roll_up(self):
        """Roll up what is settled, in committed batches."""
        while self._roll_up_next():
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _rebuild(self):
        """Forget everything that is rolled up. Until the job has done its work again, all figures are added live."""
        self._lock()
        for name in ROLLED:
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self.env[name]._table)))
        self.env.cr.execute(SQL("UPDATE fidelity_rollup SET posting_id = 0 WHERE id = 1"))
        self.invalidate_model()

    def action_rebuild(self):
        """Roll all figures up anew. Totals stay right meanwhile; screens answer more slowly until it is done."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise self._refusal()
        self._rebuild()
        self.env.ref("loyalty_fidelity_bi.ir_cron_roll_up").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The figures are rolled up anew in the background. What you see stays right meanwhile."),
            },
        }
