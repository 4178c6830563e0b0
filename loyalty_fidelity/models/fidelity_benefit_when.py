from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date, format_list

from .benefit_fields import WEEKDAYS, WHEN_FIELDS

MOST_DAYS = 182
MOST_PURCHASES = 1000
DAY_MINUTES = 24 * 60


class FidelityBenefit(models.Model):
    """When a benefit applies: dates, days, hours, stores, tiers, tags, birthdays, visits. Nothing chosen: always."""

    _inherit = "fidelity.benefit"

    from_date = fields.Date(string="From", help="The first day on which it applies, by the store's calendar. Empty: from now on.")
    to_date = fields.Date(string="Until", help="The last day on which it applies. Empty: for good.")
    mon = fields.Boolean(string="Mondays")
    tue = fields.Boolean(string="Tuesdays")
    wed = fields.Boolean(string="Wednesdays")
    thu = fields.Boolean(string="Thursdays")
    fri = fields.Boolean(string="Fridays")
    sat = fields.Boolean(string="Saturdays")
    sun = fields.Boolean(string="Sundays")
    from_hour = fields.Float(
        string="From (hour)", help="From this hour on, by the store's clock. A later one than the end goes over midnight."
    )
    to_hour = fields.Float(string="Until (hour)", help="Up to this hour; 0:00 and 0:00 mean the whole day.")
    store_ids = fields.Many2many("fidelity.store", string="Stores", help="Only in these stores. Empty: in all.")
    tier_ids = fields.Many2many(
        "fidelity.tier",
        string="Tiers",
        domain="[('card_type_id', '=', card_type_id)]",
        help="Only for these tiers. Empty: for all.",
    )
    tag_ids = fields.Many2many(
        "res.partner.category", string="Customer tags", help="Only for customers with one of these tags. Empty: for all."
    )
    on_birthday = fields.Boolean(string="Around the birthday", help="Only around the customer's birthday, where it is known.")
    birthday_days = fields.Integer(string="Days around it", help="So many days before and after. 0: on the very day.")
    first_purchase = fields.Boolean(string="First purchase only", help="Only for the first purchase with this membership.")
    every_purchase = fields.Integer(
        string="Every so many purchases", help="10: only for the 10th purchase, the 20th and so on. 0: for every purchase."
    )

    def _when_payload(self):
        """When it applies, as the kernel reads it; what is not there does not matter."""
        when = {
            "from_date": self.from_date and fields.Date.to_string(self.from_date),
            "to_date": self.to_date and fields.Date.to_string(self.to_date),
            "weekdays": [number for number, name in enumerate(WEEKDAYS) if self[name]],
            "stores": sorted(self.sudo().store_ids._origin.ids),
            "tiers": sorted(self.tier_ids._origin.ids),
            "tags": sorted(self.sudo().tag_ids._origin.ids),
            "first_purchase": self.first_purchase,
            "every_purchase": self.every_purchase,
        }
        when = {name: value for name, value in when.items() if value}
        if len(when.get("weekdays", ())) == len(WEEKDAYS):
            del when["weekdays"]
        if self.on_birthday:
            when["birthday_days"] = self.birthday_days
        return {**when, **self._hours_payload()}

    def _has_hours(self):
        return bool(self.from_hour or self.to_hour) and not (not self.from_hour and self.to_hour == 24)

    def _hours_payload(self):
        if not self._has_hours():
            return {}
        # The last minute counts: until 19:00 means 18:59.
        until = round(self.to_hour * 60) - 1
        return {"from_minute": round(self.from_hour * 60) % DAY_MINUTES, "to_minute": until if until >= 0 else DAY_MINUTES - 1}

    # -- checks --------------------------------------------------------------------------------------------------------

    @api.constrains(*WHEN_FIELDS, "card_type_id")
    def _check_when(self):
        for benefit in self:
            if benefit.from_date and benefit.to_date and benefit.from_date > benefit.to_date:
                raise ValidationError(self.env._("From %(first)s until %(last)s: the last day comes before the first one.",
                                                 first=format_date(self.env, benefit.from_date),
                                                 last=format_date(self.env, benefit.to_date)))  # fmt: skip
            benefit._check_hours()
            benefit._check_people()
            benefit._check_visits()

    def _check_hours(self):
        for hour in (self.from_hour, self.to_hour):
            if not 0 <= hour <= 24:
                raise ValidationError(self.env._("The hours go from 0:00 to 24:00."))
        if self._has_hours() and round(self.from_hour * 60) == round(self.to_hour * 60):
            raise ValidationError(
                self.env._("The hours are empty: they end when they begin. Leave both at 0:00 for the whole day.")
            )

    def _check_people(self):
        if self.tier_ids.card_type_id - self.card_type_id:
            raise ValidationError(self.env._("The tiers must be those of this card type."))
        company = self.card_type_id.company_id
        strangers = self.sudo().store_ids.filtered(
            lambda store: company and company not in (store.company_id | store.company_id.parent_ids)
        )
        if strangers:
            raise ValidationError(
                self.env._("%(store)s is a store of another company. Choose stores of yours.", store=strangers[0].display_name)
            )

    def _check_visits(self):
        if self.on_birthday and not 0 <= self.birthday_days <= MOST_DAYS:
            raise ValidationError(self.env._("The days around the birthday must be between 0 and %(days)s.", days=MOST_DAYS))
        if self.every_purchase and not 2 <= self.every_purchase <= MOST_PURCHASES:
            raise ValidationError(
                self.env._("Every so many purchases: enter 2 to %(most)s, or 0 for every purchase.", most=MOST_PURCHASES)
            )
        if self.every_purchase and self.first_purchase:
            raise ValidationError(self.env._("The first purchase and every so many purchases never meet. Choose one of the two."))

    # -- words ---------------------------------------------------------------------------------------------------------

    def _say_when(self):
        """When it applies, as parts of a sentence."""
        parts = [self._say_dates(), self._say_days(), self._say_hours(), self._say_names("store_ids"), self._say_names("tier_ids")]
        if self.tag_ids:
            parts.append(
                self.env._("customers tagged %(tags)s", tags=format_list(self.env, self.sudo().tag_ids.mapped("name"), "or"))
            )
        if self.on_birthday and self.birthday_days:
            parts.append(self.env._("within %(days)s days of the birthday", days=self.birthday_days))
        elif self.on_birthday:
            parts.append(self.env._("on the birthday"))
        if self.first_purchase:
            parts.append(self.env._("first purchase only"))
        if self.every_purchase:
            parts.append(self.env._("once every %(number)s purchases", number=self.every_purchase))
        return [part for part in parts if part]

    def _say_dates(self):
        first, last = (date and format_date(self.env, date) for date in (self.from_date, self.to_date))
        if first and last:
            return self.env._("from %(first)s until %(last)s", first=first, last=last)
        if first:
            return self.env._("from %(first)s on", first=first)
        return last and self.env._("until %(last)s", last=last)

    def _say_days(self):
        chosen = [name for name in WEEKDAYS if self[name]]
        if not chosen or len(chosen) == len(WEEKDAYS):
            return ""
        labels = self.fields_get(chosen, ["string"])
        return format_list(self.env, [labels[name]["string"] for name in chosen])

    def _say_hours(self):
        if not self._has_hours():
            return ""
        return self.env._("%(first)s to %(last)s o'clock", first=_clock(self.from_hour), last=_clock(self.to_hour))

    def _say_names(self, name):
        records = self.sudo()[name]
        return records and format_list(self.env, records.mapped("name"), "or")


def _clock(hour):
    """An hour as a clock shows it.

    >>> _clock(17.5)
    '17:30'
    """
    minutes = round(hour * 60)
    return f"{minutes // 60}:{minutes % 60:02}"
