import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .draw import proof, winners
from .fidelity_prize import MAX_COUNT, MAX_PICKUP_DAYS, MAX_POINTS

OCCASIONS = [
    ("signup", "Joining"),
    ("birthday", "Birthday"),
    ("anniversary", "Anniversary of joining"),
    ("visit", "So many purchases"),
    ("tier", "Reaching a tier"),
    ("draw", "A surprise, drawn by lot"),
]


class FidelityGrantRule(models.Model):
    """What members get by themselves, on which occasion. Finding the occasions is in :mod:`fidelity_grant_occasions`.

    Invariants: an occasion gives once (``grant:<rule>:<member>:<occasion>`` is unique); what a rule gives is not edited while it
    runs; occasions before it was started do not count. Who is drawn follows from a seed that is fixed when the rule starts,
    shown as its SHA-256 until the draw, and then itself.
    """

    _name = "fidelity.grant.rule"
    _description = "Automatic grant"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="Why, as the customer reads it, such as Happy birthday.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archive a rule that is no longer used; what it gave stays.")
    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, ondelete="cascade", index=True, help="Members with this kind of card get it."
    )
    company_id = fields.Many2one(related="card_type_id.company_id", store=True, index=True)
    occasion = fields.Selection(OCCASIONS, required=True, default="birthday", help="When it is given.")
    visit_number = fields.Integer(string="Purchases", default=10, help="How many purchases since the rule was started.")
    is_repeated = fields.Boolean(string="Again every time", help="On: also after twice as many, three times as many, and so on.")
    tier_id = fields.Many2one(
        "fidelity.tier", domain="[('card_type_id', '=', card_type_id)]", ondelete="restrict", help="The tier that is reached."
    )
    winner_count = fields.Integer(string="Winners", default=1, help="How many members are drawn.")
    gift = fields.Selection(
        [("points", "Points"), ("code", "A voucher code"), ("prize", "A prize to collect")],
        required=True,
        default="points",
        help="What is given.",
    )
    points = fields.Integer(default=50, help="How many points.")
    points_days = fields.Integer(
        string="Days to use them", help="These points expire after so many days. Zero: they do not expire."
    )
    code_list_id = fields.Many2one(
        "fidelity.code.list", string="Code list", ondelete="restrict", help="Each member gets a code of his own of this list."
    )
    prize_id = fields.Many2one(
        "fidelity.prize",
        domain="[('card_type_id', '=', card_type_id), ('reservable', '=', True), ('kind', '!=', 'voucher')]",
        ondelete="restrict",
        help="It waits in the home store of the member. Who has no home store does not get it.",
    )
    state = fields.Selection(
        [("draft", "Not started"), ("running", "Running"), ("stopped", "Stopped")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        help="Nothing is given before it is started, nor for occasions before that.",
    )
    started_at = fields.Datetime(string="Started on", readonly=True, copy=False, help="Occasions before it do not count.")
    seen_posting_id = fields.Integer(readonly=True, copy=False, help="Purchases up to this posting have been looked at.")
    seed = fields.Char(
        string="Hidden seed", readonly=True, copy=False, groups="base.group_system", help="What decides who is drawn."
    )
    seed_proof = fields.Char(
        string="Proof of the draw",
        readonly=True,
        copy=False,
        help="SHA-256 of the seed, fixed before the draw. Keep a copy elsewhere.",
    )
    seed_shown = fields.Char(
        string="Seed", compute="_compute_seed_shown", compute_sudo=True, help="Shown after the draw: anybody can repeat it."
    )
    drawn_at = fields.Datetime(string="Drawn on", readonly=True, copy=False, help="When the lots were drawn.")
    drawn_from = fields.Integer(string="Drawn among", readonly=True, copy=False, help="How many members took part.")
    grant_ids = fields.One2many("fidelity.grant", "rule_id", help="What it gave.")
    grant_count = fields.Integer(string="Given", compute="_compute_grant_count", help="How often it gave something.")

    def _compute_grant_count(self):
        counts = dict(
            self.env["fidelity.grant"]._read_group(
                [("rule_id", "in", self.ids), ("state", "!=", "skipped")], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.grant_count = counts.get(rule, 0)

    @api.depends("drawn_at", "seed")
    def _compute_seed_shown(self):
        for rule in self:
            rule.seed_shown = rule.drawn_at and rule.seed

    @api.constrains(
        "gift", "points", "points_days", "code_list_id", "prize_id", "occasion", "visit_number", "tier_id", "winner_count"
    )
    def _check_whole(self):
        _ = self.env._
        for rule in self:
            problem = None
            if rule.gift == "points" and not 1 <= rule.points <= MAX_POINTS:
                problem = _("Points says how many, at least 1.")
            elif not 0 <= rule.points_days <= MAX_PICKUP_DAYS:
                problem = _("Days to use them is between 0 and %(most)s.", most=MAX_PICKUP_DAYS)
            elif rule.gift == "code" and not rule.code_list_id:
                problem = _("choose a Code list.")
            elif rule.gift == "prize" and not rule.prize_id.reservable:
                problem = _("choose a Prize that can be reserved.")
            elif rule.occasion == "visit" and not 1 <= rule.visit_number <= MAX_COUNT:
                problem = _("Purchases is at least 1.")
            elif rule.occasion == "tier" and not rule.tier_id:
                problem = _("choose the Tier that is reached.")
            elif rule.occasion == "draw" and not 1 <= rule.winner_count <= MAX_COUNT:
                problem = _("Winners is at least 1.")
            if problem:
                raise ValidationError(_("%(rule)s: %(problem)s", rule=rule.name, problem=problem))

    @api.constrains("card_type_id", "tier_id", "prize_id", "code_list_id")
    def _check_belonging(self):
        for rule in self.sudo():
            companies = rule.card_type_id.company_id.parent_ids if rule.card_type_id.company_id else None
            foreign = [record for record in (rule.tier_id, rule.prize_id) if record and record.card_type_id != rule.card_type_id]
            if companies and rule.code_list_id and rule.code_list_id.company_id not in companies:
                foreign.append(rule.code_list_id)
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: %(record)s does not belong to %(card_type)s.",
                        rule=rule.name,
                        record=foreign[0].display_name,
                        card_type=rule.card_type_id.name,
                    )
                )

    def write(self, vals):
        fixed = {"card_type_id", "occasion", "visit_number", "is_repeated", "tier_id", "gift", "points", "code_list_id", "prize_id"}
        if fixed & vals.keys() and any(rule.state != "draft" for rule in self):
            raise UserError(self.env._("This rule was started: what it gives stays. Stop it and make a copy."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["fidelity.grant"].sudo().search_count([("rule_id", "in", self.ids), ("state", "!=", "skipped")], limit=1):
            raise UserError(self.env._("A rule that gave something is archived, not deleted: the ledger names it."))

    def _check_may_run(self):
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager starts and stops automatic grants. Ask yours."))
        self.check_access("write")

    def action_start(self):
        """From now on it gives. Members who are in the tier already are passed over."""
        self._check_may_run()
        for rule in self.sudo().filtered(lambda rule: rule.state != "running"):
            vals = {"state": "running", "started_at": self.env.cr.now().replace(microsecond=0)}
            if rule.occasion == "draw" and not rule.seed:
                seed = secrets.token_hex(16)
                vals.update(seed=seed, seed_proof=proof(seed))
            rule.write(vals)
            rule._skip_present()

    def action_stop(self):
        """From now on it gives nothing. What it gave stays."""
        self._check_may_run()
        self.sudo().write({"state": "stopped"})

    def _skip_present(self):
        """Note who is in the tier already, so that only who reaches it from now on gets something."""
        if self.occasion != "tier":
            return
        self.flush_recordset()
        self.env["fidelity.member"].flush_model(["tier_id", "state", "card_type_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO fidelity_grant (rule_id, member_id, occasion, op_key, state, granted_at,
                                            create_uid, create_date, write_uid, write_date)
                SELECT %(rule)s, m.id, %(occasion)s, 'grant:' || %(rule)s || ':' || m.id || ':' || %(occasion)s, 'skipped', %(now)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM fidelity_member m WHERE m.tier_id = %(tier)s ON CONFLICT (op_key) DO NOTHING
                """,
                rule=self.id,
                occasion=f"tier:{self.tier_id.id}",
                now=self.env.cr.now().replace(microsecond=0),
                uid=self.env.uid,
                tier=self.tier_id.id,
            )
        )
        self.env["fidelity.grant"].invalidate_model()

    def action_draw(self):
        """Draw the winners now, among the members that are active, and give them the surprise."""
        self.ensure_one()
        self._check_may_run()
        rule = self.sudo()
        if rule.occasion != "draw" or rule.state != "running" or rule.drawn_at:
            raise UserError(self.env._("%(rule)s: start it first; it is drawn once.", rule=rule.name))
        domain = [("card_type_id", "=", rule.card_type_id.id), ("state", "=", "active")]
        if rule.gift == "prize":
            domain.append(("store_id", "!=", False))
        members = self.env["fidelity.member"].sudo().search(domain).ids
        rule.write({"drawn_at": self.env.cr.now().replace(microsecond=0), "drawn_from": len(members), "state": "stopped"})
        rule.flush_recordset()
        for member in self.env["fidelity.member"].sudo().browse(winners(rule.seed, members, rule.winner_count)):
            rule._give(member, "draw")

    def action_view_grants(self):
        """Open what these rules gave."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_grant_action")
        action["domain"] = [("rule_id", "in", self.ids), ("state", "!=", "skipped")]
        return action
