from odoo import models

from odoo.addons.loyalty_fidelity.models.claim import is_text
from odoo.addons.loyalty_fidelity.models.fidelity_code_use import Occasion

LONGEST_KEY = 64
ANY_RECEIPT = 2**53


class PosConfig(models.Model):
    """What a till asks when a customer brings a code."""

    _inherit = "pos.config"

    def fidelity_code(self, raw, key, number=None):
        """What a code gives here, now; it is set aside for a sale, and used when that is paid. Whether the receipt is large enough
        is not asked: the basket may grow.

        :param str raw: what was read or typed
        :param str key: of the sale, its uuid
        :param str number: of the card on it, if one is
        :return: dict with ``status`` ``ok``, ``id``, ``code``, ``name``, ``text`` (what it gives, as one says it), ``amount_minor``,
            ``percent_bps`` and ``minimum_minor`` (of the rules' ``Voucher``), ``selector`` (of the rules; null: it is for all products)
            and ``personal``, whether it needs that card; or ``status`` ``refused`` and ``message``, a sentence with the way out
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        codes = self.env["fidelity.code"].sudo().with_company(self.company_id)
        code = codes._look_up(raw) if is_text(key, LONGEST_KEY) else codes
        occasion = Occasion(
            company=self.company_id.sudo(),
            member=self._fidelity_member_or_why(number)[0] if is_text(number, LONGEST_KEY) else None,
            store=self.sudo().fidelity_store_id,
            receipt_minor=ANY_RECEIPT,
            currency=self.currency_id,
        )
        problem = code._problem(occasion)
        if not problem and not code._set_aside_for(key, self.name):
            problem = "held"
        if problem:
            return {"status": "refused", "message": code._refusal(problem)}
        voucher = code._voucher()
        return {
            "status": "ok",
            "id": code.id,
            "code": code.code,
            "name": code.list_id.name,
            "text": code.worth_text,
            "amount_minor": voucher.amount_minor,
            "percent_bps": voucher.percent_bps,
            "minimum_minor": voucher.minimum_minor,
            "selector": code.worth_version_id._rule() if code.worth_version_id else None,
            "personal": bool(not code.bearer or code.card_type_id or code.worth in ("points", "gift")),
        }

    def fidelity_code_release(self, raw, key):
        """Let a code go that this till has set aside. Letting go twice changes nothing.

        :param str key: as of :meth:`fidelity_code`
        :return: whether it ended now
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        self.check_access("read")
        return is_text(key, LONGEST_KEY) and self.env["fidelity.code"].sudo()._look_up(raw)._come_free(key)
