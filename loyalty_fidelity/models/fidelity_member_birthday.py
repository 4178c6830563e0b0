from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

COMPARISONS = ("<", "<=", ">", ">=")
FIRST_DAY, LAST_DAY = 101, 1231
LEAP_DAY, DAY_BEFORE = 229, 228


class FidelityMember(models.Model):
    """Members are found by their birthday, today or next, by index."""

    _inherit = "fidelity.member"

    birth_date = fields.Date(related="partner_id.fidelity_birth_date", readonly=False)
    next_birthday = fields.Date(
        compute="_compute_next_birthday",
        search="_search_next_birthday",
        help="His birthday, today or next. Who was born on 29 February celebrates on the 28th in other years.",
    )

    @api.depends("birth_date")
    def _compute_next_birthday(self):
        today = fields.Date.context_today(self)
        for member in self:
            born = member.birth_date
            days = (birthday_in(born, year) for year in (today.year, today.year + 1)) if born else ()
            member.next_birthday = next((day for day in days if day >= today), False)

    def _search_next_birthday(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        last = fields.Date.to_date(value) - timedelta(days=1 if operator in ("<", ">=") else 0)
        path = "partner_id.fidelity_birthday"
        known = Domain(path, "!=", False)
        until = Domain.OR(
            Domain(path, ">=", low) & Domain(path, "<=", high) & known
            for low, high in birthday_ranges(fields.Date.context_today(self), last)
        )
        return until if operator in ("<", "<=") else known & ~until


def birthday_ranges(first, last):
    """Which birthdays, as month × 100 + day, are celebrated from one day to another: ranges with both ends.

    >>> birthday_ranges(date(2026, 12, 30), date(2027, 1, 2))
    ((1230, 1231), (101, 102))
    """
    if last < first:
        return ()
    if (last - first).days >= 365:
        return ((FIRST_DAY, LAST_DAY),)
    low, high = first.month * 100 + first.day, last.month * 100 + last.day
    if high == DAY_BEFORE and birthday_in(date(2000, 2, 29), last.year) == last:
        high = LEAP_DAY
    return ((low, high),) if first.year == last.year else ((low, LAST_DAY), (FIRST_DAY, high))


def birthday_in(born, year):
    """The day on which somebody celebrates his birthday in a year.

    >>> birthday_in(date(2000, 2, 29), 2023)
    datetime.date(2023, 2, 28)
    """
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
