import json

from psycopg2.errors import LockNotAvailable, SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..rules import expiry
from .big_integer import BigInteger

#: Accounts of one transaction. Who spends from one of them waits for it.
BATCH = 2000
#: How often a batch is tried before it is halved.
ATTEMPTS = 5
PHASES = ("late", "days", "inactive")


class FidelityExpiryRun(models.Model):
    """One night's expiry: what was good until the day before a day is taken away.

    A run goes through three phases, each account by account in the order of their numbers: what became due of days that
    an earlier run has done (lots that moved or came back late, what was set aside then), the days since the last run,
    and inactive members. Every batch is a transaction of its own that also writes how far the run is, so a run that is
    stopped goes on where it was; postings have keys of their own, so nothing expires twice.

    Invariants: the runs' days do not overlap (a run begins at the day of the one before); what became due before
    ``entry_id`` of a run was seen by it, for those entries had been committed when it began.
    """

    _name = "fidelity.expiry.run"
    _inherit = "fidelity.guarded"
    _description = "Expiry run"
    _log_access = False
    _order = "day desc"
    _rec_name = "day"

    day = fields.Date(required=True, readonly=True, help="What was good until the day before this one expires.")
    from_date = fields.Date(string="Since", required=True, readonly=True, help="The day of the run before.")
    from_entry_id = BigInteger(required=True, readonly=True, help="What came after this entry may have come late.")
    entry_id = BigInteger(required=True, readonly=True, help="Entries up to here had been committed when it began.")
    since_at = fields.Datetime(readonly=True, help="When the run before began.")
    started_at = fields.Datetime(string="Started", required=True, readonly=True, help="When it began.")
    finished_at = fields.Datetime(string="Finished", readonly=True, help="When it was done.")
    phase = fields.Selection(
        [("late", "What came late"), ("days", "The days since the last run"), ("inactive", "Inactive members"), ("done", "Done")],
        required=True,
        readonly=True,
        help="What it is at.",
    )
    position = BigInteger(required=True, readonly=True, help="The last account that it has done in this phase.")
    account_count = fields.Integer(string="Accounts", required=True, readonly=True, help="How many accounts lost points.")
    points = BigInteger(required=True, readonly=True, help="How many points expired.")

    _day_unique = models.Constraint("unique(day)", "This day has its expiry run already.")

    @api.depends("day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for run in self:
            run.display_name = format_date(self.env, run.day)

    @api.model
    def _cron_expire(self):
        """Begin the run of today if there is none yet, or go on with one that was stopped; commit every batch."""
        run = self._running() or self._begin()
        self.env["ir.cron"]._commit_progress(remaining=1 if run else 0)
        while run and run._advance(self._commit):
            continue

    @api.model
    def _commit(self, remaining):
        """Commit a batch.

        :param int remaining: how many batches are left
        :return: whether there is time for another
        """
        return self.env["ir.cron"]._commit_progress(1, remaining=remaining) > 0

    @api.model
    def _running(self):
        """The run that is under way, if any."""
        return self.search([("phase", "!=", "done")], order="day", limit=1)

    @api.model
    def _begin(self):
        """Begin the run of today.

        :return: the run, or an empty recordset where today has had its run
        """
        day = self.env["fidelity.expiry.policy"]._today()
        last = self.search([], order="day desc", limit=1)
        if last and last.day >= day:
            return self.browse()
        first, committed = self.env.execute_query(
            SQL(
                "SELECT (SELECT min(expires_date) FROM fidelity_lot WHERE expires_date IS NOT NULL),"
                " COALESCE((SELECT folded_entry_id FROM fidelity_ledger_horizon WHERE id = 1), 0)"
            )
        )[0]
        return self._append(
            [
                {
                    "day": day,
                    "from_date": last.day or min(first or day, day),
                    "from_entry_id": last.entry_id if last else committed,
                    "entry_id": committed,
                    "since_at": last.started_at,
                    "started_at": fields.Datetime.now(),
                    "phase": PHASES[0],
                    "position": 0,
                    "account_count": 0,
                    "points": 0,
                }
            ]
        )

    def _advance(self, commit):
        """Do what is left of a phase, batch by batch.

        :param commit: called after every batch with how many are left in this phase; false: stop
        :return: whether there is more to do and time for it
        """
        self.ensure_one()
        phase = self.phase
        if phase == "done":
            return False
        queue = self._queue()
        for start in range(0, len(queue), BATCH):
            batch = queue[start : start + BATCH]
            if not self._expire(batch, phase):
                return self.phase != "done"
            if not commit(-(-(len(queue) - start) // BATCH)):
                return False
        after = [*PHASES, "done"][PHASES.index(phase) + 1]
        ended = {"finished_at": self.env.cr.now().replace(microsecond=0)} if after == "done" else {}
        self._amend(phase, {"phase": after, "position": 0, **ended})
        more = after != "done"
        return commit(1 if more else 0) and more

    def _expire(self, batch, phase):
        """Post a batch and write how far the run is; again, in a new transaction, where somebody was in the way.

        :return: false where another process has brought the run beyond this phase meanwhile: nothing is left to do in it
        """
        for _attempt in range(ATTEMPTS):
            try:
                held = self.env["fidelity.hold"]._accounts_held(batch)
                accounts = [account_id for account_id in batch if account_id not in held]
                count, points = self._post(accounts) if accounts else (0, 0)
            except (SerializationFailure, LockNotAvailable, UniqueViolation) as error:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                failure = error
                continue
            done = {"position": batch[-1], "account_count": self.account_count + count, "points": self.points + points}
            if self._amend(phase, done):
                return True
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            return False
        if len(batch) == 1:
            # The job is run again, and goes on here.
            raise failure
        middle = len(batch) // 2
        if not self._expire(batch[:middle], phase):
            return False
        self.env["ir.cron"]._commit_progress()
        return self._expire(batch[middle:], phase)

    def _post(self, accounts):
        postings = self.env["fidelity.posting"]
        if self.phase == "inactive":
            return postings._post_expiry(accounts, self.day, self._inactive_sql(), ":inactive")
        return postings._post_expiry(accounts, self.day, SQL("l.expires_date IS NOT NULL AND l.expires_date < %s", self.day))

    def _amend(self, phase, columns):
        """Write columns of this run, which the ORM refuses to everybody, as long as it is in a phase.

        :return: whether it still was
        """
        items = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in columns.items())
        self.env.cr.execute(SQL("UPDATE fidelity_expiry_run SET %s WHERE id = %s AND phase = %s", items, self.id, phase))
        self.invalidate_recordset()
        return bool(self.env.cr.rowcount)

    # -- whose turn it is ------------------------------------------------------------------------------------------

    def _queue(self):
        """The accounts that this phase has still to look at, in the order of their numbers."""
        queries = {"late": self._late_sql, "days": self._days_sql, "inactive": self._candidates_sql}
        query = SQL(
            "SELECT DISTINCT account_id FROM (%s) c WHERE account_id > %s ORDER BY account_id", queries[self.phase](), self.position
        )
        return [row[0] for row in self.env.execute_query(query)]

    def _days_sql(self):
        return SQL(
            "SELECT account_id FROM fidelity_lot WHERE expires_date >= %s AND expires_date < %s AND expires_date IS NOT NULL",
            self.from_date,
            self.day,
        )

    def _late_sql(self):
        """Accounts with something due of days that earlier runs have done: lots that came or were given back since, and what
        was set aside when the last run came by."""
        return SQL(
            """
            SELECT account_id FROM fidelity_lot
             WHERE entry_id > %(entry)s AND expires_date < %(until)s AND expires_date IS NOT NULL
             UNION ALL
            SELECT l.account_id FROM fidelity_lot_allocation x JOIN fidelity_lot l ON l.id = x.lot_id
             WHERE x.entry_id > %(entry)s AND x.quantity < 0 AND l.expires_date < %(until)s
             UNION ALL
            SELECT account_id FROM fidelity_hold WHERE expires_at >= %(since)s
            """,
            entry=self.from_entry_id,
            until=self.from_date,
            since=self.since_at or self.started_at,
        )

    def _candidates_sql(self):
        """Accounts with lots that follow purchases, of holders who bought nothing for the shortest of their times."""
        limits = self._limits()
        return SQL(
            """
            SELECT a.id AS account_id FROM fidelity_account a
             WHERE a.id IN (SELECT account_id FROM fidelity_lot WHERE inactive_months IS NOT NULL)
               AND %(balance)s > 0 AND %(idle)s
            """,
            balance=self.env["fidelity.account"]._balance_sql(SQL("a")),
            idle=self._idle_sql(SQL("a.id"), SQL("%s::timestamp", max(limits.values(), default=self.day.isoformat()))),
        )

    def _limits(self):
        """The day since which somebody is active, for each number of months that a policy ever named: dict months → ISO."""
        query = SQL("SELECT DISTINCT months FROM fidelity_expiry_policy WHERE kind = 'inactivity'")
        return {months: expiry.active_since(months, self.day).isoformat() for (months,) in self.env.execute_query(query)}

    def _idle_sql(self, account, limit):
        """SQL: neither the holders of an account nor who was merged into one of them bought anything since a moment."""
        return SQL(
            """
            NOT EXISTS (SELECT 1 FROM fidelity_account b JOIN fidelity_member m ON m.holder_id = b.holder_id
                          JOIN fidelity_receipt r ON r.member_id = m.id
                         WHERE b.id = %(account)s AND r.occurred_at >= %(limit)s)
            AND NOT EXISTS (SELECT 1 FROM fidelity_account b JOIN fidelity_member m ON m.holder_id = b.holder_id
                              JOIN fidelity_member w ON w.merged_into_id = m.id
                              JOIN fidelity_receipt r ON r.member_id = w.id
                             WHERE b.id = %(account)s AND r.occurred_at >= %(limit)s)
            """,
            account=account,
            limit=limit,
        )

    def _inactive_sql(self):
        """Whether the lot row ``l`` follows purchases and its holder has made none, and got no points, for so long."""
        limit = SQL("(%s::jsonb ->> l.inactive_months::text)::timestamp", json.dumps(self._limits()))
        return SQL(
            """
            COALESCE(l.inactive_months IS NOT NULL AND %(idle)s
            AND NOT EXISTS (SELECT 1 FROM fidelity_lot y JOIN fidelity_ledger_entry e ON e.id = y.entry_id
                             WHERE y.account_id = l.account_id AND e.kind <> 'transfer' AND e.occurred_at >= %(limit)s), FALSE)
            """,
            idle=self._idle_sql(SQL("l.account_id"), limit),
            limit=limit,
        )

    def action_view_postings(self):
        """Open the postings of this run."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_posting_action")
        keys = [f"expire:%:{self.day.isoformat()}", f"expire:%:{self.day.isoformat()}:inactive"]
        action["domain"] = ["|", *(("op_key", "=like", key) for key in keys)]
        return action
