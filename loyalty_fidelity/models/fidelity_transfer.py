from odoo import api, models
from odoo.tools import SQL


class FidelityPosting(models.Model):
    """Transfers: what one holder loses another gains, every unit, lot by lot with its expiry.

    Invariants: the entries of a transfer sum to zero in each unit; a lot that came by transfer expires when its origin
    does. Two transfers, or a transfer and an adjustment, of one account do not run at once: each writes the account's row
    over, unchanged, so that the one that knows less fails to serialise and is tried again by the server. Sales only insert
    and never wait: what one of them still posts to a holder who is retired at that moment follows by the sweep.
    """

    _inherit = "fidelity.posting"

    _transfer_index = models.Index("(id) WHERE kind = 'transfer'")

    @api.depends("kind")
    def _compute_display_name(self):
        transfers = self.filtered(lambda posting: posting.kind == "transfer")
        for posting in transfers:
            posting.display_name = self.env._("Transfer %(number)s", number=posting.id)
        return super(FidelityPosting, self - transfers)._compute_display_name()

    @api.model
    def _post_transfer(self, source, target, key, member, reason=None, quantities=None, even_empty=True):
        """Move what a holder has to another holder of the same card type. Callers have checked the right to.

        A negative balance moves too: the debt goes with its owner.

        :param source: the holder who gives; the same as ``target`` when there is nothing to move
        :param str key: makes it unique, a uuid
        :param member: whose cards change hands
        :param dict quantities: unit → how much of it, below zero a debt; everything when left out
        :param bool even_empty: post also when nothing moves, to say that it happened, by whom and why
        :return: id of the posting, or None when there is nothing to post
        """
        op_key = f"transfer:{key}"
        accounts = self._accounts_to_move(source, target)
        if self._exists(op_key):
            return None
        balances = (source | target).sudo().account_ids._balances()
        entries = []
        for unit, (giving, receiving) in accounts.items():
            balance = balances.get(giving.id, 0)
            asked = None if quantities is None else quantities.get(unit, 0)
            quantity = balance if asked is None else asked if asked < 0 else max(0, min(balance, asked))
            if giving != receiving and quantity:
                entries += self._transfer_entries(giving, receiving, quantity, balance)
        if not entries and not even_empty:
            return None
        for sequence, entry in enumerate(entries, 1):
            entry["sequence"] = sequence
        now = self.env.cr.now().replace(microsecond=0)
        posting = {
            "op_key": op_key,
            "kind": "transfer",
            "occurred_at": now,
            "posted_at": now,
            "company_id": target.card_type_id.company_id.id or self.env.company.id,
            "member_id": member.id or None,
            "author_uid": self.env.uid,
            "author_name": self.env.user.name,
            "reason": reason,
        }
        posting_id = self._insert(posting, entries)
        self.env.invalidate_all()
        return posting_id

    @api.model
    def _accounts_to_move(self, source, target):
        """Open the missing accounts of ``target`` and write over, in one order for everybody, what a transfer touches.

        :return: dict unit → (account that gives, account that receives)
        """
        Account = self.env["fidelity.account"].sudo()
        given = source.sudo().account_ids
        accounts = {account.unit: (account, Account._open(target, account.unit)) for account in given}
        touched = given | Account._open(target) | Account.union(*(pair[1] for pair in accounts.values()))
        for account_id in sorted(touched.ids):
            self.env.cr.execute(SQL("UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id = %s", account_id))
        return accounts

    @api.model
    def _transfer_entries(self, giving, receiving, quantity, balance):
        """The entries that move a quantity, without their sequence.

        What the receiving account had before goes first: who takes his points back gets his own lots.

        :param int quantity: positive, at most ``balance``; or a debt, below zero
        """
        lots = self.env["fidelity.lot"].sudo()
        leaving = {"account_id": giving.id, "kind": "transfer", "quantity": -quantity, "uses": []}
        if quantity < 0:
            uses = lots._oldest_first(receiving, -quantity)
            return [leaving, {"account_id": receiving.id, "kind": "transfer", "quantity": quantity, "uses": uses}]
        parts = lots._parts_to_move(giving, quantity, balance, receiving)
        leaving["uses"] = [{"lot_id": part["lot_id"], "quantity": part["quantity"]} for part in parts]
        rest = quantity - sum(part["quantity"] for part in parts)
        arriving = [
            {
                "account_id": receiving.id,
                "kind": "transfer",
                "quantity": part["quantity"],
                "uses": [],
                "expires_date": part["expires_date"] and part["expires_date"].isoformat(),
                "available_date": part["available_date"] and part["available_date"].isoformat(),
                "inactive_months": part["inactive_months"],
                "origin_lot_id": part["origin_lot_id"],
            }
            for part in parts
        ]
        if rest:
            arriving.append({"account_id": receiving.id, "kind": "transfer", "quantity": rest, "uses": []})
        return [leaving, *arriving]


class FidelityLot(models.Model):
    _inherit = "fidelity.lot"

    @api.model
    def _parts_to_move(self, account, quantity, balance, receiving):
        """Which lots make up a quantity that leaves an account: first what came from the receiving one, then what expires first.

        Where the lots hold more than the balance, the account once owed: the oldest lots have paid for that and stay. What is
        set aside goes last: only who takes everything takes it.

        :return: dicts with ``lot_id``, ``quantity`` (positive), ``expires_date``, ``available_date``, ``inactive_months`` and
            ``origin_lot_id`` (the very first lot)
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT l.id, l.expires_date, l.available_date, l.inactive_months, COALESCE(l.origin_lot_id, l.id) AS origin_lot_id,
                       EXISTS (SELECT 1 FROM fidelity_lot o WHERE o.id = l.origin_lot_id AND o.account_id = %s) AS own,
                       %s AS quantity, %s AS held
                  FROM fidelity_lot l
                 WHERE l.account_id = %s
              ORDER BY l.expires_date NULLS LAST, l.id
                """,
                receiving.id,
                self._left_sql(SQL("l")),
                self.env["fidelity.hold"]._held_sql(SQL("l")),
                account.id,
            )
        )
        for row in rows:
            row["held"] = min(row["held"], row["quantity"])
            row["free"] = row["quantity"] - row["held"]
        owed = max(0, sum(row["quantity"] for row in rows) - balance)
        for kind, row in [(kind, row) for kind in ("free", "held") for row in rows]:
            paid = min(owed, row[kind])
            owed -= paid
            row[kind] -= paid
            row["quantity"] = 0
        rows.sort(key=lambda row: not row["own"])
        for kind, row in [(kind, row) for kind in ("free", "held") for row in rows]:
            part = min(quantity, row[kind])
            quantity -= part
            row["quantity"] += part
        told = ("quantity", "expires_date", "available_date", "inactive_months", "origin_lot_id")
        return [{"lot_id": row["id"], **{name: row[name] for name in told}} for row in rows if row["quantity"] > 0]


class FidelityVerification(models.Model):
    """What is proved of transfers."""

    _inherit = "fidelity.verification"

    def _check_transfers(self, _first, _last):
        """What one account loses another gains, in each unit."""
        query = SQL(
            """
            SELECT p.id, p.op_key, sum(e.quantity)::bigint
              FROM fidelity_posting p
              JOIN fidelity_ledger_entry e ON e.posting_id = p.id
              JOIN fidelity_account a ON a.id = e.account_id
             WHERE p.kind = 'transfer'
          GROUP BY p.id, a.unit
            HAVING sum(e.quantity) <> 0
          ORDER BY p.id
            """
        )
        return self._found(
            query,
            lambda posting_id, op_key, quantity: self.env._(
                "Transfer %(posting)s (%(key)s) made or lost %(quantity)s: what one account loses another must gain.",
                posting=posting_id,
                key=op_key,
                quantity=quantity,
            ),
        )

    def _check_moved_lots(self, _first, _last):
        """What was moved expires when it would have, or when a posting said that it would from then on."""
        query = SQL(
            """
            SELECT l.id FROM fidelity_lot l JOIN fidelity_lot o ON o.id = l.origin_lot_id
             WHERE l.origin_lot_id IS NOT NULL AND l.expires_date IS DISTINCT FROM o.expires_date
               AND NOT EXISTS (SELECT 1 FROM fidelity_lot r JOIN fidelity_ledger_entry e ON e.id = r.entry_id
                                WHERE r.origin_lot_id = l.origin_lot_id AND e.kind = 'renew'
                                  AND r.expires_date IS NOT DISTINCT FROM l.expires_date)
          ORDER BY l.id
            """
        )
        return self._found(
            query,
            lambda lot_id: self.env._("Lot %(lot)s was moved and expires on another day than the lot it came from.", lot=lot_id),
        )
