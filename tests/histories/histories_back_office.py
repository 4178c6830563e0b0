"""The steps of a history that people and jobs take in the back office of a real Odoo."""

import uuid

from odoo.exceptions import UserError


class BackOffice:
    """Of :class:`histories_odoo.OdooShop`: adjustments, prizes, transfers, cards, members, households and the jobs of a night."""

    def _wizard(self, env, model, method, **values):
        return getattr(env[model].create(values), method)()

    def _possible(self, env, work):
        """Whether work could be done, where it may be refused."""
        try:
            with env.cr.savepoint():
                work()
        except UserError:
            return False
        return True

    # -- cards and members -------------------------------------------------------------------------------------------

    def replace(self, env, step, member):
        self._change_card(env, member, "replaced")
        self.cards[member] = env["fidelity.card"].browse(self.cards[member]).replaced_by_id.id

    def state(self, env, step, member, to):
        self._change_card(env, member, to)

    def _change_card(self, env, member, state):
        self._wizard(env, "fidelity.card.state", "action_apply", card_ids=[(6, 0, [self.cards[member]])], state=state)

    def close(self, env, step, member):
        env["fidelity.member"].browse(self.members[member]).action_close()

    def reopen(self, env, step, member):
        env["fidelity.member"].browse(self.members[member]).action_reopen()

    def publish(self, env, step, rules):
        self._publish(env, rules)

    def merge(self, env, step, keep, lose):
        members = [self.members[keep], self.members[lose]]
        values = {"member_ids": [(6, 0, members)], "survivor_id": members[0]}
        self._wizard(env, "fidelity.member.merge", "action_merge", **values)

    def join(self, env, step, member, household_of):
        values = {"member_id": self.members[member], "other_id": self.members[household_of]}
        self._wizard(env, "fidelity.household.join", "action_join", **values)

    def leave(self, env, step, member):
        self._wizard(env, "fidelity.household.leave", "action_leave", member_id=self.members[member])

    # -- points ------------------------------------------------------------------------------------------------------

    def adjust(self, env, step, member, points):
        values = {"member_id": self.members[member], "quantity": points, "reason": "History"}
        possible = self._possible(env, lambda: self._wizard(env, "fidelity.adjustment", "action_post", **values))
        assert possible or points < 0

    def redeem(self, env, step, member, points):
        values = {"member_id": self.members[member], "prize_id": self.prizes[points], "key": self._key(step)}
        return self._possible(env, lambda: self._wizard(env, "fidelity.redemption", "action_give", **values))

    def capture(self, env, step, of, member):
        hold = env["fidelity.hold"].sudo().search([("key", "=", self._key(of))])
        prize = env["fidelity.prize"].browse(self.prizes[hold.quantity])
        who = env["fidelity.member"].browse(self.members[member])
        postings = env["fidelity.posting"].sudo()
        return self._possible(env, lambda: postings._post_redemption(who.sudo(), prize.sudo(), self._key(step), hold=hold))

    def undo(self, env, step, of):
        posting = env["fidelity.posting"].search([("op_key", "=", f"redeem:{self._key(of)}")])
        self._wizard(env, "fidelity.redemption.undo", "action_take_back", posting_id=posting.id, reason="History")

    def transfer(self, env, step, member, other, points):
        values = {"member_id": self.members[member], "other_id": self.members[other], "quantity": points, "reason": "History"}
        return self._possible(env, lambda: self._wizard(env, "fidelity.points.transfer", "action_give", **values))

    def _key(self, step):
        """The key of what a step did."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.history.seed}.{step}"))

    # -- jobs --------------------------------------------------------------------------------------------------------

    def settle(self, env, step):
        env["fidelity.ledger.seal"].sudo()._cron_settle()

    def wait(self, env, step, days):
        """Only the clock goes on."""

    def night(self, env, step, days):
        """Nobody sells: everything can be sealed, and so it counts for the tiers."""
        env.cr.execute("SELECT COALESCE(max(id), 0) FROM fidelity_posting")
        last = env.cr.fetchone()[0]
        while env["fidelity.ledger.seal"]._seal_up_to(last):
            pass
        env["fidelity.expiry.run"]._cron_expire()
        env["fidelity.tier.run"]._cron_run()
