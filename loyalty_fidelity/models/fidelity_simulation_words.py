from odoo import models

from ..rules.ruleset import earning, of_kind


class FidelityCardType(models.Model):
    """What a simulated basket shows, in words: what applies, what does not, and why not."""

    _inherit = "fidelity.card.type"

    def _simulation_reasons(self, rules, result):
        """One sentence a benefit.

        :param rules: parsed
        :param dict result: of :meth:`_simulate`, without these
        :return: dicts with ``key``, ``kind``, ``label``, ``applies`` and ``why``
        """
        rows = []
        for benefit in rules.benefits:
            applies, why = getattr(self, f"_simulation_why_{benefit.kind}")(benefit, result)
            rows.append(
                {
                    "key": benefit.key,
                    "kind": benefit.kind,
                    "label": self._simulation_label(benefit),
                    "applies": applies,
                    "why": why,
                }
            )
        return rows

    def _simulation_label(self, benefit):
        """What a benefit of parsed rules gives, as the card type's form says it."""
        scale = 10**self.currency_id.decimal_places
        vals = {"kind": benefit.kind, "card_type_id": self.id or False, "currency_id": self.currency_id.id}
        for name, value in (
            ("points", getattr(benefit, "points", None)),
            ("step_amount", getattr(benefit, "step_minor", 0) / scale),
            ("percent", getattr(benefit, "percent_bps", 0) / 100),
            ("amount", getattr(benefit, "amount_minor", 0) / scale),
            ("valid_days", getattr(benefit, "valid_days", None)),
        ):
            if value:
                vals[name] = value
        vals["bracket_ids"] = [
            (0, 0, {"from_amount": bracket.from_minor / scale, "percent": bracket.percent_bps / 100})
            for bracket in getattr(benefit, "brackets", ())
        ]
        return self.env["fidelity.benefit"].new(vals).display_name

    def _simulation_why_points(self, benefit, result):
        base = result["base_minor"]
        if 0 < base < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, base)
        if 0 < base < benefit.step_minor:
            return False, self.env._(
                "The first points come at %(step)s; %(base)s counts.",
                step=self._minor_text(benefit.step_minor),
                base=self._minor_text(base),
            )
        if base <= 0:
            return False, self._simulation_nothing_paid()
        steps = base // benefit.step_minor
        return True, self.env._(
            "%(base)s counts: %(steps)s × %(step)s give %(points)s.",
            base=self._minor_text(base),
            steps=steps,
            step=self._minor_text(benefit.step_minor),
            points=self._points_text(steps * benefit.points),
        )

    def _simulation_why_cashback(self, benefit, result):
        base = result["base_minor"]
        if base <= 0:
            return False, self._simulation_nothing_paid()
        if base < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, base)
        back = base * benefit.percent_bps // 10_000
        if not back:
            return False, self.env._("%(base)s is too little for one cent back.", base=self._minor_text(base))
        return True, self.env._(
            "%(percent)s of %(base)s: %(back)s goes on the account, rounded down.",
            percent=self._percent_text(benefit.percent_bps),
            base=self._minor_text(base),
            back=self._minor_text(back),
        )

    def _simulation_why_discount(self, benefit, result):
        sold = self._simulation_sold(result)
        if sold < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, sold)
        touched = [row for row in result["lines"] if benefit.key in row["benefits"]]
        if not touched:
            return False, self.env._("Every product is discounted already, and this card does not add to it.")
        others = [row for row in result["lines"] if row["kind"] == "sale" and row not in touched and row["before_minor"] > 0]
        # Several percentages on one line come one after the other: what each took alone cannot be told.
        alone = all(len(row["percents"]) == 1 for row in touched)
        taken = sum(row["before_minor"] - row["after_minor"] - row["off_minor"] for row in touched)
        sentences = [self.env._("%(amount)s less.", amount=self._minor_text(taken))] if alone else []
        if others:
            names = ", ".join(row["name"] for row in others)
            sentences.append(self.env._("Not on %(products)s: discounted already.", products=names))
        return True, " ".join(sentences) or self.env._("Together with the other discounts.")

    def _simulation_why_amount_off(self, benefit, result):
        sold = self._simulation_sold(result)
        if sold < benefit.minimum_receipt_minor:
            return False, self._simulation_too_small(benefit.minimum_receipt_minor, sold)
        if not any(benefit.key in row["benefits"] for row in result["lines"]):
            return False, self._simulation_nothing_paid()
        return True, self.env._("Shared over the products, so that goods which come back bring their part along.")

    def _simulation_why_rolling(self, benefit, result):
        """Two things in one: the discount that the last purchase left, and the one that this purchase leaves."""
        sentences, used = [], any(benefit.key in row["benefits"] for row in result["lines"])
        sold = self._simulation_sold(result)
        if used:
            sentences.append(
                self.env._("%(percent)s off now, left by the last purchase.", percent=self._percent_text(result["used_bps"]))
            )
        elif not result["used_bps"]:
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
        elif result["next_bps"] is not None:
            sentences.append(
                self.env._(
                    "The next purchase gets nothing off: that starts at %(amount)s, and %(base)s counts.",
                    amount=self._minor_text(benefit.brackets[0].from_minor),
                    base=self._minor_text(result["base_minor"]),
                )
            )
        return bool(used or result["next_bps"]), " ".join(sentences)

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
        return texts if earning(rules) else []

    def _points_text(self, points):
        """A number of points with its word."""
        number = self.env["ir.qweb.field.integer"].value_to_html(points, {})
        return self.env._("1 point") if points == 1 else self.env._("%(points)s points", points=number)

    def _percent_text(self, bps):
        """Hundredths of a percent as the user's language writes a percentage."""
        # Number and sign stay on one line.
        return self.env["fidelity.benefit"]._percent_text(bps / 100).replace(" ", "\N{NO-BREAK SPACE}")
