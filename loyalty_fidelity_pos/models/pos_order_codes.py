import json

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.loyalty_fidelity.models.claim import is_text
from odoo.addons.loyalty_fidelity.models.fidelity_code_use import Occasion

MOST_CODES = 5


def parse_codes(text):
    """Read what a till says of the codes on an order: evidence, parsed with suspicion.

    :param text: JSON text, or nothing
    :return: codes, as read, each once, in their order; empty for anything that is no list of them

    >>> parse_codes('{"codes": [{"code": "23456789ABCDEFB", "name": 4}, 7]}'), parse_codes("nonsense"), parse_codes('{"codes": 1}')
    (['23456789ABCDEFB'], [], [])
    """
    try:
        raw = json.loads(text) if text else None
    except ValueError:
        return []
    said = raw.get("codes") if isinstance(raw, dict) else None
    if not isinstance(said, list):
        return []
    found = [each["code"] for each in said if isinstance(each, dict) and is_text(each.get("code"), 64)]
    return list(dict.fromkeys(found))[:MOST_CODES]


class PosOrder(models.Model):
    """Codes on an order are used when it is posted, once by its key. A code that cannot be used any more does not stop the sale:
    a manager sees it."""

    _inherit = "pos.order"

    fidelity_codes = fields.Char(
        copy=False, readonly=True, help="The codes on this order, as the till knew them: evidence, never the truth."
    )

    def _fidelity_redeem_codes(self, purchase):
        """Use the codes of this order.

        :return: (what they take off, :class:`Voucher`; what a manager should see, a set of flags)
        """
        self.ensure_one()
        receipts = self.env["fidelity.receipt"].sudo().with_company(self.company_id)
        occurred_at = receipts._occurred_at(purchase, set())[0]
        card, problem = receipts._resolve_card(purchase, occurred_at)
        store = self.config_id.fidelity_store_id.sudo()
        codes = [self.env["fidelity.code"].sudo()._look_up(raw) for raw in parse_codes(self.fidelity_codes)]
        occasion = Occasion(
            company=self.company_id.sudo(),
            member=self.env["fidelity.member"].sudo().browse(card["member_id"]) if card and not problem else None,
            store=store,
            receipt_minor=purchase.receipt_minor,
            currency=self.currency_id,
            sold=self._fidelity_sold(purchase) if any(code.worth_version_id for code in codes) else {},
            day=receipts._local(occurred_at, store.tz if store else self.env.user.tz).date(),
            source_ref=purchase.source_ref,
        )
        vouchers, flags = [], set()
        for code in codes:
            try:
                with self.env.cr.savepoint():
                    code._use(purchase.op_key, occasion)
            except UserError:
                flags.add("code_refused")
            else:
                vouchers.append(code._voucher(occasion.sold))
        return tuple(vouchers), flags

    def _fidelity_sold(self, purchase):
        """What selectors look at of the goods of a purchase, by line key."""
        sold = {line.key: line.product_id for line in purchase.lines if line.kind == "sale" and line.total_minor > 0}
        return self.env["fidelity.selector"].sudo()._line_facts(sold, purchase.values)
