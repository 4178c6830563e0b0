from odoo import api, models
from odoo.exceptions import ValidationError

from .fidelity_segment_condition import PARAMETERS

MOST_DAYS = 36_500
OLDEST = 130
#: What a kind needs filled in.
NEEDED = {
    "tier": "tier_ids",
    "card_type": "card_type_ids",
    "store": "store_ids",
    "tag": "tag_ids",
    "place": "places",
    "language": "lang",
    "consent": "purpose_id",
    "segment": "other_segment_id",
    "group": "child_ids",
}
#: The days that a kind can look at: least and most.
DAYS = {
    "expiring": (0, MOST_DAYS),
    "last_purchase": (0, MOST_DAYS),
    "enrolled": (0, MOST_DAYS),
    "birthday": (0, 366),
    "purchases": (0, MOST_DAYS),
    "spent": (0, MOST_DAYS),
}
#: The figures that a kind can compare with: least and most.
NUMBERS = {
    "balance": (-2_000_000_000, 2_000_000_000),
    "expiring": (0, 2_000_000_000),
    "purchases": (0, 1_000_000),
    "age": (0, OLDEST),
}


class FidelitySegmentCondition(models.Model):
    """What no condition may ask: nonsense, what is archived, or itself by a detour. Each refusal names the field."""

    _inherit = "fidelity.segment.condition"

    @api.constrains(*PARAMETERS, "child_ids", "segment_id", "parent_id")
    def _check_values(self):
        for condition in self:
            condition._check_needed()
            condition._check_figures()
            condition._check_archived()
            condition._check_cycle()

    def _label(self, name):
        return self._fields[name]._description_string(self.env)

    def _check_needed(self):
        name = NEEDED.get(self.kind)
        if name and not (self._place_list() if name == "places" else self[name]):
            kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
            raise ValidationError(
                self.env._("%(field)s: choose at least one for the condition %(kind)s.", field=self._label(name), kind=kind)
            )

    def _check_figures(self):
        for name, limits in (("days", DAYS), ("number", NUMBERS), ("number_to", NUMBERS)):
            if self.kind not in limits or (name == "number_to" and self.compare != "between"):
                continue
            least, most = limits[self.kind]
            if not least <= self[name] <= most:
                raise ValidationError(
                    self.env._(
                        "%(field)s: %(number)s makes no sense here. Enter %(least)s to %(most)s.",
                        field=self._label(name),
                        number=self[name],
                        least=least,
                        most=most,
                    )
                )
        for kinds, low, high in ((("balance", "purchases", "age"), "number", "number_to"), (("spent",), "amount", "amount_to")):
            if self.kind in kinds and self.compare == "between" and self[high] < self[low]:
                raise ValidationError(
                    self.env._(
                        "%(field)s: %(high)s is less than %(low)s, so nobody would be found.",
                        field=self._label(high),
                        high=self[high],
                        low=self[low],
                    )
                )
        if self.kind == "spent" and not 0 <= self.amount <= 1e12:
            raise ValidationError(self.env._("%(field)s: enter an amount from 0.", field=self._label("amount")))

    def _archived(self):
        """The names of what the condition asks for that is archived, and the field."""
        for kind, name in (*NEEDED.items(),):
            if kind == self.kind and self._fields[name].relational and "active" in self.env[self._fields[name].comodel_name]:
                archived = self.sudo()[name].filtered(lambda record: not record.active)
                if archived:
                    return name, ", ".join(archived.mapped("display_name"))
        return None

    def _check_archived(self):
        found = self._archived()
        if found:
            raise ValidationError(
                self.env._("%(field)s: %(names)s is archived. Choose another one.", field=self._label(found[0]), names=found[1])
            )

    def _check_cycle(self):
        """A segment that asks for itself, however many others lie between, has no meaning."""
        start = self.within_segment_id
        seen, waiting = self.env["fidelity.segment"], self.other_segment_id if self.kind == "segment" else []
        while waiting:
            if start in waiting:
                raise ValidationError(
                    self.env._(
                        "%(field)s: %(other)s asks for members of %(name)s itself. Choose another one.",
                        field=self._label("other_segment_id"),
                        other=self.other_segment_id.display_name,
                        name=start.display_name,
                    )
                )
            seen |= waiting
            waiting = waiting._asked_segments() - seen
