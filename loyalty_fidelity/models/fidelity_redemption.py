from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..rules.errors import RuleError

UNDO = "undo"


class FidelityPosting(models.Model):
    """Prizes: points are taken for one, and given back when it is taken back.

    Both are postings of kind ``redeem``: ``redeem:<uuid>`` takes the points, ``redeem:<uuid>:undo`` gives them back to
    the very lots. Each posts once.
    """

    _inherit = "fidelity.posting"

    kind = fields.Selection(selection_add=[("redeem", "Prize")], ondelete={"redeem": "cascade"})
    prize_id = fields.Many2one(
        "fidelity.prize", readonly=True, ondelete="restrict", index="btree_not_null", help="The prize that was given or taken back."
    )
    reservation_ids = fields.One2many("fidelity.reservation", "posting_id", help="The prize was set aside to be collected.")
    is_undo = fields.Boolean(compute="_compute_undo", help="It takes a prize back.")
    is_undone = fields.Boolean(string="Taken back", compute="_compute_undo", help="The prize was taken back later.")
    points = fields.Integer(compute="_compute_points", help="Signed: what came in or went out.")

    @api.depends("op_key", "kind")
    def _compute_undo(self):
        redeemed = self.filtered(lambda posting: posting.kind == "redeem")
        keys = [self._undo_key(posting.op_key) for posting in redeemed]
        undone = set(self.sudo().search([("op_key", "in", keys)]).mapped("op_key")) if keys else set()
        for posting in self:
            posting.is_undo = posting in redeemed and posting.op_key.endswith(f":{UNDO}")
            posting.is_undone = posting in redeemed and self._undo_key(posting.op_key) in undone

    @api.depends("entry_ids.quantity")
    def _compute_points(self):
        for posting in self:
            posting.points = sum(entry.quantity for entry in posting.entry_ids if entry.account_id.unit == "points")

    @api.depends("prize_id.name")
    def _compute_display_name(self):
        redeemed = self.filtered("prize_id")
        for posting in redeemed:
            name = posting.prize_id.name
            posting.display_name = self.env._("Taken back: %(prize)s", prize=name) if posting.is_undo else name
        return super(FidelityPosting, self - redeemed)._compute_display_name()

    @api.model
    def _undo_key(self, op_key):
        return f"{op_key}:{UNDO}"

    @api.model
    def _hold_account(self, account):
        """Write an account's row over, unchanged.

        Of two operations that spend at once, both of which saw the same balance, the second fails to serialise and is
        tried again by the server, knowing the first.
        """
        self.env.execute_query(SQL("UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id = %s", account.id))

    @api.model
    def _redemption_vals(self, member, prize, op_key, reason, store=None):
        now = self.env.cr.now().replace(microsecond=0)
        return {
            "op_key": op_key,
            "kind": "redeem",
            "occurred_at": now,
            "posted_at": now,
            "company_id": member.company_id.id or self.env.company.id,
            "store_id": (store or member.store_id).id or None,
            "member_id": member.id,
            "author_uid": self.env.uid,
            "author_name": self.env.user.name,
            "reason": reason,
            "prize_id": prize.id,
        }

    @api.model
    def _post_redemption(self, member, prize, key, store=None, hold=None):
        """Take the points of a prize. Posting it again changes nothing. Callers have checked the right to.

        :param str key: makes it unique
        :param store: where it is given; the member's home store by default
        :param hold: the points that were set aside for it; it ends with this
        :return: the posting
        :raise UserError: there are not enough points that can be spent now, or the prize is not given to this member
        """
        op_key = f"redeem:{key}"
        existing = self.search([("op_key", "=", op_key)])
        if existing:
            return existing
        if member.state != "active":
            raise UserError(
                self.env._("The membership of %(name)s is closed. Reopen it to give a prize.", name=member.display_name)
            )
        member._check_may_spend()
        account = self.env["fidelity.account"].sudo()._open(member.holder_id)
        prize._hold()
        self._hold_account(account)
        prize._check_given(member, store or member.store_id)
        balance = account._balances()[account.id]
        if not hold and balance < prize.points:
            raise UserError(
                self.env._(
                    "%(prize)s costs %(cost)s points and %(name)s has %(balance)s. Choose a smaller prize.",
                    prize=prize.name,
                    cost=prize.points,
                    name=member.display_name,
                    balance=balance,
                )
            )
        entry = {
            "sequence": 1,
            "account_id": account.id,
            "kind": "redeem",
            "quantity": -prize.points,
            "uses": self._prize_uses(account, prize, member, hold),
        }
        posting_id = self._insert(self._redemption_vals(member, prize, op_key, prize.name, store), [entry])
        self.env.invalidate_all()
        return self.browse(posting_id)

    @api.model
    def _prize_uses(self, account, prize, member, hold):
        """The lots that a prize is paid from.

        :raise UserError: what there is is set aside, not available yet or past its last day
        """
        if hold:
            hold._check_covers(account, prize.points)
            return hold._capture()
        try:
            return self.env["fidelity.lot"].sudo()._spend(account, prize.points)
        except RuleError as error:
            raise UserError(
                self.env._(
                    "%(prize)s costs %(cost)s points. %(reason)s",
                    prize=prize.name,
                    cost=prize.points,
                    reason=account._why_not_more(member.display_name),
                )
            ) from error

    def _take_back(self, reason):
        """Give the points of a prize back to the lots they came from. Doing it again changes nothing.

        Callers have checked the right to. Where the points have since moved to another account (a household, a merge),
        that account gets them.

        :param str reason: why, for whoever reads the ledger
        :return: the posting that gives them back
        """
        self.ensure_one()
        op_key = self._undo_key(self.op_key)
        existing = self.search([("op_key", "=", op_key)])
        if existing:
            return existing
        if self.kind != "redeem" or self.is_undo:
            raise UserError(self.env._("Only a prize that was given can be taken back."))
        paid_from = self.entry_ids.account_id
        account = self.env["fidelity.account"].sudo()._open(paid_from.holder_id._surviving())
        self._hold_account(account)
        entries = self._returned_entries(account)
        vals = self._redemption_vals(self.member_id, self.prize_id, op_key, reason, self.store_id)
        vals.update(source_model=self._name, source_id=self.id)
        self._check_may_come_back()
        posting_id = self._insert(vals, entries)
        self.env.invalidate_all()
        self._came_back(reason)
        return self.browse(posting_id)

    def _check_may_come_back(self):
        """Refuse to take back what cannot come back any more.

        :raise UserError: with the reason
        """

    def _came_back(self, reason):
        """The prize of this posting was taken back: what hangs on it follows."""
        reservation = self.reservation_ids
        handed_over = not reservation or reservation.state == "handed"
        reservation._end("cancelled", reason)
        if handed_over and not self.env.context.get("fidelity_goods_moved"):
            store = reservation.handed_store_id or self.store_id
            self.prize_id._fidelity_came_back(self.member_id, store, self._prize_reference())

    def _prize_reference(self):
        """How a document of another app names the giving of this prize."""
        return self.env._("Prize %(number)s: %(prize)s", number=self.id, prize=self.prize_id.name)

    def _returned_entries(self, account):
        """The entries that undo this posting: one that gives back to its lots; where the points have moved to another
        account since, one for each lot, with its expiry, and one for what was owed: the debt has moved too.

        :return: as :meth:`_insert` takes them
        """
        given = self.entry_ids
        uses = self.env["fidelity.lot.allocation"].sudo().search([("entry_id", "in", given.ids)], order="id")
        common = {"account_id": account.id, "kind": "redeem"}
        if account == given.account_id:
            back = [{"lot_id": use.lot_id.id, "quantity": -use.quantity} for use in uses]
            return [{**common, "sequence": 1, "quantity": -sum(given.mapped("quantity")), "uses": back}]
        entries = [
            {
                **common,
                "quantity": use.quantity,
                "uses": [],
                "expires_date": use.lot_id.expires_date.isoformat() if use.lot_id.expires_date else None,
                "inactive_months": use.lot_id.inactive_months or None,
                "origin_lot_id": (use.lot_id.origin_lot_id or use.lot_id).id,
            }
            for use in uses
        ]
        owed = -sum(given.mapped("quantity")) - sum(uses.mapped("quantity"))
        if owed:
            entries.append({**common, "quantity": owed, "uses": []})
        return [{**entry, "sequence": sequence} for sequence, entry in enumerate(entries, 1)]

    def action_take_back(self):
        """Ask why, then take the prize back."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take back %(prize)s", prize=self.prize_id.name),
            "res_model": "fidelity.redemption.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_posting_id": self.id},
        }


class FidelityLedgerEntry(models.Model):
    """Entries of prizes."""

    _inherit = "fidelity.ledger.entry"

    kind = fields.Selection(selection_add=[("redeem", "Prize")], ondelete={"redeem": "cascade"})
    prize_id = fields.Many2one(related="posting_id.prize_id", help="The prize that was given or taken back.")


class FidelityMember(models.Model):
    """What a member got for his points."""

    _inherit = "fidelity.member"

    redemption_ids = fields.One2many(
        "fidelity.posting", "member_id", string="Prizes", domain=[("kind", "=", "redeem")], help="Prizes given and taken back."
    )

    def action_give_prize(self):
        """Ask which prize, then give it to this member."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give a prize to %(name)s", name=self.display_name),
            "res_model": "fidelity.redemption",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }
