import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

STUCK_AFTER_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=6)
BATCH = 200


class FidelityOutbox(models.Model):
    """What still has to post: one row an operation, tried until it posts.

    A sale whose loyalty part fails is paid all the same and leaves a row here. The job tries again after
    1, 2, 4 … minutes, at most every six hours, and never gives up; after eight attempts the row is shown as stuck.
    """

    _name = "fidelity.outbox"
    _description = "Waiting posting"
    _order = "id"
    _rec_name = "source_ref"

    op_key = fields.Char(required=True, readonly=True, help="What makes the operation unique.")
    source_model = fields.Char(required=True, readonly=True, help="The kind of that document.")
    source_id = fields.Integer(required=True, readonly=True, help="The number of that document in the database.")
    source_ref = fields.Char(string="Document", readonly=True, help="The document that has to post.")
    company_id = fields.Many2one("res.company", readonly=True)
    store_id = fields.Many2one("fidelity.store", readonly=True, help="Where the sale was made.")
    state = fields.Selection(
        [("waiting", "Waiting"), ("stuck", "Stuck"), ("done", "Posted")],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
        help="Stuck: eight attempts failed. It is still tried; read the last error.",
    )
    attempts = fields.Integer(readonly=True, help="How often it was tried.")
    last_error = fields.Text(readonly=True, help="Why the last attempt failed.")
    next_try_at = fields.Datetime(readonly=True, help="When it is tried again.")
    done_at = fields.Datetime(readonly=True, help="When it was posted.")
    swept_at = fields.Datetime(
        string="Found", readonly=True, index="btree_not_null", help="When the hourly job found it paid without a receipt."
    )

    _op_key_unique = models.Constraint("unique(op_key)", "This operation already waits.")
    _due_index = models.Index("(next_try_at, id) WHERE state <> 'done'")

    @api.model
    def _enqueue(self, source, op_key, error, swept=False):
        """Keep an operation for later and wake the job. Keeping again what waits changes nothing.

        :param source: the document, one record
        :param error: why it did not post now
        :param bool swept: the hourly job found it
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO fidelity_outbox (op_key, source_model, source_id, source_ref, company_id, store_id, state,
                                             attempts, last_error, next_try_at, swept_at, create_uid, create_date, write_uid, write_date)
                VALUES (%(key)s, %(model)s, %(id)s, %(ref)s, %(company)s, %(store)s, 'waiting', 0, %(error)s,
                        now() AT TIME ZONE 'UTC', %(swept_at)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (op_key) DO UPDATE
               SET state = 'waiting', attempts = 0, last_error = EXCLUDED.last_error,
                   next_try_at = EXCLUDED.next_try_at, swept_at = EXCLUDED.swept_at, done_at = NULL
             WHERE fidelity_outbox.state = 'done'
                """,
                key=op_key,
                model=source._name,
                id=source.id,
                ref=source.display_name,
                company=source.company_id.id,
                store=source._fidelity_store().id or None,
                error=_describe(error),
                swept_at=fields.Datetime.now() if swept else None,
                uid=self.env.uid,
            )
        )
        self.env.ref("loyalty_fidelity.ir_cron_outbox").sudo()._trigger()

    @api.model
    def _cron_post(self):
        """Post what is due, each in its own transaction."""
        due = self.search([("state", "!=", "done"), ("next_try_at", "<=", fields.Datetime.now())], limit=BATCH)
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for row in due:
            row._attempt()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _attempt(self):
        """Try once; record what came of it.

        :return: whether it is posted now
        """
        self.ensure_one()
        source = self.env[self.source_model].browse(self.source_id).exists()
        try:
            with self.env.cr.savepoint():
                if source:
                    source.with_company(self.company_id)._fidelity_post(late=True)
        except Exception as error:
            _logger.warning("Fidelity: %s still waits", self.op_key, exc_info=True)
            attempts = self.attempts + 1
            self.sudo().write(
                {
                    "attempts": attempts,
                    "state": "stuck" if attempts >= STUCK_AFTER_ATTEMPTS else "waiting",
                    "last_error": _describe(error),
                    "next_try_at": fields.Datetime.now() + min(timedelta(minutes=2 ** min(attempts, 12)), LONGEST_WAIT),
                }
            )
            return False
        self.sudo().write(
            {
                "state": "done",
                "attempts": self.attempts + 1,
                "last_error": False if source else self.env._("The document is gone: nothing to post."),
                "done_at": fields.Datetime.now(),
            }
        )
        return True

    def action_try_again(self):
        """Try these rows now."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can try waiting postings again. Ask yours."))
        self.check_access("read")
        for row in self.sudo().filtered(lambda row: row.state != "done"):
            row._attempt()


def _describe(error):
    """One line for a person: the message where there is one, else the kind of error."""
    return (str(error).strip() or type(error).__name__)[:2000]
