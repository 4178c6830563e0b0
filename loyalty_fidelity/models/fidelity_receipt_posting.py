import json
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..rules import basket as kernel_basket
from ..rules import number_scheme
from ..rules.evaluate import evaluate
from .claim import parse_moment
from .line_member_prices import settle_member_prices
from .line_prices import Circumstances, settle

CLOCK_AHEAD_MINUTES = 10
CLOCK_BEHIND_DAYS = 31


class PostLater(Exception):
    """The purchase cannot be posted yet, for a reason that time will mend. The outbox keeps it."""


class FidelityReceipt(models.Model):
    """Posting: from a purchase to its receipt, posting, entries and lots, in one statement, once."""

    _inherit = "fidelity.receipt"

    @api.model
    def _post_purchase(self, purchase, late=False):
        """Post a purchase. Posting it again changes nothing.

        :param Purchase purchase: amounts recomputed by the server
        :param bool late: it waited in the outbox
        :return: id of its receipt
        :raise PostLater: it gives back goods of a receipt that still waits itself
        """
        existing = self._posted_receipt(purchase.op_key)
        if existing:
            return existing
        flags = {*purchase.flags, *({"late"} if late else ())}
        occurred_at, skew = self._occurred_at(purchase, flags)
        card, problem = self._resolve_card(purchase, occurred_at)
        ruleset_id = None
        if card and not problem:
            in_force = self.env["fidelity.ruleset"]._in_force(card["card_type_id"], occurred_at)
            ruleset_id, problem = (in_force[0], None) if in_force else (None, "no_ruleset")
        ruleset = self.env["fidelity.ruleset"]._parsed(ruleset_id) if ruleset_id else None
        around = self._around(purchase, ruleset, card, occurred_at, flags) if ruleset else Circumstances()
        originals = self._originals_of(purchase)
        back = originals._given_back() if originals else {}
        given = originals._given_amounts(back)
        prices, differs = settle(purchase, ruleset, around, given)
        differs |= settle_member_prices(purchase, self._member_pricing(card, ruleset, purchase), prices)
        if differs:
            flags.add("discount_differs")
        outcome = self._evaluate(purchase, ruleset, prices, around) if ruleset else None
        reversals = originals._prepare_reversals(purchase, back)
        spending, spent_from = originals._prepare_spending(purchase, card, prices, given, reversals, flags)
        entries = self._prepare_entries(card, outcome, reversals, spending)
        self._date_lots(entries, card, occurred_at, self.env["fidelity.store"].sudo().browse(purchase.store_id))
        gone, using = self._gone(purchase, back), self._using(card, prices, purchase.lines)
        owed, debts, locks = originals._prepare_debts(reversals, entries, gone, using)
        entries += owed
        self._flag_evidence(purchase, card, outcome, flags)
        flags |= self._shortfall_flags(reversals)
        member_id = (card or {}).get("member_id") or next((r["member_id"] for r in reversals if r["member_id"]), None)
        common = self._prepare_common(purchase, member_id, occurred_at)
        receipt = {
            **common,
            **self._prepare_evidence(purchase, skew),
            **self._prepare_result(purchase, outcome, entries, prices),
            **self._prepare_circumstances(purchase, ruleset, card, around),
            **self._prepare_rolling(ruleset, outcome, card, occurred_at, prices),
            "card_id": (card or {}).get("card_id"),
            "card_type_id": (card or {}).get("card_type_id"),
            "ruleset_id": ruleset_id,
            "currency_id": purchase.currency_id,
            "outcome": self._outcome_code(problem, outcome, reversals, prices),
            "flags": ",".join(sorted(flags)) or None,
        }
        posting = {**common, "op_key": purchase.op_key, "kind": "receipt"}
        lines = self._prepare_lines(purchase, outcome, reversals, prices, around)
        earnings = self._prepare_earnings(ruleset, outcome, card, prices, around, occurred_at)
        return self.env["fidelity.posting"]._insert(
            posting, entries, receipt, lines, reversals, earnings, debts, [*locks, *spent_from]
        )

    @api.model
    def _prepare_common(self, purchase, member_id, occurred_at):
        """Columns that a posting and its receipt share."""
        return {
            "member_id": member_id,
            "company_id": purchase.company_id,
            "store_id": purchase.store_id,
            "source_model": purchase.source_model,
            "source_id": purchase.source_id,
            "source_ref": purchase.source_ref,
            "author_uid": purchase.author_uid,
            "author_name": purchase.author_name,
            "occurred_at": occurred_at,
            "posted_at": self.env.cr.now(),
        }

    @api.model
    def _prepare_evidence(self, purchase, skew):
        claim = purchase.claim
        return {
            "till_id": purchase.till_id,
            "till_name": purchase.till_name,
            "clock_skew_s": skew,
            "entry": claim.get("entry"),
            "screen": claim.get("screen"),
            "card_added_at": parse_moment(claim.get("added_at")),
            "offline": bool(claim.get("offline")),
            "claim": json.dumps(claim, sort_keys=True) if claim else None,
            "points_claimed": claim.get("points"),
        }

    @api.model
    def _prepare_result(self, purchase, outcome, entries, prices):
        moved, spent = {"points": 0, "money": 0}, 0
        for entry in entries:
            if entry["kind"] == "spend":
                spent -= entry["quantity"]
            else:
                moved[entry["unit"]] += entry["quantity"]
        taken = sum(price.discount_minor + price.allocated_minor + price.member_price_minor for price in prices.values())
        return {
            "points": moved["points"],
            "cashback_minor": moved["money"],
            "cashback_spent_minor": spent or None,
            "discount_minor": taken,
            "total_minor": sum(line.total_minor for line in purchase.lines),
            "base_minor": outcome.base_minor if outcome else 0,
        }

    @api.model
    def _outcome_code(self, problem, outcome, reversals, prices):
        code = problem or (outcome.code if outcome else "no_card")
        if reversals and code in ("no_card", "not_positive"):
            return "returned"
        given = any(price.discount_minor or price.allocated_minor > 0 or price.member_price_minor for price in prices.values())
        if given and code in ("no_benefit", "below_minimum", "below_step"):
            return "discounted"
        return code

    @api.model
    def _posted_receipt(self, op_key):
        """Id of the receipt of a posted operation, or None."""
        rows = self.env.execute_query(
            SQL(
                "SELECT r.id FROM fidelity_posting p JOIN fidelity_receipt r ON r.posting_id = p.id WHERE p.op_key = %s",
                op_key,
            )
        )
        return rows[0][0] if rows else None

    @api.model
    def _occurred_at(self, purchase, flags):
        """When it happened: the channel's time within the stated tolerance, else the server's.

        :param set flags: gets ``clock`` when the channel's time is not believed
        :return: (moment, server's time minus channel's in seconds)
        """
        parameter = self.env["ir.config_parameter"].sudo().get_param
        ahead = timedelta(minutes=int(parameter("loyalty_fidelity.clock_ahead_minutes", CLOCK_AHEAD_MINUTES)))
        behind = timedelta(days=int(parameter("loyalty_fidelity.clock_behind_days", CLOCK_BEHIND_DAYS)))
        now = self.env.cr.now().replace(microsecond=0)
        difference = now - purchase.claimed_at
        skew = max(-(2**31), min(2**31 - 1, int(difference.total_seconds())))
        if -ahead <= difference <= behind:
            return purchase.claimed_at, skew
        flags.add("clock")
        return now, skew

    @api.model
    def _resolve_card(self, purchase, moment):
        """The card that the channel names, and what keeps it from working.

        :param datetime moment: when the purchase happened

        :return: (row of ``fidelity.card._identify`` or None, outcome code or None)
        """
        if not purchase.claim:
            return None, None
        recognition = number_scheme.recognise(purchase.claim["card"], self.env["fidelity.card.type"]._schemes())
        card = recognition.number and self.env["fidelity.card"].sudo()._identify(recognition.number, moment, purchase.store_id)
        if not card:
            return None, "unknown_card"
        return card, self._refusal_of(card, purchase.company_id)

    @api.model
    def _refusal_of(self, card, company_id):
        """Why a card does not work in a company.

        :param dict card: row of ``fidelity.card._identify``
        :return: an outcome code, or None when it works
        """
        if card["company_id"] and card["company_id"] != company_id:
            company = self.env["res.company"].sudo().browse(company_id)
            if card["company_id"] not in company.parent_ids.ids:
                return "other_company"
        if card["card_state"] != "active":
            return f"card_{card['card_state']}"
        if not card["member_id"]:
            return "no_member"
        if card["member_state"] != "active":
            return "member_closed"
        return None

    @api.model
    def _member_pricing(self, card, ruleset, purchase):
        """The price list of the member, and its policy: of his tier, else of his card type.

        :param dict card: row of ``fidelity.card._identify``
        :param ruleset: the kernel's; None when the card does not work here
        :return: (id, policy); (None, None) without one
        """
        if not ruleset or ruleset.currency != purchase.currency:
            return None, None
        return card["member_pricelist_id"], card["member_price_policy"]

    @api.model
    def _evaluate(self, purchase, ruleset, prices, around):
        lines = tuple(
            kernel_basket.Line(
                line.key,
                line.kind,
                line.quantity_micro,
                line.total_minor - prices[line.key].allocated_minor,
                line.untaxed_minor - prices[line.key].allocated_untaxed_minor,
                around.selectors.get(line.key, ()),
            )
            for line in purchase.lines
        )
        basket = kernel_basket.Basket(purchase.currency, lines, purchase.eligible_paid_minor, purchase.customer_account_minor)
        return evaluate(ruleset, basket, around.situation)

    @api.model
    def _prepare_entries(self, card, outcome, reversals, spending=()):
        """The movements of accounts, in order: spent, earned, taken back without a receipt, taken back of receipts."""
        entries = [*spending]
        moves = outcome and (
            ("points", "account_id", outcome.points, outcome.unlinked_points),
            ("money", "money_account_id", outcome.cashback_minor, outcome.unlinked_cashback),
        )
        for unit, column, earned, taken_back in moves or ():
            account_id = (earned or taken_back) and (card[column] or self._open_account(card["member_id"], unit))
            for kind, quantity in (("earn", earned), ("reverse", taken_back)):
                if quantity:
                    uses = self._pending_uses(account_id, -quantity) if kind == "reverse" else []
                    entries.append({"account_id": account_id, "unit": unit, "kind": kind, "quantity": quantity, "uses": uses})
        entries += [entry for reversal in reversals for entry in reversal["entries"]]
        for sequence, entry in enumerate(entries, 1):
            entry["sequence"] = sequence
        return entries

    @api.model
    def _date_lots(self, entries, card, occurred_at, store):
        """Say of the points that come in when they can be used, by the policy of that moment and the store's calendar."""
        for entry in entries:
            if entry["kind"] == "earn" and entry["unit"] == "points":
                policies = self.env["fidelity.expiry.policy"]
                entry.update(policies._lot_columns(card["card_type_id"], occurred_at, store))

    @api.model
    def _open_account(self, member_id, unit):
        member = self.env["fidelity.member"].sudo().browse(member_id)
        return self.env["fidelity.account"].sudo()._open(member.holder_id, unit).id

    @api.model
    def _flag_evidence(self, purchase, card, outcome, flags):
        claim = purchase.claim
        posted = outcome.points + outcome.unlinked_points if outcome else 0
        if claim.get("points", posted) != posted:
            flags.add("claim_differs")
        if claim.get("previous_cards"):
            flags.add("two_cards")
        if card and card["partner_id"] != purchase.partner_id:
            flags.add("customer_differs")

    @api.model
    def _prepare_lines(self, purchase, outcome, reversals, prices, around):
        originals = {}
        for reversal in reversals:
            originals.update(reversal["line_ids"])
        points = outcome.line_points if outcome else {}
        cashback = outcome.line_cashback if outcome else {}
        return [
            {
                "sequence": sequence,
                "source_key": line.key,
                "original_line_id": originals.get(line.original_key),
                "kind": line.kind,
                "product_id": line.product_id or None,
                "name": line.name,
                "quantity_micro": line.quantity_micro,
                "total_minor": line.total_minor,
                "untaxed_minor": line.untaxed_minor,
                "points": points.get(line.key, 0),
                "cashback_minor": cashback.get(line.key, 0),
                "selectors": ",".join(around.selectors.get(line.key, ())) or None,
                **vars(prices[line.key]),
            }
            for sequence, line in enumerate(purchase.lines, 1)
        ]
