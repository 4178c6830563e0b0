import hashlib

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

#: What new digests cover; old postings keep theirs.
DIGEST_VERSION = 2


class FidelityPosting(models.Model):
    """One operation on the ledger, with its key, its source and its entries.

    Invariants: ``op_key`` is unique, so an operation posts once; ``digest`` is a keyed hash over the posting and its
    entries, made when it is posted and proved by ``verify``.
    """

    _name = "fidelity.posting"
    _inherit = "fidelity.append.only"
    _description = "Posting"
    _log_access = False
    _order = "id desc"
    _rec_name = "op_key"

    op_key = fields.Char(required=True, readonly=True, help="What makes the operation unique, such as pos.order:<uuid>.")
    kind = fields.Selection(
        [("receipt", "Receipt"), ("adjust", "Adjustment"), ("transfer", "Transfer")],
        required=True,
        readonly=True,
        help="What was posted.",
    )
    occurred_at = fields.Datetime(required=True, readonly=True, index=True, help="When it happened.")
    posted_at = fields.Datetime(required=True, readonly=True, help="When it was posted.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    store_id = fields.Many2one("fidelity.store", readonly=True, ondelete="restrict", help="Where it happened.")
    member_id = fields.Many2one(
        "fidelity.member", readonly=True, ondelete="restrict", index="btree_not_null", help="Whose card was shown."
    )
    source_model = fields.Char(readonly=True, help="The kind of document it comes from.")
    source_id = fields.Integer(readonly=True, help="The number of that document in the database.")
    source_ref = fields.Char(readonly=True, help="The name of that document.")
    author_uid = fields.Integer(readonly=True, help="The number of the user who caused it.")
    author_name = fields.Char(readonly=True, help="Who caused it.")
    reason = fields.Char(readonly=True, help="Why, for an adjustment.")
    digest = fields.Char(required=True, readonly=True, help="A keyed hash over the posting and its entries.")
    digest_version = fields.Integer(
        readonly=True, help="What the digest covers. 2: also the expiry and origin of lots and their use; none: from before that."
    )
    entry_ids = fields.One2many("fidelity.ledger.entry", "posting_id", help="What moved, account by account.")
    receipt_ids = fields.One2many("fidelity.receipt", "posting_id")

    _op_key_unique = models.Constraint("unique(op_key)", "This operation is already posted.")

    @api.depends("source_ref")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for posting in self:
            posting.display_name = posting.source_ref or self.env._("Adjustment %(number)s", number=posting.id)

    @api.model
    def _ledger_key(self):
        """The secret of the digests: option ``fidelity_ledger_key`` of the server, else the database's own secret."""
        return config.get("fidelity_ledger_key") or self.env["ir.config_parameter"].sudo().get_param("database.secret")

    @api.model
    def _digest(self, vals, entries):
        """The digest of a posting, of version :data:`DIGEST_VERSION`.

        :param dict vals: columns of the posting
        :param list entries: dicts by sequence, as :meth:`_insert` takes them
        :return: SHA-256, hexadecimal
        """
        head = "|".join(
            (
                vals["op_key"],
                vals["kind"],
                vals["occurred_at"].strftime("%Y-%m-%dT%H:%M:%S"),
                vals["posted_at"].strftime("%Y-%m-%dT%H:%M:%S"),
                str(vals["company_id"]),
                vals.get("source_model") or "",
                str(vals.get("source_id") or 0),
                vals.get("reason") or "",
            )
        )
        body = ";".join(f"{e['sequence']}:{e['account_id']}:{e['kind']}:{e['quantity']}" for e in entries)
        lots = ";".join(filter(None, map(_lot_text, entries)))
        uses = sorted((e["sequence"], use["lot_id"], use["quantity"]) for e in entries for use in e["uses"])
        used = ";".join(":".join(map(str, use)) for use in uses)
        key = self._ledger_key()
        inner = hashlib.sha256(f"{key}|{head}|{body}|{DIGEST_VERSION}|{lots}|{used}".encode()).hexdigest()
        return hashlib.sha256(f"{key}|{inner}".encode()).hexdigest()

    @api.model
    def _digest_sql(self, entries, lots, uses):
        """The same digest as SQL over posting row ``p``, of the version that the row names.

        The arguments are SQL of texts, NULL where there is nothing: of its entries, by sequence,
        ``sequence:account:kind:quantity``; of its lots that expire, wait or have an origin, by sequence,
        as :meth:`_lot_text_sql` writes them; of its uses of lots, by sequence, lot and quantity, ``sequence:lot:quantity``; each
        joined with semicolons.
        """
        return SQL(
            """
            encode(sha256(convert_to(%(key)s || '|' || encode(sha256(convert_to(
                %(key)s || '|' || p.op_key || '|' || p.kind || '|' || to_char(p.occurred_at, 'YYYY-MM-DD"T"HH24:MI:SS')
                || '|' || to_char(p.posted_at, 'YYYY-MM-DD"T"HH24:MI:SS') || '|' || p.company_id || '|'
                || COALESCE(p.source_model, '') || '|' || COALESCE(p.source_id, 0) || '|' || COALESCE(p.reason, '')
                || '|' || COALESCE(%(entries)s, '') || COALESCE('|' || p.digest_version
                || '|' || COALESCE(%(lots)s, '') || '|' || COALESCE(%(uses)s, ''), ''),
                'UTF8')), 'hex'), 'UTF8')), 'hex')
            """,
            key=self._ledger_key(),
            entries=entries,
            lots=lots,
            uses=uses,
        )

    @api.model
    def _lot_text_sql(self, sequence, lot):
        """SQL of what a digest says of the lot row ``lot`` of an entry, NULL where nothing; see :func:`_lot_text`."""
        return SQL(
            """
            CASE WHEN %(l)s.expires_date IS NOT NULL OR %(l)s.origin_lot_id IS NOT NULL
                      OR %(l)s.available_date IS NOT NULL OR %(l)s.inactive_months IS NOT NULL
                 THEN %(sequence)s || ':' || COALESCE(to_char(%(l)s.expires_date, 'YYYY-MM-DD'), '')
                      || ':' || COALESCE(%(l)s.origin_lot_id::text, '')
                      || CASE WHEN %(l)s.available_date IS NOT NULL OR %(l)s.inactive_months IS NOT NULL
                              THEN ':' || COALESCE(to_char(%(l)s.available_date, 'YYYY-MM-DD'), '')
                                   || ':' || COALESCE(%(l)s.inactive_months::text, '') ELSE '' END END
            """,
            l=lot,
            sequence=sequence,
        )

    @api.model
    def _exists(self, op_key):
        """Whether an operation is posted, as far as this transaction sees."""
        return bool(self.env.execute_query(SQL("SELECT 1 FROM fidelity_posting WHERE op_key = %s", op_key)))

    # -- writing ---------------------------------------------------------------------------------------------------

    @api.model
    def _insert(self, posting, entries, receipt=None, lines=(), reversals=(), earnings=(), debts=(), locks=()):
        """Write a posting with all that belongs to it in one statement.

        :param dict posting: columns of the posting, without the digest
        :param list entries: dicts with ``sequence``, ``account_id``, ``kind``, ``quantity`` and ``uses`` of lots;
            for what comes in, where it has them, ``expires_date``, ``available_date`` (ISO), ``inactive_months`` and
            ``origin_lot_id`` of its lot (it makes none where its ``uses``, negative, give it back to older lots)
        :param dict receipt: columns of its receipt, if it has one
        :param lines: dicts of columns of the receipt's lines, and ``effects`` on their prices
        :param reversals: as :meth:`fidelity.receipt._prepare_reversals` makes them
        :param earnings: dicts of columns of what each benefit gave
        :param debts: dicts of columns of what is owed for used discounts
        :param locks: ids of accounts to be written over besides those whose lots are used
        :return: id of the receipt, or of the posting when there is none
        :raise psycopg2.errors.UniqueViolation: it is posted already
        """
        posting = {**posting, "digest": self._digest(posting, entries), "digest_version": DIGEST_VERSION}
        uses = [{"sequence": entry["sequence"], **use} for entry in entries for use in entry["uses"]]
        parts = [
            SQL("p AS (INSERT INTO fidelity_posting %s RETURNING id)", self._values_sql(posting)),
            SQL(
                """
                x AS (SELECT * FROM jsonb_to_recordset(%s) AS x(sequence int, account_id int, kind text, quantity bigint,
                                                                expires_date date, origin_lot_id int,
                                                                available_date date, inactive_months int)),
                e AS (INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
                      SELECT p.id, x.sequence, x.account_id, x.kind, x.quantity, %s FROM p, x
                      RETURNING id, sequence, account_id, quantity),
                l AS (INSERT INTO fidelity_lot (entry_id, account_id, quantity, expires_date, origin_lot_id,
                                                available_date, inactive_months)
                      SELECT e.id, e.account_id, e.quantity, x.expires_date, x.origin_lot_id, x.available_date, x.inactive_months
                        FROM e JOIN x ON x.sequence = e.sequence WHERE e.quantity > 0 AND e.sequence <> ALL (%s)),
                u AS (INSERT INTO fidelity_lot_allocation (lot_id, entry_id, quantity)
                      SELECT x.lot_id, e.id, x.quantity
                        FROM jsonb_to_recordset(%s) AS x(sequence int, lot_id int, quantity bigint)
                        JOIN e ON e.sequence = x.sequence)
                """,
                Json(entries),
                posting["occurred_at"],
                [entry["sequence"] for entry in entries if entry["quantity"] > 0 and entry["uses"]],
                Json(uses),
            ),
        ]
        if uses or locks:
            parts.append(self._used_accounts_sql(entries, locks))
        if receipt:
            parts.append(
                SQL("r AS (INSERT INTO fidelity_receipt %s RETURNING id)", self._values_sql(receipt, SQL("posting_id"), SQL("p")))
            )
            parts += self._lines_sql(lines)
        if reversals:
            parts.append(self._reversals_sql(reversals))
        if earnings:
            parts.append(self._earnings_sql(earnings))
        if debts:
            parts.append(self._debts_sql(debts))
        query = SQL("WITH %s SELECT id FROM %s", SQL(", ").join(parts), SQL("r" if receipt else "p"))
        return self.env.execute_query(query)[0][0]

    @api.model
    def _used_accounts_sql(self, entries, locks=()):
        """Write over, unchanged and in one order for everybody, the accounts whose lots are used.

        Of two operations at once that saw the same lots, such as a return and a merge, the second fails to serialise and
        is tried again, knowing the first. What only earns uses no lots and waits for nobody.
        """
        return SQL(
            "k AS (UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id IN"
            " (SELECT id FROM fidelity_account WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE))",
            [*(entry["account_id"] for entry in entries if entry["uses"]), *locks],
        )

    @api.model
    def _values_sql(self, values, parent_column=None, parent=None):
        """``(columns) SELECT values``, with the id of ``parent`` as the first column where one is given."""
        columns = [SQL.identifier(name) for name in values]
        items = [SQL("%s", value) for value in values.values()]
        if parent is None:
            return SQL("(%s) VALUES (%s)", SQL(", ").join(columns), SQL(", ").join(items))
        return SQL(
            "(%s, %s) SELECT %s.id, %s FROM %s",
            parent_column,
            SQL(", ").join(columns),
            parent,
            SQL(", ").join(items),
            parent,
        )

    @api.model
    def _post_adjustment(self, member, quantity, reason, key):
        """Post a manager's correction. Callers have checked the right to.

        The account's row is written over, unchanged: of two corrections at once, both of which saw the same
        balance, the second fails to serialise and is tried again by the server, knowing the first.

        :param int quantity: signed, not zero
        :param str reason: why, for whoever reads the ledger
        :param str key: makes it unique
        :return: id of the posting
        :raise UserError: it would leave less than nothing
        """
        account = self.env["fidelity.account"].sudo()._open(member.holder_id)
        self.env.execute_query(SQL("UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id = %s", account.id))
        balance = account._balances()[account.id]
        if balance + quantity < 0 and quantity < 0:
            raise UserError(
                self.env._("%(name)s has %(balance)s points: no more can be taken.", name=member.display_name, balance=balance)
            )
        now = self.env.cr.now().replace(microsecond=0)
        entry = {
            "sequence": 1,
            "account_id": account.id,
            "kind": "adjust",
            "quantity": quantity,
            "uses": self.env["fidelity.lot"].sudo()._oldest_first(account, -quantity),
        }
        if quantity > 0:
            # A gift can be used at once: there is no return to wait for.
            columns = self.env["fidelity.expiry.policy"]._lot_columns(member.card_type_id.id, now, member.store_id.sudo())
            entry.update({**columns, "available_date": None})
        posting = {
            "op_key": f"adjust:{key}",
            "kind": "adjust",
            "occurred_at": now,
            "posted_at": now,
            "company_id": member.company_id.id or self.env.company.id,
            "store_id": member.store_id.id or None,
            "member_id": member.id,
            "author_uid": self.env.uid,
            "author_name": self.env.user.name,
            "reason": reason,
        }
        posting_id = self._insert(posting, [entry])
        self.env.invalidate_all()
        return posting_id


def _lot_text(entry):
    """What a digest says of the lot of an entry: ``sequence:expiry:origin``, and where it waits or follows purchases
    ``:available:months``; nothing where nothing is to be said.

    >>> _lot_text({"sequence": 2, "expires_date": "2024-05-31", "available_date": "2024-05-14"})
    '2:2024-05-31::2024-05-14:'
    >>> _lot_text({"sequence": 2, "origin_lot_id": 7})
    '2::7'
    >>> _lot_text({"sequence": 2})
    ''
    """
    dated, origin = entry.get("expires_date"), entry.get("origin_lot_id")
    available, months = entry.get("available_date"), entry.get("inactive_months")
    if not (dated or origin or available or months):
        return ""
    text = f"{entry['sequence']}:{dated or ''}:{origin or ''}"
    return f"{text}:{available or ''}:{months or ''}" if available or months else text
