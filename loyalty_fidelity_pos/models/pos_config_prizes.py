from odoo import models

from odoo.addons.loyalty_fidelity.rules import number_scheme

MOST_PRIZES = 60


class PosConfig(models.Model):
    """What a till asks when a member wants to choose a prize."""

    _inherit = "pos.config"

    def fidelity_prizes(self, number):
        """The prizes of goods that a member may choose from at this till, cheapest first.

        :param str number: of the card
        :return: dict with ``status`` ``ok``, ``available`` (points that can be spent now) and ``prizes``: dicts with ``id``, ``name``,
            ``description``, ``points``, ``money`` (an amount, tax included), ``product_id`` and ``missing`` points; or ``status``
            ``refused`` and ``message``, a sentence with the way out
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        recognition = number_scheme.recognise(str(number)[:64], self.env["fidelity.card.type"]._schemes())
        card = recognition.number and self.env["fidelity.card"].sudo()._identify(recognition.number)
        problem = self.env["fidelity.receipt"]._refusal_of(card, self.company_id.id) if card else "unknown"
        if problem:
            refusal = self._fidelity_refuse(problem.removeprefix("card_"), recognition.number or None, card)
            return {"status": "refused", "message": refusal["message"]}
        member = self.env["fidelity.member"].sudo().browse(card["member_id"])
        available = member.available_points
        prizes = self.env["fidelity.prize"].sudo()._given_to(member, store=self.sudo().fidelity_store_id)
        offered = prizes.filtered(
            lambda prize: (
                prize.kind == "product"
                and prize.product_id.available_in_pos
                and (not prize.money_part or prize.currency_id == self.currency_id)
            )
        )
        return {
            "status": "ok",
            "available": available,
            "prizes": [
                {
                    "id": prize.id,
                    "name": prize.name,
                    "description": prize.description or "",
                    "points": prize.points,
                    "money": prize.money_part,
                    "product_id": prize.product_id.id,
                    "missing": max(0, prize.points - available),
                }
                for prize in offered[:MOST_PRIZES]
            ],
        }
