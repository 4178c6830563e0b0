import json

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.loyalty_fidelity.models.claim import LIMIT, is_text


def parse_prize(text):
    """Read what a till says of a prize on a line: evidence, parsed with suspicion.

    :param text: JSON text, or nothing
    :return: dict with ``prize_id`` (int) and, where given, ``hold`` (str); empty for anything that is not one

    >>> parse_prize('{"v": 1, "prize_id": 4, "hold": 7}'), parse_prize("nonsense"), parse_prize('{"prize_id": true}')
    ({'prize_id': 4}, {}, {})
    """
    try:
        raw = json.loads(text) if text else None
    except ValueError:
        return {}
    if not isinstance(raw, dict) or type(raw.get("prize_id")) is not int or not 0 < raw["prize_id"] < LIMIT:
        return {}
    return {"prize_id": raw["prize_id"], **({"hold": raw["hold"]} if is_text(raw.get("hold"), 64) else {})}


class PosOrder(models.Model):
    """Prizes that went over the counter with an order: their points are taken as the back office takes them, once a line.

    The goods have left, so a prize that cannot be paid for any more does not stop the sale: a manager sees it. Goods move
    with the order's own picking. A prize that comes back gives its points back.
    """

    _inherit = "pos.order"

    def _fidelity_settle_prizes(self, purchase):
        """Take the points of the prizes of this order, and give back those of the prizes that come back.

        :return: what a manager should see: a set of flags
        """
        self.ensure_one()
        flags = set()
        for line in self.lines:
            original = line.refunded_orderline_id
            if original and line.qty < 0:
                if parse_prize(original.fidelity_prize):
                    self._fidelity_prize_back(original)
            elif (prize := parse_prize(line.fidelity_prize)) and line.qty > 0:
                flags |= self._fidelity_take_prize(purchase, line, prize)
        return flags

    def _fidelity_take_prize(self, purchase, line, said):
        """Post one prize.

        :param dict said: of :func:`parse_prize`
        :return: a set of flags
        """
        receipts = self.env["fidelity.receipt"].sudo().with_company(self.company_id)
        card, problem = receipts._resolve_card(purchase, receipts._occurred_at(purchase, set())[0])
        prize = self.env["fidelity.prize"].sudo().with_context(active_test=False).browse(said["prize_id"]).exists()
        if (
            not card
            or problem
            or prize.card_type_id.id != card["card_type_id"]
            or prize.product_id != line.product_id
            or line.qty != 1
        ):
            return {"prize_refused"}
        member = self.env["fidelity.member"].sudo().browse(card["member_id"])
        account = member.holder_id.account_ids.filtered(lambda one: one.unit == "points")
        hold = self.env["fidelity.hold"].sudo().search([("key", "=", said.get("hold", "")), ("account_id", "=", account.id)])
        if hold.status != "held" or hold.quantity != prize.points:
            hold = None
        postings = self.env["fidelity.posting"].sudo()
        try:
            with self.env.cr.savepoint():
                postings._post_redemption(member, prize, line.uuid, self.config_id.fidelity_store_id, hold)
        except UserError:
            return {"prize_refused"}
        asked = self._fidelity_minor(prize.money_part)
        return {"discount_differs"} if self._fidelity_minor(line.price_subtotal_incl) < asked else set()

    def _fidelity_prize_back(self, original):
        postings = self.env["fidelity.posting"].sudo()
        given = postings.search([("op_key", "=", f"redeem:{original.uuid}")])
        if given:
            reason = self.env._("Came back with %(order)s", order=self.name)
            given.with_context(fidelity_goods_moved=True)._take_back(reason)
