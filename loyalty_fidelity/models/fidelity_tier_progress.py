from odoo import api, fields, models
from odoo.tools import SQL

from .big_integer import BigInteger

#: Ids of postings that are counted in one transaction.
BATCH = 20_000

#: What the postings of a range count: of each what its card earned and bought, and of its returns, on the day and for the
#: member of the purchase that they take back, what they took back.
COUNTED = """
    SELECT COALESCE(m.merged_into_id, m.id) AS member_id,
           (p.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(s.tz, 'UTC'))::date AS day,
           COALESCE(e.points, 0) - COALESCE(v.points, 0) AS points,
           CASE WHEN r.ruleset_id IS NULL THEN 0 ELSE r.base_minor - COALESCE(u.amount, 0) END AS spending_minor,
           CASE WHEN r.ruleset_id IS NOT NULL AND r.base_minor > 0 THEN 1 ELSE 0 END AS purchases
      FROM fidelity_posting p
      JOIN fidelity_member m ON m.id = p.member_id
 LEFT JOIN fidelity_store s ON s.id = p.store_id
 LEFT JOIN fidelity_receipt r ON r.posting_id = p.id
 LEFT JOIN fidelity_ruleset rs ON rs.id = r.ruleset_id
 LEFT JOIN LATERAL (SELECT sum(e.quantity) AS points FROM fidelity_ledger_entry e JOIN fidelity_account a ON a.id = e.account_id
                     WHERE e.posting_id = p.id AND e.kind IN ('earn', 'reverse') AND a.unit = 'points') e ON TRUE
 LEFT JOIN LATERAL (SELECT sum(v.points) AS points FROM fidelity_receipt_reversal v WHERE v.receipt_id = r.id) v ON TRUE
 LEFT JOIN LATERAL (SELECT -sum(CASE WHEN rs.payload::jsonb->>'base' = 'untaxed' THEN l.untaxed_minor - l.allocated_untaxed_minor
                                     ELSE l.total_minor - l.allocated_minor END) AS amount
                      FROM fidelity_receipt_line l
                     WHERE l.receipt_id = r.id AND l.kind = 'return_unlinked'
                       AND rs.payload::jsonb->>'unlinked_return' = 'take_back') u ON TRUE
     WHERE p.id > %(start)s AND p.id <= %(end)s AND (%(whose)s IS NULL OR p.member_id = ANY (%(whose)s))
 UNION ALL
    SELECT COALESCE(m.merged_into_id, m.id), (o.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(s.tz, 'UTC'))::date,
           v.points, COALESCE(t.now, 0),
           CASE WHEN o.base_minor > 0 AND o.base_minor + t.before > 0 AND o.base_minor + t.before + t.now <= 0 THEN -1 ELSE 0 END
      FROM fidelity_receipt r
      JOIN fidelity_receipt_reversal v ON v.receipt_id = r.id
      JOIN fidelity_receipt o ON o.id = v.original_id
      JOIN fidelity_member m ON m.id = o.member_id
 LEFT JOIN fidelity_store s ON s.id = o.store_id
CROSS JOIN LATERAL (SELECT COALESCE(sum(x.taken) FILTER (WHERE x.sequence < v.sequence), 0) AS before,
                           COALESCE(sum(x.taken) FILTER (WHERE x.sequence = v.sequence), 0) AS now
                      FROM (SELECT w.sequence, COALESCE(w.base_minor, %(taken)s) AS taken
                              FROM fidelity_receipt_reversal w WHERE w.original_id = o.id AND w.sequence <= v.sequence) x) t
     WHERE r.posting_id > %(start)s AND r.posting_id <= %(end)s AND o.ruleset_id IS NOT NULL
       AND (%(whose)s IS NULL OR o.member_id = ANY (%(whose)s))
"""
#: What a return of before 19.0.1.2.0 took back of what counted: the value of its lines.
TAKEN_BEFORE = """
    (SELECT GREATEST(-o.base_minor, COALESCE(sum(l.total_minor - l.allocated_minor), 0))
       FROM fidelity_receipt_line l JOIN fidelity_receipt_line ol ON ol.id = l.original_line_id
      WHERE l.receipt_id = w.receipt_id AND ol.receipt_id = o.id)
"""


class FidelityTierProgress(models.Model):
    """What counts for a member's tier, one row a day on which he bought.

    Invariant: the rows hold exactly the postings up to ``fidelity.tier.fold``'s, so any row can be made again from the
    ledger. Only sealed postings are counted: below the last seal no transaction can add any more. A return is counted on
    the day of the purchase that it takes back, for its member; who was merged has his rows with the survivor.
    """

    _name = "fidelity.tier.progress"
    _inherit = "fidelity.guarded"
    _description = "Progress towards a tier"
    _log_access = False
    _order = "day desc, id desc"

    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="cascade", help="Who bought.")
    company_id = fields.Many2one(related="member_id.company_id")
    day = fields.Date(required=True, readonly=True, help="The day, by the clock of the store.")
    points = BigInteger(required=True, readonly=True, help="The points that this day's purchases earned.")
    spending_minor = BigInteger(required=True, readonly=True, help="What was spent and counted, in minor units.")
    purchases = fields.Integer(required=True, readonly=True, help="Purchases of that day that were not given back whole.")

    _member_day_unique = models.Constraint("unique(member_id, day)", "One row a member and day.")

    @api.model
    def _value_sql(self, measure, alias):
        """SQL of what a row counts.

        :param str measure: of the kernel's ladder
        """
        return SQL(
            {"points": "%(p)s.points", "spending": "%(p)s.spending_minor", "visits": "(%(p)s.purchases > 0)::int"}[measure],
            p=alias,
        )

    @api.model
    def _missing_sql(self, lang):
        """SQL that joins to a member ``m`` of card type ``ct`` with tier ``t`` the next tier ``nt`` and what counts for it, ``pr``.

        It reads at most one row a day of the period that runs: what a member bought before does not make it slower.
        """
        self.env["fidelity.tier"].flush_model()
        self.env["fidelity.card.type"].flush_model(["tier_measure", "tier_period", "tier_months"])
        day = fields.Date.today()
        years = SQL("(%s - extract(year FROM m.enrolled_date))::int", day.year)
        return SQL(
            """
             LEFT JOIN LATERAL (
                    SELECT COALESCE(n.name->>%(lang)s, n.name->>'en_US') AS next_tier, ct.tier_measure,
                           CASE ct.tier_measure WHEN 'spending' THEN round(n.entry_amount * power(10, cu.decimal_places))::bigint
                                ELSE n.entry_count END AS entry,
                           CASE ct.tier_period
                                WHEN 'calendar' THEN date_trunc('year', %(day)s::date)::date
                                WHEN 'anniversary' THEN
                                    (m.enrolled_date + make_interval(years => %(years)s - CASE WHEN
                                        (m.enrolled_date + make_interval(years => %(years)s))::date <= %(day)s THEN 0 ELSE 1 END))::date
                                ELSE (%(day)s::date - make_interval(months => ct.tier_months))::date + 1 END AS since
                      FROM fidelity_tier n JOIN res_currency cu ON cu.id = ct.currency_id
                     WHERE n.card_type_id = ct.id AND ct.tier_measure <> 'hand' AND (n.sequence, n.id) > (t.sequence, t.id)
                  ORDER BY n.sequence, n.id LIMIT 1) nt ON TRUE
             LEFT JOIN LATERAL (
                    SELECT sum(CASE nt.tier_measure WHEN 'spending' THEN p.spending_minor WHEN 'points' THEN p.points
                                    ELSE (p.purchases > 0)::int END)::bigint AS running
                      FROM fidelity_tier_progress p
                     WHERE p.member_id = m.id AND p.day >= nt.since AND p.day <= %(day)s) pr ON TRUE
            """,
            lang=lang,
            day=day,
            years=years,
        )

    @api.model
    def _fold_next(self, up_to=None, batch=BATCH):
        """Count the next postings.

        Its row is written over, so of two at work at once the second fails to serialise and knows the first when it tries again.

        :param int up_to: a posting id; by default what is sealed
        :param int batch: at most so many ids
        :return: (whether there were any, ids of the members whose figures changed)
        """
        self.env.cr.execute(SQL("INSERT INTO fidelity_tier_fold (id, posting_id) VALUES (1, 0) ON CONFLICT (id) DO NOTHING"))
        start = self.env.execute_query(
            SQL("UPDATE fidelity_tier_fold SET posting_id = posting_id WHERE id = 1 RETURNING posting_id"),
        )[0][0]
        if up_to is None:
            up_to = self.env.execute_query(SQL("SELECT COALESCE(max(last_posting_id), 0) FROM fidelity_ledger_seal"))[0][0]
        end = min(up_to, start + batch)
        if end <= start:
            return False, []
        self.env.cr.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        rows = self._add(SQL(COUNTED, start=start, end=end, taken=SQL(TAKEN_BEFORE), whose=SQL("NULL::int[]")))
        self.env.cr.execute(
            SQL("UPDATE fidelity_tier_fold SET posting_id = %s, folded_at = now() AT TIME ZONE 'UTC' WHERE id = 1", end)
        )
        return True, sorted({row[0] for row in rows})

    @api.model
    def _recount(self, members):
        """Count anew, from the ledger, what counts for these members and those who live on in them.

        It reads all that they ever posted: for who undoes a merge, not for a sale.
        """
        self.env["fidelity.member"].flush_model(["merged_into_id"])
        concerned = members | members.merged_ids
        fold = SQL("UPDATE fidelity_tier_fold SET posting_id = posting_id WHERE id = 1 RETURNING posting_id")
        counted = self.env.execute_query(fold)
        self.env.cr.execute(SQL("DELETE FROM fidelity_tier_progress WHERE member_id = ANY (%s)", concerned.ids))
        self.invalidate_model()
        if counted:
            whose = SQL("%s::int[]", concerned.ids)
            self._add(SQL(COUNTED, start=0, end=counted[0][0], taken=SQL(TAKEN_BEFORE), whose=whose))

    @api.model
    def _add(self, source):
        """Add rows of ``member_id``, ``day``, ``points``, ``spending_minor`` and ``purchases`` to those that are there.

        :return: ids of their members
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO fidelity_tier_progress AS t (member_id, day, points, spending_minor, purchases)
                SELECT member_id, day, sum(points), sum(spending_minor), sum(purchases) FROM (%s) s GROUP BY member_id, day
                HAVING sum(points) <> 0 OR sum(spending_minor) <> 0 OR sum(purchases) <> 0
                    ON CONFLICT (member_id, day) DO UPDATE
                   SET points = t.points + EXCLUDED.points, spending_minor = t.spending_minor + EXCLUDED.spending_minor,
                       purchases = t.purchases + EXCLUDED.purchases
                RETURNING member_id
                """,
                source,
            )
        )
        self.invalidate_model()
        return rows

    @api.model
    def _bring_after(self):
        """Give what was counted for merged members to those who survived. A fold may have counted while they were merged."""
        self.env["fidelity.member"].flush_model(["merged_into_id"])
        gone = SQL(
            """
            DELETE FROM fidelity_tier_progress p USING fidelity_member m
             WHERE m.id = p.member_id AND m.merged_into_id IS NOT NULL
         RETURNING m.merged_into_id AS member_id, p.day, p.points, p.spending_minor, p.purchases
            """
        )
        rows = self.env.execute_query(gone)
        if rows:
            names = ("member_id", "day", "points", "spending_minor", "purchases")
            values = [{**dict(zip(names, row, strict=True)), "day": row[1].isoformat()} for row in rows]
            for value in values:
                value |= {name: int(value[name]) for name in names if name != "day"}
            types = dict.fromkeys(names, "bigint") | {"day": "date"}
            self._add(SQL("SELECT * FROM %s", self.env["fidelity.posting"]._recordset_sql(types, values)))

    @api.model
    def _cron_fold(self):
        """Count what was sealed since, in committed batches, and look at those whose figures changed."""
        run = self.env["fidelity.tier.run"]
        while True:
            more, member_ids = run._retrying(self._fold_next)
            if not more:
                break
            self.env["ir.cron"]._commit_progress(1)
            if len(member_ids) and not self._behind():
                run._retrying(lambda ids=member_ids: run._evaluate(run._today(), SQL("m.id = ANY(%s)", ids)))
                self.env["ir.cron"]._commit_progress(1)
        self._bring_after()

    @api.model
    def _behind(self):
        """Whether something that is sealed is not counted yet: who looked at members now would see half of it."""
        return self.env.execute_query(
            SQL(
                "SELECT COALESCE((SELECT max(last_posting_id) FROM fidelity_ledger_seal), 0)"
                " > COALESCE((SELECT posting_id FROM fidelity_tier_fold WHERE id = 1), 0)"
            )
        )[0][0]


class FidelityTierFold(models.Model):
    """Up to which posting the progress of members is counted. One row."""

    _name = "fidelity.tier.fold"
    _inherit = "fidelity.guarded"
    _description = "State of the progress towards tiers"
    _log_access = False

    posting_id = BigInteger(required=True, readonly=True, help="Younger postings are not counted yet.")
    folded_at = fields.Datetime(readonly=True, help="When the job last counted something.")
