from odoo import api, fields, models
from odoo.tools import SQL

from .big_integer import BigInteger

COMPARISONS = {"<", "<=", ">", ">="}


class FidelityAccount(models.Model):
    """What a holder has of one unit.

    Invariants:

    - ``balance`` = ``folded_balance`` + the entries after ``folded_entry_id``;
    - ``folded_balance`` is the sum of the entries up to ``folded_entry_id``: a shortcut that the folding job moves
      forward, never a truth of its own (``verify`` proves it);
    - one account a holder and unit.

    Rows are opened by :meth:`_open` and moved by the folding job, in SQL; the ORM refuses everybody.
    """

    _name = "fidelity.account"
    _inherit = "fidelity.guarded"
    _description = "Account"
    _log_access = False
    _order = "id desc"

    holder_id = fields.Many2one("fidelity.holder", required=True, ondelete="restrict", readonly=True, help="Whose account it is.")
    card_type_id = fields.Many2one(related="holder_id.card_type_id", help="The kind of card whose points are counted.")
    company_id = fields.Many2one(related="holder_id.company_id")
    currency_id = fields.Many2one(related="holder_id.card_type_id.currency_id")
    unit = fields.Selection([("points", "Points"), ("money", "Cashback")], required=True, readonly=True, help="What is counted.")
    folded_balance = BigInteger(required=True, readonly=True, default=0, help="The sum of the entries up to the folding point.")
    folded_entry_id = BigInteger(required=True, readonly=True, default=0, help="The folding point: an entry's number.")
    entry_ids = fields.One2many("fidelity.ledger.entry", "account_id")
    balance = BigInteger(compute="_compute_balance", search="_search_balance", help="The sum of all its entries in the ledger.")
    balance_text = fields.Char(
        string="Holds", compute="_compute_balance_text", help="The balance as one says it: points, or money of the card type."
    )

    # Few accounts hold money: what is proved of points need not look for them among all.
    _money_index = models.Index("(id) WHERE unit = 'money'")
    _holder_unit_unique = models.Constraint("unique(holder_id, unit)", "This holder already has an account of this unit.")

    @api.private
    def init(self):
        """Leave room in every page of the table: folding then changes rows in place and touches no index."""
        res = super().init()
        self.env.cr.execute(SQL("ALTER TABLE %s SET (fillfactor = 50)", SQL.identifier(self._table)))
        return res

    @api.depends("unit", "holder_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for account in self:
            name = account.holder_id.display_name
            account.display_name = self.env._("%(name)s (cashback)", name=name) if account.unit == "money" else name

    @api.depends("unit", "holder_id")
    @api.depends_context("lang")
    def _compute_balance_text(self):
        for account in self:
            account.balance_text = account._quantity_text(account.balance)

    def _quantity_text(self, quantity):
        """A quantity of this account as one says it in the user's language: ``120 points``, ``£ 2.50``.

        :param int quantity: points, or minor units of the currency
        """
        self.ensure_one()
        if self.unit == "money":
            return self.currency_id.format(quantity / 10**self.currency_id.decimal_places)
        return self.env._("%(number)s %(unit)s", number=quantity, unit=self._unit_word(self.unit))

    @api.model
    def _unit_word(self, unit, currency=None):
        """The unit as one says it after a number, in the user's language.

        :param unit: an account's unit; None where there is no account yet
        :param currency: of a money account
        """
        if unit == "money":
            return currency.name if currency else self.env._("cashback")
        return self.env._("points")

    def _compute_balance(self):
        balances = self._balances()
        for account in self:
            account.balance = balances.get(account._origin.id, 0)

    def _balances(self):
        """Balances straight from the ledger.

        :return: dict account id → signed quantity in the account's unit
        """
        if not self._origin.ids:
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT a.id, %s FROM fidelity_account a WHERE a.id IN %s",
                    self._balance_sql(SQL("a")),
                    tuple(self._origin.ids),
                )
            )
        )

    @api.model
    def _balance_sql(self, alias):
        """SQL of the balance of the account row ``alias``: the folded figure plus the entries after it."""
        return SQL(
            "%(a)s.folded_balance + COALESCE((SELECT sum(e.quantity) FROM fidelity_ledger_entry e"
            " WHERE e.account_id = %(a)s.id AND e.id > %(a)s.folded_entry_id), 0)::bigint",
            a=alias,
        )

    @api.model
    def _balance_matches(self, operator, value):
        """SQL condition for a search on balances, or None for an unknown operator.

        It is on the account row ``a`` and the row ``n``, what came to it since the last folding.

        :param operator: a comparison, or ``in`` with a collection of numbers
        """
        balance = SQL("a.folded_balance + COALESCE(n.quantity, 0)")
        if operator == "in":
            return SQL("%s IN %s", balance, tuple(int(item) for item in value) or (None,))
        if operator in COMPARISONS:
            return SQL("%s %s %s", balance, SQL(operator), value)
        return None

    @api.model
    def _with_balance(self, column, operator, value, unit=None):
        """SQL of a column of all accounts whose balance fits, or None for an unknown operator.

        Nothing up to the folding point of the whole ledger is left to be added to any account: what came since is read
        once for all accounts. ``OFFSET 0`` keeps PostgreSQL from doing it anew account by account.
        """
        condition = self._balance_matches(operator, value)
        if condition is None:
            return None
        return SQL(
            """(
            SELECT a.%(column)s FROM fidelity_account a
         LEFT JOIN (%(young)s) n ON n.account_id = a.id
             WHERE %(condition)s%(unit)s OFFSET 0)""",
            column=SQL.identifier(column),
            condition=condition,
            unit=SQL(" AND a.unit = %s", unit) if unit else SQL(),
            young=self._young_sql(
                SQL("e.id > COALESCE((SELECT folded_entry_id FROM fidelity_ledger_horizon WHERE id = 1), 0)"),
            ),
        )

    @api.model
    def _young_sql(self, condition):
        """SQL of what came to each account in the entries ``e`` that meet a condition: account_id, quantity."""
        return SQL(
            "SELECT e.account_id, sum(e.quantity)::bigint AS quantity FROM fidelity_ledger_entry e WHERE %s GROUP BY e.account_id",
            condition,
        )

    def _search_balance(self, operator, value):
        accounts = self._with_balance("id", operator, value)
        return NotImplemented if accounts is None else [("id", "in", accounts)]

    @api.model
    def _settling(self, receipt, unit):
        """The account on which returns of a receipt are settled: the one that it earned on, or, when its member was
        merged or joined a household since, the one that has what that account had.

        :param receipt: one record
        :return: an account, or an empty recordset where none is open in that unit
        """
        earned_on = receipt.posting_id.entry_ids.filtered(lambda entry: entry.kind == "earn").account_id.holder_id
        holder = (earned_on[:1] or receipt.member_id._surviving().holder_id)._surviving()
        return holder.account_ids.filtered(lambda account: account.unit == unit)

    @api.model
    def _open(self, holders, unit="points"):
        """Open the missing accounts of holders; an account that exists stays.

        :return: the accounts of the holders in that unit
        """
        holders.flush_recordset()
        self.env.cr.execute(
            SQL(
                "INSERT INTO fidelity_account (holder_id, unit, folded_balance, folded_entry_id)"
                " SELECT id, %s, 0, 0 FROM fidelity_holder WHERE id IN %s ON CONFLICT (holder_id, unit) DO NOTHING",
                unit,
                tuple(holders.ids),
            )
        )
        holders.invalidate_recordset(["account_ids"])
        return self.search([("holder_id", "in", holders.ids), ("unit", "=", unit)])
