"""What a till would have known of the card on each order: the claim that it sends along."""

import json
from datetime import timedelta

from .people import number_from

PERCENT_FORGOT = 5
PERCENT_OFFLINE = 3


class Claims:
    """Makes claims. The preview comes from the addons' own rule kernel, as at a till.

    :param members: ``members.Members``.
    :param rules: the kernel's modules, as an object with ``ruleset``, ``basket`` and ``evaluate``.
    """

    def __init__(self, members, rules):
        self.members = members
        self.rules = rules
        self.rulesets = {key: (kind.ruleset_id, self._parse(kind.ruleset_id)) for key, kind in members.types.items()}

    def _parse(self, ruleset):
        """Return the kernel's form of a published ruleset."""
        return self.rules.ruleset.parse(json.loads(ruleset.payload))

    def of(self, order, lines, at):
        """Return the claim of an order as a text, or None when no card was shown.

        :param lines: the order's lines as the till sends them, in the order of ``order.lines``.
        :param at: when it was paid, UTC.
        """
        card = self.members.cards.get(order.customer)
        if card is None or (not order.is_return and number_from(f"forgot {order.key}", 100) < PERCENT_FORGOT):
            return None
        key = next(key for key, kind in self.members.types.items() if kind == card.card_type_id)
        record, ruleset = self.rulesets[key]
        draw = number_from(f"entry {order.key}", 100)
        claim = {
            "v": 1,
            "card": card.number,
            "card_id": card.id,
            "member_id": card.member_id.id,
            "ruleset_id": record.id,
            "ruleset_hash": record.fingerprint,
            "entry": "scan" if draw < 75 else "typed" if draw < 85 else "search",
            "screen": "payment" if number_from(f"screen {order.key}", 100) < 20 else "product",
            "added_at": (at - timedelta(seconds=20 + 5 * len(lines))).isoformat() + "Z",
            "offline": number_from(f"offline {order.key}", 100) < PERCENT_OFFLINE,
            "points": self._preview(ruleset, order, lines) if card.state == "active" else 0,
            "previous_cards": [],
        }
        return json.dumps(claim)

    def _preview(self, ruleset, order, lines):
        """Return the points that the till would have shown."""
        kernel = self.rules.basket
        parts = tuple(
            kernel.Line(
                item.uuid,
                "sale" if item.line.quantity > 0 else "return_linked" if item.origin else "return_unlinked",
                item.line.quantity * 1_000_000,
                round(line["price_subtotal_incl"] * 100),
                round(line["price_subtotal"] * 100),
            )
            for item, line in zip(order.lines, lines, strict=True)
        )
        outcome = self.rules.evaluate.evaluate(ruleset, kernel.Basket(ruleset.currency, parts, order.total, 0))
        return outcome.points + outcome.unlinked_points
