from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.loyalty_fidelity.models.claim import is_text
from odoo.addons.loyalty_fidelity.rules import card_number

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
        self.ensure_one()
        self.check_access("read")
        if not is_text(key, LONGEST_KEY) or type(points) is not int or not 0 < points < MOST_POINTS:
            return {"status": "refused", "message": self.env._("Enter how many points to spend, at least 1.")}
        recognition = card_number.recognise(str(number)[:64], self.env["fidelity.card.type"]._number_prefixes())
        card = recognition.number and self.env["fidelity.card"].sudo()._identify(recognition.number)
        problem = self.env["fidelity.receipt"]._refusal_of(card, self.company_id.id) if card else "unknown"
        if problem:
            refusal = self._fidelity_refuse(problem.removeprefix("card_"), recognition.number or None, card)
            return {"status": "refused", "message": refusal["message"]}
        try:
            hold = (
                self.env["fidelity.hold"]
                .sudo()
                ._take_at_once(
                    self.env["fidelity.member"].sudo().browse(card["member_id"]),
                    points,
                    key,
                    store=self.sudo().fidelity_store_id,
                    till_name=self.name,
                )
            )
        except UserError as error:
            return {"status": "refused", "message": error.args[0]}
        return {
            "status": "ok",
            "key": key,
            "points": points,
            "until": fields.Datetime.to_string(hold.expires_at),
            "available": hold.member_id.available_points,
        }

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
