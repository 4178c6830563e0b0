from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .benefit_fields import LIMIT_FIELDS, LIMITS, POINTS_LIMITS

MAX_POINTS = 1_000_000_000


class FidelityBenefit(models.Model):
    """How much a benefit gives at most: on a line, on a receipt, in a day and in a month of a member. Zero: no limit."""

    _inherit = "fidelity.benefit"

    minimum_lines = fields.Monetary(
        string="From these products for",
        help="What was paid for the chosen products must reach this. Zero: always.",
    )
    cap_points_receipt = fields.Integer(string="Most points a receipt", help="It gives no more on one receipt. 0: no limit.")
    cap_points_day = fields.Integer(string="Most points a day", help="It gives a member no more in one day. 0: no limit.")
    cap_points_month = fields.Integer(
        string="Most points a month", help="It gives a member no more in one calendar month. 0: no limit."
    )
    cap_line = fields.Monetary(string="Most on a product", help="It takes no more off one line of the receipt. Zero: no limit.")
    cap_receipt = fields.Monetary(string="Most on a receipt", help="It gives no more on one receipt. Zero: no limit.")
    cap_day = fields.Monetary(string="Most in a day", help="It gives a member no more in one day. Zero: no limit.")
    cap_month = fields.Monetary(string="Most in a month", help="It gives a member no more in one calendar month. Zero: no limit.")

    def _lines_payload(self):
        return {"minimum_lines_minor": self._minor(self.minimum_lines) if self.selector_id else 0}

    @api.constrains(*LIMIT_FIELDS, "kind", "selector_id")
    def _check_limits(self):
        for benefit in self:
            for name in LIMIT_FIELDS:
                if benefit[name] < 0:
                    raise ValidationError(
                        self.env._("%(field)s: it cannot be negative. Enter 0 for no limit.", field=benefit._label_of(name))
                    )
            for name in POINTS_LIMITS:
                if benefit[name] > MAX_POINTS:
                    raise ValidationError(
                        self.env._("%(field)s: enter at most %(most)s.", field=benefit._label_of(name), most=MAX_POINTS)
                    )
            benefit._check_limits_rise()

    def _check_limits_rise(self):
        """A limit that a narrower one never lets be reached, or that never lets a narrower one be reached, is a slip."""
        narrow = None
        for name in LIMITS.get(self.kind, ()):
            if not self[name]:
                continue
            if narrow and self[name] < self[narrow]:
                raise ValidationError(
                    self.env._(
                        "%(wide)s is less than %(narrow)s, which could never be reached. Raise the one or lower the other.",
                        wide=self._label_of(name),
                        narrow=self._label_of(narrow),
                    )
                )
            narrow = name

    def _label_of(self, name):
        return self._fields[name]._description_string(self.env)

    def _say_limits(self):
        """How much it gives at most, as parts of a sentence."""
        return [self._say_limit(name) for name in LIMITS.get(self.kind, ()) if self[name]]

    def _say_limit(self, name):
        amount = self._points_words(self[name]) if name in POINTS_LIMITS else self._money(self[name])
        return {
            "line": self.env._("at most %(amount)s on a product", amount=amount),
            "receipt": self.env._("at most %(amount)s on a receipt", amount=amount),
            "day": self.env._("at most %(amount)s in a day", amount=amount),
            "month": self.env._("at most %(amount)s in a month", amount=amount),
        }[name.rsplit("_", 1)[-1]]
