from odoo import models

from ..rules import ruleset as kernel_ruleset
from ..rules.errors import RuleError
from ..rules.ruleset import earning, of_kind


class FidelityCardType(models.Model):
    """What a simulated basket shows, in words: what applies, what does not, and why not."""

    _inherit = "fidelity.card.type"

    def _simulation_reasons(self, rules, result, explained):
        """One sentence a benefit.

        :param rules: parsed
        :param dict result: of :meth:`_simulate`, without these
        :param dict explained: by key, the kernel's ``Reason``
        :return: dicts with ``key``, ``kind``, ``label``, ``applies`` and ``why``
        """
        rows, labels = [], self._benefit_labels(rules)
        for benefit in rules.benefits:
            reason = explained[benefit.key]
            told = self._simulation_told(benefit, reason)
            applies, why = (False, told) if told else getattr(self, f"_simulation_why_{benefit.kind}")(benefit, result, reason)
            limit = reason.code == "capped" and self._simulation_limited(benefit, reason.value)
            rows.append(
                {
                    "key": benefit.key,
                    "kind": benefit.kind,
                    "label": labels[benefit.key],
                    "applies": applies,
                    "why": f"{why} {limit}" if limit else why,
                }
            )
        return rows

    def _simulation_told(self, benefit, reason):
        """Why a benefit does not apply where no figure is needed to say so; None where it applies or figures tell more."""
        _ = self.env._
        return {
            "date": _("Not on this date."),
            "weekdays": _("Not on this day of the week."),
            "hours": _("Not at this hour."),
            "stores": _("Not in this store."),
            "tiers": _("Not for this tier."),
            "tags": _("Not for this customer: he has none of its tags."),
            "birthday": _("Not now: it is for the days around the birthday, which is another day or not known."),
            "first_purchase": _("Only for the first purchase."),
            "every_purchase": _("Not for this purchase: it is not its turn."),
            "no_lines": _("Nothing in the basket is among its products.") if benefit.selector else None,
            "currency": _("The basket is in another currency than the card."),
            "not_best": _("Another discount saves more, and only the best one counts."),
            "not_first": _("Another discount comes first, and only the first one counts."),
            "nothing_left": _("The member has no percentage of his own.") if benefit.kind == "discount" else None,
        }.get(reason.code)

    def _simulation_limited(self, benefit, cut):
        if benefit.kind == "points":
            return self.env._("The limit takes %(points)s of it.", points=self._points_text(cut))
        return self.env._("The limit takes %(amount)s of it.", amount=self._minor_text(cut))

    def _benefit_labels(self, rules):
        """What each benefit of rules gives, as the card type's form says it.

        :param rules: the kernel's
        :return: dict key → sentence
        """
        own = self._simulation_own_labels()
        return {
            benefit.key: next((label for known, label in own if known == benefit), None) or self._simulation_label(benefit)
            for benefit in rules.benefits
        }

    def _simulation_own_labels(self):
        """The sentences of the settings as they are now, by the kernel's benefit: published rules are mostly the same."""
        try:
            benefits = kernel_ruleset.parse(self._rule_payload()).benefits
        except RuleError:
            return []
        labels = {benefit._key(): benefit.display_name for benefit in self.benefit_ids}
        return [(benefit, labels[benefit.key]) for benefit in benefits]

    def _simulation_label(self, benefit):
        """What a benefit of parsed rules gives, as the card type's form says it."""
        scale = 10**self.currency_id.decimal_places
        vals = {"kind": benefit.kind, "card_type_id": self.id or False, "currency_id": self.currency_id.id}
        for name, value in (
            ("points", getattr(benefit, "points", None)),
            ("points_mode", getattr(benefit, "mode", None) if benefit.kind == "points" else None),
            ("rolling_mode", getattr(benefit, "mode", None) if benefit.kind == "rolling" else None),
            ("step_amount", getattr(benefit, "step_minor", 0) / scale),
            ("factor", getattr(benefit, "factor_bps", 0) / 10_000),
            ("percent", getattr(benefit, "percent_bps", 0) / 100),
            ("own", getattr(benefit, "own", False)),
            ("amount", getattr(benefit, "amount_minor", 0) / scale),
            ("valid_days", getattr(benefit, "valid_days", None)),
            ("selector_id", self._simulation_selector(benefit)),
        ):
            if value:
                vals[name] = value
        vals["bracket_ids"] = [
            (0, 0, {"from_amount": bracket.from_minor / scale, "percent": bracket.percent_bps / 100})
            for bracket in getattr(benefit, "brackets", ())
        ]
        return self.env["fidelity.benefit"].new(vals).display_name

    def _simulation_selector(self, benefit):
        """Id of the selector that published rules name, where it is still there."""
        number = int(benefit.selector[1:]) if benefit.selector and benefit.selector[1:].isdigit() else 0
        return self.env["fidelity.selector"].sudo().browse(number).exists().id

    def _simulation_why_points(self, benefit, result, reason):
        base, gave = result["base_minor"], result["gave"].get(benefit.key, 0)
        if base <= 0:
            return False, self._simulation_nothing_paid()
        if base < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, base)
        plain = benefit.mode == "step" and benefit.selector is None
        if not gave and plain and base < benefit.step_minor:
            return False, self.env._(
                "The first points come at %(step)s; %(base)s counts.",
                step=self._minor_text(benefit.step_minor),
                base=self._minor_text(base),
            )
        if not gave:
            return False, self._simulation_missing(benefit, reason)
        steps = base // benefit.step_minor if plain else 0
        if not plain or gave != steps * benefit.points:
            return True, self.env._("It gives %(points)s.", points=self._points_text(gave))
        return True, self.env._(
            "%(base)s counts: %(steps)s × %(step)s give %(points)s.",
            base=self._minor_text(base),
            steps=steps,
            step=self._minor_text(benefit.step_minor),
            points=self._points_text(gave),
        )

    def _simulation_why_multiplier(self, benefit, result, reason):
        if reason.code != "applies":
            return False, self.env._("There are no points that it could multiply.")
        return True, self.env._("It adds %(points)s, before any limit.", points=self._points_text(reason.value))

    def _simulation_why_cashback(self, benefit, result, reason):
        base, gave = result["base_minor"], result["gave"].get(benefit.key, 0)
        if base <= 0:
            return False, self._simulation_nothing_paid()
        if base < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, base)
        if not gave and benefit.selector is None and reason.code == "step":
            return False, self.env._("%(base)s is too little for one cent back.", base=self._minor_text(base))
        if not gave:
            return False, self._simulation_missing(benefit, reason)
        if gave != base * benefit.percent_bps // 10_000:
            return True, self.env._("%(back)s goes on the account.", back=self._minor_text(gave))
        return True, self.env._(
            "%(percent)s of %(base)s: %(back)s goes on the account, rounded down.",
            percent=self._percent_text(benefit.percent_bps),
            base=self._minor_text(base),
            back=self._minor_text(gave),
        )

    def _simulation_missing(self, benefit, reason):
        """What is missing for the first point or cent."""
        if reason.code == "capped":
            return self.env._("Its limit for the day or the month is used up.")
        if reason.code not in ("minimum", "step") or not reason.value or getattr(benefit, "mode", "") == "unit":
            return self.env._("There is too little of its products.")
        return self.env._("%(amount)s more of its products is missing.", amount=self._minor_text(reason.value))

    def _simulation_why_discount(self, benefit, result, reason):
        sold = self._simulation_sold(result)
        if sold < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, sold)
        touched = [row for row in result["lines"] if benefit.key in row["benefits"]]
        if not touched and reason.code in ("capped", "nothing_left"):
            return False, self.env._("Its limit for the day or the month is used up.")
        if not touched:
            return False, self.env._("Every product is discounted already, and this card does not add to it.")
        amount = sum(row["amounts"].get(benefit.key, 0) for row in touched)
        if amount:
            return True, self.env._("%(amount)s less.", amount=self._minor_text(amount))
        others = [row for row in result["lines"] if row["kind"] == "sale" and row not in touched and row["before_minor"] > 0]
        others = others if benefit.selector is None else []
        # Several percentages on one line come one after the other: what each took alone cannot be told.
        alone = all(len(row["percents"]) == 1 for row in touched)
        taken = sum(row["before_minor"] - row["after_minor"] - row["off_minor"] for row in touched)
        sentences = [self.env._("%(amount)s less.", amount=self._minor_text(taken))] if alone else []
        if others:
            names = ", ".join(row["name"] for row in others)
            sentences.append(self.env._("Not on %(products)s: discounted already.", products=names))
        return True, " ".join(sentences) or self.env._("Together with the other discounts.")

    def _simulation_why_amount_off(self, benefit, result, reason):
        sold = self._simulation_sold(result)
        if sold < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, sold)
        if not any(benefit.key in row["benefits"] for row in result["lines"]):
            return False, self._simulation_nothing_paid()
        return True, self.env._("Shared over the products, so that goods which come back bring their part along.")

    def _simulation_why_rolling(self, benefit, result, reason):
        """Two things in one: the discount that the last purchase left, and the one that this purchase leaves."""
        sentences, used = [], any(benefit.key in row["benefits"] for row in result["lines"])
        sold = self._simulation_sold(result)
        if used and result["used_minor"]:
            amount = sum(row["amounts"].get(benefit.key, 0) for row in result["lines"])
            sentences.append(self.env._("%(amount)s off now, left by the last purchase.", amount=self._minor_text(amount)))
        elif used:
            sentences.append(
                self.env._("%(percent)s off now, left by the last purchase.", percent=self._percent_text(result["used_bps"]))
            )
        elif not result["used_bps"] and not result["used_minor"]:
            sentences.append(self.env._("No discount now: the last purchase left none."))
        elif sold < benefit.minimum_receipt_minor:
            sentences.append(self._simulation_too_small(benefit.minimum_receipt_minor, sold))
        else:
            sentences.append(self.env._("No discount now: every product is discounted already."))
        if result["next_bps"]:
            sentences.append(
                self.env._(
                    "The next purchase gets %(percent)s off, within %(days)s days.",
                    percent=self._percent_text(result["next_bps"]),
                    days=benefit.valid_days,
                )
            )
        elif result["next_minor"]:
            sentences.append(
                self.env._(
                    "The next purchase gets %(amount)s off, within %(days)s days.",
                    amount=self._minor_text(result["next_minor"]),
                    days=benefit.valid_days,
                )
            )
        elif result["next_bps"] is not None or result["next_minor"] is not None:
            sentences.append(
                self.env._(
                    "The next purchase gets nothing off: that starts at %(amount)s, and %(base)s counts.",
                    amount=self._minor_text(benefit.brackets[0].from_minor),
                    base=self._minor_text(result["base_minor"]),
                )
            )
        return bool(used or result["next_bps"] or result["next_minor"]), " ".join(sentences)

    def _simulation_sold(self, result):
        """What minimum receipts of price benefits look at."""
        return sum(row["before_minor"] for row in result["lines"] if row["kind"] == "sale")

    def _simulation_too_small(self, minimum, amount):
        return self.env._(
            "It starts at a receipt of %(minimum)s; this one has %(amount)s.",
            minimum=self._minor_text(minimum),
            amount=self._minor_text(amount),
        )

    def _simulation_nothing_paid(self):
        return self.env._("Nothing is sold, or nothing of it is paid.")

    def _simulation_gains(self, rules, result):
        """What a basket brings, as short texts: points, cashback, the discount on the next purchase.

        :return: list of texts; a benefit that earns nothing here says so with a zero
        """
        texts = []
        if of_kind(rules, "points"):
            texts.append(self._points_text(result["points"] + result["unlinked_points"]))
        if of_kind(rules, "cashback"):
            amount = self._minor_text(result["cashback_minor"] + result["unlinked_cashback"])
            texts.append(self.env._("%(amount)s cashback", amount=amount))
        if of_kind(rules, "rolling") and result["next_bps"] is not None:
            texts.append(self.env._("%(percent)s off the next purchase", percent=self._percent_text(result["next_bps"])))
        if of_kind(rules, "rolling") and result["next_minor"] is not None:
            texts.append(self.env._("%(amount)s off the next purchase", amount=self._minor_text(result["next_minor"])))
        return texts if earning(rules) else []

    def _points_text(self, points):
        """A number of points with its word."""
        number = self.env["ir.qweb.field.integer"].value_to_html(points, {})
        return self.env._("1 point") if points == 1 else self.env._("%(points)s points", points=number)

    def _percent_text(self, bps):
        """Hundredths of a percent as the user's language writes a percentage."""
        # Number and sign stay on one line.
        return self.env["fidelity.benefit"]._percent_text(bps / 100).replace(" ", "\N{NO-BREAK SPACE}")
