from collections import Counter

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL, create_index

from ..rules import card_number, number_scheme
from .fidelity_card_event import STATES

PROTECTED = frozenset(
    {
        "number", "card_type_id", "member_id", "state", "state_reason", "state_at", "replaced_by_id", "predecessor_id",
        "replace_date", "batch_id",
    }
)  # fmt: skip

#: From which states a card may come to each state.
TRANSITIONS = {
    "active": ("draft", "blocked", "lost"),
    "blocked": ("active",),
    "lost": ("active", "blocked"),
    "replaced": ("active", "blocked", "lost"),
    "expired": ("draft", "active", "blocked"),
}


class FidelityCard(models.Model):
    """A token that identifies a member. It holds no value: replacing it moves nothing.

    Invariants: the number is unique, of its type's scheme, and never changes; the member is set once; the state moves along
    :data:`TRANSITIONS`, and every move is in its history.
    """

    _name = "fidelity.card"
    _description = "Card"
    _order = "id desc"
    _rec_name = "number"

    number = fields.Char(
        required=True, readonly=True, copy=False, help="The digits below the bars. Left empty, the next free number is taken."
    )
    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, ondelete="restrict", index=True, help="What kind of card it is."
    )
    company_id = fields.Many2one(related="card_type_id.company_id", store=True, index=True)
    member_id = fields.Many2one(
        "fidelity.member", ondelete="restrict", index="btree_not_null", help="Whom it identifies. Empty: not given out yet."
    )
    partner_id = fields.Many2one(related="member_id.partner_id", string="Customer")
    medium = fields.Selection(
        [("barcode", "Barcode"), ("stripe", "Magnetic stripe"), ("chip", "Chip"), ("virtual", "Virtual")],
        required=True,
        default="barcode",
        help="How readers read it.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        index=True,
        help="Only an active card earns and spends.",
    )
    state_at = fields.Datetime(readonly=True, help="Since when it is in this state.")
    state_reason = fields.Char(readonly=True, help="Why.")
    replaced_by_id = fields.Many2one("fidelity.card", readonly=True, help="The card given instead.")
    masked = fields.Char(compute="_compute_masked", help="The number as others may read it.")

    _number_unique = models.Constraint("unique(number)", "Another card has this number.")

    @api.private
    def init(self):
        """An index for searches by a part of a number, where PostgreSQL has what it takes."""
        res = super().init()
        if self.env.registry.has_trigram:
            column = "number"
            if self.env.registry.has_unaccent == FunctionStatus.INDEXABLE:
                column = self.env.registry.unaccent(column)
            create_index(self.env.cr, "fidelity_card_number_part", self._table, [f"{column} gin_trgm_ops"], "gin")
        return res

    @api.depends("number")
    def _compute_masked(self):
        for card in self:
            card.masked = card_number.mask(card.number or "")

    @api.model_create_multi
    def create(self, vals_list):
        """Make cards. A card made with a member is active at once."""
        now, today = fields.Datetime.now(), fields.Date.context_today(self)
        numbers = self._numbers_for(vals_list)
        for vals in vals_list:
            card_type = self.env["fidelity.card.type"].browse(vals.get("card_type_id"))
            member = self.env["fidelity.member"].browse(vals.get("member_id"))
            self._check_member(card_type, member)
            number = vals.get("number")
            vals["number"] = self._checked_number(card_type, number) if number else next(numbers[card_type.id])
            vals["state"] = "active" if member else "draft"
            vals["state_at"] = now
            for name in ("replaced_by_id", "state_reason", "predecessor_id", "replace_date", "batch_id"):
                vals.pop(name, None)
            if member:
                vals.setdefault("expires_date", card_type._expires_from(today))
        cards = super().create(vals_list)
        cards.filtered("member_id")._note(dict.fromkeys(cards.ids))
        return cards

    @api.model
    def _numbers_for(self, vals_list):
        """The next numbers for the cards that have none yet.

        :return: dict of a card type's id → iterator
        """
        wanted = Counter(vals.get("card_type_id") for vals in vals_list if not vals.get("number"))
        card_types = self.env["fidelity.card.type"]
        return {type_id: iter(card_types.browse(type_id)._next_numbers(count)) for type_id, count in wanted.items() if type_id}

    def _note(self, before, reason=None):
        """Add what these cards are now to their history.

        :param dict before: id → the state that each had; None when it was made
        """
        if not self:
            return
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "WITH b AS (SELECT * FROM jsonb_to_recordset(%s) AS b(id int, from_state text)),"
                " c AS (SELECT c.id, b.from_state, c.state, c.member_id FROM fidelity_card c JOIN b ON b.id = c.id) %s",
                Json([{"id": card.id, "from_state": before[card.id]} for card in self]),
                self.env["fidelity.card.event"]._insert_sql("c", reason),
            )
        )
        self.invalidate_recordset(["event_ids"])

    def write(self, vals):
        if PROTECTED & vals.keys():
            raise AccessError(
                self.env._(
                    "The number, type, member and state of a card do not change by editing it. "
                    "Use its buttons: give out, block, unblock, report lost, replace."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given_out(self):
        if any(card.state != "draft" for card in self):
            raise UserError(self.env._("A card that was given out is blocked or replaced, not deleted."))

    @api.model
    def _checked_number(self, card_type, number):
        """The normal form of a number.

        :raise ValidationError: it is malformed, has a wrong check digit, or is not in the type's number space
        """
        recognition = number_scheme.recognise(number, (card_type._scheme(),))
        if recognition.status == "card":
            return recognition.number
        if recognition.status == "check_digit":
            raise ValidationError(self.env._("The last digit of %(number)s is not right. Check the number.", number=number))
        raise ValidationError(
            self.env._(
                "%(number)s is not a number of %(type)s: it needs %(length)s digits starting with %(prefix)s.",
                number=number,
                type=card_type.name,
                length=card_type.number_length,
                prefix=card_type.number_prefix,
            )
        )

    def _set_state(self, state, reason=None, **extra):
        """Move cards to a state. Callers have checked the right to.

        :raise UserError: a card is in a state from which that is not possible
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for card in self:
            if card.state not in TRANSITIONS[state]:
                raise UserError(
                    self.env._(
                        "Card %(number)s is %(state)s: it cannot become %(target)s.",
                        number=card.masked,
                        state=labels[card.state].lower(),
                        target=labels[state].lower(),
                    )
                )
        before = {card.id: card.state for card in self}
        res = super().write({"state": state, "state_reason": reason or False, "state_at": fields.Datetime.now(), **extra})
        self._note(before, reason)
        return res

    @api.model
    def _check_member(self, card_type, member):
        """Whether a member, if there is one, can be given a card of this type.

        :raise UserError: he cannot
        """
        if member and member.card_type_id != card_type:
            raise ValidationError(self.env._("The member belongs to another card type. Choose a card of his type."))
        if member.state == "merged":
            raise UserError(
                self.env._(
                    "%(name)s was merged into %(survivor)s: give the card to %(survivor)s.",
                    name=member.display_name,
                    survivor=member._surviving().display_name,
                )
            )

    def _reassign(self, member, reason=None):
        """Give cards, whatever their state, to the member into whom theirs was merged, or back."""
        res = super().write({"member_id": member.id})
        self._note({card.id: card.state for card in self}, reason or self.env._("Member merged"))
        return res

    def _give_out(self, member):
        """Give a card that nobody has to a member."""
        self.ensure_one()
        if self.member_id or self.state != "draft":
            raise UserError(self.env._("Card %(number)s is already given out. Take another one.", number=self.masked))
        self._check_member(self.card_type_id, member)
        earlier = self.predecessor_id.member_id._surviving()
        if earlier and earlier != member:
            raise UserError(
                self.env._(
                    "Card %(number)s was made for %(name)s, in place of an earlier card. Take another one.",
                    number=self.masked,
                    name=earlier.display_name,
                )
            )
        expires_date = self.expires_date or self.card_type_id._expires_from(fields.Date.context_today(self))
        return self._set_state("active", member_id=member.id, expires_date=expires_date)

    def _replace(self, reason=None, new_card=None):
        """Give a new card instead of this one; the old one stops working, nothing else moves.

        :param new_card: a card that nobody has; the next number by default
        :return: the new card
        """
        self.ensure_one()
        if not self.member_id:
            raise UserError(self.env._("Card %(number)s belongs to nobody: there is nothing to replace.", number=self.masked))
        if new_card:
            new_card._give_out(self.member_id)
        else:
            new_card = self.create([{"card_type_id": self.card_type_id.id, "member_id": self.member_id.id, "medium": self.medium}])
        self._set_state("replaced", reason, replaced_by_id=new_card.id)
        return new_card

    def action_give_out(self):
        """Ask to whom, then give the card out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give out card %(number)s", number=self.number),
            "res_model": "fidelity.card.issue",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_id": self.id, "default_card_type_id": self.card_type_id.id},
        }

    def action_block(self):
        """Ask why, then block."""
        return self._action_change("blocked")

    def action_report_lost(self):
        """Ask for a note, then mark as lost."""
        return self._action_change("lost")

    def action_reactivate(self):
        """Ask why, then let the card work again."""
        return self._action_change("active")

    def action_replace(self):
        """Ask why, then give a new card."""
        return self._action_change("replaced")

    def _action_change(self, state):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the state of a card"),
            "res_model": "fidelity.card.state",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_ids": self.ids, "default_state": state},
        }
