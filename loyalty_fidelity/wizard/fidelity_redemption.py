from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class FidelityRedemption(models.TransientModel):
    """Give a member a prize for his points. Giving it twice gives it once."""

    _name = "fidelity.redemption"
    _description = "Giving a prize"

    member_id = fields.Many2one("fidelity.member", required=True, help="Who gets the prize.")
    balance = fields.Integer(related="member_id.balance", string="Points now", help="The points before the prize.")
    available_points = fields.Integer(related="member_id.available_points", help="What of them can be spent now.")
    prize_ids = fields.Many2many("fidelity.prize", compute="_compute_prizes", string="In reach", help="What the points buy.")
    prize_id = fields.Many2one("fidelity.prize", domain="[('id', 'in', prize_ids)]", help="What the member gets.")
    next_prize = fields.Char(compute="_compute_prizes", help="What comes next, and how many points are missing.")
    balance_after = fields.Integer(compute="_compute_balance_after", string="Points after", help="The points that stay.")
    store_id = fields.Many2one(
        "fidelity.store", string="Given in", default=lambda self: self._own_store(), help="The store that hands it over."
    )
    reserve = fields.Boolean(string="Reserve it", help="Set it aside: the member collects it in the store later.")
    can_reserve = fields.Boolean(related="prize_id.reservable", help="This prize can be set aside.")
    until_date = fields.Date(
        string="Collect until", compute="_compute_until_date", store=True, readonly=False, help="The last day to collect it."
    )
    currency_id = fields.Many2one(related="prize_id.currency_id")
    money_part = fields.Monetary(related="prize_id.money_part", string="To pay", help="What the customer pays besides the points.")
    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)

    @api.model
    def _own_store(self):
        """The store of a user who works in one store."""
        stores = self.env["fidelity.store"].search([("user_ids", "in", self.env.uid)], limit=2)
        return stores if len(stores) == 1 else stores.browse()

    @api.depends("member_id", "store_id")
    def _compute_prizes(self):
        for wizard in self:
            store = wizard.store_id or wizard.member_id.store_id
            prizes = self.env["fidelity.prize"]._given_to(wizard.member_id, store=store)
            in_reach = prizes.filtered_domain([("points", "<=", wizard.available_points)])
            wizard.prize_ids = in_reach
            missing = (prizes - in_reach)[:1]
            if missing:
                wizard.next_prize = self.env._(
                    "Next: %(prize)s. Missing: %(points)s.",
                    prize=missing.name,
                    points=wizard.member_id.card_type_id._points_text(missing.points - wizard.available_points),
                )
            elif prizes:
                wizard.next_prize = False
            else:
                wizard.next_prize = self.env._("This card has no prizes yet. A loyalty manager adds them under Prizes.")

    @api.depends("prize_id", "member_id")
    def _compute_balance_after(self):
        for wizard in self:
            wizard.balance_after = wizard.balance - wizard.prize_id.points

    @api.depends("prize_id", "store_id")
    def _compute_until_date(self):
        reservations = self.env["fidelity.reservation"]
        for wizard in self:
            store = wizard.store_id or wizard.member_id.store_id
            wizard.until_date = reservations._today_in(store) + timedelta(days=wizard.prize_id.pickup_days)

    def action_give(self):
        """Take the points, and hand the prize over or set it aside."""
        self.ensure_one()
        if not self.prize_id:
            raise UserError(self.env._("Choose a prize."))
        taken = self.member_id._fidelity_take_prize(
            self.prize_id, self.key, self.store_id, reserve=self.reserve, until_date=self.until_date if self.reserve else None
        )
        return self._after(taken)

    def _after(self, taken):
        """What the screen shows next.

        :param taken: the posting or the reservation
        """
        code = taken.code_ids[:1] if taken._name == "fidelity.posting" else None
        if not code:
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The voucher of %(name)s", name=self.member_id.display_name),
            "res_model": "fidelity.code",
            "res_id": code.id,
            "view_mode": "form",
            "views": [(self.env.ref("loyalty_fidelity.fidelity_code_view_form").id, "form")],
            "target": "new",
        }


class FidelityRedemptionUndo(models.TransientModel):
    """Take a prize back: the points return to where they were. Doing it twice does it once."""

    _name = "fidelity.redemption.undo"
    _description = "Taking a prize back"

    posting_id = fields.Many2one(
        "fidelity.posting", string="Prize", required=True, domain=[("kind", "=", "redeem")], help="The prize that comes back."
    )
    member_id = fields.Many2one(related="posting_id.member_id", help="Who had it.")
    points = fields.Integer(compute="_compute_points", string="Points returned", help="What the member gets back.")
    reason = fields.Char(required=True, help="Why. It stays in the ledger with your name.")

    @api.depends("posting_id")
    def _compute_points(self):
        for wizard in self:
            wizard.points = -wizard.posting_id.points

    def action_take_back(self):
        """Give the points back."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can take a prize back. Ask yours."))
        self.posting_id.check_access("read")
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays in the ledger."))
        self.posting_id.sudo()._take_back(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
