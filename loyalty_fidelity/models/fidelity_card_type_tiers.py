from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules.errors import RuleError
from .fidelity_tier import LEVEL_FIELDS, parse_ladder

MEASURES = [
    ("hand", "A manager gives them by hand"),
    ("spending", "What they spend"),
    ("points", "The points they earn"),
    ("visits", "On how many days they buy"),
]
PERIODS = [
    ("rolling", "The last months"),
    ("calendar", "The calendar year"),
    ("anniversary", "The year of the membership"),
]
LADDER_FIELDS = ("tier_measure", "tier_period", "tier_months")
LADDER_DEPENDS = (*LADDER_FIELDS, "currency_id", *(f"tier_ids.{name}" for name in sorted(LEVEL_FIELDS)), "tier_ids.name")


class FidelityCardType(models.Model):
    """How members of a card type come to their tiers.

    Invariant: unless tiers are given by hand, they make a ladder that ``rules/tier.py`` takes.
    """

    _inherit = "fidelity.card.type"

    tier_measure = fields.Selection(
        MEASURES, string="Members qualify by", required=True, default="hand", help="What counts for a tier."
    )
    tier_period = fields.Selection(
        PERIODS,
        string="Counted over",
        required=True,
        default="rolling",
        help="A window that moves on every day, or a year. Of years the better of the one that runs and the one before "
        "counts, so that nobody loses a tier on the first of January.",
    )
    tier_months = fields.Integer(string="Months of the window", default=12, help="How many months the window has, 1 to 120.")
    ladder_text = fields.Text(string="In plain words", compute="_compute_ladder_text", help="What the ladder says to a customer.")

    @api.depends(*LADDER_DEPENDS)
    @api.depends_context("lang")
    def _compute_ladder_text(self):
        for card_type in self:
            card_type.ladder_text = "\n".join(
                self.env["fidelity.tier"]._tell_ladder(card_type, card_type.tier_ids.sorted("sequence"))
            )

    @api.constrains(*LADDER_FIELDS, "tier_ids")
    def _check_ladder(self):
        """Refuse impossible ladders, naming the tier and the field."""
        if self.env.context.get("fidelity_ladder_later"):
            return
        for card_type in self:
            if card_type.tier_measure == "hand" or not card_type.tier_ids:
                continue
            tiers = card_type.tier_ids.sorted(lambda tier: (tier.sequence, tier.id))
            try:
                card_type._ladder()
            except RuleError as error:
                raise ValidationError(self.env["fidelity.tier"]._ladder_problem(error, tiers.mapped("name"))) from error

    def _ladder(self):
        """The kernel's ladder, with the ids of tiers as keys; None where tiers are given by hand or there are none.

        :raise RuleError: it is impossible
        """
        self.ensure_one()
        tiers = self.tier_ids.sorted(lambda tier: (tier.sequence, tier.id))
        if self.tier_measure == "hand" or not tiers:
            return None
        return parse_ladder(self.tier_measure, self.tier_period, self.tier_months, [tier._level() for tier in tiers])

    def action_change_ladder(self):
        """Change the ladder in a dialogue that shows before what it does to whom."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tiers of %(name)s", name=self.name),
            "res_model": "fidelity.tier.ladder",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_type_id": self.id},
        }


class FidelityTier(models.Model):
    """What a ladder says, in words."""

    _inherit = "fidelity.tier"

    @api.model
    def _tell_ladder(self, settings, tiers):
        """A ladder in plain words, one sentence a tier.

        :param settings: a record with ``tier_measure``, ``tier_period``, ``tier_months`` and ``currency_id``
        :param tiers: records with the fields of a tier, lowest first
        :return: a list of sentences
        """
        _ = self.env._
        if not tiers:
            return [_("There are no tiers: all members are alike.")]
        lines = [_("New members are %(tier)s.", tier=tiers[0].name or "…")]
        if settings.tier_measure == "hand":
            return [*lines, _("A manager gives the other tiers by hand, with a reason and an end.")] if len(tiers) > 1 else lines
        for tier in tiers[1:]:
            lines += self._tell_tier(settings, tier)
        return lines

    @api.model
    def _tell_tier(self, settings, tier):
        _ = self.env._
        name = tier.name or "…"
        if settings.tier_measure == "spending":
            entry, stay = (settings.currency_id.format(amount) for amount in (tier.entry_amount, tier.stay_amount))
            free = not tier.stay_amount
            text = _("Who spends %(entry)s %(period)s becomes %(tier)s", entry=entry, period=self._tell_period(settings), tier=name)
        else:
            entry, stay = tier.entry_count, tier.stay_count
            free = not stay
            text = _(
                "Who earns %(entry)s points %(period)s becomes %(tier)s", entry=entry, period=self._tell_period(settings), tier=name
            )
            if settings.tier_measure == "visits":
                text = _(
                    "Who buys on %(entry)s days %(period)s becomes %(tier)s",
                    entry=entry,
                    period=self._tell_period(settings),
                    tier=name,
                )
        if free:
            return [_("%(what)s, and stays %(tier)s for good.", what=text, tier=name)]
        lines = [_("%(what)s, and stays %(tier)s with %(stay)s.", what=text, tier=name, stay=stay)]
        if tier.grace_months:
            lines.append(_("Below that he keeps %(tier)s for %(months)s months more.", tier=name, months=tier.grace_months))
        if tier.downgrade == "one":
            lines.append(_("Who loses %(tier)s goes one tier down.", tier=name))
        return lines

    @api.model
    def _tell_period(self, settings):
        return {
            "rolling": self.env._("within %(months)s months", months=settings.tier_months),
            "calendar": self.env._("within a calendar year"),
            "anniversary": self.env._("within a year of the membership"),
        }[settings.tier_period or "rolling"]

    @api.model
    def _ladder_problem(self, error, names):
        """What is wrong with a ladder, with the tier, the field and the way out.

        :param RuleError error: of ``rules/tier.py``
        :param names: of the tiers, lowest first
        """
        _ = self.env._
        at = error.details.get("at")
        name = (names[at] if at is not None else "") or "…"
        below = (names[at - 1] if at else "") or "…"
        field = error.details.get("field")
        labels = {
            "entry": _("From"),
            "stay": _("Stays with"),
            "grace_months": _("Grace (months)"),
            "months": _("Months"),
        }
        messages = {
            "first": _("From of %(tier)s must be 0: every member starts at the first tier.", tier=name),
            "order": _(
                "From of %(tier)s must be more than that of %(below)s. Raise it, or change the order.", tier=name, below=below
            ),
            "stay": _("Stays with of %(tier)s is more than its From: nobody could keep what he just got.", tier=name),
            "stay_order": _(
                "Stays with of %(tier)s is less than that of %(below)s: who loses %(below)s would still be %(tier)s.",
                tier=name,
                below=below,
            ),
            "no_levels": _("A ladder needs at least one tier."),
        }
        if error.code in messages:
            return messages[error.code]
        label = labels.get(field, field)
        if at is None:
            return _("%(field)s is out of range. Enter a number from 1 to 120.", field=label)
        return _(
            "%(field)s of %(tier)s is out of range. Enter a number that is not negative and not absurdly large.",
            field=label,
            tier=name,
        )
