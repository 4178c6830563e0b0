from datetime import timezone

import pytz

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..rules import expiry
from ..rules.errors import RuleError

KINDS = [
    ("never", "Never"),
    ("months", "Some months after they were earned"),
    ("year_end", "At the end of the year"),
    ("inactivity", "When nothing was bought for some months"),
]
#: Fields of a card type → fields of the kernel's policy.
FIELDS = {
    "expiry_kind": "kind",
    "expiry_months": "months",
    "expiry_month_end": "month_end",
    "expiry_grace_months": "grace_months",
    "pending_days": "pending_days",
}


class FidelityExpiryPolicy(models.Model):
    """When points of a card type can be used, from a moment on: never changed, never deleted.

    The policy in force at a moment is the one with the latest ``valid_from`` not after it (the last published wins a
    tie); before the first, points never expire and are available at once. A lot keeps what the policy gave it on the day
    when it came in, so what is published later changes no lot: only :class:`fidelity.expiry.change` does, by postings.
    """

    _name = "fidelity.expiry.policy"
    _inherit = "fidelity.append.only"
    _description = "Expiry policy"
    _order = "card_type_id, valid_from desc, id desc"
    _log_access = False

    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, ondelete="restrict", index=True, readonly=True, help="Whose points."
    )
    version = fields.Integer(required=True, readonly=True, help="Counts the policies of this card type.")
    valid_from = fields.Datetime(required=True, readonly=True, help="What is earned from this moment on follows it.")
    kind = fields.Selection(KINDS, string="Points expire", required=True, readonly=True, help="When points expire.")
    months = fields.Integer(required=True, readonly=True, help="After how many months.")
    month_end = fields.Boolean(readonly=True, help="At the end of that month.")
    grace_months = fields.Integer(required=True, readonly=True, help="Months into the next year.")
    pending_days = fields.Integer(required=True, readonly=True, help="Days after which points can be used.")
    published_at = fields.Datetime(required=True, readonly=True, help="When it was published.")
    published_by = fields.Char(readonly=True, help="Who published it.")
    summary = fields.Char(compute="_compute_summary", help="The policy in one sentence.")

    _version_unique = models.Constraint(
        "unique(card_type_id, version)", "Somebody published this card type at the same moment. Publish again."
    )

    @api.depends("kind", "months", "month_end", "grace_months", "pending_days")
    @api.depends_context("lang")
    def _compute_summary(self):
        for policy in self:
            policy.summary = policy._say(policy._values())

    @api.depends("card_type_id.name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = f"{policy.card_type_id.name} v{policy.version}"

    def _values(self):
        """The policy as the kernel's ``expiry.parse`` takes it."""
        self.ensure_one()
        return {name: self[name] for name in FIELDS.values()}

    @api.model
    def _record(self, card_type, valid_from):
        """Append what a card type is set to, where it differs from what is in force then. Callers have checked the right to
        write the card type.

        :param datetime valid_from: UTC
        :return: the new policy, or an empty recordset
        """
        values = card_type._expiry_payload()
        expiry.parse(values)
        if values == self._payload_at(card_type.id, valid_from):
            return self.browse()
        last = self.sudo().search([("card_type_id", "=", card_type.id)], order="version desc", limit=1)
        policy = self.sudo()._append(
            [
                {
                    **values,
                    "card_type_id": card_type.id,
                    "version": last.version + 1,
                    "valid_from": valid_from,
                    "published_at": fields.Datetime.now(),
                    "published_by": self.env.user.name,
                }
            ]
        )
        self.env.registry.clear_cache()
        return policy

    @api.model
    @tools.ormcache("card_type_id")
    def _timeline(self, card_type_id):
        """Policies of a card type, latest first: tuples (valid_from, values as a sorted tuple of pairs)."""
        policies = self.sudo().search([("card_type_id", "=", card_type_id)], order="valid_from desc, id desc")
        return tuple((policy.valid_from, tuple(policy._values().items())) for policy in policies)

    @api.model
    def _payload_at(self, card_type_id, moment):
        """The policy at a moment, as the kernel's ``expiry.parse`` takes it."""
        moment = fields.Datetime.to_datetime(moment)
        for valid_from, values in self._timeline(card_type_id):
            if valid_from <= moment:
                return dict(values)
        return {"kind": "never", "months": 0, "month_end": False, "grace_months": 0, "pending_days": 0}

    @api.model
    def _lot_columns(self, card_type_id, moment, store):
        """What a lot gets that comes in at a moment. No statement but the first time.

        :param datetime moment: UTC, naive
        :param store: whose calendar counts; UTC's without one
        :return: dict of those of ``expires_date``, ``available_date`` (ISO) and ``inactive_months`` that apply
        """
        policy = expiry.parse(self._payload_at(card_type_id, moment))
        if policy.kind == "never" and not policy.pending_days:
            return {}
        day = self.env["fidelity.receipt"]._day_of(moment, store)
        expires, available = expiry.expires_on(policy, day), expiry.available_on(policy, day)
        columns = {
            "expires_date": expires and expires.isoformat(),
            "available_date": available and available.isoformat(),
            "inactive_months": policy.months if policy.kind == "inactivity" else None,
        }
        return {name: value for name, value in columns.items() if value}

    @api.model
    def _today(self):
        """The day that has begun in every store: what was good until the day before can be used nowhere any more."""
        now = self.env.cr.now().replace(tzinfo=timezone.utc)
        zones = {row[0] for row in self.env.execute_query(SQL("SELECT DISTINCT tz FROM fidelity_store WHERE active"))}
        return min(now.astimezone(pytz.timezone(zone or "UTC")).date() for zone in zones or {"UTC"})

    @api.model
    def _say(self, values):
        """A policy in one sentence, in the user's language.

        :param dict values: as the kernel's ``expiry.parse`` takes them
        """
        _ = self.env._
        months, pending = values["months"], values["pending_days"]
        if values["kind"] == "never":
            said = _("Points never expire.")
        elif values["kind"] == "months" and values["month_end"]:
            said = _("Points expire at the end of the month, %(months)s months after they were earned.", months=months)
        elif values["kind"] == "months":
            said = _("Points expire %(months)s months after they were earned.", months=months)
        elif values["kind"] == "inactivity":
            said = _("All points expire when nothing was bought for %(months)s months.", months=months)
        elif values["grace_months"]:
            said = _("Points expire %(months)s months after the end of the year.", months=values["grace_months"])
        else:
            said = _("Points expire at the end of the year in which they were earned.")
        if pending:
            said += " " + _("They can be used %(days)s days after they were earned.", days=pending)
        return said


class FidelityCardType(models.Model):
    """When the points of a card type expire and can be used: published together with its rules."""

    _inherit = "fidelity.card.type"

    expiry_kind = fields.Selection(
        KINDS,
        string="Points expire",
        required=True,
        default="never",
        help="When points that nobody uses expire. Cashback never does.",
    )
    expiry_months = fields.Integer(
        string="Months", default=12, help="How many months after they were earned, or without a purchase: 1 to 120."
    )
    expiry_month_end = fields.Boolean(
        string="At the end of the month", help="All points of a month expire together, on the last day of the month."
    )
    expiry_grace_months = fields.Integer(
        string="Months of grace", help="How many months into the next year the points of a year can be used: 0 to 11."
    )
    pending_days = fields.Integer(
        string="Available after",
        help="Days after which earned points can be used, such as the days in which goods can be returned. 0: at once.",
    )
    expiry_policy_ids = fields.One2many("fidelity.expiry.policy", "card_type_id", help="What was published, latest first.")
    expiry_summary = fields.Char(compute="_compute_expiry_summary", help="What these settings do, in one sentence.")

    @api.depends(*FIELDS)
    @api.depends_context("lang")
    def _compute_expiry_summary(self):
        for card_type in self:
            card_type.expiry_summary = self.env["fidelity.expiry.policy"]._say(card_type._expiry_payload())

    @api.depends("expiry_policy_ids", *FIELDS)
    def _compute_has_changes(self):
        res = super()._compute_has_changes()
        policies = self.env["fidelity.expiry.policy"]
        for card_type in self.filtered(lambda card_type: card_type._origin.ruleset_ids and not card_type.has_changes):
            timeline = policies._timeline(card_type._origin.id)
            last = dict(timeline[0][1]) if timeline else policies._payload_at(0, fields.Datetime.now())
            card_type.has_changes = last != card_type._expiry_payload()
        return res

    @api.constrains(*FIELDS)
    def _check_expiry(self):
        labels = {"months": self.env._("Months"), "grace_months": self.env._("Months of grace")}
        for card_type in self:
            try:
                expiry.parse(card_type._expiry_payload())
            except RuleError as error:
                field = error.details.get("field")
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(field)s is out of bounds. Enter %(low)s to %(high)s.",
                        name=card_type.name,
                        field=labels.get(field, self.env._("Available after")),
                        low=error.details.get("low"),
                        high=error.details.get("high"),
                    )
                ) from error

    def _expiry_payload(self):
        """The settings as the kernel's ``expiry.parse`` takes them; what does not belong to their kind is left out."""
        self.ensure_one()
        kind = self.expiry_kind or "never"
        return {
            "kind": kind,
            "months": self.expiry_months if kind in ("months", "inactivity") else 0,
            "month_end": bool(self.expiry_month_end and kind == "months"),
            "grace_months": self.expiry_grace_months if kind == "year_end" else 0,
            "pending_days": self.pending_days or 0,
        }

    def _publish(self, valid_from=None):
        valid_from = valid_from or fields.Datetime.now()
        ruleset = super()._publish(valid_from)
        self.env["fidelity.expiry.policy"]._record(self, valid_from)
        self.invalidate_recordset(["expiry_policy_ids", "has_changes"])
        return ruleset
