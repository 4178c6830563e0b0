import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..rules import basket as kernel_basket
from ..rules import card_number
from ..rules.evaluate import evaluate
from ..rules.reversal import kept_points
from .claim import parse_moment

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
        flags = {"late"} if late else set()
        occurred_at, skew = self._occurred_at(purchase, flags)
        card, problem = self._resolve_card(purchase)
        ruleset_id = None
        if card and not problem:
            in_force = self.env["fidelity.ruleset"]._in_force(card["card_type_id"], occurred_at)
            ruleset_id, problem = (in_force[0], None) if in_force else (None, "no_ruleset")
        outcome = self._evaluate(purchase, ruleset_id) if ruleset_id else None
        reversals = self._prepare_reversals(purchase)
        entries = self._prepare_entries(card, outcome, reversals)
        self._flag_evidence(purchase, card, outcome, flags)
        code = problem or (outcome.code if outcome else "no_card")
        if reversals and code in ("no_card", "not_positive"):
            code = "returned"
        posted_at = self.env.cr.now()
        member_id = (card or {}).get("member_id") or next((r["member_id"] for r in reversals if r["member_id"]), None)
        posting = {
            "op_key": purchase.op_key,
            "kind": "receipt",
            "occurred_at": occurred_at,
            "posted_at": posted_at,
            "company_id": purchase.company_id,
            "store_id": purchase.store_id,
            "member_id": member_id,
            "source_model": purchase.source_model,
            "source_id": purchase.source_id,
            "source_ref": purchase.source_ref,
            "author_uid": purchase.author_uid,
            "author_name": purchase.author_name,
        }
        claim = purchase.claim
        receipt = {
            "member_id": member_id,
            "card_id": (card or {}).get("card_id"),
            "card_type_id": (card or {}).get("card_type_id"),
            "ruleset_id": ruleset_id,
            "company_id": purchase.company_id,
            "store_id": purchase.store_id,
            "currency_id": purchase.currency_id,
            "source_model": purchase.source_model,
            "source_id": purchase.source_id,
            "source_ref": purchase.source_ref,
            "till_id": purchase.till_id,
            "till_name": purchase.till_name,
            "author_uid": purchase.author_uid,
            "author_name": purchase.author_name,
            "occurred_at": occurred_at,
            "posted_at": posted_at,
            "clock_skew_s": skew,
            "entry": claim.get("entry"),
            "screen": claim.get("screen"),
            "card_added_at": parse_moment(claim.get("added_at")),
            "offline": bool(claim.get("offline")),
            "claim": json.dumps(claim, sort_keys=True) if claim else None,
            "points_claimed": claim.get("points"),
            "points": sum(entry["quantity"] for entry in entries),
            "total_minor": sum(line.total_minor for line in purchase.lines),
            "base_minor": outcome.base_minor if outcome else 0,
            "outcome": code,
            "flags": ",".join(sorted(flags)) or None,
        }
        lines = self._prepare_lines(purchase, outcome, reversals)
        return self.env["fidelity.posting"]._insert(posting, entries, receipt, lines, reversals)

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
    def _resolve_card(self, purchase):
        """The card that the channel names, and what keeps it from earning.

        :return: (row of ``fidelity.card._identify`` or None, outcome code or None)
        """
        if not purchase.claim:
            return None, None
        recognition = card_number.recognise(purchase.claim["card"], self.env["fidelity.card.type"]._number_prefixes())
        card = recognition.number and self.env["fidelity.card"].sudo()._identify(recognition.number)
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
    def _evaluate(self, purchase, ruleset_id):
        ruleset = self.env["fidelity.ruleset"]._parsed(ruleset_id)
        lines = tuple(
            kernel_basket.Line(line.key, line.kind, line.quantity_micro, line.total_minor, line.untaxed_minor)
            for line in purchase.lines
        )
        basket = kernel_basket.Basket(purchase.currency, lines, purchase.eligible_paid_minor, purchase.customer_account_minor)
        return evaluate(ruleset, basket)

    @api.model
    def _prepare_entries(self, card, outcome, reversals):
        """The movements of accounts, in order: earned, taken back without a receipt, taken back of receipts."""
        entries = []
        if outcome and (outcome.points or outcome.unlinked_points):
            account_id = card["account_id"] or self._open_account(card["member_id"])
            for kind, quantity in (("earn", outcome.points), ("reverse", outcome.unlinked_points)):
                if quantity:
                    entries.append({"account_id": account_id, "kind": kind, "quantity": quantity, "uses": []})
        entries += [
            {"account_id": r["account_id"], "kind": "reverse", "quantity": r["points"], "uses": r["uses"]}
            for r in reversals
            if r["points"]
        ]
        for sequence, entry in enumerate(entries, 1):
            entry["sequence"] = sequence
        return entries

    @api.model
    def _open_account(self, member_id):
        member = self.env["fidelity.member"].sudo().browse(member_id)
        return self.env["fidelity.account"].sudo()._open(member.holder_id).id

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
    def _prepare_lines(self, purchase, outcome, reversals):
        originals = {}
        for reversal in reversals:
            originals.update(reversal["line_ids"])
        shares = outcome.line_points if outcome else {}
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
                "points": shares.get(line.key, 0),
            }
            for sequence, line in enumerate(purchase.lines, 1)
        ]

    # -- returns of earlier receipts -------------------------------------------------------------------------------

    @api.model
    def _prepare_reversals(self, purchase):
        """What the linked returns of a purchase take back, one dict an earlier receipt.

        :return: dicts with ``original_id``, ``sequence``, ``member_id``, ``account_id``, ``points`` (not positive),
            ``uses`` (lots) and ``line_ids`` (key of an earlier line → its id)
        """
        returned = defaultdict(int)
        for line in purchase.lines:
            if line.kind == "return_linked":
                returned[line.original_key] -= line.quantity_micro
        if not returned:
            return []
        originals = self.env["fidelity.receipt.line"].sudo().search([("source_key", "in", list(returned))]).receipt_id
        return [self._prepare_reversal(original, returned) for original in originals.sorted("id")]

    @api.model
    def _prepare_reversal(self, original, returned):
        lines = original.line_ids
        earlier = self.env["fidelity.receipt.reversal"].sudo().search([("original_id", "=", original.id)])
        gone = defaultdict(int)
        for line, quantity in (
            self.env["fidelity.receipt.line"]
            .sudo()
            ._read_group([("original_line_id", "in", lines.ids)], ["original_line_id"], ["quantity_micro:sum"])
        ):
            gone[line.source_key] -= int(quantity)
        for line in lines:
            gone[line.source_key] += returned.get(line.source_key, 0)
        account = original.member_id.holder_id.account_ids.filtered(lambda a: a.unit == "points")
        points = 0
        if original.ruleset_id and account:
            kept = kept_points(
                self.env["fidelity.ruleset"]._parsed(original.ruleset_id.id),
                tuple(
                    kernel_basket.Line(line.source_key, line.kind, line.quantity_micro, line.total_minor, line.untaxed_minor)
                    for line in lines
                    if line.kind == "sale"
                ),
                {line.source_key: max(0, gone[line.source_key]) for line in lines if line.kind == "sale"},
                original.base_minor,
            )
            posted = sum(lines.mapped("points")) + sum(earlier.mapped("points"))
            points = min(0, kept.points - posted)
        return {
            "original_id": original.id,
            "sequence": len(earlier) + 1,
            "member_id": original.member_id.id,
            "account_id": account.id,
            "points": points,
            "uses": self._uses_of_lots(original, account, -points),
            "line_ids": {line.source_key: line.id for line in lines},
        }

    @api.model
    def _uses_of_lots(self, original, account, quantity):
        """Take ``quantity`` from what is left of the lots that a receipt made.

        :return: dicts with ``lot_id`` and ``quantity`` (positive); less than asked where the points are already used
        """
        if not quantity:
            return []
        lots = (
            self.env["fidelity.lot"]
            .sudo()
            .search([("entry_id.posting_id", "=", original.posting_id.id), ("account_id", "=", account.id)], order="id")
        )
        uses = []
        for lot in lots:
            used = min(quantity, lot.quantity - sum(lot.allocation_ids.mapped("quantity")))
            if used > 0:
                uses.append({"lot_id": lot.id, "quantity": used})
                quantity -= used
        return uses
