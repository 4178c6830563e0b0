from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = ("<", "<=", ">", ">=")


class FidelityMember(models.Model):
    """What a shop owner chooses members by: when they bought last, what they spent, what expires.

    Searches are conditions that the database can answer by index, also among a million members, and are right at the
    moment of asking; only ``purchase_count`` and ``spent`` are searched as of the last roll-up.
    """

    _inherit = "fidelity.member"

    last_purchase_at = fields.Datetime(
        string="Last purchase",
        compute="_compute_purchases",
        search="_search_last_purchase_at",
        help="His latest receipt on which he paid something.",
    )
    last_seen_date = fields.Date(
        string="Last seen",
        compute="_compute_purchases",
        search="_search_last_seen_date",
        help="The day of his last purchase; for who never bought, the day he joined.",
    )
    purchase_count = fields.Integer(
        string="Purchases",
        compute="_compute_purchases",
        search="_search_purchase_count",
        help="Receipts on which he paid something.",
    )
    spent = fields.Monetary(
        compute="_compute_purchases",
        search="_search_spent",
        help="Everything he bought with the card, tax included, less what he gave back, in the currency of the card type.",
    )
    currency_id = fields.Many2one(related="card_type_id.currency_id")
    next_expiry_date = fields.Date(
        string="Points expire on",
        compute="_compute_next_expiry",
        search="_search_next_expiry_date",
        help="The next day on which points of his expire unless he uses them.",
    )
    expiring_points = fields.Integer(compute="_compute_next_expiry", help="How many points expire on that day.")
    # -- purchases -------------------------------------------------------------------------------------------------

    @api.depends("enrolled_date")
    def _compute_purchases(self):
        found = {row["member_id"]: row for row in self._purchases()}
        for member in self:
            row = found.get(member._origin.id, {})
            member.last_purchase_at = row.get("last_purchase_at") or False
            member.last_seen_date = max(filter(None, (member.enrolled_date, row.get("last_seen_date"))), default=False)
            member.purchase_count = row.get("purchase_count") or 0
            member.spent = (row.get("spent_minor") or 0) / 10**member.currency_id.decimal_places

    def _purchases(self):
        """What these members bought: rolled up, and live for what is younger.

        :return: dicts with ``member_id``, ``purchase_count``, ``spent_minor``, ``last_purchase_at``, ``last_seen_date``
        """
        ids = tuple(self._origin.ids)
        if not ids:
            return []
        rolled = self.env["fidelity.rolled.member"]
        members = SQL("SELECT id FROM fidelity_member WHERE id IN %(ids)s OR merged_into_id IS NOT NULL", ids=ids)
        live = SQL("p.id > %s AND r.member_id IN (%s)", self.env["fidelity.rollup"]._watermark(), members)
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT member_id, sum(purchase_count)::bigint AS purchase_count, sum(spent_minor)::bigint AS spent_minor,
                       max(last_purchase_at) AS last_purchase_at, max(last_purchase_at)::date AS last_seen_date
                  FROM (SELECT member_id, purchase_count, spent_minor, last_purchase_at FROM fidelity_rolled_member
                         WHERE member_id IN %(ids)s
                        UNION ALL
                        SELECT live.member_id, live.purchase_count, live.spent_minor, live.last_purchase_at
                          FROM (%(live)s) live WHERE live.member_id IN %(ids)s) x
              GROUP BY member_id
                """,
                ids=ids,
                live=rolled._source_sql(live),
            )
        )

    @api.model
    def _where(self, condition):
        """A domain from an SQL condition on a member.

        :param condition: from the alias of the member's row to SQL
        """
        return Domain.custom(to_sql=lambda _model, alias, _query: condition(SQL.identifier(alias)))

    @api.model
    def _bought(self, member, operator, moment):
        """SQL: the member has a purchase whose moment compares so."""
        return SQL(
            "EXISTS (SELECT 1 FROM (%s) seen WHERE seen.member_id = %s.id AND seen.last_purchase_at %s %s)",
            self.env["fidelity.rolled.member"]._seen_sql(),
            member,
            SQL(operator),
            moment,
        )

    def _search_last_purchase_at(self, operator, value):
        if operator == "in":
            return self._search_moments(value)
        if operator not in COMPARISONS:
            return NotImplemented
        moment = fields.Datetime.to_datetime(value)
        if operator in (">", ">="):
            return self._where(lambda m: self._bought(m, operator, moment))
        later = ">=" if operator == "<" else ">"
        return self._where(lambda m: SQL("(%s AND NOT %s)", self._bought(m, operator, moment), self._bought(m, later, moment)))

    @api.model
    def _search_moments(self, values):
        moments = tuple(fields.Datetime.to_datetime(value) for value in values if value)
        domain = Domain.FALSE
        if moments:
            domain |= Domain.OR(
                self._search_last_purchase_at(">=", moment) & self._search_last_purchase_at("<=", moment) for moment in moments
            )
        if len(moments) < len(values):
            domain |= self._where(lambda m: SQL("NOT %s", self._bought(m, ">", date.min)))
        return domain

    def _search_last_seen_date(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        limit = fields.Date.to_date(value) + timedelta(days=1 if operator in ("<=", ">") else 0)
        joined = Domain("enrolled_date", operator, value)
        if operator in (">", ">="):
            return joined | self._where(lambda m: self._bought(m, ">=", limit))
        return joined & self._where(lambda m: SQL("NOT %s", self._bought(m, ">=", limit)))

    def _search_purchase_count(self, operator, value):
        return self._search_rolled(SQL("purchase_count"), operator, lambda number: [(number, None)], value)

    def _search_spent(self, operator, value):
        def minor(number):
            types = self.env["fidelity.card.type"].sudo().with_context(active_test=False).search([])
            return [
                (int(round(number * 10**decimals)), tuple(group.ids))
                for decimals, group in types.grouped(lambda card_type: card_type.currency_id.decimal_places).items()
            ]

        return self._search_rolled(SQL("spent_minor"), operator, minor, value)

    @api.model
    def _search_rolled(self, column, operator, quantities, value):
        """A domain on a sum of the rolled-up purchases; who never bought has 0.

        :param quantities: from a number to the quantities to compare with, each with the card types (ids) it is for, or None
        """
        if operator == "in":
            return Domain.OR(
                self._search_rolled(column, ">=", quantities, item) & self._search_rolled(column, "<=", quantities, item)
                for item in value
            )
        if operator not in COMPARISONS:
            return NotImplemented
        number = value or 0
        # The condition that 0 does not meet is asked of those who bought; the other one is its opposite.
        meets_zero = {"<": number > 0, "<=": number >= 0, ">": number < 0, ">=": number <= 0}[operator]
        opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator]
        asked = SQL("%s %s", column, SQL(opposite if meets_zero else operator))

        def condition(quantity):
            return lambda m: SQL(
                "%s EXISTS (SELECT 1 FROM fidelity_rolled_member x WHERE x.member_id = %s.id AND x.%s %s)",
                SQL("NOT" if meets_zero else ""),
                m,
                asked,
                quantity,
            )

        cases = quantities(number)
        if len(cases) == 1:
            return self._where(condition(cases[0][0]))
        return Domain.OR(Domain("card_type_id", "in", types) & self._where(condition(quantity)) for quantity, types in cases)

    # -- balance ---------------------------------------------------------------------------------------------------

    def _search_balance(self, operator, value):
        """As the standard search, but what is younger than the folding is added up once and not for each account."""
        if operator == "in" and value:
            return Domain.OR(self._search_balance(">=", item) & self._search_balance("<=", item) for item in value)
        if operator not in COMPARISONS:
            return super()._search_balance(operator, value)
        folded = self.env.execute_query(SQL("SELECT COALESCE(max(folded_entry_id), 0) FROM fidelity_ledger_horizon"))[0][0]
        return self._where(
            lambda m: SQL(
                """
                EXISTS (SELECT 1 FROM fidelity_account a
                     LEFT JOIN (%s) young ON young.account_id = a.id
                         WHERE a.holder_id = %s.holder_id AND a.unit = 'points'
                           AND a.folded_balance + COALESCE(young.quantity, 0) %s %s)
                """,
                self.env["fidelity.account"]._young_sql(SQL("e.id > %s", folded)),
                m,
                SQL(operator),
                value,
            )
        )

    # -- what expires ----------------------------------------------------------------------------------------------

    def _compute_next_expiry(self):
        holders = tuple(self.holder_id.ids)
        rows = holders and self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (holder_id) holder_id, expires_date, sum(remaining)::bigint
                  FROM (SELECT a.holder_id, l.expires_date, %(left)s AS remaining
                          FROM fidelity_account a JOIN fidelity_lot l ON l.account_id = a.id
                         WHERE a.holder_id IN %(holders)s AND a.unit = 'points' AND l.expires_date >= %(today)s) lot
                 WHERE remaining > 0
              GROUP BY holder_id, expires_date
              ORDER BY holder_id, expires_date
                """,
                left=self.env["fidelity.lot"]._left_sql(SQL("l")),
                holders=holders,
                today=fields.Date.context_today(self),
            )
        )
        found = {holder_id: (expires_date, quantity) for holder_id, expires_date, quantity in rows or ()}
        for member in self:
            member.next_expiry_date, member.expiring_points = found.get(member.holder_id.id, (False, 0))

    @api.model
    def _expires(self, member, condition):
        """SQL: something that is left to the member expires on a day (``l.expires_date``) that meets the condition."""
        return SQL(
            """
            EXISTS (SELECT 1 FROM fidelity_lot l JOIN fidelity_account a ON a.id = l.account_id
                     WHERE a.holder_id = %s.holder_id AND a.unit = 'points' AND l.expires_date >= %s AND %s AND %s > 0)
            """,
            member,
            fields.Date.context_today(self),
            condition,
            self.env["fidelity.lot"]._left_sql(SQL("l")),
        )

    def _search_next_expiry_date(self, operator, value):
        if operator == "in":
            days = [fields.Date.to_date(day) for day in value if day]
            domain = Domain.OR(self._search_next_expiry_date("<=", day) & self._search_next_expiry_date(">=", day) for day in days)
            never = self._where(lambda m: SQL("NOT %s", self._expires(m, SQL("TRUE"))))
            return domain if len(days) == len(value) else domain | never
        if operator not in COMPARISONS:
            return NotImplemented
        day = fields.Date.to_date(value)
        if operator in ("<", "<="):
            return self._where(lambda m: self._expires(m, SQL("l.expires_date %s %s", SQL(operator), day)))
        sooner = SQL("l.expires_date %s %s", SQL("<" if operator == ">=" else "<="), day)
        return self._where(lambda m: SQL("(%s AND NOT %s)", self._expires(m, SQL("TRUE")), self._expires(m, sooner)))
