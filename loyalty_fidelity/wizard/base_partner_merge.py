from collections import defaultdict
from uuid import uuid4

from odoo import api, models
from odoo.tools import format_date


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts: their memberships of the same card type are merged before, the others go to the contact that stays.

    Odoo itself moves what points to a contact in SQL, and would fail on, or delete, a second membership of one card type.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._fidelity_merge_members(src_partners, dst_partner)
        self._fidelity_merge_consents(src_partners, dst_partner)
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

    @api.model
    def _fidelity_merge_consents(self, src_partners, dst_partner):
        """The contact that stays has the answers of all. Where one of them refused or withdrew, that counts, whenever it was.

        Two contacts of one person contradict each other: writing to who asked not to be written to is the worse mistake.
        What was merged, and why it counts, is an answer of its own, so the person can agree anew afterwards.
        """
        consents = self.env["fidelity.consent"].sudo()
        states = self.env["fidelity.consent.state"].sudo().search([("partner_id", "in", (src_partners | dst_partner).ids)])
        # Read before the contacts become one.
        refusals = [(row.purpose_id, row.partner_id, row.occurred_at) for row in states if row.state == "withdrawn"]
        refusals.sort(key=lambda refusal: refusal[2])
        names = {partner: partner.display_name for _purpose, partner, _moment in refusals}
        consents._move(src_partners, dst_partner)
        agreed = {row.purpose_id for row in dst_partner.sudo().fidelity_consent_state_ids if row.state != "withdrawn"}
        for purpose, partner, moment in refusals:
            if purpose in agreed:
                agreed.discard(purpose)
                note = self.env._(
                    "%(name)s (contact %(number)s) had refused or withdrawn on %(date)s: of two answers the refusal counts.",
                    name=names[partner],
                    number=partner.id,
                    date=format_date(self.env, moment.date()),
                )
                consents._record(dst_partner, {purpose: False}, "merge", note=note)
