from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ("balance", "Points"),
    ("expiring", "Points that expire soon"),
    ("last_purchase", "Last purchase"),
    ("never_bought", "Never bought"),
    ("purchases", "Number of purchases"),
    ("spent", "Spending"),
    ("store", "Store"),
    ("tier", "Tier"),
    ("card_type", "Card type"),
    ("card_state", "Card"),
    ("enrolled", "Joined"),
    ("birthday", "Birthday soon"),
    ("birthday_month", "Birthday in a month"),
    ("age", "Age"),
    ("tag", "Contact tag"),
    ("place", "City or post code"),
    ("language", "Language"),
    ("reachable", "Can be reached"),
    ("consent", "Consent"),
    ("segment", "Another segment"),
    ("group", "Group of conditions"),
]
MONTHS = [
    ("0", "This month"), ("1", "January"), ("2", "February"), ("3", "March"), ("4", "April"), ("5", "May"), ("6", "June"),
    ("7", "July"), ("8", "August"), ("9", "September"), ("10", "October"), ("11", "November"), ("12", "December"),
]  # fmt: skip
CARD_STATES = [("active", "Active"), ("blocked", "Blocked"), ("lost", "Lost"), ("replaced", "Replaced"), ("expired", "Expired")]
MATCHES = [("all", "All of these"), ("any", "At least one of these")]

#: What was archived since it was chosen is still what was asked for.
ARCHIVED_TOO = {"active_test": False}
#: Fields that say what a condition asks.
PARAMETERS = (
    "kind", "negated", "compare", "number", "number_to", "amount", "amount_to", "days", "direction", "store_role", "store_ids",
    "tier_ids", "card_type_ids", "tag_ids", "card_state", "month", "places", "lang", "address", "purpose_id",
    "other_segment_id", "match",
)  # fmt: skip


class FidelitySegmentCondition(models.Model):
    """One thing that is asked of a member, or a group of such things.

    Days are counted back or on from the day on which the segment is refreshed. What each kind asks is in
    ``_sql_<kind>`` (:mod:`fidelity_segment_condition_sql`), in words in ``_words_<kind>``
    (:mod:`fidelity_segment_condition_words`), and what it refuses in :mod:`fidelity_segment_condition_checks`; a kind
    that another addon adds has the same three.
    """

    _name = "fidelity.segment.condition"
    _description = "Condition of a segment"
    _order = "sequence, id"

    segment_id = fields.Many2one("fidelity.segment", string="Of segment", ondelete="cascade", index="btree_not_null")
    parent_id = fields.Many2one("fidelity.segment.condition", string="Group", ondelete="cascade", index="btree_not_null")
    child_ids = fields.One2many(
        "fidelity.segment.condition", "parent_id", string="Conditions", copy=True, help="What the group asks."
    )
    within_segment_id = fields.Many2one(
        "fidelity.segment", compute="_compute_within_segment_id", store=True, recursive=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="Ask for", required=True, default="balance", help="What is asked of the member.")
    negated = fields.Boolean(string="Not", help="Members who do not meet this.")
    match = fields.Selection(MATCHES, required=True, default="any", help="Whether all conditions have to hold, or one of them.")
    compare = fields.Selection(
        [("at_least", "at least"), ("at_most", "at most"), ("between", "between")],
        string="How much",
        required=True,
        default="at_least",
        help="How the figure is compared.",
    )
    number = fields.Integer(string="From", help="The figure to compare with.")
    number_to = fields.Integer(string="To", help="The largest figure that still counts.")
    amount = fields.Float(string="From amount", digits=(16, 2), help="In the currency of the member's card type.")
    amount_to = fields.Float(string="To amount", digits=(16, 2), help="The largest amount that still counts.")
    days = fields.Integer(help="Counted from the day of the refresh. For purchases and spending 0 means ever.")
    direction = fields.Selection(
        [("within", "in the last days"), ("before", "longer ago")],
        string="When",
        required=True,
        default="within",
        help="In the last so many days, or before that.",
    )
    store_role = fields.Selection(
        [("home", "Home store"), ("bought", "Bought there")],
        string="Which store",
        required=True,
        default="home",
        help="Where he enrolled or usually shops, or where he ever bought something.",
    )
    store_ids = fields.Many2many(
        "fidelity.store", string="Stores", ondelete="restrict", context=ARCHIVED_TOO, help="One of these stores."
    )
    tier_ids = fields.Many2many(
        "fidelity.tier", string="Tiers", ondelete="restrict", context=ARCHIVED_TOO, help="One of these tiers."
    )
    card_type_ids = fields.Many2many(
        "fidelity.card.type", string="Card types", ondelete="restrict", context=ARCHIVED_TOO, help="One of these card types."
    )
    tag_ids = fields.Many2many(
        "res.partner.category", string="Tags", ondelete="restrict", context=ARCHIVED_TOO, help="One of these tags."
    )
    card_state = fields.Selection(CARD_STATES, required=True, default="active", help="He has a card in this state.")
    month = fields.Selection(MONTHS, required=True, default="0", help="The month of his birthday.")
    places = fields.Char(string="Cities or post codes", help="Separated by commas. 201* means every post code that begins so.")
    lang = fields.Selection("_lang_get", string="Language", help="The customer's language.")
    address = fields.Selection(
        [("email", "E-mail address"), ("phone", "Phone number"), ("post", "Postal address")],
        required=True,
        default="email",
        help="What we know to reach him by.",
    )
    purpose_id = fields.Many2one("fidelity.consent.purpose", string="Agreed to", ondelete="restrict", help="He agrees to it today.")
    other_segment_id = fields.Many2one(
        "fidelity.segment", string="Segment", ondelete="restrict", index="btree_not_null", help="He is in it."
    )
    summary = fields.Char(
        string="In words", compute="_compute_summary", recursive=True, help="What the condition asks, as a sentence."
    )

    @api.model
    def _lang_get(self):
        return self.env["res.lang"].get_installed()

    @api.depends("segment_id", "parent_id.within_segment_id")
    def _compute_within_segment_id(self):
        for condition in self:
            condition.within_segment_id = condition.segment_id or condition.parent_id.within_segment_id

    @api.depends(*PARAMETERS, "child_ids.summary")
    @api.depends_context("lang")
    def _compute_summary(self):
        for condition in self:
            condition.summary = condition._words()

    @api.depends("summary")
    def _compute_display_name(self):
        for condition in self:
            condition.display_name = condition.summary

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        conditions.within_segment_id._changed()
        return conditions

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {*PARAMETERS, "child_ids", "parent_id", "segment_id"}:
            self.within_segment_id._changed()
        return res

    def unlink(self):
        segments = self.within_segment_id
        res = super().unlink()
        segments.exists()._changed()
        return res

    def _add_to(self, facts):
        """What the condition asks, as SQL over the member's row ``m``, his contact's ``p`` and the facts it needs.

        :param facts: takes the facts
        :return: (condition that is true or false and never unknown, value that explains it or None)
        """
        self.ensure_one()
        method = getattr(self, f"_sql_{self.kind}", None)
        if method is None:
            raise UserError(self.env._("Nobody knows how to ask for %(kind)s any more. Remove this condition.", kind=self.kind))
        holds, value = method(facts)
        holds = SQL("COALESCE(%s, FALSE)", holds)
        return SQL("NOT %s", holds) if self.negated else holds, value

    def _is_behaviour(self):
        """Whether it chooses members by what they do: then it profiles them."""
        self.ensure_one()
        if self.kind == "group":
            return any(child._is_behaviour() for child in self.child_ids)
        if self.kind == "segment":
            return self.other_segment_id.is_profiling
        if self.kind == "store":
            return self.store_role == "bought"
        return self.kind in ("balance", "expiring", "last_purchase", "never_bought", "purchases", "spent")
