from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class FidelityMember(models.Model):
    """Undoing a merge: the membership lives again, with its cards, its history and what it brought, as far as that is left.

    What was earned after the merge stays with who survived, whichever card earned it; of what was brought, what was spent since is gone.
    So a shop can tell it in one sentence, and nothing is given twice.

    Merges upon merges are undone from the last one back: what somebody brought is part of what his survivor brought later. Who had been
    merged into him before goes back with him, still merged. Who shared a household's points shares them again.
    """

    _inherit = "fidelity.member"

    merged_posting_id = fields.Many2one(
        "fidelity.posting",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The posting that took his points along when he was merged.",
    )
    merged_first_id = fields.Many2one(
        "fidelity.member",
        string="First merged into",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The membership into which he was merged. Where that one was merged too, another has his points and cards now.",
    )
    merged_state = fields.Selection(
        [("active", "Active"), ("closed", "Closed")],
        readonly=True,
        copy=False,
        help="What the membership was before it was merged.",
    )

    def action_unmerge(self):
        """Ask for whom, then undo the merge of this member."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo the merge"),
            "res_model": "fidelity.member.unmerge",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def _unmerge_problem(self, partner):
        """Why the merge of this membership cannot be undone for a customer: a sentence with the way out, or None."""
        self.ensure_one()
        if self.state != "merged":
            return self.env._("%(name)s is not merged: there is nothing to undo.", name=self.display_name)
        survivor, first = self.merged_into_id, self.merged_first_id
        if first.state == "merged":
            return self.env._(
                "%(name)s was merged into %(first)s, who was merged too, later. Undo the merge of %(first)s first.",
                name=self.display_name,
                first=first.display_name,
            )
        if survivor.state != "active":
            return self.env._("The membership of %(name)s is closed. Reopen it first.", name=survivor.display_name)
        if not partner:
            return self.env._("Choose the customer whom this membership belongs to.")
        living = [("partner_id", "=", partner.id), ("card_type_id", "=", self.card_type_id.id), ("state", "!=", "merged")]
        if self.sudo().search_count(living, limit=1):
            return self.env._(
                "%(name)s has a membership of %(card_type)s already. Choose another customer, or make one for the second person.",
                name=partner.display_name,
                card_type=self.card_type_id.name,
            )
        return None

    def _followers(self):
        """Who was merged into this membership before it was merged itself, and who was merged into them."""
        self.ensure_one()
        others, found = self.merged_into_id.merged_ids, self
        while nearest := others.filtered(lambda member, found=found: member.merged_first_id in found and member not in found):
            found |= nearest
        return found - self

    def _shared_holder(self):
        """The household whose points this merged member shared: he has no accounts of his own then. Otherwise nobody."""
        self.ensure_one()
        own = self.holder_id
        return own.browse() if own.account_ids else own._surviving()

    def _brought(self):
        """What this merged membership took along to who survived, by unit; below zero what it owed."""
        self.ensure_one()
        first = self.merged_posting_id.id or self._first_transfer()
        if not first:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.unit, -sum(e.quantity)::bigint FROM fidelity_account a JOIN fidelity_ledger_entry e ON e.account_id = a.id
                 WHERE a.holder_id = ANY (%s) AND e.kind = 'transfer' AND e.posting_id >= %s GROUP BY a.unit
                """,
                (self | self._followers()).holder_id.ids,
                first,
            )
        )
        return dict(rows)

    def _first_transfer(self):
        """The posting that emptied the accounts of a membership merged before merges were noted; later ones brought what came late.

        It is the first one to the holder who came after, of this member and no gift.

        :return: id, or None where nothing was moved
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT min(p.id) FROM fidelity_posting p
                  JOIN fidelity_ledger_entry e ON e.posting_id = p.id JOIN fidelity_account a ON a.id = e.account_id
                 WHERE p.member_id = %s AND p.kind = 'transfer' AND p.source_model IS NULL AND a.holder_id = %s
                """,
                self.id,
                self.holder_id.merged_into_id.id or None,
            )
        )
        return rows[0][0]

    def _given_back(self):
        """What undoing the merge gives back, by unit: what was brought, at most what may leave; a debt goes back whole."""
        self.ensure_one()
        target = self.holder_id._surviving()
        free = target.account_ids._may_leave()
        left = {account.unit: free[account.id] for account in target.account_ids}
        return {unit: brought if brought < 0 else min(brought, left.get(unit, 0)) for unit, brought in self._brought().items()}

    def _own_cards(self):
        """The cards that were his, or of those who follow him, when he was merged: they came to the survivor from him."""
        self.ensure_one()
        cards, his = self.merged_into_id.card_ids, self | self._followers()
        used = self.env["fidelity.receipt"].search([("card_id", "in", cards.ids), ("member_id", "in", his.ids)]).card_id
        return cards.filtered(lambda card: card._came_from() in his or (not card._came_from() and card in used)).sorted("id")

    def _unmerge_effect(self):
        """What undoing the merge does, in sentences, one a line."""
        self.ensure_one()
        _, member = self.env._, self.sudo()
        survivor, target = member.merged_into_id, member.holder_id._surviving()
        brought, back = member._brought(), member._given_back()
        lines = [_("%(name)s becomes a member of his own again.", name=member.display_name)]
        if member.merged_state == "closed":
            lines.append(_("The membership is closed, as before."))
        if household := member._shared_holder():
            lines.append(
                _("%(name)s shares the points of %(household)s again.", name=member.display_name, household=household.display_name)
            )
            if survivor.holder_id == household:
                lines.append(
                    _(
                        "%(name)s stays in the household, with what he brought. Who does not belong to it leaves it with his share.",
                        name=survivor.display_name,
                    )
                )
        for account in target.account_ids.filtered(lambda account: brought.get(account.unit)):
            lines.append(
                _(
                    "Of %(brought)s that came with him, %(back)s go back; %(left)s stay with %(survivor)s.",
                    brought=account._in_words(brought[account.unit]),
                    back=account._in_words(back[account.unit]),
                    left=account._in_words(int(account.balance) - back[account.unit]),
                    survivor=target.display_name,
                )
            )
            if account.held:
                lines.append(_("Set aside for another basket: %(held)s.", held=account._in_words(account.held)))
        lines.append(_("Cards that go back: %(count)s.", count=len(member._own_cards())))
        lines.append(_("What was earned since the merge stays with %(survivor)s.", survivor=survivor.display_name))
        return "\n".join(lines)

    def _unmerge(self, partner, key, reason=None):
        """Undo the merge of this membership. Undoing again with the same key changes nothing. Callers have checked the right to.

        :param partner: whose it is from now on
        :param str key: a uuid
        :raise UserError: it cannot be undone
        """
        self.ensure_one()
        member, postings = self.sudo(), self.env["fidelity.posting"].sudo()
        if postings._exists(f"transfer:{key}"):
            return
        problem = member._unmerge_problem(partner)
        if problem:
            raise UserError(problem)
        survivor, own = member.merged_into_id, member.holder_id
        target, back, cards, followers = own._surviving(), member._given_back(), member._own_cards(), member._followers()
        if household := member._shared_holder():
            own = household
        else:
            own._set({"merged_into_id": False})
        postings._post_transfer(target, own, key, member, reason, quantities=back)
        member._set(
            {
                "state": member.merged_state or "active",
                "holder_id": own.id,
                "merged_into_id": False,
                "merged_first_id": False,
                "merged_state": False,
                "merged_posting_id": False,
                "partner_id": partner.id,
            }
        )
        if followers:
            followers._set({"merged_into_id": member.id})
        cards._reassign(member, self.env._("Merge undone"))
        target._count_members()
        own._count_members()
        self.env["fidelity.tier.progress"].sudo()._recount(survivor | member)


class FidelityCard(models.Model):
    """From whom a card came to its member."""

    _inherit = "fidelity.card"

    def _came_from(self):
        """Who had this card before it came to its member by a merge, undone merges aside; nobody where its history does not say."""
        self.ensure_one()
        owners = []
        for event in self.event_ids.sorted("id"):
            if event.member_id in owners:
                del owners[owners.index(event.member_id) + 1 :]
            elif event.member_id:
                owners.append(event.member_id)
        return owners[-2] if len(owners) > 1 else self.env["fidelity.member"]

    def _note_owner(self):
        """Note whose these cards are where their history does not: they were given out before cards had one."""
        unknown = self.filtered(lambda card: card.member_id not in card.event_ids.member_id)
        unknown._note({card.id: card.state for card in unknown}, self.env._("Whose it was before the merge"))
