from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .claim import is_text
from .fidelity_redemption import UNDO

LONGEST_KEY = 64


class FidelityMember(models.Model):
    """A member takes prizes for his points: at once, or set aside to be collected."""

    _inherit = "fidelity.member"

    reservation_ids = fields.One2many("fidelity.reservation", "member_id", string="To collect", help="Prizes set aside for him.")

    def _fidelity_take_prize(self, prize, key, store=None, reserve=False, until_date=None):
        """Give this member a prize for his points, once however often it is asked. Points go from the lots that expire first.

        :param prize: one record
        :param str key: makes it unique, such as a uuid; the same key gives the same again
        :param store: where it is handed over or collected; by default the member's home store
        :param bool reserve: set it aside to be collected, instead of handing it over now
        :param date until_date: the last day to collect it; by default as the prize says
        :return: the posting that took the points; when reserved, the reservation
        :raise AccessError: the user may not give prizes, or may not see member, prize or store
        :raise UserError: he cannot have it, with the reason
        """
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_user"):
            raise AccessError(self.env._("Only loyalty users can give prizes. Ask your manager."))
        self.check_access("write")
        prize.check_access("read")
        if store:
            store.check_access("read")
        return self.sudo()._take_prize(prize.sudo(), key, store and store.sudo(), reserve, until_date)

    def _take_prize(self, prize, key, store=None, reserve=False, until_date=None):
        """:meth:`_fidelity_take_prize` for callers that have checked the right to."""
        self.ensure_one()
        if not is_text(key, LONGEST_KEY) or key.endswith(f":{UNDO}"):
            raise UserError(self.env._("This prize cannot be given twice under one name. Close the window and begin again."))
        store = store or self.store_id
        if reserve:
            self.env["fidelity.reservation"]._check_can_wait(prize, store, until_date)
        postings = self.env["fidelity.posting"]
        existing = postings.search([("op_key", "=", f"redeem:{key}")])
        posting = existing or postings._post_redemption(self, prize, key, store)
        if reserve:
            reservations = self.env["fidelity.reservation"]
            return posting.reservation_ids if existing else reservations._set_aside(self, prize, store, until_date, posting)
        if not existing:
            posting._given_at_once(store)
        return posting


class FidelityPosting(models.Model):
    """What follows from giving a prize."""

    _inherit = "fidelity.posting"

    def _given_at_once(self, store):
        """The prize of this posting was handed over with it."""
        self.prize_id._fidelity_handed_over(self.member_id, store, self._prize_reference())
