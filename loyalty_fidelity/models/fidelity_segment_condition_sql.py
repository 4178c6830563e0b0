from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from .fidelity_member_birthday import birthday_ranges


class FidelitySegmentCondition(models.Model):
    """What each kind of condition asks of the database.

    ``_sql_<kind>(facts)`` gives a condition on the member's row ``m``, his contact's ``p`` and joined facts, and the value
    that explains it. No condition is a subquery for each member.
    """

    _inherit = "fidelity.segment.condition"

    def _compared(self, value, low, high):
        """SQL: the value compares as the condition says."""
        if self.compare == "at_least":
            return SQL("%s >= %s", value, low)
        if self.compare == "at_most":
            return SQL("%s <= %s", value, low)
        return SQL("%s BETWEEN %s AND %s", value, low, high)

    def _sql_group(self, facts):
        parts = [child._add_to(facts)[0] for child in self.child_ids]
        joint = SQL(" AND " if self.match == "all" else " OR ")
        return (SQL("(%s)", joint.join(parts)) if parts else SQL("TRUE")), None

    def _sql_balance(self, facts):
        balance = SQL("COALESCE(%s.balance, 0)", facts.balance())
        return self._compared(balance, self.number, self.number_to), balance

    def _sql_expiring(self, facts):
        expiring = SQL("COALESCE(%s.quantity, 0)", facts.expiring(self.days))
        return SQL("%s >= %s", expiring, max(self.number, 1)), expiring

    def _sql_last_purchase(self, facts):
        last_at = SQL("%s.last_at", facts.purchases())
        return SQL("%s %s %s", last_at, SQL(">=" if self.direction == "within" else "<"), facts.day_start(self.days)), last_at

    def _sql_never_bought(self, facts):
        last_at = SQL("%s.last_at", facts.purchases())
        return SQL("%s IS NULL", last_at), last_at

    def _sql_purchases(self, facts):
        number = SQL("COALESCE(%s.number, 0)", facts.purchases(self.days))
        return self._compared(number, self.number, self.number_to), number

    def _sql_spent(self, facts):
        decimals = SQL(
            "(SELECT u.decimal_places FROM fidelity_card_type x JOIN res_currency u ON u.id = x.currency_id"
            " WHERE x.id = m.card_type_id)"
        )
        spent = SQL("COALESCE(%s.spent_minor, 0) / 10::numeric ^ %s", facts.purchases(self.days), decimals)
        low, high = (SQL("%s::numeric", f"{amount:.2f}") for amount in (self.amount, self.amount_to))
        return self._compared(spent, low, high), spent

    def _sql_store(self, facts):
        ids = self.store_ids.ids
        if self.store_role == "bought":
            here = SQL("%s.here", facts.stores(ids))
            return SQL("%s IS NOT NULL", here), here
        return SQL("m.store_id IN %s", tuple(ids) or (None,)), SQL("m.store_id")

    def _sql_tier(self, _facts):
        return SQL("m.tier_id IN %s", tuple(self.tier_ids.ids) or (None,)), SQL("m.tier_id")

    def _sql_card_type(self, _facts):
        return SQL("m.card_type_id IN %s", tuple(self.card_type_ids.ids) or (None,)), SQL("m.card_type_id")

    def _sql_card_state(self, facts):
        return SQL("%s.member_id IS NOT NULL", facts.cards(self.card_state)), None

    def _sql_enrolled(self, facts):
        day = facts.today - timedelta(days=self.days)
        return SQL("m.enrolled_date %s %s", SQL(">=" if self.direction == "within" else "<"), day), SQL("m.enrolled_date")

    def _sql_birthday(self, facts):
        ranges = birthday_ranges(facts.today, facts.today + timedelta(days=self.days))
        parts = [SQL("p.fidelity_birthday BETWEEN %s AND %s", low, high) for low, high in ranges]
        return SQL("(%s)", SQL(" OR ").join(parts)), SQL("p.fidelity_birth_date")

    def _sql_birthday_month(self, facts):
        month = int(self.month) or facts.today.month
        return SQL("p.fidelity_birthday BETWEEN %s AND %s", month * 100, month * 100 + 99), SQL("p.fidelity_birth_date")

    def _sql_age(self, facts):
        age = SQL("EXTRACT(year FROM age(%s::date, p.fidelity_birth_date))::int", facts.today)
        return self._compared(age, self.number, self.number_to), age

    def _sql_tag(self, facts):
        return SQL("%s.partner_id IS NOT NULL", facts.tags(self.tag_ids.ids)), None

    def _place_list(self):
        return [place for part in (self.places or "").split(",") if (place := part.strip())]

    def _sql_place(self, _facts):
        parts = []
        for place in self._place_list():
            if place.endswith("*"):
                start = place[:-1].strip().lower()
                parts.append(SQL("starts_with(lower(p.zip), %s) OR starts_with(lower(p.city), %s)", start, start))
            else:
                parts.append(SQL("lower(p.city) = %s OR lower(p.zip) = %s", place.lower(), place.lower()))
        where = SQL("concat_ws(' ', NULLIF(p.zip, ''), NULLIF(p.city, ''))")
        return (SQL("(%s)", SQL(" OR ").join(parts)) if parts else SQL("FALSE")), where

    def _sql_language(self, _facts):
        return SQL("p.lang = %s", self.lang), SQL("p.lang")

    def _sql_reachable(self, _facts):
        column = {"email": SQL("p.email_normalized"), "phone": SQL("p.phone_sanitized"), "post": SQL("p.street")}[self.address]
        if self.address == "post":
            return SQL("(NULLIF(p.street, '') IS NOT NULL AND NULLIF(p.city, '') IS NOT NULL)"), column
        return SQL("%s IS NOT NULL", column), column

    def _sql_consent(self, facts):
        agrees = SQL("%s.agrees", facts.consent(self.purpose_id.id))
        return agrees, agrees

    def _sql_segment(self, facts):
        return SQL("%s.member_id IS NOT NULL", facts.segment(self.other_segment_id.id)), None
