from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_round

from ..rules import tier as kernel_tier

MEDALS = [("bronze", "Bronze"), ("silver", "Silver"), ("gold", "Gold"), ("platinum", "Platinum")]
DOWNGRADES = [("deserved", "To the tier that he still reaches"), ("one", "One tier down, at most once a period")]
#: What a ladder is made of; changing one of these is checked against the others.
LEVEL_FIELDS = frozenset(
    {"card_type_id", "sequence", "entry_amount", "entry_count", "stay_amount", "stay_count", "grace_months", "downgrade"}
)


class FidelityTier(models.Model):
    """A level of a card type, lowest sequence first. A member starts at the lowest one.

    What a member needs to get it and to stay is an amount where the card type counts spending, else a number; the other
    two fields do not matter then. Together the tiers of a card type are a ladder, see ``rules/tier.py``.
    """

    _name = "fidelity.tier"
    _description = "Tier"
    _order = "card_type_id, sequence, id"

    name = fields.Char(required=True, translate=True, help="The name that customers see, such as Gold.")
    card_type_id = fields.Many2one("fidelity.card.type", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10, help="Lower comes first; new members start at the first tier.")
    medal = fields.Selection(MEDALS, required=True, default="bronze", help="The medal shown at the till and in lists.")
    currency_id = fields.Many2one(related="card_type_id.currency_id")
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
    member_count = fields.Integer(string="Members", compute="_compute_member_count", help="How many members have this tier now.")

    def _compute_member_count(self):
        counts = dict(
            self.env["fidelity.member"]._read_group(
                [("tier_id", "in", self.ids), ("state", "!=", "merged")], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.member_count = counts.get(tier, 0)

    @api.constrains(*LEVEL_FIELDS)
    def _check_ladder(self):
        self.card_type_id._check_ladder()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        held = self.env["fidelity.member"].sudo().search([("tier_id", "in", self.ids), ("state", "!=", "merged")], limit=1)
        if held and held.card_type_id.tier_measure != "hand":
            raise UserError(
                self.env._(
                    "Members are %(tier)s: that tier cannot be deleted under them. Press Change the ladder and remove it there: "
                    "they go to the tier that they reach.",
                    tier=held.tier_id.name,
                )
            )

    def _level(self):
        """This tier as the kernel's ``tier.parse`` takes a level."""
        self.ensure_one()
        return level_of(self, self.card_type_id.tier_measure, str(self.id))


class FidelityTierChange(models.Model):
    """One change of a member's tier, kept for good.

    Tiers are kept by name, so that a ladder can change and history stays. Written by :meth:`_record` only.
    """

    _name = "fidelity.tier.change"
    _inherit = "fidelity.append.only"
    _description = "Change of tier"
    _log_access = False
    _order = "id desc"

    member_id = fields.Many2one(
        "fidelity.member", required=True, readonly=True, ondelete="restrict", index=True, help="Whose tier changed."
    )
    company_id = fields.Many2one(related="member_id.company_id")
    from_tier = fields.Integer(readonly=True, help="The number of the tier before.")
    from_name = fields.Char(string="From", readonly=True, help="The tier before.")
    to_tier = fields.Integer(readonly=True, help="The number of the tier since.")
    to_name = fields.Char(string="To", readonly=True, help="The tier since.")
    to_medal = fields.Selection(MEDALS, string="Medal", readonly=True, help="Its medal.")
    direction = fields.Selection([("up", "Up"), ("down", "Down")], readonly=True, help="Whether he rose or fell.")
    why = fields.Selection(
        [
            ("qualified", "Qualified"),
            ("downgraded", "No longer reached"),
            ("hand", "By hand"),
            ("released", "By the rules again"),
            ("merged", "Members merged"),
            ("ladder", "The tiers changed"),
            ("ended", "The promise ended"),
        ],
        required=True,
        readonly=True,
        help="Why it changed.",
    )
    day = fields.Date(required=True, readonly=True, help="The day from which on he has it.")
    changed_at = fields.Datetime(string="Noted", required=True, readonly=True, help="When it was noted.")
    until = fields.Date(string="Promised until", readonly=True, help="Until when a person promised it at least.")
    reason = fields.Char(readonly=True, help="Why a person changed it.")
    author_uid = fields.Integer(readonly=True, help="The number of the user who changed it.")
    author_name = fields.Char(string="By", readonly=True, help="Who changed it. Empty: the rules did.")

    @api.depends("to_name", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for change in self:
            change.display_name = self.env._("%(tier)s since %(day)s", tier=change.to_name or "–", day=change.day)

    @api.model
    def _record(self, member, tier_before, why, day, until=None, reason=None):
        """Note a change that a person made. Callers have checked the right to.

        :param member: one record, whose tier is the new one already
        """
        before, after = tier_before.sudo(), member.sudo().tier_id
        rank = [((tier.sequence, tier.id) if tier else (-1, 0)) for tier in (before, after)]
        return self.sudo()._append(
            [
                {
                    "member_id": member.id,
                    "from_tier": before.id,
                    "from_name": before.name,
                    "to_tier": after.id,
                    "to_name": after.name,
                    "to_medal": after.medal,
                    "direction": "up" if rank[1] > rank[0] else "down" if rank[1] < rank[0] else None,
                    "why": why,
                    "day": day,
                    "changed_at": fields.Datetime.now(),
                    "until": until,
                    "reason": reason,
                    "author_uid": self.env.uid,
                    "author_name": self.env.user.name,
                }
            ]
        )

    @api.model
    def _apply(self, rows, day):
        """Give members the tiers that the rules found, and note it, in one statement.

        A member whose tier is not any more what the rules saw keeps it: they look at him again.

        :param rows: dicts with ``member_id``, ``from_id``, ``to_id``, ``since``, ``landed`` and ``why`` (none: no note)
        :param str day: ISO
        :return: how many rose and how many fell
        """
        if not rows:
            return 0, 0
        member = self.env["fidelity.member"]
        member.flush_model(["tier_id", "tier_since", "tier_landed", "state"])
        self.env["fidelity.tier"].flush_model(["name", "medal", "sequence"])
        rose, fell = self.env.execute_query(
            SQL(
                """
                WITH x AS (SELECT * FROM %(rows)s),
                     m AS (UPDATE fidelity_member m
                              SET tier_id = x.to_id, tier_since = x.since, tier_landed = x.landed,
                                  write_date = now() AT TIME ZONE 'UTC'
                             FROM x WHERE m.id = x.member_id AND m.tier_id IS NOT DISTINCT FROM x.from_id AND m.state = 'active'
                        RETURNING m.id, x.from_id, x.to_id, x.since, x.why),
                     c AS (INSERT INTO fidelity_tier_change
                                  (member_id, from_tier, from_name, to_tier, to_name, to_medal, direction, why, day, changed_at)
                           SELECT m.id, m.from_id, COALESCE(f.name->>%(lang)s, f.name->>'en_US'),
                                  m.to_id, COALESCE(t.name->>%(lang)s, t.name->>'en_US'), t.medal,
                                  CASE WHEN f.id IS NULL OR (f.sequence, f.id) < (t.sequence, t.id) THEN 'up' ELSE 'down' END,
                                  m.why, m.since, now() AT TIME ZONE 'UTC'
                             FROM m JOIN fidelity_tier t ON t.id = m.to_id LEFT JOIN fidelity_tier f ON f.id = m.from_id
                            WHERE m.why IS NOT NULL
                        RETURNING direction)
                SELECT count(*) FILTER (WHERE direction = 'up'), count(*) FILTER (WHERE direction = 'down') FROM c
                """,
                rows=self.env["fidelity.posting"]._recordset_sql(
                    {"member_id": "int", "from_id": "int", "to_id": "int", "since": "date", "landed": "boolean", "why": "text"},
                    rows,
                ),
                lang=self.env.lang or "en_US",
            )
        )[0]
        member.invalidate_model(["tier_id", "tier_since", "tier_landed", "write_date"])
        return rose, fell


def level_of(record, measure, key):
    """A level as the kernel's ``tier.parse`` takes it.

    :param record: with the fields of a tier
    :param str measure: what the ladder counts
    """
    scale = 10**record.currency_id.decimal_places
    entry, stay = record.entry_count, record.stay_count
    if measure == "spending":
        entry, stay = (int(float_round(amount * scale, precision_digits=0)) for amount in (record.entry_amount, record.stay_amount))
    return {"key": key, "entry": entry, "stay": stay, "grace_months": record.grace_months, "downgrade": record.downgrade}


def parse_ladder(measure, period, months, levels):
    """The kernel's ladder of settings, or its error.

    :param levels: of :meth:`FidelityTier._level`, lowest first
    """
    return kernel_tier.parse(
        {"measure": measure, "period": period, "months": months if period == "rolling" else 12, "levels": levels}
    )
