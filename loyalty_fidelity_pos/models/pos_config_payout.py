from odoo import models
from odoo.exceptions import UserError

from odoo.addons.loyalty_fidelity.models.claim import is_text
from odoo.addons.loyalty_fidelity.rules import number_scheme

from .pos_config_hold import LONGEST_KEY, MOST_POINTS


class PosConfig(models.Model):
    """Cashback that a till pays out in cash: one posting, and one cash move of the session."""

    _inherit = "pos.config"

    def fidelity_pay_out(self, number, amount_minor, key):
        """Pay cashback of a card out of this till's cash. Asked again with the same key it is paid once.

        :param str number: of the card
        :param int amount_minor: how much, in minor units of the card type's currency
        :param str key: makes it unique, a uuid
        :return: dict with ``status`` ``ok`` and ``balance_minor``, what is left; or ``refused`` and ``message``, a sentence with the
            way out
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        if not is_text(key, LONGEST_KEY) or type(amount_minor) is not int or not 0 < amount_minor < MOST_POINTS:
            return self._fidelity_no(self.env._("Enter how much cashback to pay out, above zero."))
        recognition = number_scheme.recognise(str(number)[:64], self.env["fidelity.card.type"]._schemes())
        card = recognition.number and self.env["fidelity.card"].sudo()._identify(recognition.number)
        paid = self.env["fidelity.posting"].sudo()._payout_of(key)
        if paid:
            # The customer has his money: whatever was closed or blocked since, the till is told so.
            return self._fidelity_paid_out(paid, card, amount_minor)
        problem = self.env["fidelity.receipt"]._refusal_of(card, self.company_id.id) if card else "unknown"
        if problem:
            refusal = self._fidelity_refuse(problem.removeprefix("card_"), recognition.number or None, card)
            return self._fidelity_no(refusal["message"])
        member = self.env["fidelity.member"].sudo().browse(card["member_id"])
        session = self.current_session_id
        if session.state != "opened":
            return self._fidelity_no(self.env._("Open the register first: cashback is paid out of its cash."))
        if not session.cash_journal_id:
            return self._fidelity_no(self.env._("This till has no cash to pay cashback out of. Add a cash payment method to it."))
        currency = member.card_type_id.currency_id
        if currency != self.currency_id:
            return self._fidelity_no(
                self.env._(
                    "%(card_type)s counts in %(currency)s, this till in %(own)s: pay it out at a till in %(currency)s.",
                    card_type=member.card_type_id.name,
                    currency=currency.name,
                    own=self.currency_id.name,
                )
            )
        try:
            with self.env.cr.savepoint():
                posting, made = (
                    self.env["fidelity.posting"]
                    .sudo()
                    ._post_payout(member, amount_minor, key, self.sudo().fidelity_store_id, session.sudo())
                )
                if made:
                    amount = amount_minor / 10**currency.decimal_places
                    extras = {"translatedType": self.env._("out"), "formattedAmount": currency.format(amount)}
                    # What a cashier may do here is checked above; Odoo's cash move would ask for rights in accounting.
                    session.sudo().try_cash_in_out("out", amount, posting.reason, self.env.user.partner_id.id, extras)
        except UserError as error:
            return self._fidelity_no(error.args[0])
        return self._fidelity_paid_out(posting, card, amount_minor)

    def _fidelity_paid_out(self, posting, card, amount_minor):
        """What a till is told of a payout, the first time and whenever it asks again."""
        member = posting.member_id.merged_into_id or posting.member_id
        if not card or card["member_id"] != member.id or -posting.entry_ids.quantity != amount_minor:
            return self._fidelity_no(self.env._("This was used before. Begin anew."))
        account = member.holder_id.account_ids.filtered(lambda one: one.unit == "money")
        return {"status": "ok", "balance_minor": int(account._balances()[account.id])}

    def _fidelity_no(self, message):
        return {"status": "refused", "message": message}
