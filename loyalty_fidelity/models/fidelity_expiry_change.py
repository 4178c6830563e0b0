import json
from collections import defaultdict
from datetime import timedelta

from psycopg2.errors import LockNotAvailable, SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime, formatLang

from ..rules import expiry
from .big_integer import BigInteger
from .fidelity_posting import DIGEST_VERSION

#: Accounts of one transaction. Who spends from one of them waits for it.
BATCH = 1000
ATTEMPTS = 5
#: How long an account with points set aside is let alone before the job looks again.
AGAIN_MINUTES = 10


class FidelityExpiryChange(models.Model):
    """A new expiry of points that were earned before: the one way in which the past is changed, and only by postings.

    Lots are never written. A posting an account, ``renew:<account>:<change>``, takes what is left of each lot whose expiry
    changes and brings as much in again as a lot with the new one, which names the old lot's origin: returns find it, and
    the balance stays. Done in committed batches by a job that goes on where it was stopped. Accounts with points set
    aside at that moment are done later.
    """

    _name = "fidelity.expiry.change"
    _inherit = "fidelity.guarded"
    _description = "New expiry of earned points"
    _log_access = False
    _order = "id desc"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, readonly=True, ondelete="cascade", help="Whose points.")
    payload = fields.Text(required=True, readonly=True, help="The policy that is applied.")
    not_before = fields.Date(required=True, readonly=True, help="No point expires before this day because of the change.")
    dates = fields.Text(required=True, readonly=True, help="The new last day by day of earning.")
    asked_at = fields.Datetime(required=True, readonly=True, help="When it was asked for.")
    asked_by = fields.Char(readonly=True, help="Who asked for it.")
    author_uid = fields.Integer(readonly=True, help="The number of the user who asked for it.")
    state = fields.Selection(
        [("running", "At work"), ("done", "Done")], required=True, readonly=True, help="Whether all points have their new expiry."
    )
    position = BigInteger(required=True, readonly=True, help="The last account that it has done.")
    skipped = fields.Boolean(readonly=True, help="Accounts with points set aside are still to do.")
    account_count = fields.Integer(string="Accounts", required=True, readonly=True, help="Accounts whose points changed.")
    points = BigInteger(required=True, readonly=True, help="Points with a new expiry.")
    effect = fields.Text(readonly=True, help="What was told before it was applied.")

    @api.depends("card_type_id.name", "asked_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for change in self:
            change.display_name = f"{change.card_type_id.name}, {format_datetime(self.env, change.asked_at)}"

    # -- what would happen -----------------------------------------------------------------------------------------

    @api.model
    def _earned_sql(self):
        """SQL from the lot row ``l`` to a row ``o``: the day, ``earned``, and the moment at which its points were earned."""
        return SQL(
            """
            JOIN LATERAL (SELECT (p.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(s.tz, 'UTC'))::date AS earned,
                                 p.occurred_at
                            FROM fidelity_lot f JOIN fidelity_ledger_entry e ON e.id = f.entry_id
                            JOIN fidelity_posting p ON p.id = e.posting_id
                       LEFT JOIN fidelity_store s ON s.id = p.store_id
                           WHERE f.id = COALESCE(l.origin_lot_id, l.id)) o ON TRUE
            """
        )

    @api.model
    def _open_points(self, card_type):
        """SQL of what is left of a card type's points and not past: rows of ``earned``, ``expires_date``, ``account_id`` and
        ``remaining``."""
        return SQL(
            """
            SELECT o.earned, l.expires_date, l.account_id, %(left)s AS remaining
              FROM fidelity_holder h
              JOIN fidelity_account a ON a.holder_id = h.id AND a.unit = 'points'
              JOIN fidelity_lot l ON l.account_id = a.id
              %(earned)s
             WHERE h.card_type_id = %(card_type)s AND (l.expires_date IS NULL OR l.expires_date >= %(today)s)
            """,
            left=self.env["fidelity.lot"]._left_sql(SQL("l")),
            earned=self._earned_sql(),
            card_type=card_type.id,
            today=self.env["fidelity.expiry.policy"]._today(),
        )

    @api.model
    def _dates(self, card_type, values, not_before):
        """The new last day of every day on which points that are left were earned.

        :param dict values: the policy, as the kernel's ``expiry.parse`` takes it
        :return: dict earned → last day or None
        """
        policy = expiry.parse(values)
        rows = self.env.execute_query(SQL("SELECT DISTINCT earned FROM (%s) q WHERE remaining > 0", self._open_points(card_type)))
        found = {}
        for (earned,) in rows:
            last = expiry.expires_on(policy, earned)
            found[earned] = last and max(last, not_before)
        return found

    @api.model
    def _effect(self, card_type, values, not_before):
        """What a change would do, month by month.

        :return: dict with ``now`` and ``then``: lists of (first day of the month or None for never, members, points)
        """
        dates = self._dates(card_type, values, not_before)
        mapping = [{"earned": day.isoformat(), "last": last and last.isoformat()} for day, last in dates.items()]
        rows = self.env.execute_query(
            SQL(
                """
                WITH q AS MATERIALIZED (SELECT * FROM (%(open)s) q WHERE remaining > 0),
                     n AS (SELECT q.*, d.last FROM q JOIN jsonb_to_recordset(%(dates)s::jsonb) AS d(earned date, last date) USING (earned))
                SELECT 'now', date_trunc('month', expires_date)::date, count(DISTINCT account_id), sum(remaining)::bigint
                  FROM q GROUP BY 2
                 UNION ALL
                SELECT 'then', date_trunc('month', last)::date, count(DISTINCT account_id), sum(remaining)::bigint FROM n GROUP BY 2
              ORDER BY 1, 2 NULLS LAST
                """,
                open=self._open_points(card_type),
                dates=json.dumps(mapping),
            )
        )
        effect = defaultdict(list)
        for when, month, members, points in rows:
            effect[when].append((month, members, int(points)))
        return {"now": effect["now"], "then": effect["then"]}

    @api.model
    def _say_effect(self, rows):
        """What expires month by month, in sentences, one a line.

        :param rows: as :meth:`_effect` gives them
        """
        said = []
        for month, members, points in rows:
            count = {"members": formatLang(self.env, members, digits=0), "points": formatLang(self.env, points, digits=0)}
            month = month and format_date(self.env, month, date_format="LLLL y")
            if month and members == 1:
                said.append(self.env._("In %(month)s one member loses %(points)s points.", month=month, **count))
            elif month:
                said.append(self.env._("In %(month)s %(members)s members lose %(points)s points.", month=month, **count))
            elif members == 1:
                said.append(self.env._("One member keeps %(points)s points without a last day.", **count))
            else:
                said.append(self.env._("%(members)s members keep %(points)s points without a last day.", **count))
        return "\n".join(said) or self.env._("Nobody has points of this card type.")

    # -- doing it --------------------------------------------------------------------------------------------------

    @api.model
    def _ask(self, card_type, values, not_before, effect=None):
        """Let the job give a card type's points the expiry of a policy. Callers have checked the right to.

        :return: the change
        """
        dates = self._dates(card_type, values, not_before)
        change = self._append(
            [
                {
                    "card_type_id": card_type.id,
                    "payload": json.dumps(values, sort_keys=True),
                    "not_before": not_before,
                    "dates": json.dumps({day.isoformat(): last and last.isoformat() for day, last in dates.items()}),
                    "asked_at": fields.Datetime.now(),
                    "asked_by": self.env.user.name,
                    "author_uid": self.env.uid,
                    "state": "running",
                    "position": 0,
                    "account_count": 0,
                    "points": 0,
                    "effect": effect,
                }
            ]
        )
        self.env.ref("loyalty_fidelity.ir_cron_expiry_change").sudo()._trigger()
        return change

    @api.model
    def _cron_change(self):
        """Go on with what was asked for; commit every batch."""
        job = self.env["ir.cron"]
        changes = self.search([("state", "=", "running")], order="id")
        job._commit_progress(remaining=len(changes))
        for change in changes:
            while change._advance():
                if not job._commit_progress(0):
                    return
            if not job._commit_progress(1):
                return

    def _advance(self):
        """Do one batch.

        :return: whether there is more to do now
        """
        self.ensure_one()
        query = SQL(
            "SELECT a.id FROM fidelity_account a JOIN fidelity_holder h ON h.id = a.holder_id"
            " WHERE h.card_type_id = %s AND a.unit = 'points' AND a.id > %s ORDER BY a.id LIMIT %s",
            self.card_type_id.id,
            self.position,
            BATCH,
        )
        batch = [row[0] for row in self.env.execute_query(query)]
        if not batch:
            self._amend({"position": 0, "skipped": False, "state": "running" if self.skipped else "done"})
            if self.state == "running":
                when = fields.Datetime.now() + timedelta(minutes=AGAIN_MINUTES)
                self.env.ref("loyalty_fidelity.ir_cron_expiry_change").sudo()._trigger(when)
            return False
        failure = None
        for _attempt in range(ATTEMPTS):
            try:
                held = self.env["fidelity.hold"]._accounts_held(batch)
                count, points = self._renew([account_id for account_id in batch if account_id not in held])
            except (SerializationFailure, LockNotAvailable, UniqueViolation) as error:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                failure = error
                continue
            columns = {"position": batch[-1], "account_count": self.account_count + count, "points": self.points + points}
            self._amend({**columns, **({"skipped": True} if held else {})})
            return True
        raise failure

    def _amend(self, columns):
        """Write columns of this change, which the ORM refuses to everybody."""
        items = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in columns.items())
        self.env.cr.execute(SQL("UPDATE fidelity_expiry_change SET %s WHERE id = %s", items, self.id))
        self.invalidate_recordset()

    def _renew(self, account_ids):
        """Post the new expiry of what is left in accounts. Posting it again changes nothing.

        What was earned after the change was asked for follows the policy of its own day and stays.

        :return: (how many accounts changed, how many points)
        """
        policy = expiry.parse(json.loads(self.payload))
        dates = [{"earned": day, "last": last} for day, last in json.loads(self.dates).items()]
        now = self.env.cr.now().replace(microsecond=0)
        postings = self.env["fidelity.posting"]
        query = SQL(
            """
            WITH lot AS MATERIALIZED (
                SELECT l.id, l.account_id, COALESCE(l.origin_lot_id, l.id) AS origin_lot_id, l.available_date,
                       %(last)s AS expires_date, %(months)s::int AS inactive_months, l.quantity - COALESCE(x.used, 0) AS quantity
                  FROM fidelity_lot l
                  %(earned)s
                  JOIN jsonb_to_recordset(%(dates)s::jsonb) AS d(earned date, last date) ON d.earned = o.earned
             LEFT JOIN LATERAL (SELECT sum(quantity) AS used FROM fidelity_lot_allocation WHERE lot_id = l.id) x ON TRUE
                 WHERE l.account_id = ANY (%(accounts)s) AND o.occurred_at <= %(asked)s
                   AND (l.expires_date IS NULL OR l.expires_date >= %(today)s)
                   AND (l.expires_date IS DISTINCT FROM %(last)s OR l.inactive_months IS DISTINCT FROM %(months)s::int)),
            part AS MATERIALIZED (
                SELECT id, account_id, origin_lot_id, available_date, expires_date, inactive_months, quantity::bigint AS quantity,
                       1 + row_number() OVER (PARTITION BY account_id ORDER BY id) AS sequence
                  FROM lot WHERE quantity > 0),
            total AS MATERIALIZED (
                SELECT account_id, sum(quantity)::bigint AS quantity,
                       string_agg('1:' || id || ':' || quantity, ';' ORDER BY id) AS uses,
                       string_agg(sequence || ':' || account_id || ':renew:' || quantity, ';' ORDER BY sequence) AS entries,
                       string_agg(%(lot_text)s, ';' ORDER BY sequence) AS lots
                  FROM part l GROUP BY account_id),
            p AS (SELECT t.account_id, t.quantity, t.uses, t.lots,
                         '1:' || t.account_id || ':renew:' || -t.quantity || ';' || t.entries AS entries,
                         'renew:' || t.account_id || ':' || %(change)s::text AS op_key, 'renew' AS kind,
                         %(now)s::timestamp AS occurred_at, %(now)s::timestamp AS posted_at,
                         COALESCE(ct.company_id, %(company)s) AS company_id, 'fidelity.expiry.change' AS source_model,
                         %(change)s::int AS source_id, NULL::text AS reason, %(version)s::int AS digest_version,
                         (SELECT min(m.id) FROM fidelity_member m WHERE m.holder_id = h.id) AS member_id
                    FROM total t JOIN fidelity_account a ON a.id = t.account_id
                    JOIN fidelity_holder h ON h.id = a.holder_id JOIN fidelity_card_type ct ON ct.id = h.card_type_id),
            posting AS (
                INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, member_id, source_model, source_id,
                                              author_uid, author_name, digest, digest_version)
                SELECT p.op_key, p.kind, p.occurred_at, p.posted_at, p.company_id, p.member_id, p.source_model, p.source_id,
                       %(uid)s, %(author)s, %(digest)s, p.digest_version
                  FROM p WHERE NOT EXISTS (SELECT 1 FROM fidelity_posting o WHERE o.op_key = p.op_key)
              ORDER BY p.account_id
             RETURNING id, split_part(op_key, ':', 2)::int AS account_id),
            entry AS (
                INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
                SELECT posting.id, m.sequence, m.account_id, 'renew', m.quantity, %(now)s
                  FROM posting JOIN (SELECT account_id, 1 AS sequence, -quantity AS quantity FROM total
                                      UNION ALL SELECT account_id, sequence, quantity FROM part) m ON m.account_id = posting.account_id
              ORDER BY posting.id, m.sequence
             RETURNING id, account_id, sequence, quantity),
            fresh AS (
                INSERT INTO fidelity_lot (entry_id, account_id, quantity, expires_date, origin_lot_id, available_date, inactive_months)
                SELECT entry.id, entry.account_id, entry.quantity, part.expires_date, part.origin_lot_id, part.available_date,
                       part.inactive_months
                  FROM entry JOIN part ON part.account_id = entry.account_id AND part.sequence = entry.sequence ORDER BY entry.id),
            allocation AS (
                INSERT INTO fidelity_lot_allocation (lot_id, entry_id, quantity)
                SELECT part.id, entry.id, part.quantity
                  FROM part JOIN entry ON entry.account_id = part.account_id AND entry.sequence = 1 ORDER BY entry.id, part.id),
            k AS (
                UPDATE fidelity_account SET folded_entry_id = folded_entry_id
                 WHERE id IN (SELECT f.id FROM fidelity_account f WHERE f.id IN (SELECT account_id FROM total)
                            ORDER BY f.id FOR NO KEY UPDATE))
            SELECT count(*), COALESCE(-sum(quantity), 0)::bigint FROM entry WHERE sequence = 1
            """,
            months=policy.months if policy.kind == "inactivity" else None,
            asked=self.asked_at,
            today=self.env["fidelity.expiry.policy"]._today(),
            # Who had to wait for his points can use them on their last day at least.
            last=SQL("CASE WHEN d.last IS NOT NULL THEN greatest(d.last, l.available_date) END"),
            earned=self._earned_sql(),
            dates=json.dumps(dates),
            accounts=account_ids,
            lot_text=postings._lot_text_sql(SQL("l.sequence"), SQL("l")),
            change=self.id,
            now=now,
            company=self.env.company.id,
            version=DIGEST_VERSION,
            uid=self.author_uid,
            author=self.asked_by,
            digest=postings._digest_sql(SQL("p.entries"), SQL("p.lots"), SQL("p.uses")),
        )
        self.env.cr.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        self.env.cr.execute(query, log_exceptions=False)
        count, points = self.env.cr.fetchone()
        self.env.invalidate_all()
        return count, points
