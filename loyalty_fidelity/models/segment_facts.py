"""What is known of members, read set by set: each fact is one grouped query joined to the members' rows."""

from odoo.tools import SQL


class Facts:
    """The facts that the conditions of a segment ask for, each once.

    Every fact is joined to the member's row ``m`` (his contact is ``p``) by a hash over sets, so that conditions compare
    plain columns: any nesting of "and", "or" and "not" reads each table once. A fact is read for the members in scope only.

    :param env: whose database it is
    :param scope: function of the SQL of a member's id to the SQL condition that he is in scope
    :param today: the day as of which it is asked
    :param day_start: function of a day to the moment (UTC) when it begins
    """

    def __init__(self, env, scope, today, day_start):
        self.env = env
        self.scope = scope
        self.today = today
        self.day_start = day_start
        self._aliases = {}
        self._joins = []

    def joins(self):
        """SQL of the joins that were asked for."""
        return SQL(" ").join(self._joins)

    def _join(self, key, column, row, query):
        """Join a query once.

        :param key: tells facts apart
        :param str column: of the query, found again in
        :param row: SQL of the member's or contact's column
        :param query: function that gives the SQL of the query
        :return: SQL alias
        """
        if key not in self._aliases:
            alias = SQL.identifier(f"f{len(self._aliases) + 1}")
            self._aliases[key] = alias
            self._joins.append(SQL("LEFT JOIN (%s) %s ON %s.%s = %s", query(), alias, alias, SQL.identifier(column), row))
        return self._aliases[key]

    def _holders(self):
        return SQL("SELECT m.holder_id FROM fidelity_member m WHERE %s", self.scope(SQL("m.id")))

    def _partners(self):
        return SQL("SELECT m.partner_id FROM fidelity_member m WHERE %s", self.scope(SQL("m.id")))

    def purchases(self, days=0):
        """``last_at``, ``number`` and ``spent_minor`` of what the member bought in the last days, or ever."""
        since = self.day_start(days) if days else None

        def query():
            return self.env["fidelity.segment"]._purchases_sql(self.scope, since)

        return self._join(("purchases", days), "member_id", SQL("m.id"), query)

    def stores(self, store_ids):
        """A row where the member bought in one of these stores."""
        key = ("stores", *store_ids)
        condition = SQL("r.store_id IN %s", tuple(store_ids) or (None,))

        def query():
            return SQL(
                "SELECT DISTINCT b.member_id, b.here FROM (%s) b",
                self.env["fidelity.segment"]._receipts_sql(self.scope, SQL("TRUE AS here"), condition),
            )

        return self._join(key, "member_id", SQL("m.id"), query)

    def balance(self):
        """``balance`` in points."""

        def query():
            account = self.env["fidelity.account"]
            accounts = SQL("SELECT a.id FROM fidelity_account a WHERE a.holder_id IN (%s)", self._holders())
            # Nothing up to the folding point of the whole ledger is left to be added to any account.
            folded = self.env.execute_query(SQL("SELECT COALESCE(max(folded_entry_id), 0) FROM fidelity_ledger_horizon"))[0][0]
            return SQL(
                """
                SELECT a.holder_id, a.folded_balance + COALESCE(y.quantity, 0) AS balance
                  FROM fidelity_account a LEFT JOIN (%s) y ON y.account_id = a.id
                 WHERE a.unit = 'points' AND a.holder_id IN (%s)
                """,
                account._young_sql(SQL("e.id > %s AND e.account_id IN (%s)", folded, accounts)),
                self._holders(),
            )

        return self._join("balance", "holder_id", SQL("m.holder_id"), query)

    def expiring(self, days):
        """``quantity`` of the points that expire within so many days, the first on ``first_date``."""

        def query():
            return SQL(
                """
                SELECT a.holder_id, sum(x.remaining)::bigint AS quantity, min(x.expires_date) AS first_date
                  FROM fidelity_account a
                  JOIN (SELECT l.account_id, l.expires_date, %(left)s AS remaining FROM fidelity_lot l
                         WHERE l.expires_date BETWEEN %(today)s AND %(today)s::date + %(days)s) x ON x.account_id = a.id
                 WHERE a.unit = 'points' AND x.remaining > 0 AND a.holder_id IN (%(holders)s)
              GROUP BY a.holder_id
                """,
                left=self.env["fidelity.lot"]._left_sql(SQL("l")),
                today=self.today,
                days=days,
                holders=self._holders(),
            )

        return self._join(("expiring", days), "holder_id", SQL("m.holder_id"), query)

    def cards(self, state):
        """A row where the member has a card in this state."""

        def query():
            return SQL(
                "SELECT DISTINCT c.member_id FROM fidelity_card c WHERE c.state = %s AND %s", state, self.scope(SQL("c.member_id"))
            )

        return self._join(("cards", state), "member_id", SQL("m.id"), query)

    def tags(self, tag_ids):
        """A row where the contact has one of these tags."""
        field = self.env["res.partner"]._fields["category_id"]

        def query():
            return SQL(
                "SELECT DISTINCT t.%(partner)s AS partner_id FROM %(table)s t WHERE t.%(tag)s IN %(ids)s"
                " AND t.%(partner)s IN (%(partners)s)",
                partner=SQL.identifier(field.column1),
                tag=SQL.identifier(field.column2),
                table=SQL.identifier(field.relation),
                ids=tuple(tag_ids) or (None,),
                partners=self._partners(),
            )

        return self._join(("tags", *tag_ids), "partner_id", SQL("m.partner_id"), query)

    def consent(self, purpose_id):
        """``agrees`` where the contact has answered the purpose: today's state."""

        def query():
            return SQL(
                """
                    SELECT DISTINCT ON (k.partner_id) k.partner_id,
                           k.state = 'given' AND (k.until_date IS NULL OR k.until_date >= %s) AS agrees
                      FROM fidelity_consent k
                     WHERE k.purpose_id = %s AND k.partner_id IN (%s)
                  ORDER BY k.partner_id, k.occurred_at DESC, k.id DESC
                    """,
                self.today,
                purpose_id,
                self._partners(),
            )

        return self._join(("consent", purpose_id), "partner_id", SQL("m.partner_id"), query)

    def segment(self, segment_id):
        """A row where the member was in another segment when that was last refreshed."""

        def query():
            return SQL(
                "SELECT s.member_id FROM fidelity_segment_member s WHERE s.segment_id = %s AND %s",
                segment_id,
                self.scope(SQL("s.member_id")),
            )

        return self._join(("segment", segment_id), "member_id", SQL("m.id"), query)
