from odoo import fields, models
from odoo.tools import format_date, format_list, formatLang


class FidelitySegmentCondition(models.Model):
    """What each kind of condition asks, in words, and what a member has instead."""

    _inherit = "fidelity.segment.condition"

    def _words(self):
        """What the condition asks, such as ``at least 100 points``."""
        self.ensure_one()
        method = getattr(self, f"_words_{self.kind}", None)
        words = method() if method else self.kind or ""
        return self.env._("not: %(condition)s", condition=words) if self.negated else words

    def _figure(self, show, low, high):
        _ = self.env._
        if self.compare == "at_least":
            return _("at least %(low)s", low=show(low))
        if self.compare == "at_most":
            return _("at most %(low)s", low=show(low))
        return _("%(low)s to %(high)s", low=show(low), high=show(high))

    def _whole(self, number):
        return formatLang(self.env, number, digits=0)

    def _money(self, amount):
        return formatLang(self.env, amount, digits=2)

    def _one_of(self, records):
        return format_list(self.env, records.sudo().mapped("display_name"), style="or") if records else "…"

    def _choice(self, name):
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "…")

    def _words_group(self):
        parts = [child.summary for child in self.child_ids]
        if not parts:
            return "…"
        words = format_list(self.env, parts, style="standard" if self.match == "all" else "or")
        return f"({words})" if len(parts) > 1 else words

    def _words_balance(self):
        return self.env._("%(number)s points", number=self._figure(self._whole, self.number, self.number_to))

    def _words_expiring(self):
        return self.env._(
            "at least %(number)s points that expire within %(days)s days",
            number=self._whole(max(self.number, 1)),
            days=self.days,
        )

    def _words_last_purchase(self):
        if self.direction == "within":
            return self.env._("last purchase at most %(days)s days ago", days=self.days)
        return self.env._("last purchase more than %(days)s days ago", days=self.days)

    def _words_never_bought(self):
        return self.env._("never bought anything")

    def _period(self, words):
        return self.env._("%(words)s in the last %(days)s days", words=words, days=self.days) if self.days else words

    def _words_purchases(self):
        return self._period(self.env._("%(number)s purchases", number=self._figure(self._whole, self.number, self.number_to)))

    def _words_spent(self):
        return self._period(self.env._("spent %(amount)s", amount=self._figure(self._money, self.amount, self.amount_to)))

    def _words_store(self):
        if self.store_role == "bought":
            return self.env._("bought in %(stores)s", stores=self._one_of(self.store_ids))
        return self.env._("home store %(stores)s", stores=self._one_of(self.store_ids))

    def _words_tier(self):
        return self.env._("tier %(tiers)s", tiers=self._one_of(self.tier_ids))

    def _words_card_type(self):
        return self.env._("card type %(types)s", types=self._one_of(self.card_type_ids))

    def _words_card_state(self):
        return self.env._("has a card in the state %(state)s", state=self._choice("card_state"))

    def _words_enrolled(self):
        if self.direction == "within":
            return self.env._("joined at most %(days)s days ago", days=self.days)
        return self.env._("joined more than %(days)s days ago", days=self.days)

    def _words_birthday(self):
        if not self.days:
            return self.env._("birthday today")
        return self.env._("birthday within %(days)s days", days=self.days)

    def _words_birthday_month(self):
        if self.month == "0":
            return self.env._("birthday this month")
        return self.env._("birthday in %(month)s", month=self._choice("month"))

    def _words_age(self):
        return self.env._("age %(number)s", number=self._figure(str, self.number, self.number_to))

    def _words_tag(self):
        return self.env._("tag %(tags)s", tags=self._one_of(self.tag_ids))

    def _words_place(self):
        places = self._place_list()
        return self.env._("lives in %(places)s", places=format_list(self.env, places, style="or") if places else "…")

    def _words_language(self):
        return self.env._("language %(language)s", language=self._choice("lang"))

    def _words_reachable(self):
        return self.env._("known: %(address)s", address=self._choice("address"))

    def _words_consent(self):
        return self.env._("agrees to %(purpose)s", purpose=self.purpose_id.sudo().name or "…")

    def _words_segment(self):
        return self.env._("in the segment %(name)s", name=self.other_segment_id.sudo().name or "…")

    # -- what a member has ------------------------------------------------------------------------------------------

    def _value_words(self, value, today):
        """What a member has of what the condition asks, in words; empty where there is nothing to add.

        :param value: as ``_sql_<kind>`` explains itself
        :param today: the day as of which it was asked
        """
        self.ensure_one()
        _ = self.env._
        if self.kind in ("tier", "card_type", "store") and self.store_role != "bought":
            model = {"tier": "fidelity.tier", "card_type": "fidelity.card.type", "store": "fidelity.store"}[self.kind]
            return self.env[model].sudo().browse(value).display_name if value else _("none")
        if self.kind in ("balance", "expiring", "purchases"):
            return self._whole(value or 0)
        if self.kind == "spent":
            return self._money(float(value or 0))
        if self.kind in ("last_purchase", "never_bought"):
            if not value:
                return _("never bought anything")
            days = (today - fields.Datetime.context_timestamp(self, value).date()).days
            return _("last purchase %(days)s days ago", days=days)
        if self.kind in ("enrolled", "birthday", "birthday_month"):
            return format_date(self.env, value) if value else _("not known")
        if self.kind in ("age", "place", "language", "reachable"):
            return str(value) if value not in (None, "") else _("not known")
        return ""
