from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import card_number, number_scheme
from . import card_sheet

MOST = 2_000


class FidelityCardPrint(models.TransientModel):
    """Cards as labels, sheets or plastic cards, with their symbol."""

    _name = "fidelity.card.print"
    _description = "Print of cards"

    card_ids = fields.Many2many("fidelity.card", string="Cards", help="The cards to print.")
    batch_id = fields.Many2one("fidelity.card.batch", help="Print the cards of this batch.")
    first = fields.Integer(string="From card", default=1, help="The place in the batch of the first card to print.")
    count = fields.Integer(string="How many", default=MOST, help="How many to print, at most 2,000 in one file.")
    layout = fields.Selection(
        [
            ("a4_24", "Labels on A4, 3 × 8 of 70 × 37 mm"),
            ("a4_cards", "Cards on A4, 2 × 5 of 85.6 × 54 mm"),
            ("card", "One card a page, 85.6 × 54 mm"),
            ("own", "One a page, own size"),
        ],
        string="Paper",
        required=True,
        default="a4_24",
        help="What they are printed on.",
    )
    width_mm = fields.Float(string="Width (mm)", default=60, help="Width of a label in millimetres, from 20 to 300.")
    height_mm = fields.Float(string="Height (mm)", default=30, help="Height of a label in millimetres, from 15 to 300.")
    number = fields.Selection(
        [("full", "The whole number"), ("masked", "The last four digits"), ("none", "Nothing")],
        string="Below the bars",
        required=True,
        default="full",
        help="What people can read below the bars.",
    )
    with_type = fields.Boolean(string="Name of the card type", default=True, help="Print it above the bars.")
    with_member = fields.Boolean(string="Member's name", help="Print whose card it is.")

    @api.model
    def _ask(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print cards"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def _chosen(self):
        """The cards to print.

        :raise UserError: there are none, or too many for one file
        """
        self.ensure_one()
        if not self.batch_id:
            if not self.card_ids:
                raise UserError(self.env._("Choose the cards to print."))
            if len(self.card_ids) > MOST:
                raise UserError(self.env._("At most 2,000 cards fit in one file. Choose fewer."))
            return self.card_ids
        if self.first < 1 or not 1 <= self.count <= MOST:
            raise UserError(self.env._("From card, how many: start at 1 or later and print from 1 to 2,000 in one file."))
        cards = self.env["fidelity.card"].search(
            [("batch_id", "=", self.batch_id.id)], order="id", offset=self.first - 1, limit=self.count
        )
        if not cards:
            raise UserError(self.env._("The batch has no card number %(first)s.", first=self.first))
        return cards

    def action_print(self):
        """Open the PDF."""
        self._check_size(self._chosen())
        return {"type": "ir.actions.act_url", "url": f"/loyalty_fidelity/cards/{self.id}/pdf", "target": "new"}

    def _check_size(self, cards):
        """Refuse a paper on which no scanner could read the bars.

        :raise UserError: it is too small, or too large
        """
        if self.layout == "own" and not (20 <= self.width_mm <= 300 and 15 <= self.height_mm <= 300):
            raise UserError(self.env._("Width and height: enter from 20 × 15 to 300 × 300 millimetres."))
        page = card_sheet.layout(self.layout, self.width_mm, self.height_mm)
        for card_type in cards.card_type_id:
            number = cards.filtered(lambda card, card_type=card_type: card.card_type_id == card_type)[:1].number
            symbology = number_scheme.symbology(card_type._scheme())
            if card_sheet.module_mm(symbology, number, page.label[0]) < card_sheet.THINNEST_MM:
                raise UserError(
                    self.env._(
                        "Width: the bars of %(type)s would be too thin for a scanner. Choose a wider label.", type=card_type.name
                    )
                )

    def _pdf(self):
        """The cards as PDF.

        :return: bytes
        """
        cards = self._chosen()
        cards.check_access("read")
        self._check_size(cards)
        texts = {"full": lambda number: number, "masked": card_number.mask, "none": lambda number: ""}
        drawn = []
        for card in cards:
            member = card.member_id or card.predecessor_id.member_id
            drawn.append(
                {
                    "title": card.card_type_id.name if self.with_type else "",
                    "symbology": number_scheme.symbology(card.card_type_id._scheme()),
                    "number": card.number,
                    "text": texts[self.number](card.number),
                    "name": member.display_name if self.with_member and member else "",
                }
            )
        return card_sheet.draw(drawn, card_sheet.layout(self.layout, self.width_mm, self.height_mm))


class FidelityCard(models.Model):
    _inherit = "fidelity.card"

    def action_print(self):
        """Ask how, then print these cards."""
        return self.env["fidelity.card.print"]._ask({"default_card_ids": [(6, 0, self.ids)]})
