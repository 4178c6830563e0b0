from odoo import api, fields, models


class FidelityPosting(models.Model):
    """Points that are given without a purchase: by a rule, or by a code. Each posts once by its key."""

    _inherit = "fidelity.posting"

    kind = fields.Selection(selection_add=[("grant", "Grant")], ondelete={"grant": "cascade"})

    @api.depends("reason", "kind")
    def _compute_display_name(self):
        granted = self.filtered(lambda posting: posting.kind == "grant")
        for posting in granted:
            posting.display_name = posting.reason
        return super(FidelityPosting, self - granted)._compute_display_name()

    @api.model
    def _grant_vals(self, member, op_key, reason, store=None, source=None):
        now = self.env.cr.now().replace(microsecond=0)
        return {
            "op_key": op_key,
            "kind": "grant",
            "occurred_at": now,
            "posted_at": now,
            "company_id": member.company_id.id or (store or member.store_id).company_id.id or self.env.company.id,
            "store_id": (store or member.store_id).id or None,
            "member_id": member.id,
            "author_uid": self.env.uid,
            "author_name": self.env.user.name,
            "reason": reason,
            "source_model": source and source._name,
            "source_id": source and source.id,
        }

    @api.model
    def _post_grant(self, member, points, op_key, reason, store=None, source=None, expires_date=None):
        """Add points. Posting it again changes nothing. Callers have checked the right to.

        :param int points: above zero
        :param str op_key: makes it unique
        :param str reason: why, for whoever reads the ledger
        :param source: what gave them, one record
        :param date expires_date: the last day they can be used
        :return: the posting
        """
        existing = self.search([("op_key", "=", op_key)])
        if existing:
            return existing
        account = self.env["fidelity.account"].sudo()._open(member.holder_id)
        entry = {"sequence": 1, "account_id": account.id, "kind": "grant", "quantity": points, "uses": []}
        if expires_date:
            entry["expires_date"] = expires_date.isoformat()
        posting_id = self._insert(self._grant_vals(member, op_key, reason, store, source), [entry])
        self.env.invalidate_all()
        return self.browse(posting_id)

    def _take_grant_back(self, reason):
        """Take back points that were given, from who has them now: from what is left of them, the rest from the balance.

        Doing it again changes nothing. Callers have checked the right to.

        :return: the posting that takes them back
        """
        self.ensure_one()
        op_key = self._undo_key(self.op_key)
        existing = self.search([("op_key", "=", op_key)])
        if existing:
            return existing
        account = self.env["fidelity.account"].sudo()._open(self.entry_ids.account_id.holder_id._surviving())
        quantity, uses, left = sum(self.entry_ids.mapped("quantity")), [], 0
        for lot in self.env["fidelity.lot"].sudo()._of_posting(self, account):
            used = min(quantity - left, lot.quantity - sum(lot.allocation_ids.mapped("quantity")))
            if used > 0:
                uses.append({"lot_id": lot.id, "quantity": used})
                left += used
        entry = {"sequence": 1, "account_id": account.id, "kind": "grant", "quantity": -quantity, "uses": uses}
        posting_id = self._insert(self._grant_vals(self.member_id, op_key, reason, self.store_id, self), [entry])
        self.env.invalidate_all()
        return self.browse(posting_id)


class FidelityLedgerEntry(models.Model):
    """Entries of grants."""

    _inherit = "fidelity.ledger.entry"

    kind = fields.Selection(selection_add=[("grant", "Granted")], ondelete={"grant": "cascade"})
