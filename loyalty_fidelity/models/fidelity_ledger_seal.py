import hashlib

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from .big_integer import BigInteger

SETTLE_AFTER_SECONDS = 30
#: Ids that one seal covers.
BATCH = 100_000
#: Entries that are folded in one transaction: many of one account cost one change of it. Fewer when somebody is in the way.
FOLD_BATCH = 500_000
SMALLEST_FOLD_BATCH = 1_000


class FidelityLedgerSeal(models.Model):
    """A link of the chain over the ledger: a hash of the previous link and of the digests of a range of postings.

    Ids are handed out before commit, so a range is complete only once every transaction that could still add to it
    has ended: :class:`FidelityLedgerHorizon` knows when.
    """

    _name = "fidelity.ledger.seal"
    _inherit = "fidelity.append.only"
    _description = "Ledger seal"
    _log_access = False
    _order = "id desc"
    _rec_name = "seal"

    first_posting_id = BigInteger(required=True, readonly=True)
    last_posting_id = BigInteger(required=True, readonly=True)
    posting_count = BigInteger(required=True, readonly=True)
    previous_seal = fields.Char(required=True, readonly=True)
    seal = fields.Char(required=True, readonly=True, help="Keep a copy elsewhere: it proves everything up to here.")
    sealed_at = fields.Datetime(required=True, readonly=True)

    _last_posting_unique = models.Constraint("unique(last_posting_id)", "This range is already sealed.")

    @api.model
    def _chain(self, previous, first, last):
        """The link over the postings with ``first`` ≤ id ≤ ``last``.

        :return: (seal, number of postings)
        """
        digests, count = self.env.execute_query(
            SQL(
                "SELECT COALESCE(string_agg(digest, '' ORDER BY id), ''), count(*)"
                " FROM fidelity_posting WHERE id BETWEEN %s AND %s",
                first,
                last,
            )
        )[0]
        return hashlib.sha256(f"{previous}|{first}|{last}|{digests}".encode()).hexdigest(), count

    @api.model
    def _seal_up_to(self, posting_id):
        """Seal the next range, at most :data:`BATCH` ids.

        :return: the new seal, or an empty recordset when there was nothing to seal
        """
        last = self.search([], order="last_posting_id desc", limit=1)
        first = last.last_posting_id + 1
        end = min(posting_id, first + BATCH - 1)
        if end < first:
            return self.browse()
        seal, count = self._chain(last.seal or "", first, end)
        return self._append(
            [
                {
                    "first_posting_id": first,
                    "last_posting_id": end,
                    "posting_count": count,
                    "previous_seal": last.seal or "-",
                    "seal": seal,
                    "sealed_at": fields.Datetime.now(),
                }
            ]
        )

    @api.model
    def _cron_settle(self):
        """Fold and seal what can no longer change, in committed batches, then bring the horizon one step on."""
        horizon = self.env["fidelity.ledger.horizon"]
        passed = horizon._passed()
        if passed:
            posting_id, entry_id = passed
            horizon._fold_all(entry_id)
            while self._seal_up_to(posting_id):
                self.env["ir.cron"]._commit_progress(1)
        horizon._advance()


class FidelityLedgerHorizon(models.Model):
    """Up to where the ledger can no longer change, and up to where it is folded. One row.

    The job brings it on in three steps, each in a run of its own:

    1. note the highest ids given out so far;
    2. at least :data:`SETTLE_AFTER_SECONDS` later, note a transaction number: whoever took one of those ids has an
       older one (a transaction takes its number within moments of taking an id);
    3. once every transaction up to that number has ended, what lies below the noted ids can be folded and sealed.

    A database restored elsewhere starts its transaction numbers anew: a number from the future starts over.
    """

    _name = "fidelity.ledger.horizon"
    _inherit = "fidelity.guarded"
    _description = "Ledger horizon"
    _log_access = False

    transaction = BigInteger(help="Who could still add below the horizon has at most this transaction number.")
    noted_at = fields.Datetime(required=True)
    posting_id = BigInteger(required=True, help="The highest posting id given out.")
    entry_id = BigInteger(required=True, help="The highest entry id given out.")
    folded_entry_id = BigInteger(required=True, default=0, help="Entries up to here are folded into the accounts.")

    @api.model
    def _passed(self):
        """The horizon, when no running transaction can add below it.

        :return: (posting id, entry id), or None
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT posting_id, entry_id FROM fidelity_ledger_horizon"
                " WHERE transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            )
        )
        return rows[0] if rows else None

    @api.model
    def _advance(self):
        """Take the next step: from 1 to 2 when it is time, from 3 back to 1; while 3 is awaited, nothing."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE fidelity_ledger_horizon SET transaction = pg_current_xact_id()::text::bigint
                 WHERE transaction IS NULL AND noted_at < now() AT TIME ZONE 'UTC' - make_interval(secs => %s)
                """,
                SETTLE_AFTER_SECONDS,
            )
        )
        self.env.cr.execute(
            """
            INSERT INTO fidelity_ledger_horizon (id, transaction, noted_at, posting_id, entry_id, folded_entry_id)
            SELECT 1, NULL, now() AT TIME ZONE 'UTC',
                   COALESCE(pg_sequence_last_value('fidelity_posting_id_seq'), 0),
                   COALESCE(pg_sequence_last_value('fidelity_ledger_entry_id_seq'), 0), 0
                ON CONFLICT (id) DO UPDATE
               SET transaction = NULL, noted_at = EXCLUDED.noted_at,
                   posting_id = EXCLUDED.posting_id, entry_id = EXCLUDED.entry_id
             WHERE fidelity_ledger_horizon.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                OR fidelity_ledger_horizon.transaction > pg_current_xact_id()::text::bigint
            """
        )

    @api.model
    def _fold_all(self, entry_id):
        """Fold up to ``entry_id`` in committed batches. Where an adjustment changed an account meanwhile, in smaller ones."""
        batch = FOLD_BATCH
        while True:
            try:
                more = self._fold_up_to(entry_id, batch)
            except SerializationFailure:
                self.env.cr.rollback()
                if batch <= SMALLEST_FOLD_BATCH:
                    raise
                batch = max(SMALLEST_FOLD_BATCH, batch // 8)
                continue
            if not more:
                return
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _fold_up_to(self, entry_id, batch=FOLD_BATCH):
        """Add the next ``batch`` entries, at most up to ``entry_id``, to the folded figures of their accounts.

        :return: whether there was something to fold
        :raise psycopg2.errors.SerializationFailure: an account was changed since this transaction began
        """
        rows = self.env.execute_query(SQL("SELECT folded_entry_id FROM fidelity_ledger_horizon WHERE id = 1 FOR UPDATE"))
        start = rows[0][0]
        end = min(entry_id, start + batch)
        if end <= start:
            return False
        # The sums of a batch fit in this; compiling the statement would take longer than running it.
        self.env.cr.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        self.env.cr.execute(
            SQL(
                """
                UPDATE fidelity_account a
                   SET folded_balance = a.folded_balance + s.quantity, folded_entry_id = %(end)s
                  FROM (SELECT account_id, sum(quantity) AS quantity FROM fidelity_ledger_entry
                         WHERE id > %(start)s AND id <= %(end)s GROUP BY account_id) s
                 WHERE a.id = s.account_id
                """,
                start=start,
                end=end,
            ),
            log_exceptions=False,
        )
        self.env.cr.execute(SQL("UPDATE fidelity_ledger_horizon SET folded_entry_id = %s WHERE id = 1", end))
        self.env["fidelity.account"].invalidate_model()
        return True
