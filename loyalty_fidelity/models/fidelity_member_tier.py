from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..rules import tier as kernel_tier

MANAGER = "loyalty_fidelity.group_fidelity_manager"
#: What only the rules, Set the tier and Merge write.
STATE_FIELDS = frozenset({"tier_since", "tier_landed", "tier_floor_id", "tier_floor_until"})


class FidelityMember(models.Model):
    """A member's tier: what he has, why, until when, and what is missing to the next.

    Invariants: each change of a tier is in ``fidelity.tier.change``; only a loyalty manager gives a tier by hand. Benefits
    read ``tier_id`` at the moment of the sale.
    """

    _inherit = "fidelity.member"

    tier_medal = fields.Selection(related="tier_id.medal", string="Medal")
    tier_since = fields.Date(string="Tier since", readonly=True, copy=False, help="The day on which he got his tier.")
    tier_landed = fields.Boolean(readonly=True, copy=False, help="He fell to his tier from a higher one.")
    tier_floor_id = fields.Many2one(
        "fidelity.tier", string="Promised tier", readonly=True, copy=False, help="A manager promised him this tier at least."
    )
    tier_floor_until = fields.Date(string="Promised until", readonly=True, copy=False, help="The last day of that promise.")
    tier_measure = fields.Selection(related="card_type_id.tier_measure")
    tier_kept = fields.Char(
        string="Kept until", compute="_compute_tier_outlook", help="Until when he keeps it without another purchase."
    )
    tier_next = fields.Char(
        string="Next tier", compute="_compute_tier_outlook", help="What is missing to the next tier, and until when."
    )
    tier_progress = fields.Integer(string="Progress (%)", compute="_compute_tier_outlook", help="How far he is on the way to it.")
    tier_change_ids = fields.One2many("fidelity.tier.change", "member_id", string="Tiers before", help="Every change of his tier.")

    @api.depends("tier_id", "card_type_id")
    @api.depends_context("lang")
    def _compute_tier_outlook(self):
        day = self.env["fidelity.tier.run"]._today()
        for member in self:
            outlook = member._origin and member._tier_outlook(day)
            member.tier_kept = member.tier_next = False
            member.tier_progress = 0
            if outlook:
                member.update(member._tell_outlook(*outlook))

    def _tier_outlook(self, day):
        """What lies before this member on a day, as the rules say; None where tiers are given by hand.

        :return: (ladder, :class:`rules.tier.Outlook`)
        """
        self.ensure_one()
        run = self.env["fidelity.tier.run"].sudo()
        found = run._of_member(self.sudo(), day)
        if not found:
            return None
        ladder, row = found
        return ladder, kernel_tier.outlook(ladder, row["enrolled"], row["days"] or {}, day, run._holding(row))

    def _tell_outlook(self, ladder, outlook):
        _ = self.env._
        keys = [level.key for level in ladder.levels]
        at = keys.index(str(self.tier_id.id)) if str(self.tier_id.id) in keys else 0
        told = {"tier_kept": at and not outlook.until and _("for good")}
        if outlook.until:
            until = format_date(self.env, outlook.until)
            told["tier_kept"] = until if outlook.stays else _("%(date)s, unless he reaches more", date=until)
        if outlook.missing:
            following = self.env["fidelity.tier"].browse(int(keys[at + 1]))
            told["tier_next"] = _(
                "%(missing)s to %(tier)s, until %(date)s",
                missing=self._tell_measure(ladder.measure, outlook.missing),
                tier=following.name,
                date=format_date(self.env, outlook.by),
            )
            low, high = ladder.levels[at].entry, ladder.levels[at + 1].entry
            told["tier_progress"] = max(0, min(99, 100 * (outlook.figure - low) // (high - low)))
        elif at:
            told["tier_next"] = _("The highest tier")
            told["tier_progress"] = 100
        return told

    def _tell_measure(self, measure, number):
        """A figure of a ladder as one says it: "€ 120.00", "30 points", "2 days"."""
        if measure == "spending":
            return self.card_type_id.currency_id.format(number / 10**self.card_type_id.currency_id.decimal_places)
        if measure == "points":
            return self.env._("%(number)s points", number=number)
        return self.env._("%(number)s visits", number=number)

    # -- who may set it --------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Enrol. A higher tier than the first is a manager's to give; the rules let him have it for the ladder's months."""
        manager = self.env.su or self.env.user.has_group(MANAGER)
        first = self._first_tiers({vals.get("card_type_id") for vals in vals_list})
        given = []
        for vals in vals_list:
            for name in STATE_FIELDS & vals.keys():
                del vals[name]
            tier_id = vals.get("tier_id")
            higher = bool(tier_id) and tier_id != first.get(vals.get("card_type_id"))
            if higher and not manager:
                raise AccessError(self.env._("New members start at the first tier. A loyalty manager can give another one."))
            given.append(higher)
        members = super().create(vals_list)
        members._check_tier_of_card_type()
        for member, higher in zip(members, given, strict=True):
            if higher:
                ladder = member.sudo().card_type_id._ladder()
                until = fields.Date.add(fields.Date.today(), months=ladder.months) if ladder else None
                member._note_tier(self.env["fidelity.tier"], "hand", until, self.env._("Given when enrolled"))
        return members

    def write(self, vals):
        if STATE_FIELDS & vals.keys():
            raise AccessError(
                self.env._("Since when and until when a tier holds is not edited. Use Set the tier: it asks for a reason.")
            )
        changed = (
            self.filtered(lambda member: member.tier_id.id != (vals["tier_id"] or False)) if "tier_id" in vals else self.browse()
        )
        if not changed:
            return super().write(vals)
        if not (self.env.su or self.env.user.has_group(MANAGER)):
            raise AccessError(self.env._("Only a loyalty manager can set a tier. Ask yours."))
        ruled = changed.filtered(lambda member: member.sudo().card_type_id.tier_measure != "hand")[:1]
        if ruled:
            raise UserError(
                self.env._(
                    "The tier of %(name)s follows from what he buys. Use Set the tier: it asks for a reason and an end.",
                    name=ruled.display_name,
                )
            )
        before = {member: member.tier_id for member in changed}
        res = super().write(vals)
        changed._check_tier_of_card_type()
        for member, tier in before.items():
            member._note_tier(tier, "hand", None, None)
        return res

    def _check_tier_of_card_type(self):
        for member in self.sudo():
            if member.tier_id and member.tier_id.card_type_id != member.card_type_id:
                raise UserError(
                    self.env._(
                        "%(tier)s is a tier of %(other)s, not of %(type)s. Choose one of the tiers of %(type)s.",
                        tier=member.tier_id.name,
                        other=member.tier_id.card_type_id.name,
                        type=member.card_type_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ranked(self):
        if self.sudo().tier_change_ids:
            raise UserError(
                self.env._("A member whose tier changed has a history: he is closed, not deleted. Close the membership.")
            )

    def _note_tier(self, before, why, until, reason, day=None):
        """Note that a person gave this member his tier. Callers have checked the right to."""
        self.ensure_one()
        member = self.sudo()
        member._set(
            {
                "tier_since": day or fields.Date.today(),
                "tier_landed": False,
                "tier_floor_id": member.tier_id.id if until else False,
                "tier_floor_until": until,
            }
        )
        self.env["fidelity.tier.change"]._record(self, before, why, day or fields.Date.today(), until, reason)

    def action_set_tier(self):
        """Ask which tier, until when and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set the tier of %(name)s", name=self.display_name),
            "res_model": "fidelity.tier.setting",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def _merge_into(self, survivor, key, reason=None):
        """Who stays has the better tier, with its beginning and the better promise; what counted for the others counts for him."""
        members = (self | survivor).sudo()
        survivor = survivor.sudo()
        done = all(member.merged_into_id == survivor for member in members - survivor)
        before, rank = survivor.tier_id, lambda member: (member.tier_id.sequence, member.tier_id.id)
        best = members.filtered("tier_id").sorted(rank)[-1:]
        floor = members.filtered(lambda m: m.tier_floor_id and m.tier_floor_until).sorted(
            lambda m: (m.tier_floor_id.sequence, m.tier_floor_until)
        )[-1:]
        state = {
            "tier_since": best.tier_since,
            "tier_landed": best.tier_landed,
            "tier_floor_id": floor.tier_floor_id.id,
            "tier_floor_until": floor.tier_floor_until,
        }
        res = super()._merge_into(survivor, key, reason)
        if done:
            return res
        survivor._set(state)
        if survivor.tier_id != before:
            self.env["fidelity.tier.change"]._record(
                survivor, before, "merged", fields.Date.today(), floor.tier_floor_until, reason
            )
        self.env["fidelity.tier.progress"].sudo()._bring_after()
        return res
