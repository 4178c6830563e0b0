from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class FidelityMember(models.Model):
    """Undoing a merge: the membership lives again, with its cards, its history and what it brought, as far as that is left.

    What was earned after the merge stays with who survived, whichever card earned it; of what was brought, what was spent since is gone.
    So a shop can tell it in one sentence, and nothing is given twice.
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

    def _brought(self):
        """What this merged membership took along to who survived, by unit; below zero what it owed."""
        self.ensure_one()
        first = self.merged_posting_id.id or self._last_transfer()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.unit, -sum(e.quantity)::bigint FROM fidelity_account a JOIN fidelity_ledger_entry e ON e.account_id = a.id
                 WHERE a.holder_id = %s AND e.kind = 'transfer' AND e.posting_id >= %s GROUP BY a.unit
                """,
                self.holder_id.id,
                first,
            )
        )
        return dict(rows)

    def _last_transfer(self):
        """The posting that emptied the accounts of a membership merged before merges were noted."""
        query = "SELECT max(id) FROM fidelity_posting WHERE member_id = %s AND kind = 'transfer'"
        return self.env.execute_query(SQL(query, self.id))[0][0] or 0

    def _given_back(self):
        """What undoing the merge gives back, by unit: what was brought, at most what is there; a debt goes back whole."""
        self.ensure_one()
        target = self.holder_id._surviving()
        balances = {account.unit: int(account.balance) for account in target.account_ids}
        return {
            unit: brought if brought < 0 else max(0, min(brought, balances.get(unit, 0)))
            for unit, brought in self._brought().items()
        }

    def _own_cards(self):
        """The cards that were this member's before he was merged."""
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id FROM fidelity_card c
                 WHERE c.member_id = %(survivor)s
                   AND (EXISTS (SELECT 1 FROM fidelity_card_event e WHERE e.card_id = c.id AND e.member_id = %(member)s)
                        OR EXISTS (SELECT 1 FROM fidelity_receipt r WHERE r.card_id = c.id AND r.member_id = %(member)s))
              ORDER BY c.id
                """,
                survivor=self.merged_into_id.id,
                member=self.id,
            )
        )
        return self.env["fidelity.card"].browse(row[0] for row in rows)

    def _unmerge_effect(self):
        """What undoing the merge does, in sentences, one a line."""
        self.ensure_one()
        _, member = self.env._, self.sudo()
        survivor, target = member.merged_into_id, member.holder_id._surviving()
        brought, back = member._brought(), member._given_back()
        lines = [_("%(name)s becomes a member of his own again.", name=member.display_name)]
        for account in target.account_ids.filtered(lambda account: brought.get(account.unit)):
            lines.append(
                _(
                    "Of %(brought)s that came with him, %(back)s go back; %(left)s stay with %(survivor)s.",
                    brought=account._in_words(brought[account.unit]),
                    back=account._in_words(back[account.unit]),
                    left=account._in_words(int(account.balance) - back[account.unit]),
                    survivor=survivor.display_name,
                )
            )
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
        target, back, cards = own._surviving(), member._given_back(), member._own_cards()
        own._set({"merged_into_id": False})
        postings._post_transfer(target, own, key, member, reason, quantities=back)
        member._set({"state": "active", "merged_into_id": False, "merged_posting_id": False, "partner_id": partner.id})
        cards._reassign(member, self.env._("Merge undone"))
        target._count_members()
        own._count_members()
        self.env["fidelity.tier.progress"].sudo()._recount(survivor | member)
