from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.loyalty_fidelity.models.claim import is_text

LONGEST_KEY = 64
MOST_POINTS = 2**53


class PosConfig(models.Model):
    """What a till asks when points are to be spent: set them aside, or let them go again."""

    _inherit = "pos.config"

    def fidelity_hold(self, number, points, key):
        """Set points of a card aside for a basket. A call of its own: nothing else is done in its transaction.

        :param str number: of the card
        :param int points: how many
        :param str key: makes it unique, a uuid; asking again with the same key changes nothing
        :return: dict with ``status`` ``ok``, ``key``, ``points``, ``until`` (UTC) and ``available``, what can be spent besides;
            or ``status`` ``refused`` and ``message``, a sentence with the way out
        :raise AccessError: the user may not use this till
        """
        if not is_text(key, LONGEST_KEY) or type(points) is not int or not 0 < points < MOST_POINTS:
            return {"status": "refused", "message": self.env._("Enter how many points to spend, at least 1.")}
        answer, hold = self._fidelity_take(number, points, key, "points")
        return {**answer, "points": points, "available": hold.member_id.available_points} if hold else answer

    def fidelity_hold_cashback(self, number, amount_minor, key):
        """Set cashback of a card aside for a basket. A call of its own: nothing else is done in its transaction.

        :param str number: of the card
        :param int amount_minor: how much, in minor units of the card type's currency
        :param str key: as of :meth:`fidelity_hold`
        :return: as :meth:`fidelity_hold`, with ``amount_minor`` instead of ``points``
        :raise AccessError: the user may not use this till
        """
        if not is_text(key, LONGEST_KEY) or type(amount_minor) is not int or not 0 < amount_minor < MOST_POINTS:
            return {"status": "refused", "message": self.env._("Enter how much cashback to spend, above zero.")}
        answer, hold = self._fidelity_take(number, amount_minor, key, "money")
        return {**answer, "amount_minor": amount_minor, "available": hold.account_id.available} if hold else answer

    def _fidelity_take(self, number, quantity, key, unit):
        """Set something aside.

        :return: (answer, hold or None where it is refused)
        """
        self.ensure_one()
        self.check_access("read")
        member, message = self._fidelity_member_or_why(number)
        if message:
            return self._fidelity_no(message), None
        try:
            if unit == "money":
                self._fidelity_check_cashback(member.card_type_id, quantity)
            hold = (
                self.env["fidelity.hold"]
                .sudo()
                ._take_at_once(
                    member,
                    quantity,
                    key,
                    unit=unit,
                    store=self.sudo().fidelity_store_id,
                    till_name=self.name,
                )
            )
        except UserError as error:
            return {"status": "refused", "message": error.args[0]}, None
        return {"status": "ok", "key": key, "until": fields.Datetime.to_string(hold.expires_at)}, hold

    def _fidelity_check_cashback(self, card_type, amount_minor):
        """Refuse cashback that the card type does not let a member spend, or that is not in this till's money.

        :raise UserError: with the way out
        """
        if card_type.currency_id != self.currency_id:
            raise UserError(
                self.env._(
                    "%(card_type)s counts in %(currency)s, this till in %(own)s: use its cashback at a till in %(currency)s.",
                    card_type=card_type.name,
                    currency=card_type.currency_id.name,
                    own=self.currency_id.name,
                )
            )
        card_type._check_cashback_spending(amount_minor)

    def fidelity_release(self, key):
        """Let points go that this till has set aside. Letting go twice changes nothing.

        :param str key: of the hold
        :return: whether it ended now
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        if not is_text(key, LONGEST_KEY):
            return False
        own = [("key", "=", key), ("till_name", "=", self.name), ("company_id", "child_of", self.company_id.root_id.id)]
        return bool(self.env["fidelity.hold"].sudo().search(own)._release())
