from odoo import api, fields, models
from odoo.tools import SQL

from .fidelity_posting import DIGEST_VERSION


class FidelityPosting(models.Model):
    """Points that expire: one posting of kind ``expire`` an account and day, ``expire:<account>:<day>``.

    Written for many accounts in one statement; what it reads and what it writes are of one snapshot. It writes the
    accounts' rows over, unchanged: who spends, returns, transfers or sets aside points of one of them at the same moment
    fails to serialise, or this does, and is tried again knowing the other. Earning never waits for it.
    """

    _inherit = "fidelity.posting"

    kind = fields.Selection(
        selection_add=[("expire", "Expired"), ("renew", "New expiry")], ondelete={"expire": "cascade", "renew": "cascade"}
    )

    @api.depends("kind")
    def _compute_display_name(self):
        dated = self.filtered(lambda posting: posting.kind in ("expire", "renew"))
        for posting in dated:
            posting.display_name = (
                self.env._("Expired points %(number)s", number=posting.id)
                if posting.kind == "expire"
                else self.env._("New expiry %(number)s", number=posting.id)
            )
        return super(FidelityPosting, self - dated)._compute_display_name()

    @api.model
    def _post_expiry(self, account_ids, day, due, suffix=""):
        """Take what is due away from accounts. Posting it again changes nothing. No account has points set aside.

        :param list account_ids: few enough for one transaction
        :param date day: of the run; makes the postings unique
        :param SQL due: whether the lot row ``l`` is due
        :param str suffix: of the keys, for a second posting of the same account and day
        :return: (how many accounts lost points, how many points)
        """
        now = self.env.cr.now().replace(microsecond=0)
        query = SQL(
            """
            WITH lot AS MATERIALIZED (
                SELECT l.id, l.account_id, l.expires_date, %(due)s AS due, l.quantity - COALESCE(x.used, 0) AS remaining
                  FROM fidelity_lot l
             LEFT JOIN LATERAL (SELECT sum(quantity) AS used FROM fidelity_lot_allocation WHERE lot_id = l.id) x ON TRUE
                 WHERE l.account_id = ANY (%(accounts)s)),
            -- What an account owes was paid by the lots that expire first.
            account AS MATERIALIZED (
                SELECT a.id, a.holder_id, s.remaining - (%(balance)s) AS debt
                  FROM fidelity_account a
                  JOIN (SELECT account_id, sum(remaining) AS remaining FROM lot GROUP BY account_id HAVING bool_or(due AND remaining > 0)) s
                    ON s.account_id = a.id),
            part AS MATERIALIZED (
                SELECT o.id, o.account_id, least(o.remaining, o.up_to - greatest(0, o.debt))::bigint AS quantity
                  FROM (SELECT lot.id, lot.account_id, lot.due, lot.remaining, account.debt,
                               sum(lot.remaining) OVER (PARTITION BY lot.account_id ORDER BY lot.expires_date NULLS LAST, lot.id) AS up_to
                          FROM lot JOIN account ON account.id = lot.account_id WHERE lot.remaining > 0) o
                 WHERE o.due AND o.up_to > greatest(0, o.debt)),
            total AS MATERIALIZED (
                SELECT account_id, sum(quantity)::bigint AS quantity,
                       string_agg('1:' || id || ':' || quantity, ';' ORDER BY id) AS uses
                  FROM part GROUP BY account_id),
            p AS (SELECT t.account_id, t.quantity, t.uses, 'expire:' || t.account_id || ':' || %(day)s || %(suffix)s AS op_key,
                         'expire' AS kind, %(now)s::timestamp AS occurred_at, %(now)s::timestamp AS posted_at,
                         COALESCE(ct.company_id, %(company)s) AS company_id, NULL::text AS source_model, NULL::int AS source_id,
                         NULL::text AS reason, %(version)s::int AS digest_version,
                         (SELECT min(m.id) FROM fidelity_member m WHERE m.holder_id = h.id) AS member_id
                    FROM total t
                    JOIN account ON account.id = t.account_id
                    JOIN fidelity_holder h ON h.id = account.holder_id
                    JOIN fidelity_card_type ct ON ct.id = h.card_type_id),
            posting AS (
                INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, member_id, author_uid, author_name,
                                              digest, digest_version)
                SELECT p.op_key, p.kind, p.occurred_at, p.posted_at, p.company_id, p.member_id, %(uid)s, %(author)s,
                       %(digest)s, p.digest_version
                  FROM p WHERE NOT EXISTS (SELECT 1 FROM fidelity_posting o WHERE o.op_key = p.op_key)
              ORDER BY p.account_id
             RETURNING id, split_part(op_key, ':', 2)::int AS account_id),
            entry AS (
                INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
                SELECT posting.id, 1, t.account_id, 'expire', -t.quantity, %(now)s
                  FROM posting JOIN total t ON t.account_id = posting.account_id ORDER BY posting.id
             RETURNING id, account_id, quantity),
            allocation AS (
                INSERT INTO fidelity_lot_allocation (lot_id, entry_id, quantity)
                SELECT part.id, entry.id, part.quantity
                  FROM part JOIN entry ON entry.account_id = part.account_id ORDER BY entry.id, part.id),
            k AS (
                UPDATE fidelity_account SET folded_entry_id = folded_entry_id
                 WHERE id IN (SELECT f.id FROM fidelity_account f WHERE f.id IN (SELECT account_id FROM total)
                            ORDER BY f.id FOR NO KEY UPDATE))
            SELECT count(*), COALESCE(-sum(quantity), 0)::bigint FROM entry
            """,
            due=due,
            accounts=account_ids,
            balance=self.env["fidelity.account"]._balance_sql(SQL("a")),
            day=day.isoformat(),
            suffix=suffix,
            now=now,
            company=self.env.company.id,
            version=DIGEST_VERSION,
            uid=self.env.uid,
            author=self.env.user.name,
            digest=self._digest_sql(SQL("'1:' || p.account_id || ':expire:' || -p.quantity"), SQL("NULL"), SQL("p.uses")),
        )
        self.env.cr.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        self.env.cr.execute(query, log_exceptions=False)
        count, points = self.env.cr.fetchone()
        self.env.invalidate_all()
        return count, points


class FidelityLedgerEntry(models.Model):
    """Entries of expiry."""

    _inherit = "fidelity.ledger.entry"

    kind = fields.Selection(
        selection_add=[("expire", "Expired"), ("renew", "New expiry")], ondelete={"expire": "cascade", "renew": "cascade"}
    )
