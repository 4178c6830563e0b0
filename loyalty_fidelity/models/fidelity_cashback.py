from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class FidelityCardType(models.Model):
    """What members may do with their cashback. No part of the rules: a change counts from now on, and a purchase that a till
    made before it knew stands, with a flag (``cashback_unallowed``).
    """

    _inherit = "fidelity.card.type"

    cashback_spending = fields.Boolean(
        string="Members shop with their cashback",
        default=True,
        help="Tills take cashback off a sale when the member wants it. Off: it is only collected, or paid out.",
    )
    cashback_spend_minimum = fields.Monetary(
        string="Use cashback from", help="The least that a sale is paid with at a time. Zero: any amount."
    )
    cashback_payout_minimum = fields.Monetary(string="Pay out from", help="The least that is paid out at a time. Zero: any amount.")

    @api.constrains("cashback_spend_minimum", "cashback_payout_minimum")
    def _check_cashback_minimums(self):
        for card_type in self:
            for name in ("cashback_spend_minimum", "cashback_payout_minimum"):
                if card_type[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(name)s: “%(field)s” cannot be below zero.",
                            name=card_type.name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    def _cashback_minimum(self, name):
        """The least of cashback that may move at a time, in minor units.

        :param str name: of the field
        """
        return round(self[name] * 10**self.currency_id.decimal_places)

    def _check_cashback_spending(self, amount_minor):
        """Refuse to spend an amount of cashback, in minor units, that this card type does not allow.

        :raise UserError: with the way out
        """
        self.ensure_one()
        if not self.cashback_spending:
            raise UserError(
                self.env._(
                    "Cashback of %(card_type)s is not for shopping. A manager can allow it on the card type, page Expiry and spending.",
                    card_type=self.name,
                )
            )
        self._check_cashback_minimum("cashback_spend_minimum", amount_minor)

    def _check_cashback_minimum(self, name, amount_minor):
        """Refuse less than the least that may move at a time.

        :raise UserError: saying what it is
        """
        if amount_minor < self._cashback_minimum(name):
            least = self.currency_id.format(self[name])
            raise UserError(
                self.env._("Cashback of %(card_type)s moves from %(least)s on. Enter more.", card_type=self.name, least=least)
            )
