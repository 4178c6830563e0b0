from collections import defaultdict
from uuid import uuid4

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts: their memberships of the same card type are merged before, the others go to the contact that stays.

    Odoo itself moves what points to a contact in SQL, and would fail on, or delete, a second membership of one card type.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._fidelity_merge_members(src_partners, dst_partner)
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["fidelity.member"].invalidate_model()
        return res

    @api.model
    def _fidelity_merge_members(self, src_partners, dst_partner):
        """Merge the memberships of each card type of these contacts into one.

        :raise UserError: two of them belong to different households
        """
        partners = src_partners | dst_partner
        found = self.env["fidelity.member"].sudo().search([("partner_id", "in", partners.ids), ("state", "!=", "merged")])
        by_type = defaultdict(found.browse)
        for member in found:
            by_type[member.card_type_id] |= member
        for members in by_type.values():
            if len(members) > 1:
                survivor = members._merge_survivor(dst_partner)
                (members - survivor)._merge_into(survivor, str(uuid4()), self.env._("Their contacts were merged"))
