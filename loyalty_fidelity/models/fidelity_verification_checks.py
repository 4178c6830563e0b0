from odoo import models
from odoo.tools import SQL

from .fidelity_verification import FINDINGS_KEPT


class FidelityVerification(models.Model):
    """What is proved, check by check. Each reads a range of ids once, set by set, so that its memory is bounded.

    A check takes the first and the last id of its range and returns (how many things are wrong, sentences of at
    most :data:`FINDINGS_KEPT` of them).
    """

    _inherit = "fidelity.verification"

    def _found(self, query, sentence):
        """Run a query of what is wrong and say it.

        :param SQL query: one row for each thing that is wrong
        :param sentence: function of the columns of a row
        """
        rows = self.env.execute_query(SQL("SELECT *, count(*) OVER () AS total FROM (%s) wrong LIMIT %s", query, FINDINGS_KEPT))
        return (rows[0][-1] if rows else 0), [sentence(*row[:-1]) for row in rows]

    def _span(self, table, wanted, key, first, last):
        """The lowest and the highest of column ``wanted`` where column ``key`` is from ``first`` to ``last``.

        Related rows are written together, so their numbers lie close together: reading the range between is reading
        what belongs to them and little else, and lets PostgreSQL read in order instead of looking up row by row.

        :return: (lowest, highest); (0, -1) where there is nothing
        """
        # The added zero keeps PostgreSQL from walking the whole index of ``wanted`` for the first that fits.
        query = SQL(
            "SELECT COALESCE(min(%(wanted)s + 0), 0), COALESCE(max(%(wanted)s + 0), -1) FROM %(table)s"
            " WHERE %(key)s BETWEEN %(first)s AND %(last)s",
            wanted=SQL.identifier(wanted),
            table=SQL.identifier(table),
            key=SQL.identifier(key),
            first=first,
            last=last,
        )
        return self.env.execute_query(query)[0]

    # -- checks that have no range -----------------------------------------------------------------------------------

    def _check_triggers(self, _first, _last):
        missing = []
        for name in self.env["fidelity.append.only"]._append_only_models():
            model = self.env[name]
            rows = self.env.execute_query(
                SQL(
                    "SELECT t.tgname FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid"
                    " WHERE t.tgrelid = %s::regclass AND t.tgenabled = 'A' AND t.tgqual IS NULL AND f.prosrc = %s",
                    model._table,
                    model._append_only_function()[1],
                )
            )
            present = {row[0] for row in rows}
            missing += [
                self.env._(
                    "The guard %(trigger)s of table %(table)s is missing or switched off. Update the addon to restore it.",
                    trigger=trigger,
                    table=model._table,
                )
                for trigger, *_rest in model._append_only_triggers()
                if trigger not in present
            ]
        return len(missing), missing

    def _check_noted_seals(self, _first, _last):
        query = SQL(
            """
            SELECT v.last_seal, min(v.verified_at) FROM fidelity_verification v
             WHERE v.last_seal IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM fidelity_ledger_seal s WHERE s.seal = v.last_seal)
          GROUP BY v.last_seal ORDER BY 2
            """
        )
        return self._found(
            query,
            lambda seal, noted_at: self.env._(
                "The seal %(seal)s, which the verification of %(date)s noted, is gone or was altered.",
                seal=seal,
                date=noted_at,
            ),
        )

    # -- checks of a range of accounts, postings, entries --------------------------------------------------------------

    def _check_balances(self, first, last):
        """Every balance from its entries: one pass over an index that holds account, entry and quantity, in its order.

        Up to the folding point of the whole ledger, all entries are in the folded balances and none is left to be added:
        no account's own folding point lies before its last entry up to there, nor beyond.
        """
        folded = self.env.execute_query(SQL("SELECT COALESCE(max(folded_entry_id), 0) FROM fidelity_ledger_horizon"))[0][0]
        query = SQL(
            """
            SELECT a.id, a.folded_balance, COALESCE(s.quantity, 0) AS quantity, a.folded_entry_id, s.last
              FROM fidelity_account a
         LEFT JOIN (SELECT account_id, sum(quantity) FILTER (WHERE id <= %(folded)s) AS quantity,
                           max(id) FILTER (WHERE id <= %(folded)s) AS last
                      FROM fidelity_ledger_entry WHERE account_id BETWEEN %(first)s AND %(last)s
                  GROUP BY account_id) s ON s.account_id = a.id
             WHERE a.id BETWEEN %(first)s AND %(last)s
               AND (a.folded_balance <> COALESCE(s.quantity, 0) OR a.folded_entry_id < s.last OR a.folded_entry_id > %(folded)s)
          ORDER BY a.id
            """,
            first=first,
            last=last,
            folded=folded,
        )
        return self._found(query, self._say_balance)

    def _say_balance(self, account_id, folded, real, folded_up_to, last):
        if folded != real:
            return self.env._(
                "Account %(account)s: its folded balance is %(folded)s, its entries sum to %(real)s.",
                account=account_id,
                folded=folded,
                real=real,
            )
        return self.env._(
            "Account %(account)s: it is folded up to entry %(entry)s and should be up to %(last)s: an entry counts twice or not at all.",
            account=account_id,
            entry=folded_up_to,
            last=last or 0,
        )

    def _check_digests(self, first, last):
        low, high = self._span("fidelity_ledger_entry", "id", "posting_id", first, last)
        query = SQL(
            """
            SELECT p.id, p.op_key FROM fidelity_posting p
         LEFT JOIN (SELECT e.posting_id,
                           string_agg(e.sequence || ':' || e.account_id || ':' || e.kind || ':' || e.quantity,
                                      ';' ORDER BY e.sequence) AS entries,
                           string_agg(%(lot)s, ';' ORDER BY e.sequence) AS lots
                      FROM fidelity_ledger_entry e
                 LEFT JOIN fidelity_lot l ON l.entry_id = e.id AND l.entry_id BETWEEN %(low)s AND %(high)s
                     WHERE e.posting_id BETWEEN %(first)s AND %(last)s
                  GROUP BY e.posting_id) b ON b.posting_id = p.id
         LEFT JOIN (SELECT e.posting_id, string_agg(e.sequence || ':' || x.lot_id || ':' || x.quantity, ';'
                                                    ORDER BY e.sequence, x.lot_id, x.quantity) AS uses
                      FROM fidelity_lot_allocation x JOIN fidelity_ledger_entry e ON e.id = x.entry_id
                     WHERE x.entry_id BETWEEN %(low)s AND %(high)s AND e.posting_id BETWEEN %(first)s AND %(last)s
                  GROUP BY e.posting_id) u ON u.posting_id = p.id
             WHERE p.id BETWEEN %(first)s AND %(last)s AND p.digest <> %(digest)s
          ORDER BY p.id
            """,
            first=first,
            last=last,
            low=low,
            high=high,
            lot=self.env["fidelity.posting"]._lot_text_sql(SQL("e.sequence"), SQL("l")),
            digest=self.env["fidelity.posting"]._digest_sql(SQL("b.entries"), SQL("b.lots"), SQL("u.uses")),
        )
        return self._found(
            query,
            lambda posting_id, op_key: self.env._(
                "Posting %(posting)s (%(key)s) or one of its entries was altered after it was posted.",
                posting=posting_id,
                key=op_key,
            ),
        )

    def _check_seals(self, first, last):
        """The chain over the seals that end in this range of postings."""
        seals = self.env["fidelity.ledger.seal"]
        before = seals.search([("last_posting_id", "<", first)], order="last_posting_id desc", limit=1)
        previous, start = before.seal or "", before.last_posting_id + 1
        wrong = []
        within = [("last_posting_id", ">=", first), ("last_posting_id", "<=", last)]
        for seal in seals.search(within, order="last_posting_id"):
            expected, _count = seals._chain(previous, start, seal.last_posting_id)
            if expected != seal.seal:
                wrong.append(
                    self.env._(
                        "The postings %(first)s to %(last)s are not those that were sealed on %(date)s: "
                        "one was altered, removed or added.",
                        first=start,
                        last=seal.last_posting_id,
                        date=seal.sealed_at,
                    )
                )
            previous, start = seal.seal, seal.last_posting_id + 1
        return len(wrong), wrong[:FINDINGS_KEPT]

    def _check_lots(self, first, last):
        """What came in made a lot of as much, or was given back to the lots it was taken from; no lot is used beyond itself."""
        low, high = self._span("fidelity_lot", "id", "entry_id", first, last)
        query = SQL(
            """
            SELECT l.id, e.id FROM (SELECT id, account_id, quantity FROM fidelity_ledger_entry
                                     WHERE id BETWEEN %(first)s AND %(last)s) e
         FULL JOIN (SELECT id, entry_id, account_id, quantity FROM fidelity_lot
                     WHERE entry_id BETWEEN %(first)s AND %(last)s) l ON l.entry_id = e.id
         LEFT JOIN (SELECT lot_id, sum(quantity) AS used FROM fidelity_lot_allocation
                     WHERE lot_id BETWEEN %(low)s AND %(high)s GROUP BY lot_id) x ON x.lot_id = l.id
         LEFT JOIN (SELECT entry_id, sum(quantity) AS used FROM fidelity_lot_allocation
                     WHERE entry_id BETWEEN %(first)s AND %(last)s GROUP BY entry_id) b ON b.entry_id = e.id
             WHERE CASE WHEN l.id IS NULL THEN e.quantity > 0 AND e.quantity <> -COALESCE(b.used, 0)
                        WHEN e.id IS NULL THEN TRUE
                        ELSE l.quantity <> e.quantity OR l.account_id <> e.account_id OR l.quantity < COALESCE(x.used, 0) END
          ORDER BY l.id, e.id
            """,
            first=first,
            last=last,
            low=low,
            high=high,
        )
        return self._found(query, self._say_lot)

    def _say_lot(self, lot_id, entry_id):
        if lot_id is None:
            return self.env._("Entry %(entry)s brought points in and its lot is gone.", entry=entry_id)
        return self.env._("Lot %(lot)s does not agree with the entry that made it or with its uses.", lot=lot_id)

    def _check_uses(self, first, last):
        """Uses of lots that hang in the air: their entry or their lot was removed."""
        query = SQL(
            """
            SELECT x.id FROM fidelity_lot_allocation x
             WHERE x.id BETWEEN %s AND %s
               AND (NOT EXISTS (SELECT 1 FROM fidelity_ledger_entry e WHERE e.id = x.entry_id)
                    OR NOT EXISTS (SELECT 1 FROM fidelity_lot l WHERE l.id = x.lot_id))
          ORDER BY x.id
            """,
            first,
            last,
        )
        return self._found(
            query,
            lambda use_id: self.env._("Use %(use)s of a lot has lost its entry or its lot: one was removed.", use=use_id),
        )

    def _check_receipts(self, first, last):
        """Receipts and their lines say what the ledger has: each posting of a receipt one receipt, with what it moved."""
        low, high = self._span("fidelity_receipt", "id", "posting_id", first, last)
        query = SQL(
            """
            SELECT COALESCE(r.source_ref, p.op_key) AS name, p.id IS NULL OR r.id IS NULL AS parted,
                   ARRAY[r.points, r.cashback_minor - r.spent] AS said, ARRAY[s.points, s.money] AS moved,
                   ARRAY[l.points, l.money] AS lines, ARRAY[s.earned_points, s.earned_money] AS earned
              FROM (SELECT id, op_key FROM fidelity_posting
                     WHERE kind = 'receipt' AND id BETWEEN %(first)s AND %(last)s) p
         FULL JOIN (SELECT id, posting_id, source_ref, COALESCE(points, 0) AS points, COALESCE(cashback_minor, 0) AS cashback_minor,
                           COALESCE(cashback_spent_minor, 0) AS spent
                      FROM fidelity_receipt WHERE posting_id BETWEEN %(first)s AND %(last)s) r ON r.posting_id = p.id
         LEFT JOIN (SELECT e.posting_id, sum(e.quantity) FILTER (WHERE m.id IS NULL) AS points,
                           sum(e.quantity) FILTER (WHERE m.id IS NOT NULL) AS money,
                           sum(e.quantity) FILTER (WHERE m.id IS NULL AND e.kind = 'earn') AS earned_points,
                           sum(e.quantity) FILTER (WHERE m.id IS NOT NULL AND e.kind = 'earn') AS earned_money
                      FROM fidelity_ledger_entry e
                 LEFT JOIN (SELECT id FROM fidelity_account WHERE unit = 'money') m ON m.id = e.account_id
                     WHERE e.posting_id BETWEEN %(first)s AND %(last)s GROUP BY e.posting_id) s ON s.posting_id = p.id
         LEFT JOIN (SELECT receipt_id, sum(points) AS points, sum(cashback_minor) AS money FROM fidelity_receipt_line
                     WHERE receipt_id BETWEEN %(low)s AND %(high)s GROUP BY receipt_id) l ON l.receipt_id = r.id
             WHERE p.id IS NULL OR r.id IS NULL
                OR r.points <> COALESCE(s.points, 0) OR r.cashback_minor - r.spent <> COALESCE(s.money, 0)
                OR COALESCE(l.points, 0) <> COALESCE(s.earned_points, 0) OR COALESCE(l.money, 0) <> COALESCE(s.earned_money, 0)
          ORDER BY p.id, r.id
            """,
            first=first,
            last=last,
            low=low,
            high=high,
        )
        return self._found(query, self._say_receipt)

    def _say_receipt(self, name, parted, *figures):
        if parted:
            return self.env._("Receipt %(name)s has no posting, or its posting has no receipt: one was removed.", name=name)
        said, moved, lines, earned = ([int(figure or 0) for figure in pair] for pair in figures)
        for unit, left, right in zip((self.env._("points"), self.env._("of cashback, in minor units")), said, moved, strict=True):
            if left != right:
                return self.env._(
                    "Receipt %(name)s says %(points)s %(unit)s, the ledger has %(posted)s.",
                    name=name,
                    points=left,
                    unit=unit,
                    posted=right,
                )
        return self.env._(
            "The lines of receipt %(name)s earned %(points)s points and %(cashback)s of cashback together, "
            "the ledger has %(earned)s and %(earned_cashback)s.",
            name=name,
            points=lines[0],
            cashback=lines[1],
            earned=earned[0],
            earned_cashback=earned[1],
        )
