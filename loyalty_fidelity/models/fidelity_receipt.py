from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .big_integer import BigInteger

OUTCOMES = [
    ("earned", "Earned"),
    ("discounted", "Discount given"),
    ("returned", "Return settled"),
    ("below_minimum", "Below the minimum receipt"),
    ("below_step", "Below the first step"),
    ("no_benefit", "The card type gives nothing"),
    ("not_positive", "Nothing was paid"),
    ("empty", "No lines"),
    ("currency", "Another currency"),
    ("no_ruleset", "Card type not published"),
    ("no_card", "No card shown"),
    ("unknown_card", "Unknown card"),
    ("card_draft", "Card not given out"),
    ("card_blocked", "Card blocked"),
    ("card_lost", "Card reported lost"),
    ("card_replaced", "Card replaced"),
    ("card_expired", "Card expired"),
    ("no_member", "Card without member"),
    ("member_closed", "Membership closed"),
    ("other_company", "Card of another company"),
]

FLAGS = (
    "claim_differs",
    "discount_differs",
    "customer_differs",
    "clock",
    "late",
    "two_cards",
    "points_forgiven",
    "points_deducted",
    "cashback_short",
    "cashback_unallowed",
    "collects_only",
    "prize_refused",
    "code_refused",
)


class FidelityReceipt(models.Model):
    """The channel-neutral record of one purchase or return, and of what was known when it was posted.

    Written with its posting by :mod:`fidelity_receipt_posting`; nothing changes it afterwards.
    """

    _name = "fidelity.receipt"
    _inherit = "fidelity.append.only"
    _description = "Receipt"
    _log_access = False
    _order = "occurred_at desc, id desc"
    _rec_name = "source_ref"

    posting_id = fields.Many2one(
        "fidelity.posting", required=True, readonly=True, ondelete="restrict", index=True, help="Its operation on the ledger."
    )
    member_id = fields.Many2one(
        "fidelity.member", readonly=True, ondelete="restrict", index="btree_not_null", help="Whose card was shown."
    )
    card_id = fields.Many2one("fidelity.card", readonly=True, ondelete="restrict", help="The card that was shown.")
    card_type_id = fields.Many2one("fidelity.card.type", readonly=True, ondelete="restrict", help="The kind of that card.")
    ruleset_id = fields.Many2one("fidelity.ruleset", string="Rules", readonly=True, ondelete="restrict", help="The rules applied.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    store_id = fields.Many2one(
        "fidelity.store", readonly=True, ondelete="restrict", index="btree_not_null", help="Where it was made."
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    source_model = fields.Char(required=True, readonly=True)
    source_id = fields.Integer(required=True, readonly=True)
    source_ref = fields.Char(string="Receipt", readonly=True, help="The name of the order.")
    till_id = fields.Integer(string="Till number", readonly=True)
    till_name = fields.Char(string="Till", readonly=True, help="The till that made it.")
    author_uid = fields.Integer(readonly=True)
    author_name = fields.Char(string="Employee", readonly=True, help="Who served.")
    occurred_at = fields.Datetime(
        string="Date", required=True, readonly=True, index=True, help="When it was paid, by the till's clock where credible."
    )
    posted_at = fields.Datetime(required=True, readonly=True, help="When it was posted, by the server's clock.")
    clock_skew_s = fields.Integer(string="Clock difference (s)", readonly=True, help="Server's time minus the till's.")
    entry = fields.Selection(
        [("scan", "Read"), ("typed", "Typed"), ("search", "Found by search")],
        string="Card entry",
        readonly=True,
        help="How the card was entered.",
    )
    screen = fields.Char(readonly=True, help="The screen on which the card was entered.")
    card_added_at = fields.Datetime(readonly=True, help="When the card was entered, by the till's clock.")
    offline = fields.Boolean(readonly=True, help="The till had no connection when the card was entered.")
    claim = fields.Text(readonly=True, help="What the till said, as it said it.")
    points_claimed = BigInteger(readonly=True, help="What the till showed.")
    points = BigInteger(readonly=True, help="What was posted for this receipt, signed.")
    total_minor = BigInteger(readonly=True, help="Total of the lines, tax included, in minor units.")
    base_minor = BigInteger(readonly=True, help="What counted for earning, in minor units.")
    cashback_minor = BigInteger(readonly=True, help="What was earned or taken back of cashback, signed, in minor units.")
    discount_minor = BigInteger(readonly=True, help="What the card took off the price, tax included, in minor units.")
    rolling_bps = fields.Integer(readonly=True, help="The discount it leaves for the next purchase, in hundredths of a percent.")
    rolling_minor = BigInteger(readonly=True, help="The amount off that it leaves for the next purchase, in minor units.")
    rolling_until = fields.Date(readonly=True, help="The last day on which that discount can be used.")
    amount_total = fields.Monetary(string="Total", compute="_compute_amounts", help="Total of the lines, tax included.")
    amount_base = fields.Monetary(string="Counted", compute="_compute_amounts", help="What counted for earning.")
    amount_cashback = fields.Monetary(
        string="Cashback", compute="_compute_amounts", help="What was earned or taken back of cashback."
    )
    amount_discount = fields.Monetary(string="Taken off", compute="_compute_amounts", help="What the card took off the price.")
    next_discount = fields.Char(compute="_compute_next_discount", help="What it left for the next purchase, before any return.")
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True, help="What came of it.")
    flags = fields.Char(readonly=True, help="What a manager should see, as codes.")
    remarks = fields.Char(compute="_compute_remarks", help="What a manager should see.")
    line_ids = fields.One2many("fidelity.receipt.line", "receipt_id", help="What was sold and given back.")
    rolling_receipt_id = fields.Many2one(
        "fidelity.receipt",
        string="Used the discount of",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The earlier purchase whose discount this one used.",
    )
    situation = fields.Text(readonly=True, help="What the rules looked at besides the goods: the day, the store, the member.")
    purchase_number = fields.Integer(readonly=True, help="Which purchase of this membership it is, from 1.")
    earning_ids = fields.One2many("fidelity.receipt.earning", "receipt_id", help="What each benefit gave.")
    effect_ids = fields.One2many("fidelity.receipt.effect", "receipt_id", help="Which benefits changed the price, line by line.")

    _rolling_index = models.Index("(member_id, occurred_at, id) INCLUDE (rolling_bps, rolling_until) WHERE rolling_bps IS NOT NULL")
    _purchase_index = models.Index("(member_id, purchase_number) WHERE purchase_number IS NOT NULL")
    _source_unique = models.Constraint("unique(source_model, source_id)", "This document already has a receipt.")

    @api.depends("total_minor", "base_minor", "cashback_minor", "discount_minor", "currency_id")
    def _compute_amounts(self):
        for receipt in self:
            scale = 10**receipt.currency_id.decimal_places
            receipt.amount_total = receipt.total_minor / scale
            receipt.amount_base = receipt.base_minor / scale
            receipt.amount_cashback = receipt.cashback_minor / scale
            receipt.amount_discount = receipt.discount_minor / scale

    @api.depends("rolling_bps", "rolling_minor", "rolling_until")
    @api.depends_context("lang")
    def _compute_next_discount(self):
        for receipt in self:
            bps, minor = receipt.rolling_bps, receipt.rolling_minor
            left = bool(bps or minor)
            receipt.next_discount = left and self._rolling_text(bps, minor, receipt.rolling_until, receipt.currency_id)

    @api.model
    def _rolling_text(self, bps, minor, until, currency):
        """What a purchase leaves for the next one, in words."""
        benefits = self.env["fidelity.benefit"]
        given = currency.format(minor / 10**currency.decimal_places) if minor else benefits._percent_text(bps / 100)
        return self.env._("%(given)s until %(date)s", given=given, date=format_date(self.env, until))

    @api.depends("flags")
    @api.depends_context("lang")
    def _compute_remarks(self):
        labels = {
            "claim_differs": self.env._("The till showed other points"),
            "discount_differs": self.env._("The price is not what the rules give"),
            "customer_differs": self.env._("The customer is not the card's member"),
            "clock": self.env._("The till's clock is wrong"),
            "late": self.env._("Posted later"),
            "two_cards": self.env._("More than one card"),
            "points_forgiven": self.env._("Points already spent were forgiven"),
            "points_deducted": self.env._("Points already spent are to be deducted from the refund"),
            "cashback_short": self.env._("More cashback was spent than there was"),
            "cashback_unallowed": self.env._("Cashback was spent where the card type does not allow it"),
            "collects_only": self.env._("Spent by a member who only collects"),
            "code_refused": self.env._("A code was taken that could not be used"),
            "prize_refused": self.env._("A prize left the shop without its points"),
        }
        for receipt in self:
            flags = (receipt.flags or "").split(",")
            receipt.remarks = " · ".join(labels[flag] for flag in FLAGS if flag in flags) or False

    @api.model
    def _of(self, source):
        """The receipts of documents.

        :param source: a recordset of the documents
        """
        return self.sudo().search([("source_model", "=", source._name), ("source_id", "in", source.ids)])

    @api.model
    def _summaries(self, source_model, source_ids):
        """What a printed receipt needs to say of the receipts of documents, in one statement. Callers have checked rights.

        :return: dict source id → dict with ``receipt_id``, ``outcome``, ``points``, ``number`` of the card,
            ``card_type_name``, ``member_name``, ``unit`` and ``balance`` (None where there is none); ``cashback_minor`` and
            ``money_balance`` in minor units of ``currency``, ``discount_minor``, ``rolling_bps`` and ``rolling_until``
        """
        if not source_ids:
            return {}
        self.env["fidelity.card.type"].flush_model(["name"])
        self.env["res.partner"].flush_model(["name"])
        self.env["fidelity.member"].flush_model(["partner_id", "holder_id", "merged_into_id"])
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT r.source_id, r.id AS receipt_id, r.outcome, r.points, c.number,
                       COALESCE(ct.name->>%(lang)s, ct.name->>'en_US') AS card_type_name, p.name AS member_name,
                       a.unit, %(balance)s AS balance, r.cashback_minor, r.cashback_spent_minor, r.discount_minor, r.base_minor,
                       r.rolling_bps, r.rolling_minor, r.rolling_until,
                       %(money)s AS money_balance, cu.name AS currency
                  FROM fidelity_receipt r
             LEFT JOIN fidelity_card c ON c.id = r.card_id
             LEFT JOIN fidelity_card_type ct ON ct.id = r.card_type_id
             LEFT JOIN fidelity_member o ON o.id = r.member_id
             LEFT JOIN fidelity_member m ON m.id = COALESCE(o.merged_into_id, o.id)
             LEFT JOIN res_partner p ON p.id = m.partner_id
             LEFT JOIN fidelity_account a ON a.holder_id = m.holder_id AND a.unit = 'points'
             LEFT JOIN fidelity_account am ON am.holder_id = m.holder_id AND am.unit = 'money'
             LEFT JOIN res_currency cu ON cu.id = ct.currency_id
                 WHERE r.source_model = %(model)s AND r.source_id IN %(ids)s
                """,
                lang=self.env.lang or "en_US",
                balance=self.env["fidelity.account"]._balance_sql(SQL("a")),
                money=self.env["fidelity.account"]._balance_sql(SQL("am")),
                model=source_model,
                ids=tuple(source_ids),
            )
        )
        return {row["source_id"]: row for row in rows}
