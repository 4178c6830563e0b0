import logging

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 200
#: How many days a birthday or an anniversary is made up for, where the job did not run.
CATCH_UP_DAYS = 3


class FidelityGrantRule(models.Model):
    """Finding the occasions, by the job alone: no sale and no enrolment waits for it.

    Each kind has a method that gives (member, occasion, receipt or None) of what is due and was not given yet.
    """

    _inherit = "fidelity.grant.rule"

    @api.model
    def _cron_grant(self):
        """Give what is due and take back what lost its cause, each member in a transaction of its own."""
        for rule in self.search([("state", "=", "running"), ("occasion", "!=", "draw")]):
            if not rule._run():
                return

    def _run(self):
        """Give what is due under this rule. What fails is tried in the next run.

        :return: whether there is time left
        """
        failed = set()
        self.env.flush_all()
        mark = self._settled_posting() if self.occasion == "visit" else 0
        while due := [row for row in self._due(mark) if row[:2] not in failed]:
            for member_id, occasion, receipt_id in due:
                try:
                    with self.env.cr.savepoint():
                        member = self.env["fidelity.member"].browse(member_id)
                        self._give(member, occasion, receipt_id and self.env["fidelity.receipt"].browse(receipt_id))
                except Exception:
                    failed.add((member_id, occasion))
                    _logger.warning("Fidelity: grant %s for member %s is not given now", self.id, member_id, exc_info=True)
                if not self.env["ir.cron"]._commit_progress(1):
                    return False
        if self.occasion == "visit":
            self._without_cause()._take_back(self.env._("The purchase came back"))
            if not failed:
                self.seen_posting_id = max(mark, self.seen_posting_id)
        return bool(self.env["ir.cron"]._commit_progress(1))

    def _due(self, mark):
        """What is due and was not given yet, at most :data:`BATCH`.

        :param int mark: postings up to it can no longer change
        :return: (member id, occasion, receipt id or None)
        """
        finder = getattr(self, f"_due_{self.occasion}")
        prize = SQL(" AND m.store_id IS NOT NULL") if self.gift == "prize" else SQL()
        query = SQL(
            """
            SELECT d.member_id, d.occasion, d.receipt_id FROM (%(found)s) d JOIN fidelity_member m ON m.id = d.member_id
             WHERE m.card_type_id = %(card_type)s AND m.state = 'active'%(prize)s
               AND NOT EXISTS (SELECT 1 FROM fidelity_grant g
                                WHERE g.op_key = 'grant:' || %(rule)s || ':' || d.member_id || ':' || d.occasion)
          ORDER BY d.member_id, d.occasion LIMIT %(batch)s
            """,
            found=finder(mark),
            card_type=self.card_type_id.id,
            prize=prize,
            rule=self.id,
            batch=BATCH,
        )
        return [tuple(row) for row in self.env.execute_query(query)]

    def _due_signup(self, _mark):
        return SQL(
            "SELECT id AS member_id, 'signup' AS occasion, NULL::int AS receipt_id FROM fidelity_member"
            " WHERE card_type_id = %s AND create_date >= %s",
            self.card_type_id.id,
            self.started_at,
        )

    def _days_sql(self):
        """SQL of the days that are looked at, member by member, by the clock of his home store: rows (member_id, day)."""
        return SQL(
            """
            SELECT m.id AS member_id, m.partner_id, m.enrolled_date,
                   (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(s.tz, 'UTC'))::date - back AS day
              FROM fidelity_member m LEFT JOIN fidelity_store s ON s.id = m.store_id CROSS JOIN generate_series(0, %(days)s) back
             WHERE m.card_type_id = %(card_type)s AND m.state = 'active'
               AND (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(s.tz, 'UTC'))::date - back
                   >= (%(started)s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(s.tz, 'UTC'))::date
            """,
            now=self.env.cr.now(),
            days=CATCH_UP_DAYS,
            card_type=self.card_type_id.id,
            started=self.started_at,
        )

    def _due_birthday(self, _mark):
        """Who was born on 29 February celebrates on the 28th in other years."""
        return SQL(
            """
            SELECT t.member_id, 'birthday:' || extract(year FROM t.day) AS occasion, NULL::int AS receipt_id
              FROM (%s) t JOIN res_partner p ON p.id = t.partner_id
             WHERE p.fidelity_birthday = extract(month FROM t.day) * 100 + extract(day FROM t.day)
                OR (p.fidelity_birthday = 229 AND to_char(t.day, 'MMDD') = '0228' AND to_char(t.day + 1, 'MMDD') = '0301')
            """,
            self._days_sql(),
        )

    def _due_anniversary(self, _mark):
        return SQL(
            """
            SELECT t.member_id, 'anniversary:' || (extract(year FROM t.day) - extract(year FROM t.enrolled_date)) AS occasion,
                   NULL::int AS receipt_id
              FROM (%s) t
             WHERE t.day > t.enrolled_date
               AND (to_char(t.day, 'MMDD') = to_char(t.enrolled_date, 'MMDD')
                    OR (to_char(t.enrolled_date, 'MMDD') = '0229' AND to_char(t.day, 'MMDD') = '0228'
                        AND to_char(t.day + 1, 'MMDD') = '0301'))
            """,
            self._days_sql(),
        )

    def _due_tier(self, _mark):
        return SQL(
            "SELECT id AS member_id, 'tier:' || tier_id AS occasion, NULL::int AS receipt_id FROM fidelity_member WHERE tier_id = %s",
            self.tier_id.id,
        )

    def _due_visit(self, mark):
        """Purchases since the rule was started, of members who bought since it was last looked at.

        Only what is sealed counts: a sale that is still being written could come before another in time, and after it here.
        """
        reached = SQL("v.number %% %s = 0", self.visit_number) if self.is_repeated else SQL("v.number = %s", self.visit_number)
        return SQL(
            """
            SELECT v.member_id, 'visit:' || v.number AS occasion, v.id AS receipt_id FROM (
                SELECT r.id, COALESCE(o.merged_into_id, o.id) AS member_id, row_number() OVER (
                           PARTITION BY COALESCE(o.merged_into_id, o.id) ORDER BY r.occurred_at, r.id) AS number
                  FROM fidelity_receipt r JOIN fidelity_member o ON o.id = r.member_id
                 WHERE r.occurred_at >= %(started)s AND r.total_minor > 0 AND r.posting_id <= %(mark)s AND r.card_type_id = %(card_type)s
                   AND COALESCE(o.merged_into_id, o.id) IN (
                       SELECT COALESCE(n.merged_into_id, n.id) FROM fidelity_receipt s JOIN fidelity_member n ON n.id = s.member_id
                        WHERE s.posting_id > %(seen)s AND s.posting_id <= %(mark)s)) v
             WHERE %(reached)s
            """,
            started=self.started_at,
            mark=mark,
            seen=self.seen_posting_id or 0,
            card_type=self.card_type_id.id,
            reached=reached,
        )

    @api.model
    def _settled_posting(self):
        """The number of the last posting up to which nothing can be added any more."""
        return self.env["fidelity.ledger.seal"].sudo().search([], order="last_posting_id desc", limit=1).last_posting_id

    def _without_cause(self):
        """What was given for purchases that came back in full."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT g.id FROM fidelity_grant g
                 WHERE g.rule_id = %s AND g.state = 'granted' AND g.receipt_id IS NOT NULL
                   AND EXISTS (SELECT 1 FROM fidelity_receipt_reversal v WHERE v.original_id = g.receipt_id)
                   AND NOT EXISTS (
                       SELECT 1 FROM fidelity_receipt_line l WHERE l.receipt_id = g.receipt_id AND l.kind = 'sale'
                          AND l.quantity_micro + COALESCE((SELECT sum(b.quantity_micro) FROM fidelity_receipt_line b
                                                            WHERE b.original_line_id = l.id AND b.kind = 'return_linked'), 0) > 0)
                """,
                self.id,
            )
        )
        return self.env["fidelity.grant"].browse(row[0] for row in rows)

    def _grant_all(self, members, occasion):
        """Give members what these rules give; for who finds occasions of another kind, such as entering a segment.

        Callers have checked the right to, and commit in batches.

        :param str occasion: what makes it another occasion
        :return: the grants, also those given before
        """
        grants = self.env["fidelity.grant"]
        for rule in self.sudo().filtered(lambda rule: rule.state == "running"):
            fitting = members.filtered(lambda m, rule=rule: m.card_type_id == rule.card_type_id and m.state == "active")
            for member in fitting.sudo():
                grants |= rule._give(member, occasion)
        return grants
