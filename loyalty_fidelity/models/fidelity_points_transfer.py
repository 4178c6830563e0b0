from datetime import datetime, time, timezone

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..rules.errors import RuleError

#: What a posting of such a transfer names as its source; merges and households name none.
SOURCE = "fidelity.points.transfer"


class FidelityPosting(models.Model):
    """Points that one member gives to another: a transfer within the card type's limits, lot by lot with its expiry.

    Only what can be spent is given: not what is set aside, pending or past. What arrives expires when it would have.
    """

    _inherit = "fidelity.posting"

    @api.model
    def _post_points_transfer(self, member, other, quantity, reason, key):
        """Give points of a member to another of the same card type. Posting it again changes nothing.

        Callers have checked the right to.

        :param int quantity: positive
        :param str reason: why, for whoever reads the ledger
        :param str key: makes it unique
        :return: id of the posting, or None when it is posted already
        :raise UserError: with the way out
        """
        op_key = f"transfer:{key}"
        member._check_points_transfer(other, quantity)
        member._check_may_spend()
        giving = member.holder_id.sudo().account_ids.filtered(lambda account: account.unit == "points")
        receiving = self.env["fidelity.account"].sudo()._open(other.holder_id)
        # In one order for everybody.
        for account in (giving | receiving).sorted("id"):
            self._hold_account(account)
        if self._exists(op_key):
            return None
        member._check_day_limit(giving, quantity)
        lots = self.env["fidelity.lot"].sudo()
        try:
            uses = lots._spend(giving, quantity)
        except RuleError as error:
            raise UserError(giving._why_not_more(member.display_name)) from error
        entries = [{"sequence": 1, "account_id": giving.id, "kind": "transfer", "quantity": -quantity, "uses": uses}]
        for sequence, use in enumerate(uses, 2):
            lot = lots.browse(use["lot_id"])
            entry = {
                "sequence": sequence,
                "account_id": receiving.id,
                "kind": "transfer",
                "quantity": use["quantity"],
                "uses": [],
                "expires_date": lot.expires_date.isoformat() if lot.expires_date else None,
                "inactive_months": lot.inactive_months or None,
                "origin_lot_id": (lot.origin_lot_id or lot).id,
            }
            entries.append(entry)
        now = self.env.cr.now().replace(microsecond=0)
        posting = {
            "op_key": op_key,
            "kind": "transfer",
            "occurred_at": now,
            "posted_at": now,
            "company_id": member.company_id.id or self.env.company.id,
            "store_id": member.store_id.id or None,
            "member_id": member.id,
            "source_model": SOURCE,
            "source_id": other.id,
            "author_uid": self.env.uid,
            "author_name": self.env.user.name,
            "reason": reason,
        }
        posting_id = self._insert(posting, entries)
        self.env.invalidate_all()
        return posting_id


class FidelityMember(models.Model):
    """Who may be given whose points."""

    _inherit = "fidelity.member"

    def action_transfer_points(self):
        """Ask to whom, then give points of this member away."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give points of %(name)s away", name=self.display_name),
            "res_model": "fidelity.points.transfer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def _check_points_transfer(self, other, quantity):
        """Refuse what no transfer of points may be.

        :raise UserError: with the way out
        """
        _ = self.env._
        if not other or other.card_type_id != self.card_type_id or other.holder_id == self.holder_id:
            raise UserError(_("Choose another member of the same card type who does not share these points."))
        for member in self | other:
            if member.state != "active":
                raise UserError(_("The membership of %(name)s is closed. Reopen it first.", name=member.display_name))
        limit = self.card_type_id.transfer_max_points
        if not limit:
            raise UserError(
                _("Points of %(type)s cannot be given away. A limit on the card type allows it.", type=self.card_type_id.name)
            )
        if not 0 < quantity <= limit:
            raise UserError(_("Enter how many points to give, from 1 to %(limit)s at a time.", limit=limit))

    def _check_day_limit(self, account, quantity):
        """Refuse what would go beyond the limit of a day, by the home store's calendar.

        :raise UserError: with the way out
        """
        limit = self.card_type_id.transfer_day_points
        zone = pytz.timezone(self.store_id.sudo().tz or "UTC")
        today = self.env.cr.now().replace(tzinfo=timezone.utc).astimezone(zone).date()
        midnight = zone.localize(datetime.combine(today, time())).astimezone(timezone.utc).replace(tzinfo=None)
        given = self.env.execute_query(
            SQL(
                "SELECT COALESCE(-sum(e.quantity), 0)::bigint FROM fidelity_ledger_entry e"
                " JOIN fidelity_posting p ON p.id = e.posting_id"
                " WHERE e.account_id = %s AND e.kind = 'transfer' AND e.quantity < 0 AND e.occurred_at >= %s AND p.source_model = %s",
                account.id,
                midnight,
                SOURCE,
            )
        )[0][0]
        if given + quantity > limit:
            raise UserError(
                self.env._(
                    "%(name)s can give %(left)s more points away today. Give the rest tomorrow.",
                    name=self.display_name,
                    left=max(0, limit - given),
                )
            )


class FidelityCardType(models.Model):
    """How many points one member may give to another."""

    _inherit = "fidelity.card.type"

    transfer_max_points = fields.Integer(
        string="Points to others, at a time",
        help="How many points a manager may give from one member to another at a time. 0: none.",
    )
    transfer_day_points = fields.Integer(
        string="Given a day", help="How many points of one member may be given away on one day, all transfers together."
    )

    _transfer_limits = models.Constraint(
        "CHECK (COALESCE(transfer_max_points, 0) >= 0 AND COALESCE(transfer_day_points, 0) >= COALESCE(transfer_max_points, 0))",
        "The limit of a day is at least that of one transfer, and neither is negative.",
    )
