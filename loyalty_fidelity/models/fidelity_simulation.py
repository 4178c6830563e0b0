from odoo import fields, models
from odoo.tools import SQL, float_round

from ..rules import basket as kernel_basket
from ..rules import evaluate as kernel_evaluate
from ..rules import price as kernel_price
from ..rules import ruleset as kernel_ruleset
from ..rules.arithmetic import largest_remainder


class FidelityCardType(models.Model):
    """Trying a basket: what a purchase would cost and earn, by the rules that the till and the server apply.

    It reads and computes; it creates nothing.
    """

    _inherit = "fidelity.card.type"

    def _simulate(self, lines, ruleset=None, member=None, rolling_bps=None, moment=None):
        """What a basket would cost and earn, paid whole at the till.

        :param list lines: dicts with ``name``, ``quantity`` (negative: it comes back, its sale unknown), ``price_unit`` (in the
            card type's currency, as the price list gives it), ``discount`` (percent, given by hand) and, where it is one,
            ``product_id``
        :param ruleset: a ``fidelity.ruleset``; none: the settings as they are now, published or not
        :param member: whose last purchase gives the rolling discount
        :param int rolling_bps: the rolling discount in hundredths of a percent, instead of the member's
        :param datetime moment: UTC; now by default
        :return: dict with

            - ``lines``: dicts, one a line: ``key``, ``name``, ``kind`` (``sale``, ``return_unlinked``), ``quantity``, ``full_minor``
              (no discount at all), ``before_minor`` (with the hand's), ``after_minor`` (what is paid for it), ``discount_bps``
              (hand and card together), ``card_bps``, ``off_minor`` (what amounts off took), ``percents`` (of the benefits that
              discount it, by key), ``benefits`` (keys of all that touch it), ``points``, ``cashback_minor``; amounts are signed,
              tax included, in minor units
            - ``before_minor``, ``after_minor``: the sums
            - ``code``, ``base_minor``, ``points``, ``unlinked_points``, ``cashback_minor``, ``unlinked_cashback``: as the
              kernel's ``Outcome``
            - ``used_bps``: the rolling discount that the basket has; ``next_bps``: what the next purchase gets, or None
            - ``benefits``: dicts, one a benefit: ``key``, ``kind``, ``label``, ``applies``, ``why``, sentences in the user's language
            - ``currency``, ``decimals``
        :raise RuleError: the settings are not complete
        """
        self.ensure_one()
        moment = moment or fields.Datetime.now()
        rules = self.env["fidelity.ruleset"]._parsed(ruleset.id) if ruleset else kernel_ruleset.parse(self._rule_payload())
        if rolling_bps is None:
            rolling_bps = self._simulation_rolling(member, moment)
        lines = [{**line, "key": f"l{number}"} for number, line in enumerate(lines, 1)]
        priced = self._simulation_prices(rules, lines, rolling_bps)
        basket = tuple(
            kernel_basket.Line(row["key"], row["kind"], row["quantity_micro"], row["after_minor"], row["after_untaxed_minor"])
            for row in priced
        )
        paid = sum(row["after_minor"] for row in priced)
        outcome = kernel_evaluate.evaluate(rules, kernel_basket.Basket(rules.currency, basket, paid))
        for row in priced:
            row["points"] = outcome.line_points.get(row["key"], 0)
            row["cashback_minor"] = outcome.line_cashback.get(row["key"], 0)
        result = {
            "lines": priced,
            "before_minor": sum(row["before_minor"] for row in priced),
            "after_minor": paid,
            "code": outcome.code,
            "base_minor": outcome.base_minor,
            "points": outcome.points,
            "unlinked_points": outcome.unlinked_points,
            "cashback_minor": outcome.cashback_minor,
            "unlinked_cashback": outcome.unlinked_cashback,
            "used_bps": rolling_bps,
            "next_bps": outcome.rolling_bps,
            "currency": rules.currency,
            "decimals": rules.currency_decimals,
        }
        result["benefits"] = self._simulation_reasons(rules, result)
        return result

    def _simulation_rolling(self, member, moment):
        """The rolling discount that a member has at a moment, in hundredths of a percent."""
        if not member:
            return 0
        receipts = self.env["fidelity.receipt"].sudo()
        rows = self.env.execute_query_dict(receipts._rolling_sql(SQL("%s", member.id), moment))
        today = receipts._day_of(moment, member.sudo().store_id)
        return rows[0]["rolling_bps"] if rows and rows[0]["rolling_until"] and rows[0]["rolling_until"] >= today else 0

    def _simulation_prices(self, rules, lines, rolling_bps):
        """Each line before and after the card, as the till makes it.

        :return: rows as :meth:`_simulate` describes them, with ``quantity_micro`` and ``after_untaxed_minor``
        """
        hand = [line.get("discount") or 0.0 for line in lines]
        full = self._simulation_amounts(lines, [0.0] * len(lines))
        before = self._simulation_amounts(lines, hand)
        kinds = ["return_unlinked" if line["quantity"] < 0 and line["price_unit"] >= 0 else "sale" for line in lines]
        price_lines = [
            kernel_price.PriceLine(line["key"], kind, total, round(discount * 100))
            for line, kind, (total, _untaxed), discount in zip(lines, kinds, before, hand, strict=True)
        ]
        discounts = kernel_price.discounts(rules, price_lines, rolling_bps)
        percents = [
            discounts[line["key"]].discount_bps / 100 if line["key"] in discounts else discount
            for line, discount in zip(lines, hand, strict=True)
        ]
        left = self._simulation_amounts(lines, percents)
        effects = kernel_price.amounts(
            rules,
            [
                kernel_price.PriceLine(line["key"], kind, total)
                for line, kind, (total, _untaxed) in zip(lines, kinds, left, strict=True)
            ],
            kernel_price.receipt_total(price_lines),
        )
        off = self._simulation_amounts_off(effects, lines, percents, left)
        rows = []
        for line, kind, whole, kept, (total, untaxed), percent in zip(lines, kinds, full, before, left, percents, strict=True):
            discount = discounts.get(line["key"])
            rows.append(
                {
                    "key": line["key"],
                    "name": line["name"],
                    "kind": kind,
                    "quantity": line["quantity"],
                    "quantity_micro": round(line["quantity"] * 1_000_000),
                    "full_minor": whole[0],
                    "before_minor": kept[0],
                    "after_minor": total - off[line["key"]][0],
                    "after_untaxed_minor": untaxed - off[line["key"]][1],
                    "discount_bps": round(percent * 100),
                    "card_bps": discount.card_bps if discount else 0,
                    "off_minor": off[line["key"]][0],
                    "percents": dict(discount.benefits) if discount else {},
                    "benefits": [
                        *(discount.benefits if discount else ()),
                        *(effect.benefit for effect in effects if line["key"] in effect.allocation),
                    ],
                }
            )
        return rows

    def _simulation_amounts_off(self, effects, lines, percents, left):
        """What amounts off take from each line.

        :param list percents: the discount of each line
        :param list left: what each line comes to with it
        :return: by line key, (tax included, without tax) in minor units, zero or more
        """
        off = {line["key"]: (0, 0) for line in lines}
        totals = {line["key"]: amounts for line, amounts in zip(lines, left, strict=True)}
        for effect in effects:
            untaxed = self._simulation_untaxed_off(effect, lines, percents, totals)
            for key, share in effect.allocation.items():
                off[key] = (off[key][0] + share, off[key][1] + untaxed[key])
        return off

    def _simulation_untaxed_off(self, effect, lines, percents, totals):
        """The part without tax of what an amount off takes from each line that it touches.

        :return: by line key, in minor units
        """
        return {
            key: totals[key][1] - largest_remainder(totals[key][1], [totals[key][0] - share, share])[0]
            for key, share in effect.allocation.items()
        }

    def _simulation_amounts(self, lines, discounts):
        """What lines come to with a discount, by the price as it is. Where taxes are known, the tax engine says.

        :param list discounts: percent, one a line
        :return: (tax included, without tax) in minor units, one a line, signed
        """
        amounts = []
        for line, discount in zip(lines, discounts, strict=True):
            amount = self.currency_id.round(line["price_unit"] * line["quantity"] * (1 - discount / 100))
            amounts.append((self._simulation_minor(amount),) * 2)
        return amounts

    def _simulation_minor(self, amount):
        return int(float_round(amount * 10**self.currency_id.decimal_places, precision_digits=0))
