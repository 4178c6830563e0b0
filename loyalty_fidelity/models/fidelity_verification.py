from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_datetime

from .big_integer import BigInteger

#: Ids that one step of the proof reads: some seconds of work, and what its sorts and joins hold in memory.
STEP = 250_000
#: Sentences of a verification. All findings are counted.
FINDINGS_KEPT = 1000
#: A ledger of more entries than this is proved in the background: a page should answer within some seconds.
AT_ONCE = 200_000

#: The checks, in order: method of :mod:`fidelity_verification_checks`, (table, column) whose ids it goes through.
CHECKS = (
    ("_check_triggers", ()),
    ("_check_balances", (("fidelity_account", "id"),)),
    ("_check_digests", (("fidelity_posting", "id"),)),
    ("_check_seals", (("fidelity_ledger_seal", "last_posting_id"),)),
    ("_check_noted_seals", ()),
    ("_check_lots", (("fidelity_ledger_entry", "id"), ("fidelity_lot", "entry_id"))),
    ("_check_uses", (("fidelity_lot_allocation", "id"),)),
    ("_check_receipts", (("fidelity_posting", "id"), ("fidelity_receipt", "posting_id"))),
    ("_check_effects", (("fidelity_receipt", "id"),)),
    ("_check_rulesets", ()),
    ("_check_receipt_rules", (("fidelity_receipt", "id"),)),
    # Few postings are transfers: their own indexes find them.
    ("_check_transfers", ()),
    ("_check_moved_lots", ()),
    ("_check_expiries", (("fidelity_posting", "id"),)),
)


class FidelityVerification(models.Model):
    """One proof of the ledger, with what it found. A clean one proves every balance from its entries.

    What is proved: each of :data:`CHECKS` finds nothing. Only DDL can alter the ledger (its triggers refuse
    everything else); an altered, removed or invented row breaks a digest, a seal or a sum.

    The proof goes through the tables by ranges of ids, in steps. Either all in one transaction (:meth:`_verify`), or
    each step in its own, by the job, which takes up where it was when it was stopped. What one transaction wrote
    lies in one step and the ledger only grows, so sales may go on meanwhile.
    """

    _name = "fidelity.verification"
    _inherit = "fidelity.guarded"
    _description = "Verification"
    _log_access = False
    _order = "id desc"
    _rec_name = "verified_at"

    verified_at = fields.Datetime(string="Verified", required=True, readonly=True, help="When it was proved.")
    verified_by = fields.Char(string="By", readonly=True, help="Who asked for the proof.")
    account_count = fields.Integer(string="Accounts", readonly=True, help="Accounts whose balance was proved.")
    entry_count = fields.Integer(string="Entries", readonly=True, help="Entries read.")
    finding_count = fields.Integer(string="Findings", readonly=True, help="How many things are wrong.")
    findings = fields.Text(string="What is wrong", readonly=True, help="What is wrong, one line each.")
    state = fields.Selection(
        [("running", "At work"), ("clean", "Proved"), ("wrong", "Not proved")],
        required=True,
        readonly=True,
        help="Whether anything is wrong.",
    )
    step = fields.Char(readonly=True, help="The check at work.")
    position = BigInteger(readonly=True, help="The number at which it goes on.")
    progress = fields.Integer(string="Progress (%)", readonly=True, help="How much of the ledger was read so far.")
    last_seal = fields.Char(readonly=True, help="The end of the chain. Compare it with a copy kept elsewhere.")

    @api.depends("verified_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for verification in self:
            verification.display_name = format_datetime(self.env, verification.verified_at)

    def action_verify(self):
        """Prove the ledger now and show what came of it; a big one in the background, and show how far that is."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can verify the ledger. Ask yours."))
        model = self.sudo().browse()
        verification = model._running()
        if not verification and model._ends((("fidelity_ledger_entry", "id"),))[1] <= AT_ONCE:
            verification = model._verify()
        else:
            verification = verification or model._begin()
            self.env.ref("loyalty_fidelity.ir_cron_verify").sudo()._trigger()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": verification.id,
            "view_mode": "form",
            "name": self.env._("Verification"),
        }

    @api.model
    def _cron_verify(self):
        """Go on with the proof that is under way, or begin one; commit every step."""
        verification = self._running() or self._begin()
        # A job that is killed in its first step has something left to do all the same.
        self.env["ir.cron"]._commit_progress(remaining=verification._steps_left())
        remaining = verification._advance()
        while self.env["ir.cron"]._commit_progress(1, remaining=remaining) and remaining:
            remaining = verification._advance()

    @api.model
    def _verify(self, report=None):
        """Prove the ledger in this transaction, which writes nothing before the end: nobody waits for it.

        :param report: function of the percentage that is done, called after every step
        :return: the verification
        """
        at_work = self.new(self._beginning())
        while at_work._advance():
            if report:
                report(at_work.progress)
        return self._append([{name: at_work[name] for name in (*self._beginning(), "findings", "last_seal")}])

    @api.model
    def _running(self):
        """The proof that is under way, if any."""
        return self.search([("state", "=", "running")], limit=1)

    @api.model
    def _begin(self):
        return self._append([self._beginning()])

    @api.model
    def _beginning(self):
        """The values of a proof that has not read anything yet."""
        return {
            "verified_at": fields.Datetime.now(),
            "verified_by": self.env.user.name,
            "account_count": 0,
            "entry_count": 0,
            "finding_count": 0,
            "state": "running",
            "step": CHECKS[0][0],
            "position": self._ends(CHECKS[0][1])[0],
            "progress": 0,
        }

    def _advance(self):
        """Do one step of the proof.

        :return: how many steps are left; 0 once it has ended
        """
        self.ensure_one()
        self.env.flush_all()
        # What a step sorts and joins fits in this; and compiling its queries would take longer than running them.
        self.env.cr.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        place = self._place()
        name, columns = CHECKS[place]
        last = self.position + STEP - 1
        count, sentences = getattr(self, name)(self.position, last)
        if last < self._ends(columns)[1]:
            changes = {"position": last + 1}
        elif place + 1 < len(CHECKS):
            changes = {"step": CHECKS[place + 1][0], "position": self._ends(CHECKS[place + 1][1])[0]}
        else:
            changes = {"step": None, "position": None}
        if count:
            kept = (self.findings or "").splitlines() + sentences
            changes |= {"finding_count": self.finding_count + count, "findings": "\n".join(kept[:FINDINGS_KEPT])}
        self._amend(changes)
        left = self._steps_left()
        self._amend({"progress": 100 - 100 * left // (left + self._steps_done())} if left else self._conclusion())
        return left

    @api.model
    def _check_all(self, name):
        """Do one check on all there is, and keep nothing of it.

        :return: (how many things are wrong, sentences)
        """
        first, end = self._ends(dict(CHECKS)[name])
        count, sentences = 0, []
        while True:
            found, said = getattr(self, name)(first, first + STEP - 1)
            count, sentences = count + found, sentences + said
            first += STEP
            if first > end:
                return count, sentences[:FINDINGS_KEPT]

    def _conclusion(self):
        """The columns of a proof that has come to its end."""
        accounts, entries = self.env.execute_query(
            SQL("SELECT (SELECT count(*) FROM fidelity_account), (SELECT count(*) FROM fidelity_ledger_entry)")
        )[0]
        last_seal = self.env["fidelity.ledger.seal"].search([], order="last_posting_id desc", limit=1)
        return {
            "verified_at": fields.Datetime.now(),
            "account_count": accounts,
            "entry_count": entries,
            "state": "wrong" if self.finding_count else "clean",
            "last_seal": last_seal.seal or None,
            "progress": 100,
        }

    def _amend(self, columns):
        """Write columns of this verification, which the ORM refuses to everybody; of one that is not kept yet, in memory."""
        if not self.ids:
            self.update(columns)
            return
        items = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in columns.items())
        self.env.cr.execute(SQL("UPDATE fidelity_verification SET %s WHERE id = %s", items, self.id))
        self.invalidate_recordset()

    # -- where it is -----------------------------------------------------------------------------------------------

    def _place(self):
        """The place in :data:`CHECKS` of the check at work; a check that an update took away: from the beginning."""
        names = [name for name, _columns in CHECKS]
        return names.index(self.step) if self.step in names else 0

    def _steps_left(self):
        if not self.step:
            return 0
        place = self._place()
        ahead = [self._ends(columns) for _name, columns in CHECKS[place:]]
        return _steps(self.position, ahead[0][1]) + sum(_steps(*ends) for ends in ahead[1:])

    def _steps_done(self):
        place = self._place()
        behind = [self._ends(columns) for _name, columns in CHECKS[: place + 1]]
        return sum(_steps(*ends) for ends in behind[:-1]) + (self.position - behind[-1][0]) // STEP

    @api.model
    def _ends(self, columns):
        """The lowest and the highest id of columns, as (table, column); (0, 0) where there is none."""
        if not columns:
            return 0, 0
        parts = [
            SQL("SELECT min(%(column)s) AS low, max(%(column)s) AS high FROM %(table)s",
                column=SQL.identifier(column), table=SQL.identifier(table))
            for table, column in columns
        ]  # fmt: skip
        query = SQL("SELECT COALESCE(min(low), 0), COALESCE(max(high), 0) FROM (%s) ends", SQL(" UNION ALL ").join(parts))
        return self.env.execute_query(query)[0]


def _steps(first, last):
    """How many steps there are from one id to another; at least one, for a check is done on nothing too."""
    return max(1, -(-(last - first + 1) // STEP))
