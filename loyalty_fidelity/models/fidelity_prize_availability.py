from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .fidelity_prize import MAX_COUNT, MAX_PICKUP_DAYS


class FidelityPrize(models.Model):
    """Who may have a prize, where, and how many there are.

    Invariants: of a limited number never more are out, given or reserved, than the limit; no member has more of a prize
    than it allows him. Both hold for any number of tills at once: who takes one first writes over, unchanged, the row of
    the prize and that of the account, so of two at the same moment the second fails to serialise and is tried again.
    """

    _inherit = "fidelity.prize"

    store_ids = fields.Many2many("fidelity.store", string="Stores", help="Where it is given. Empty: in all stores.")
    tier_ids = fields.Many2many(
        "fidelity.tier",
        string="Tiers",
        domain="[('card_type_id', '=', card_type_id)]",
        help="Who may have it. Empty: every member.",
    )
    availability = fields.Selection(
        [("unlimited", "As many as are wanted"), ("limited", "A limited number")],
        required=True,
        default="unlimited",
        help="How many there are. A limited number goes down with every prize that is given or reserved.",
    )
    limit_count = fields.Integer(string="Number", help="How many there are in all, those already given included.")
    left_count = fields.Integer(
        string="Left", compute="_compute_left_count", help="How many can still be given: what is reserved does not count."
    )
    member_limit = fields.Integer(
        string="Each member", help="How many one member may have in all. Zero: as many as he can pay for."
    )
    reservable = fields.Boolean(
        string="Can be reserved", default=True, help="It can be set aside for a member, who collects it in a store later."
    )
    pickup_days = fields.Integer(
        string="Days to collect",
        default=14,
        help="How long a reserved prize waits in the store. Then it goes back, and the member gets his points back.",
    )
    reservation_ids = fields.One2many("fidelity.reservation", "prize_id", help="Set aside for members who collect it.")

    @api.depends("availability", "limit_count")
    def _compute_left_count(self):
        left = self._left_counts()
        for prize in self:
            prize.left_count = left.get(prize._origin.id, 0)

    @api.constrains("availability", "limit_count", "member_limit", "pickup_days", "reservable")
    def _check_counts(self):
        for prize in self:
            if prize.availability == "limited" and not 1 <= prize.limit_count <= MAX_COUNT:
                raise ValidationError(self.env._("%(prize)s: Number says how many there are, at least 1.", prize=prize.name))
            if not 0 <= prize.member_limit <= MAX_COUNT:
                raise ValidationError(
                    self.env._("%(prize)s: Each member cannot be below zero. Zero: as many as he can pay for.", prize=prize.name)
                )
            if prize.reservable and not 1 <= prize.pickup_days <= MAX_PICKUP_DAYS:
                raise ValidationError(
                    self.env._(
                        "%(prize)s: Days to collect is between 1 and %(most)s.",
                        prize=prize.name,
                        most=MAX_PICKUP_DAYS,
                    )
                )

    @api.constrains("tier_ids", "card_type_id")
    def _check_tiers(self):
        for prize in self:
            foreign = prize.tier_ids.filtered(lambda tier, prize=prize: tier.card_type_id != prize.card_type_id)
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(prize)s: Tiers has %(tier)s, which is no tier of %(card_type)s.",
                        prize=prize.name,
                        tier=foreign[0].name,
                        card_type=prize.card_type_id.name,
                    )
                )

    # -- counting ----------------------------------------------------------------------------------------------------

    def _taken_counts(self, members=None):
        """How many of these prizes are out: given and kept, or set aside.

        :param members: only what these members have
        :return: dict prize id → number
        """
        if not self._origin.ids:
            return {}
        mine = SQL(" AND member_id IN %s", tuple(members.ids) or (None,)) if members is not None else SQL()
        self.env["fidelity.reservation"].flush_model(["prize_id", "member_id", "posting_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT prize_id, sum(number)::int FROM (
                    SELECT prize_id, CASE WHEN op_key LIKE %(undo)s THEN -1 ELSE 1 END AS number
                      FROM fidelity_posting WHERE prize_id IN %(prizes)s AND kind = 'redeem'%(mine)s
                     UNION ALL
                    SELECT prize_id, 1 FROM fidelity_reservation
                     WHERE prize_id IN %(prizes)s AND posting_id IS NULL AND state NOT IN ('lapsed', 'cancelled')%(mine)s
                ) taken GROUP BY prize_id
                """,
                undo="%:undo",
                prizes=tuple(self._origin.ids),
                mine=mine,
            )
        )
        return dict(rows)

    def _left_counts(self, store=None):
        """How many of these prizes are left; those without a limit are not in it.

        :param store: where they are to be given, for those whose number depends on it
        :return: dict prize id → number, not negative
        """
        limited = self.filtered(lambda prize: prize.availability == "limited")
        taken = limited._taken_counts()
        return {prize._origin.id: max(0, prize.limit_count - taken.get(prize._origin.id, 0)) for prize in limited}

    def _hold(self):
        """Make who takes one of these at the same moment wait, and look again."""
        limited = self.filtered(lambda prize: prize.availability != "unlimited")
        if limited:
            self.env.execute_query(
                SQL("UPDATE fidelity_prize SET sequence = sequence WHERE id IN %s RETURNING id", tuple(limited.ids))
            )

    # -- who may have it ---------------------------------------------------------------------------------------------

    @api.model
    def _given_to(self, member, today=None, store=None):
        """The prizes that a member may choose from, cheapest first; whether he can afford them is another question.

        :param date today: the day in the user's time zone by default
        :param store: where they are given; without one, what is given anywhere
        """
        if not member.card_type_id:
            return self.browse()
        domain = [
            *self._given_domain(member.card_type_id, today or fields.Date.context_today(self)),
            "|",
            ("tier_ids", "=", False),
            ("tier_ids", "in", member.tier_id.ids),
        ]
        if store:
            domain += ["|", ("store_ids", "=", False), ("store_ids", "in", store.ids)]
        prizes = self.search(domain, order="points, id")
        left, mine = prizes._left_counts(store), {}
        if any(prizes.mapped("member_limit")):
            mine = prizes._taken_counts(member._with_merged())
        return prizes.filtered(
            lambda prize: left.get(prize.id, 1) > 0 and (not prize.member_limit or mine.get(prize.id, 0) < prize.member_limit)
        )

    def _check_given(self, member, store):
        """Refuse what this member cannot have here and now, for another reason than its price.

        :raise UserError: with the reason
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if not self.filtered_domain(self._given_domain(member.card_type_id, today)) or not self.active:
            raise UserError(self.env._("%(prize)s is not given today. Choose another prize.", prize=self.name))
        if self.tier_ids and member.tier_id not in self.tier_ids:
            raise UserError(
                self.env._(
                    "%(prize)s is for %(tiers)s, and %(name)s is not. Choose another prize.",
                    prize=self.name,
                    tiers=", ".join(self.tier_ids.mapped("name")),
                    name=member.display_name,
                )
            )
        if self.store_ids and store not in self.store_ids:
            raise UserError(
                self.env._(
                    "%(prize)s is given in %(stores)s alone. Choose one of these stores.",
                    prize=self.name,
                    stores=", ".join(self.store_ids.mapped("name")),
                )
            )
        self._check_left(member, store)

    def _check_left(self, member, store):
        """Refuse what there is none of, or what this member has already. Callers hold prize and account."""
        if self._left_counts(store).get(self.id, 1) <= 0:
            raise UserError(self.env._("No %(prize)s is left. Choose another prize.", prize=self.name))
        if self.member_limit and self._taken_counts(member._with_merged()).get(self.id, 0) >= self.member_limit:
            raise UserError(
                self.env._(
                    "%(name)s has had %(prize)s %(count)s times, which is all that one member may have.",
                    name=member.display_name,
                    prize=self.name,
                    count=self.member_limit,
                )
            )

    # -- hooks -------------------------------------------------------------------------------------------------------

    def _fidelity_handed_over(self, member, store, reference):
        """One of this prize left the store. What keeps stock extends it.

        :param str reference: what the document of the stock is to say
        """

    def _fidelity_came_back(self, member, store, reference):
        """One of this prize, handed over before, came back to the store. What keeps stock extends it."""
