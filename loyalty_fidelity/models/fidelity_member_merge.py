from uuid import UUID, uuid5

from odoo import models
from odoo.exceptions import UserError


class FidelityMember(models.Model):
    """Merging memberships: one survives with the points, the cards and the better tier of all; nothing is lost."""

    _inherit = "fidelity.member"

    def _merge_problem(self):
        """Why these memberships cannot be merged: a sentence with the way out, or None when they can."""
        if len(self) < 2:
            return self.env._("Choose at least two members to merge.")
        merged = self.filtered(lambda member: member.state == "merged")[:1]
        if merged:
            return self.env._(
                "%(name)s was merged into %(survivor)s before. Choose %(survivor)s instead.",
                name=merged.display_name,
                survivor=merged._surviving().display_name,
            )
        if len(self.card_type_id) > 1:
            return self.env._(
                "These members hold different card types (%(types)s): their points are not the same. "
                "Merge members of one card type; one customer may have a membership of each.",
                types=", ".join(self.card_type_id.mapped("name")),
            )
        if len(self.holder_id.filtered("is_household")) > 1:
            return self.env._("These members belong to different households. One of them must leave the household first.")
        return None

    def _merge_holder(self, survivor):
        """Whose accounts they have afterwards: those of the household that one of them belongs to, else the survivor's."""
        return self.holder_id.filtered("is_household") or survivor.holder_id

    def _merge_survivor(self, partner=None):
        """Which one survives unless somebody says otherwise: an active one, ``partner``'s, the oldest."""
        return self.sorted(lambda m: (m.state != "active", m.partner_id != partner, m.id))[:1]

    def _merge_effect(self, survivor):
        """What merging these memberships into one of them does, in sentences, one a line."""
        _ = self.env._
        others, target = self - survivor, self._merge_holder(survivor)
        tier = self.tier_id.sorted(lambda tier: (tier.sequence, tier.id))[-1:]
        lines = [_("%(name)s stays, with everything below.", name=survivor.display_name)]
        lines += list(target._sum_lines(self.holder_id))
        if target.is_household:
            lines.append(_("These points are shared by the household %(name)s.", name=target.display_name))
        lines.append(_("Cards: %(count)s. All of them work on as before.", count=len(self.card_ids)))
        if tier:
            lines.append(_("Tier: %(tier)s.", tier=tier.name))
        for member in others:
            lines.append(_("%(name)s (member %(number)s) becomes merged.", name=member.display_name, number=member.id))
        lines.append(_("Goods bought with any of the cards can be returned as before. A manager can undo it."))
        return "\n".join(lines)

    def action_merge(self):
        """Ask into which one, then merge these members."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge members"),
            "res_model": "fidelity.member.merge",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_ids": [(6, 0, self.ids)]},
        }

    def _merge_into(self, survivor, key, reason=None):
        """Merge these memberships into another one. Merging again with the same key changes nothing.

        Their balances move by transfer postings, their cards go over and work on, and they stay as a sign of what was.
        Callers have checked the right to.

        :param str key: a uuid
        :raise UserError: they cannot be merged
        """
        others = (self - survivor).sudo()
        survivor = survivor.sudo()
        if others and all(member.merged_into_id == survivor for member in others):
            return
        problem = (others | survivor)._merge_problem()
        if problem:
            raise UserError(problem)
        members = others | survivor
        target = members._merge_holder(survivor)
        posting = self.env["fidelity.posting"].sudo()
        for member in members if survivor.holder_id != target else others:
            moved = posting._post_transfer(member.holder_id, target, str(uuid5(UUID(key), str(member.id))), member, reason)
            if member != survivor:
                member._set({"merged_posting_id": moved, "merged_first_id": survivor.id, "merged_state": member.state})
        others.card_ids._note_owner()
        others.card_ids._reassign(survivor)
        tiers = members.tier_id.sorted(lambda tier: (tier.sequence, tier.id))
        own = survivor.holder_id
        survivor._set(
            {
                "holder_id": target.id,
                "state": "active" if "active" in members.mapped("state") else "closed",
                "tier_id": tiers[-1:].id,
                "enrolled_date": min(members.mapped("enrolled_date")),
                "store_id": (survivor.store_id or others.store_id[:1]).id,
            }
        )
        own._retire(target)
        for member in others:
            member._retire_holder(target)
        (others | others.merged_ids)._set({"state": "merged", "merged_into_id": survivor.id})
        target._count_members()
        self.env["fidelity.holder"]._sweep_soon()

    def _retire_holder(self, target):
        """Leave the own holder behind for ``target``; in a household that stays, an empty one."""
        self.ensure_one()
        if self.holder_id == target:
            self._set({"holder_id": self.env["fidelity.holder"].create({"card_type_id": self.card_type_id.id}).id})
        self.holder_id._retire(target)
