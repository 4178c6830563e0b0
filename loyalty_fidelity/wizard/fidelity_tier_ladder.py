from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, formatLang

from ..models.fidelity_card_type_tiers import LADDER_FIELDS, MEASURES, PERIODS
from ..models.fidelity_member_tier import MANAGER
from ..models.fidelity_tier import DOWNGRADES, MEDALS, level_of, parse_ladder
from ..models.fidelity_tier_run import CHUNK
from ..rules.errors import RuleError

COPIED = ("sequence", "name", "medal", "entry_amount", "stay_amount", "entry_count", "stay_count", "grace_months", "downgrade")


class FidelityTierLadder(models.TransientModel):
    """The tiers of a card type while somebody changes them: in plain words, and with what it does to whom, before it is kept."""

    _name = "fidelity.tier.ladder"
    _description = "Change of a ladder"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, readonly=True, help="Whose tiers these are.")
    currency_id = fields.Many2one(related="card_type_id.currency_id")
    tier_measure = fields.Selection(
        MEASURES, string="Members qualify by", required=True, default="spending", help="What counts for a tier."
    )
    tier_period = fields.Selection(
        PERIODS,
        string="Counted over",
        required=True,
        default="rolling",
        help="A window that moves on every day, or a year. Of years the better of the one that runs and the one before "
        "counts, so that nobody loses a tier on the first of January.",
    )
    tier_months = fields.Integer(string="Months", default=12, help="How many months the window has, 1 to 120.")
    line_ids = fields.One2many("fidelity.tier.ladder.line", "ladder_id", string="Tiers", help="Lowest first.")
    ladder_text = fields.Text(string="In plain words", compute="_compute_ladder_text", help="What the ladder says to a customer.")
    problem = fields.Char(compute="_compute_ladder_text", help="Why this ladder is impossible.")
    effect = fields.Text(readonly=True, help="What it does to the members, tonight.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        card_type = self.env["fidelity.card.type"].browse(values.get("card_type_id"))
        if card_type and "line_ids" in fields_list:
            if card_type.tier_measure != "hand":
                values |= {name: card_type[name] for name in LADDER_FIELDS if name in fields_list}
            values["line_ids"] = [
                Command.create({"tier_id": tier.id, **{name: tier[name] for name in COPIED}}) for tier in card_type.tier_ids
            ]
            if not card_type.tier_ids:
                values["line_ids"] = [Command.create({"name": self.env._("Bronze"), "medal": "bronze", "sequence": 10})]
        return values

    @api.depends(*LADDER_FIELDS, *(f"line_ids.{name}" for name in COPIED))
    @api.depends_context("lang")
    def _compute_ladder_text(self):
        tiers = self.env["fidelity.tier"]
        for wizard in self:
            lines = wizard._ordered()
            wizard.problem = False
            try:
                wizard._ladder()
                wizard.ladder_text = "\n".join(tiers._tell_ladder(wizard, lines))
            except RuleError as error:
                wizard.ladder_text = False
                wizard.problem = tiers._ladder_problem(error, lines.mapped("name"))

    @api.onchange(*LADDER_FIELDS, "line_ids")
    def _onchange_ladder(self):
        """What was shown is of another ladder."""
        self.effect = False

    def _ordered(self):
        return self.line_ids.sorted("sequence")

    def _keys(self):
        """The keys of the levels, lowest first: the id of the tier, or the place of a new one."""
        return [str(line.tier_id.id) if line.tier_id else f"new{at}" for at, line in enumerate(self._ordered())]

    def _ladder(self):
        """The kernel's ladder, None where tiers are given by hand or there are none.

        :raise RuleError: it is impossible
        """
        lines = self._ordered()
        if self.tier_measure == "hand" or not lines:
            return None
        levels = [level_of(line, self.tier_measure, key) for line, key in zip(lines, self._keys(), strict=True)]
        return parse_ladder(self.tier_measure, self.tier_period, self.tier_months, levels)

    # -- effect ----------------------------------------------------------------------------------------------------

    def action_preview(self):
        """Count whose tier changes, and keep nothing."""
        self._check_allowed()
        self.effect = "\n".join(self._tell_effect())
        return self._action_again()

    def _tell_effect(self):
        """What this ladder does to the members tonight, in sentences."""
        _ = self.env._
        changes = self._count_changes()
        lines = []
        for (before, after, fell), count in sorted(changes.items(), key=lambda item: -item[1]):
            names = {"count": formatLang(self.env, count, digits=0), "before": before, "after": after}
            if fell and count == 1:
                lines.append(_("1 member loses %(before)s and becomes %(after)s tonight.", **names))
            elif fell:
                lines.append(_("%(count)s members lose %(before)s and become %(after)s tonight.", **names))
            elif count == 1:
                lines.append(_("1 member becomes %(after)s tonight.", **names))
            else:
                lines.append(_("%(count)s members become %(after)s tonight.", **names))
        if not lines:
            lines.append(_("Nobody's tier changes tonight."))
        if self.env["fidelity.tier.progress"].sudo()._behind():
            lines.append(_("Not all purchases are counted yet: look again in some minutes."))
        return lines

    def _count_changes(self):
        """How many members change, by (name of the tier before, name of the tier after, whether that is a fall)."""
        counts = Counter()
        lines = self._ordered()
        kept = lines.tier_id
        removed = (self.card_type_id.tier_ids - kept).sudo()
        if self.tier_measure == "hand" or not lines:
            for tier in removed:
                heir = self._heir(tier)
                counts[(tier.name, heir.name if heir else self.env._("none"), True)] += tier.member_count
            return +counts
        ladder, run = self._ladder(), self.env["fidelity.tier.run"].sudo()
        names = dict(zip(self._keys(), lines.mapped("name"), strict=True))
        ranks = {key: at for at, key in enumerate(names)}
        tier_ids = {str(line.tier_id.id): line.tier_id.id for line in lines if line.tier_id}
        old = {tier.id: tier.name for tier in self.card_type_id.sudo().tier_ids}
        day, last = run._today(), 0
        while True:
            first, last = last, self._chunk_end(last)
            if last is None:
                return counts
            condition = SQL("m.id > %s AND m.id <= %s", first, last)
            for found in run._candidates(self.card_type_id, ladder, tier_ids, day, condition, (first, last)):
                place = run._place(ladder, found, day)
                before = old.get(found["tier_id"])
                if place.change and (place.change != "start" or before or ranks[place.level]):
                    counts[
                        (
                            before or "",
                            names[place.level],
                            place.change == "downgraded" or (place.change == "start" and bool(before)),
                        )
                    ] += 1

    def _chunk_end(self, first):
        """The number of the last member of the next chunk, or None."""
        return self.env.execute_query(
            SQL(
                "SELECT max(id) FROM (SELECT id FROM fidelity_member WHERE card_type_id = %s AND id > %s ORDER BY id LIMIT %s) m",
                self.card_type_id.id,
                first,
                CHUNK,
            )
        )[0][0]

    # -- keeping ---------------------------------------------------------------------------------------------------

    def action_apply(self):
        """Keep the ladder. Members of a tier that is removed go to the one below; the rest follows tonight."""
        self._check_allowed()
        try:
            self._ladder()
        except RuleError as error:
            names = self._ordered().mapped("name")
            raise UserError(self.env["fidelity.tier"]._ladder_problem(error, names)) from error
        card_type = self.card_type_id.with_context(fidelity_ladder_later=True)
        for at, line in enumerate(self._ordered(), 1):
            values = {**{name: line[name] for name in COPIED}, "sequence": 10 * at}
            if line.tier_id:
                if line.tier_id.name == values["name"]:
                    del values["name"]
                line.tier_id.with_context(fidelity_ladder_later=True).write(values)
            else:
                line.tier_id = card_type.env["fidelity.tier"].create({"card_type_id": card_type.id, **values})
        for tier in self.card_type_id.tier_ids - self.line_ids.tier_id:
            self._empty(tier)
            tier.with_context(fidelity_ladder_later=True).unlink()
        card_type.write({name: self[name] for name in LADDER_FIELDS})
        self.card_type_id._check_ladder()
        return {"type": "ir.actions.act_window_close"}

    def _heir(self, tier):
        """The line to whose tier the members of a removed one go: the next below, else the first."""
        lines = self._ordered().filtered("tier_id")
        below = lines.filtered(lambda line: line.tier_id.sequence < tier.sequence)
        return below[-1:] or lines[:1]

    def _empty(self, tier):
        heir = self._heir(tier).tier_id
        if not heir:
            return
        members = self.env["fidelity.member"].sudo().search([("tier_id", "=", tier.id), ("state", "=", "active")])
        run = self.env["fidelity.tier.run"]
        rows = [
            {"member_id": member_id, "from_id": tier.id, "to_id": heir.id, "since": run._today(), "landed": False, "why": "ladder"}
            for member_id in members.ids
        ]
        self.env["fidelity.tier.change"].sudo()._apply(rows, run._today())
        others = self.env["fidelity.member"].sudo().search([("tier_id", "=", tier.id)])
        others._set({"tier_id": heir.id})

    def _check_allowed(self):
        self.ensure_one()
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a loyalty manager can change tiers. Ask yours."))
        self.card_type_id.check_access("write")

    def _action_again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tiers of %(name)s", name=self.card_type_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class FidelityTierLadderLine(models.TransientModel):
    """A tier while somebody changes it."""

    _name = "fidelity.tier.ladder.line"
    _description = "Tier of a ladder"
    _order = "sequence, id"

    ladder_id = fields.Many2one("fidelity.tier.ladder", required=True, ondelete="cascade")
    tier_id = fields.Many2one("fidelity.tier", ondelete="cascade", help="The tier as it is kept now. Empty: a new one.")
    currency_id = fields.Many2one(related="ladder_id.currency_id")
    sequence = fields.Integer(default=1000, help="Lower comes first; new members start at the first tier.")
    name = fields.Char(required=True, help="The name that customers see, such as Gold.")
    medal = fields.Selection(MEDALS, required=True, default="silver", help="The medal shown at the till and in lists.")
    entry_amount = fields.Monetary(string="From", help="What a member spends within the period to get this tier.")
    stay_amount = fields.Monetary(
        string="Stays with", help="What he must spend to keep it, at most as much. 0: he keeps it for good."
    )
    entry_count = fields.Integer(
        string="From (number)", help="The points that a member earns, or the visits he makes, within the period to get this tier."
    )
    stay_count = fields.Integer(
        string="Stays with (number)", help="How many he needs to keep it, at most as many. 0: he keeps it for good."
    )
    grace_months = fields.Integer(
        string="Grace (months)", help="For how many months a member keeps the tier although he is below what he must stay with."
    )
    downgrade = fields.Selection(
        DOWNGRADES,
        required=True,
        default="deserved",
        help="Where a member goes who loses this tier: straight to where he belongs, or step by step.",
    )

    @api.onchange("entry_amount", "entry_count")
    def _onchange_entry(self):
        """To stay asks for as much, unless somebody says otherwise."""
        self.stay_amount = self.stay_amount and min(self.stay_amount, self.entry_amount) or self.entry_amount
        self.stay_count = self.stay_count and min(self.stay_count, self.entry_count) or self.entry_count
