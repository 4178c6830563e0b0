from dataclasses import replace

from odoo import fields, models
from odoo.tools import float_round

from ..rules import basket as kernel_basket
from ..rules import evaluate as kernel_evaluate
from ..rules import explain as kernel_explain
from ..rules import price as kernel_price
from ..rules import ruleset as kernel_ruleset
from ..rules.arithmetic import largest_remainder, mul_div_floor
from .line_prices import Circumstances
from .situation import looks


class FidelityCardType(models.Model):
    """Trying a basket: what a purchase would cost and earn, by the rules that the till and the server apply.

    It reads and computes; it creates nothing.
    """

    _inherit = "fidelity.card.type"

    def _simulate(self, lines, ruleset=None, member=None, rolling_bps=None, moment=None, store=None, changes=None):
        """What a basket would cost and earn, paid whole at the till.

        :param list lines: dicts with ``name``, ``quantity`` (negative: it comes back, its sale unknown), ``price_unit`` (in the
            card type's currency, as the price list gives it), ``discount`` (percent, given by hand) and, where it is one,
            ``product_id``
        :param ruleset: a ``fidelity.ruleset``; none: the settings as they are now, published or not
        :param member: whose last purchase gives the rolling discount
        :param int rolling_bps: the rolling discount in hundredths of a percent, instead of the member's
        :param datetime moment: UTC; now by default
        :param store: where; the member's own by default
        :param dict changes: what is otherwise than it is for this member now, as fields of the kernel's ``Situation``
        :return: dict with

            - ``lines``: dicts, one a line: ``key``, ``name``, ``kind`` (``sale``, ``return_unlinked``), ``quantity``, ``full_minor``
              (no discount at all), ``before_minor`` (with the hand's), ``after_minor`` (what is paid for it), ``discount_bps``
              (hand and card together), ``card_bps``, ``off_minor`` (what amounts off took), ``percents`` (of the benefits that
              discount it, by key), ``benefits`` (keys of all that touch it), ``points``, ``cashback_minor``; amounts are signed,
              tax included, in minor units
            - ``before_minor``, ``after_minor``: the sums
            - ``code``, ``base_minor``, ``points``, ``unlinked_points``, ``cashback_minor``, ``unlinked_cashback``: as the
              kernel's ``Outcome``
            - ``used_bps``, ``used_minor``: the rolling discount that the basket has; ``next_bps``, ``next_minor``: what the next
              purchase gets, or None; ``gave``: points or minor units by key of the benefits that earned them; ``situation``
            - ``benefits``: dicts, one a benefit: ``key``, ``kind``, ``label``, ``applies``, ``why``, sentences in the user's language
            - ``currency``, ``decimals``
        :raise RuleError: the settings are not complete
        """
        self.ensure_one()
        moment = moment or fields.Datetime.now()
        rules = self.env["fidelity.ruleset"]._parsed(ruleset.id) if ruleset else kernel_ruleset.parse(self._rule_payload())
        lines = [{**line, "key": f"l{number}"} for number, line in enumerate(lines, 1)]
        around = self._simulation_around(rules, lines, member, moment, store, changes)
        if rolling_bps is not None:
            around = replace(around, rolling_bps=rolling_bps, rolling_minor=0)
        priced, price_lines = self._simulation_prices(rules, lines, around)
        basket = tuple(
            kernel_basket.Line(
                row["key"],
                row["kind"],
                row["quantity_micro"],
                row["after_minor"],
                row["after_untaxed_minor"],
                around.selectors.get(row["key"], ()),
            )
            for row in priced
        )
        paid = sum(row["after_minor"] for row in priced)
        basket = kernel_basket.Basket(rules.currency, basket, paid)
        outcome = kernel_evaluate.evaluate(rules, basket, around.situation)
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
            "used_bps": around.rolling_bps,
            "used_minor": around.rolling_minor,
            "next_bps": outcome.rolling_bps,
            "next_minor": outcome.rolling_minor,
            "gave": {**outcome.benefit_points, **outcome.benefit_cashback},
            "situation": around.situation,
            "currency": rules.currency,
            "decimals": rules.currency_decimals,
        }
        reasons = kernel_explain.explain(rules, price_lines, basket, around.situation, around.rolling_bps, around.rolling_minor)
        result["benefits"] = self._simulation_reasons(rules, result, {reason.benefit: reason for reason in reasons})
        return result

    def _simulation_around(self, rules, lines, member, moment, store, changes):
        """What the rules look at besides lines and amounts: as for a purchase of the member at that moment, with changes."""
        store = (store or (member.sudo().store_id if member else None) or self.env["fidelity.store"]).sudo()
        receipts = self.env["fidelity.receipt"].sudo()
        card = self._simulation_card(member, moment, store)
        rolling_bps, rolling_minor = receipts._rolling_at(card, moment, store.tz)
        situation = receipts._situation(rules, card, moment, store.id)
        return Circumstances(
            situation=replace(situation, **(changes or {})) if looks(rules) else situation,
            selectors=self.env["fidelity.selector"]._matched(rules, {line["key"]: line.get("product_id") for line in lines}),
            rolling_bps=rolling_bps,
            rolling_minor=rolling_minor,
        )

    def _simulation_card(self, member, moment, store):
        """What the till would know of a member by his card; of nobody for a customer who comes for the first time."""
        nobody = dict.fromkeys(("rolling_bps", "rolling_minor", "rolling_until", "tier_id", "tag_ids", "birth_date", "purchases"))
        nobody.update({"own_bps": 0, "own_until": None, "member_id": None, "store_tz": store.tz})
        number = member and member.sudo().card_ids[:1].number
        return (number and self.env["fidelity.card"].sudo()._identify(number, moment, store.id)) or nobody

    def _simulation_prices(self, rules, lines, around):
        """Each line before and after the card, as the till makes it.

        :return: (rows as :meth:`_simulate` describes them, with ``quantity_micro``, ``after_untaxed_minor`` and ``amounts``, what
            amounts off took by benefit; the kernel's lines before the card)
        """
        hand = [line.get("discount") or 0.0 for line in lines]
        full = self._simulation_amounts(lines, [0.0] * len(lines))
        before = self._simulation_amounts(lines, hand)
        kinds = ["return_unlinked" if line["quantity"] < 0 and line["price_unit"] >= 0 else "sale" for line in lines]
        price_lines = [
            kernel_price.PriceLine(
                line["key"],
                kind,
                amounts[0],
                round(discount * 100),
                cost_minor=self._simulation_cost(line, amounts),
                selectors=around.selectors.get(line["key"], ()),
            )
            for line, kind, amounts, discount in zip(lines, kinds, before, hand, strict=True)
        ]
        discounts = kernel_price.discounts(rules, price_lines, around.rolling_bps, around.situation, around.rolling_minor)
        percents = [
            discounts[line["key"]].discount_bps / 100 if line["key"] in discounts else discount
            for line, discount in zip(lines, hand, strict=True)
        ]
        left = self._simulation_amounts(lines, percents)
        effects = kernel_price.amounts(
            rules,
            [replace(priced, total_minor=total) for priced, (total, _untaxed) in zip(price_lines, left, strict=True)],
            kernel_price.receipt_total(price_lines),
            around.situation,
            before=price_lines,
            rolling_bps=around.rolling_bps,
            rolling_minor=around.rolling_minor,
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
                    "amounts": {e.benefit: e.allocation[line["key"]] for e in effects if line["key"] in e.allocation},
                    "percents": dict(discount.benefits) if discount else {},
                    "benefits": [
                        *(discount.benefits if discount else ()),
                        *(effect.benefit for effect in effects if line["key"] in effect.allocation),
                    ],
                }
            )
        return rows, price_lines

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

    def _simulation_cost(self, line, amounts):
        """The cost of a line with the taxes of its price, rounded up to the minor unit; None where it is not known."""
        product = self.env["product.product"].sudo().browse(line.get("product_id") or ())
        total, untaxed = amounts
        if not product.standard_price or total <= 0 or untaxed <= 0:
            return None
        cost = self._simulation_minor(product.standard_price * line["quantity"])
        return -mul_div_floor(-cost, total, untaxed)

    def _simulation_minor(self, amount):
        return int(float_round(amount * 10**self.currency_id.decimal_places, precision_digits=0))
