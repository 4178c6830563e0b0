from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, formatLang

LATE_AFTER_SECONDS = 60
BATCH = 500


class FidelityMember(models.Model):
    """Households: several members of one card type whose cards use the same accounts."""

    _inherit = "fidelity.member"

    def _join_problem(self, other):
        """Why this member cannot share the accounts of another: a sentence with the way out, or None when he can."""
        _ = self.env._
        if not other or other == self:
            return _("Choose the member whose points will be shared.")
        for member in self | other:
            if member.state != "active":
                return _("The membership of %(name)s is not active: only active members share points.", name=member.display_name)
        if self.card_type_id != other.card_type_id:
            return _(
                "%(name)s has %(own)s and %(other)s has %(type)s: only members of the same card type share points.",
                name=self.display_name,
                own=self.card_type_id.name,
                other=other.display_name,
                type=other.card_type_id.name,
            )
        if self.holder_id == other.holder_id:
            return _("%(name)s and %(other)s share their points already.", name=self.display_name, other=other.display_name)
        if self.holder_id.is_household:
            return _("%(name)s belongs to a household. Leave that one first.", name=self.display_name)
        return None

    def _join_effect(self, other):
        """What joining does, in sentences, one a line."""
        _ = self.env._
        own, target = self.holder_id, other.holder_id
        lines = [_("%(name)s and %(other)s share one account:", name=self.display_name, other=target.display_name)]
        lines += target._sum_lines(own | target)
        lines.append(_("Every card of the household earns and spends from it. Each keeps its owner and its receipts."))
        lines.append(_("The member can leave again: everything stays with the household, but for a share that you state then."))
        return "\n".join(lines)

    def _leave_effect(self, quantities):
        """What leaving does, in sentences, one a line.

        :param dict quantities: unit → his share
        """
        _ = self.env._
        household = self.holder_id
        lines = [_("%(name)s has an own account again. The cards work on.", name=self.display_name)]
        for account in household.account_ids.sorted("unit", reverse=True):
            share = quantities.get(account.unit, 0)
            lines.append(
                _(
                    "Of %(balance)s, %(share)s go along and %(rest)s stay with the household.",
                    balance=account._in_words(account.balance),
                    share=account._in_words(share),
                    rest=account._in_words(account.balance - share),
                )
            )
        lines.append(_("Goods bought as a member of the household are returned at its expense."))
        return "\n".join(lines)

    def _equal_part(self):
        """What each of the household gets of what is not set aside, rounded down.

        :return: dict unit → quantity
        """
        household = self.holder_id
        living = len(household.member_ids.filtered(lambda member: member.state != "merged"))
        free = household.account_ids._may_leave()
        return {account.unit: free[account.id] // max(1, living) for account in household.account_ids}

    def action_join_household(self):
        """Ask whose points he will share."""
        return self._action_household("fidelity.household.join", self.env._("Join a household"))

    def action_leave_household(self):
        """Ask for his share, then have an account of his own again."""
        return self._action_household("fidelity.household.leave", self.env._("Leave the household"))

    def _action_household(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def _join(self, other, key, name=None, reason=None):
        """Share the accounts of another member from now on; what this one has moves there.

        Callers have checked the right to. Joining again changes nothing.

        :param str key: makes it unique, a uuid
        :param str name: what the household is called from now on
        :raise UserError: he cannot join
        """
        self.ensure_one()
        member, other = self.sudo(), other.sudo()
        if self.env["fidelity.posting"].sudo()._exists(f"transfer:{key}"):
            return
        problem = member._join_problem(other)
        if problem:
            raise UserError(problem)
        own, target = member.holder_id, other.holder_id
        self.env["fidelity.posting"].sudo()._post_transfer(own, target, key, member, reason)
        member._set({"holder_id": target.id})
        own._retire(target)
        if name:
            target._set({"name": name})
        target._count_members()
        self.env["fidelity.holder"]._sweep_soon()

    def _leave(self, key, quantities=None, reason=None):
        """Have accounts of his own again, with a stated share of what the household has.

        What his cards earned while he belonged to it stays with the household, and so do its returns. Callers have
        checked the right to. Leaving again with the same key changes nothing.

        :param str key: makes it unique, a uuid
        :param dict quantities: unit → his share, from 0 to what the household has; nothing by default
        :raise UserError: he belongs to no household, or it has less
        """
        self.ensure_one()
        member = self.sudo()
        if self.env["fidelity.posting"].sudo()._exists(f"transfer:{key}"):
            return
        household = member.holder_id
        if not household.is_household:
            raise UserError(self.env._("%(name)s belongs to no household.", name=member.display_name))
        for account in household.account_ids:
            share = (quantities or {}).get(account.unit, 0)
            if not 0 <= share <= household.account_ids._may_leave()[account.id]:
                raise UserError(household._why_no_such_share(account))
        own = self.env["fidelity.holder"].sudo().create({"card_type_id": member.card_type_id.id})
        self.env["fidelity.posting"].sudo()._post_transfer(household, own, key, member, reason, quantities or {})
        member._set({"holder_id": own.id})
        household._count_members()


class FidelityHolder(models.Model):
    """Retiring holders, and bringing after what came late."""

    _inherit = "fidelity.holder"

    def _sum_lines(self, holders):
        """What this holder has once he has what ``holders`` have, as sentences: "150 points (120 + 30)."."""
        self.ensure_one()
        lines = []
        accounts = holders.account_ids
        for unit in sorted(set(accounts.mapped("unit")), reverse=True):
            parts = accounts.filtered(lambda account, unit=unit: account.unit == unit).sorted("id")
            total = parts[0]._in_words(sum(parts.mapped("balance")))
            terms = [part._in_words(part.balance) for part in parts if part.balance]
            lines.append(f"{total} ({' + '.join(terms)})." if len(terms) > 1 else f"{total}.")
        return lines

    def _why_no_such_share(self, account):
        """How much of an account who leaves may take along, in sentences."""
        free = account._in_words(account._may_leave()[account.id])
        said = [self.env._("The household has %(balance)s to share: enter a share from 0 to that.", balance=free)]
        if account.held:
            said.append(self.env._("Set aside for another basket: %(held)s.", held=account._in_words(account.held)))
        return " ".join(said)

    def _retire(self, target):
        """Leave holders behind for another one."""
        (self - target)._set({"merged_into_id": target.id, "is_household": False})

    def _count_members(self):
        """Note whether several members use the accounts."""
        for holder in self:
            living = holder.member_ids.filtered(lambda member: member.state != "merged")
            holder._set({"is_household": len(living) > 1})

    @api.model
    def _sweep_soon(self):
        """A sale that runs right now may not know of a merge yet: look again once it is over."""
        cron = self.env.ref("loyalty_fidelity.ir_cron_sweep").sudo()
        cron._trigger(fields.Datetime.now() + timedelta(seconds=LATE_AFTER_SECONDS))

    @api.model
    def _cron_sweep(self):
        """Bring after what came late to retired holders and merged members, each in its own transaction."""
        holders, cards = self._left_behind(), self._cards_left_behind()
        self.env["ir.cron"]._commit_progress(remaining=len(holders) + len(cards))
        for record in (*holders, *cards):
            record._bring_after()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _left_behind(self):
        """Retired holders to whom something was posted since."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT h.id FROM fidelity_holder h JOIN fidelity_account a ON a.holder_id = h.id
                 WHERE h.merged_into_id IS NOT NULL AND %s <> 0
              ORDER BY h.id LIMIT %s
                """,
                self.env["fidelity.account"]._balance_sql(SQL("a")),
                BATCH,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _cards_left_behind(self):
        """Cards that were given to a member while he was being merged."""
        return self.env["fidelity.card"].search([("member_id", "any", [("merged_into_id", "!=", False)])], limit=BATCH)

    def _bring_after(self):
        """Move what a retired holder got late to who has his accounts now."""
        self.ensure_one()
        reason = self.env._("Posted while members were being merged or joined")
        posting, key = self.env["fidelity.posting"], str(uuid4())
        posting._post_transfer(self, self._surviving(), key, self.member_ids[:1], reason, even_empty=False)


class FidelityCard(models.Model):
    _inherit = "fidelity.card"

    def _bring_after(self):
        """Give a card of a merged member to the one who survived."""
        self._reassign(self.member_id._surviving())


class FidelityAccount(models.Model):
    _inherit = "fidelity.account"

    def _in_words(self, quantity):
        """A quantity of this account as one says it: "150 points", "€ 1.50"."""
        self.ensure_one()
        if self.unit == "money":
            currency = self.card_type_id.currency_id
            return currency.format(quantity / 10**currency.decimal_places)
        return f"{formatLang(self.env, quantity, digits=0)} {self._unit_word(self.unit)}"
