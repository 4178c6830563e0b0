import base64

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.loyalty_fidelity.models.claim import is_text
from odoo.addons.loyalty_fidelity.rules import number_scheme

MOST_PRIZES = 60
MOST_ID = 2**31
LONGEST_KEY = 50


class PosConfig(models.Model):
    """What a till asks when a member wants a prize. Goods are lines of the sale; what is no article is given at once."""

    _inherit = "pos.config"

    def fidelity_prizes(self, number):
        """The prizes that a member may choose from here, cheapest first.

        :param str number: of the card
        :return: dict with ``status`` ``ok``, ``available`` (points that can be spent now) and ``prizes``: dicts with ``id``, ``name``,
            ``description``, ``points``, ``money`` (an amount, tax included), ``product_id``, ``missing`` points and ``how`` it is given:
            as a ``line`` of the sale, ``at_once``, or in the back ``office``; or ``status`` ``refused`` and ``message``, a sentence with
            the way out
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        member, message = self._fidelity_member_or_why(number)
        if message:
            return {"status": "refused", "message": message}
        available = member.available_points
        prizes = self.env["fidelity.prize"].sudo()._given_to(member, store=self.sudo().fidelity_store_id)
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
                    "how": self._fidelity_how(prize),
                }
                for prize in prizes[:MOST_PRIZES]
            ],
        }

    def _fidelity_how(self, prize):
        """How this till gives a prize: as a ``line`` of the sale, ``at_once``, or not at all (``office``): in the back office."""
        sold = prize.product_id.available_in_pos and prize.kind != "voucher"
        if sold and (not prize.money_part or prize.currency_id == self.currency_id):
            return "line"
        return "office" if prize.money_part else "at_once"

    def _fidelity_member_or_why(self, number):
        """The member of a card that works at this till.

        :return: (member, or None; why not, a sentence with the way out)
        """
        recognition = number_scheme.recognise(str(number)[:64], self.env["fidelity.card.type"]._schemes())
        card = recognition.number and self.env["fidelity.card"].sudo()._identify(recognition.number)
        problem = self.env["fidelity.receipt"]._refusal_of(card, self.company_id.id) if card else "unknown"
        if problem:
            refusal = self._fidelity_refuse(problem.removeprefix("card_"), recognition.number or None, card)
            return None, refusal["message"]
        return self.env["fidelity.member"].sudo().browse(card["member_id"]), None

    # -- given at once -----------------------------------------------------------------------------------------------

    def fidelity_give_prize(self, number, prize_id, key):
        """Give a member a prize that is no line of the sale, for its points: a voucher, a service, a sample. Asked again with the same
        key it is given once.

        :param str number: of the card
        :param int prize_id: as :meth:`fidelity_prizes` lists it
        :param str key: makes it unique, a uuid
        :return: dict with ``status`` ``ok``, ``name``, ``points`` (what it cost), ``balance`` and, for a voucher, ``code``: its ``text``
            as printed, ``bars`` (SVG), ``worth`` and ``until``, in words; or ``status`` ``refused`` and ``message``, a sentence with the
            way out
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        if not is_text(key, LONGEST_KEY) or type(prize_id) is not int or not 0 < prize_id < MOST_ID:
            return self._fidelity_no(self.env._("Choose a prize."))
        postings = self.env["fidelity.posting"].sudo().with_company(self.company_id)
        given = postings.search([("op_key", "=", self._fidelity_prize_key(key))])
        if given:
            return self._fidelity_given(given, prize_id)
        member, message = self._fidelity_member_or_why(number)
        if message:
            return self._fidelity_no(message)
        if self.current_session_id.state != "opened":
            return self._fidelity_no(self.env._("Open the register first, then give the prize."))
        prize = self.env["fidelity.prize"].sudo().browse(prize_id).exists()
        if not prize or prize.card_type_id != member.card_type_id or self._fidelity_how(prize) != "at_once":
            return self._fidelity_no(self.env._("This prize cannot be given at this till. Choose another prize."))
        try:
            with self.env.cr.savepoint():
                given = member.with_company(self.company_id)._take_prize(prize, f"till:{key}", self.sudo().fidelity_store_id)
        except UserError as error:
            return self._fidelity_no(error.args[0])
        return self._fidelity_given(given, prize_id)

    def fidelity_take_back_prize(self, key):
        """Take a prize back that this cashier has just given, while the till is open. Taking it back twice does it once.

        :param str key: of :meth:`fidelity_give_prize`
        :return: dict with ``status`` ``ok`` and ``balance``; or ``status`` ``refused`` and ``message``
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        postings = self.env["fidelity.posting"].sudo().with_company(self.company_id)
        given = is_text(key, LONGEST_KEY) and postings.search([("op_key", "=", self._fidelity_prize_key(key))])
        session = self.current_session_id.sudo()
        here = given and given.author_uid == self.env.uid and given.store_id == self.sudo().fidelity_store_id
        if not here or not session.start_at or given.posted_at < session.start_at:
            return self._fidelity_no(self.env._("Only a prize that you gave here today can be taken back. Ask a loyalty manager."))
        try:
            with self.env.cr.savepoint():
                given._take_back(self.env._("Taken back at %(till)s", till=self.name))
        except UserError as error:
            return self._fidelity_no(error.args[0])
        return {"status": "ok", "balance": self._fidelity_points_of(given)}

    def _fidelity_prize_key(self, key):
        return f"redeem:till:{key}"

    def _fidelity_given(self, given, prize_id):
        """What a till is told of a prize that it gave, the first time and whenever it asks again."""
        if given.prize_id.id != prize_id or given.is_undone:
            return self._fidelity_no(self.env._("This was used before. Begin anew."))
        answer = {
            "status": "ok",
            "name": given.prize_id.name,
            "points": -given.points,
            "balance": self._fidelity_points_of(given),
        }
        code = given.code_ids[:1]
        if code:
            answer["code"] = {
                "text": code.code_text,
                "bars": base64.b64encode(code._code128()).decode(),
                "worth": code.worth_text,
                "until": format_date(self.env, code.to_date) if code.to_date else "",
            }
        return answer

    def _fidelity_points_of(self, posting):
        """The points of the member of a posting by now."""
        member = posting.member_id.merged_into_id or posting.member_id
        account = member.holder_id.account_ids.filtered(lambda one: one.unit == "points")
        return int(account._balances()[account.id])
