from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_datetime

from .append_only import FUNCTION_BODY


class FidelityVerification(models.Model):
    """One proof of the ledger, with what it found. A clean one proves every balance from its entries.

    What is proved: each check of :meth:`_checks` finds nothing. Only DDL can alter the ledger (its triggers refuse
    everything else); an altered, removed or invented row breaks a digest, a seal or a sum.
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
        [("clean", "Proved"), ("wrong", "Not proved")], required=True, readonly=True, help="Whether anything is wrong."
    )
    last_seal = fields.Char(readonly=True, help="The end of the chain. Compare it with a copy kept elsewhere.")

    @api.depends("verified_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for verification in self:
            verification.display_name = format_datetime(self.env, verification.verified_at)

    def action_verify(self):
        """Prove the ledger now and show what came of it."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can verify the ledger. Ask yours."))
        verification = self.sudo()._verify()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": verification.id,
            "view_mode": "form",
            "name": self.env._("Verification"),
        }

    @api.model
    def _cron_verify(self):
        self._verify()

    @api.model
    def _verify(self):
        """Prove the ledger.

        :return: the verification
        """
        self.env.flush_all()
        findings = [finding for check in self._checks() for finding in check()]
        accounts, entries = self.env.execute_query(
            SQL("SELECT (SELECT count(*) FROM fidelity_account), (SELECT count(*) FROM fidelity_ledger_entry)")
        )[0]
        last_seal = self.env["fidelity.ledger.seal"].search([], order="last_posting_id desc", limit=1)
        return self._append(
            [
                {
                    "verified_at": fields.Datetime.now(),
                    "verified_by": self.env.user.name,
                    "account_count": accounts,
                    "entry_count": entries,
                    "finding_count": len(findings),
                    "findings": "\n".join(findings[:1000]) or False,
                    "state": "wrong" if findings else "clean",
                    "last_seal": last_seal.seal,
                }
            ]
        )

    def _checks(self):
        """The checks, each a method that yields one sentence a finding."""
        return (
            self._check_triggers,
            self._check_folded_balances,
            self._check_digests,
            self._check_seals,
            self._check_noted_seals,
            self._check_lots,
            self._check_receipts,
            self._check_receipt_lines,
        )

    def _check_triggers(self):
        for name in self.env["fidelity.append.only"]._append_only_models():
            model = self.env[name]
            rows = self.env.execute_query(
                SQL(
                    "SELECT t.tgname FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid"
                    " WHERE t.tgrelid = %s::regclass AND t.tgenabled = 'A' AND t.tgqual IS NULL AND f.prosrc = %s",
                    model._table,
                    FUNCTION_BODY,
                )
            )
            present = {row[0] for row in rows}
            for trigger, *_rest in model._append_only_triggers():
                if trigger not in present:
                    yield self.env._(
                        "The guard %(trigger)s of table %(table)s is missing or switched off. Update the addon to restore it.",
                        trigger=trigger,
                        table=model._table,
                    )

    def _check_folded_balances(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.folded_balance, COALESCE(s.quantity, 0)
                  FROM fidelity_account a
             LEFT JOIN (SELECT e.account_id, sum(e.quantity) AS quantity FROM fidelity_ledger_entry e
                          JOIN fidelity_account x ON x.id = e.account_id AND e.id <= x.folded_entry_id
                      GROUP BY e.account_id) s ON s.account_id = a.id
                 WHERE a.folded_balance <> COALESCE(s.quantity, 0)
              ORDER BY a.id
                """
            )
        )
        for account_id, folded, real in rows:
            yield self.env._(
                "Account %(account)s: its folded balance is %(folded)s, its entries sum to %(real)s.",
                account=account_id,
                folded=folded,
                real=real,
            )

    def _check_digests(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id, p.op_key FROM fidelity_posting p WHERE p.digest <> %s ORDER BY p.id",
                self.env["fidelity.posting"]._digest_sql(),
            )
        )
        for posting_id, op_key in rows:
            yield self.env._(
                "Posting %(posting)s (%(key)s) or one of its entries was altered after it was posted.",
                posting=posting_id,
                key=op_key,
            )

    def _check_seals(self):
        previous, first = "", 1
        # The chain is proved whole, from its first link: that is the point of it.
        for seal in self.env["fidelity.ledger.seal"].search([], order="last_posting_id"):  # pylint: disable=no-search-all
            expected, _count = self.env["fidelity.ledger.seal"]._chain(previous, first, seal.last_posting_id)
            if expected != seal.seal:
                yield self.env._(
                    "The postings %(first)s to %(last)s are not those that were sealed on %(date)s: "
                    "one was altered, removed or added.",
                    first=first,
                    last=seal.last_posting_id,
                    date=seal.sealed_at,
                )
            previous, first = seal.seal, seal.last_posting_id + 1

    def _check_noted_seals(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT v.last_seal, min(v.verified_at) FROM fidelity_verification v
                 WHERE v.last_seal IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM fidelity_ledger_seal s WHERE s.seal = v.last_seal)
              GROUP BY v.last_seal ORDER BY 2
                """
            )
        )
        for seal, noted_at in rows:
            yield self.env._(
                "The seal %(seal)s, which the verification of %(date)s noted, is gone or was altered.",
                seal=seal,
                date=noted_at,
            )

    def _check_lots(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.id FROM fidelity_lot l LEFT JOIN fidelity_ledger_entry e ON e.id = l.entry_id
                 WHERE e.id IS NULL OR l.quantity <> e.quantity OR l.account_id <> e.account_id
                    OR l.quantity < COALESCE((SELECT sum(x.quantity) FROM fidelity_lot_allocation x
                                               WHERE x.lot_id = l.id), 0)
              ORDER BY l.id
                """
            )
        )
        for (lot_id,) in rows:
            yield self.env._("Lot %(lot)s does not agree with the entry that made it or with its uses.", lot=lot_id)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM fidelity_ledger_entry e
                 WHERE e.quantity > 0 AND NOT EXISTS (SELECT 1 FROM fidelity_lot l WHERE l.entry_id = e.id)
                   AND e.quantity <> -COALESCE((SELECT sum(x.quantity) FROM fidelity_lot_allocation x
                                                 WHERE x.entry_id = e.id), 0)
              ORDER BY e.id
                """
            )
        )
        for (entry_id,) in rows:
            yield self.env._("Entry %(entry)s brought points in and its lot is gone.", entry=entry_id)

    def _check_receipts(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(r.source_ref, p.op_key), p.id IS NULL OR r.id IS NULL,
                       COALESCE(r.points, 0), COALESCE(s.quantity, 0)
                  FROM (SELECT id, op_key FROM fidelity_posting WHERE kind = 'receipt') p
             FULL JOIN fidelity_receipt r ON r.posting_id = p.id
             LEFT JOIN (SELECT posting_id, sum(quantity) AS quantity FROM fidelity_ledger_entry
                      GROUP BY posting_id) s ON s.posting_id = p.id
                 WHERE p.id IS NULL OR r.id IS NULL OR COALESCE(r.points, 0) <> COALESCE(s.quantity, 0)
              ORDER BY p.id, r.id
                """
            )
        )
        for name, parted, points, posted in rows:
            if parted:
                yield self.env._("Receipt %(name)s has no posting, or its posting has no receipt: one was removed.", name=name)
            else:
                yield self.env._(
                    "Receipt %(name)s says %(points)s points, the ledger has %(posted)s.",
                    name=name,
                    points=points,
                    posted=posted,
                )

    def _check_receipt_lines(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.source_ref, COALESCE(l.points, 0), COALESCE(e.quantity, 0)
                  FROM fidelity_receipt r
             LEFT JOIN (SELECT receipt_id, sum(points) AS points FROM fidelity_receipt_line
                      GROUP BY receipt_id) l ON l.receipt_id = r.id
             LEFT JOIN (SELECT posting_id, sum(quantity) AS quantity FROM fidelity_ledger_entry
                         WHERE kind = 'earn' GROUP BY posting_id) e ON e.posting_id = r.posting_id
                 WHERE COALESCE(l.points, 0) <> COALESCE(e.quantity, 0)
              ORDER BY r.id
                """
            )
        )
        for name, points, earned in rows:
            yield self.env._(
                "The lines of receipt %(name)s earned %(points)s points together, the ledger has %(earned)s.",
                name=name,
                points=points,
                earned=earned,
            )
