"""Card types, customers, members and cards."""

from dataclasses import dataclass
from datetime import timedelta

from .people import number_from
from .records import ensure, ensure_many, find, remember

GIFT_POINTS = {
    "name": "Gift Points",
    "code": "gift-points",
    "number_prefix": "0490",
    "color": 10,
    "sequence": 1,
    "unlinked_return": "take_back",
}
GIFT_POINTS_BENEFIT = {"points": 1, "step_amount": 10.0, "minimum_receipt": 5.0}
TRADE_CLUB = {
    "name": "Trade Club",
    "code": "trade-club",
    "number_prefix": "0491",
    "color": 4,
    "sequence": 2,
    "base": "untaxed",
    "unlinked_return": "leave",
}
TRADE_CLUB_BENEFIT = {"points": 3, "step_amount": 25.0, "minimum_receipt": 50.0}
TRADE_CLUB_CASHBACK = {"kind": "cashback", "percent": 2.0, "minimum_receipt": 50.0}
SPARE_CARDS = {"gift": 12, "trade": 4}
PERCENT_WITHOUT_CARD = 10
PERCENT_TRADE = 8
BLOCKED, LOST, REPLACED = 3, 2, 3


@dataclass
class Members:
    """Who shops: card types (records) by key, partner id by customer number, and for members the card shown at the till (a record)."""

    types: dict
    partners: dict
    cards: dict


def kind_of(customer):
    """Return the key of the card type of a customer, or None for one without card."""
    draw = number_from(f"card {customer}", 100)
    if draw < PERCENT_WITHOUT_CARD:
        return None
    return "trade" if draw < PERCENT_WITHOUT_CARD + PERCENT_TRADE else "gift"


def build(env, people, stores, store_of, first_moment, progress):
    """Make card types with their published rules, customers, members and cards.

    :param people: list of ``people.Person``.
    :param store_of: customer number -> key of the home store.
    :param first_moment: when the first receipt happens, UTC; the rules are valid from the day before.
    :return: Members
    """
    types = {
        "gift": _card_type(env, "gift", GIFT_POINTS, [GIFT_POINTS_BENEFIT], first_moment),
        "trade": _card_type(env, "trade", TRADE_CLUB, [TRADE_CLUB_BENEFIT, TRADE_CLUB_CASHBACK], first_moment),
    }
    countries = {country.code: country.id for country in env["res.country"].search([])}
    birthdays = "fidelity_birth_date" in env["res.partner"]._fields
    partners = ensure_many(
        env,
        "res.partner",
        {
            f"customer_{person.customer}": {
                "name": person.name,
                "email": person.email,
                "phone": person.phone,
                "ref": person.customer,
                "country_id": countries[person.country],
                "lang": "en_US",
                **({"fidelity_birth_date": person.birthday} if birthdays else {}),
            }
            for person in people
        },
        progress,
        "Customers",
    )
    partners = {person.customer: partners[f"customer_{person.customer}"] for person in people}
    joining = [person.customer for person in people if kind_of(person.customer)]
    members = ensure_many(
        env,
        "fidelity.member",
        {
            f"member_{customer}": {
                "partner_id": partners[customer],
                "card_type_id": types[kind_of(customer)].id,
                "store_id": stores[store_of(customer)].id,
                "enrolled_date": (first_moment - timedelta(days=1 + number_from(f"joined {customer}", 700))).date(),
            }
            for customer in joining
        },
        progress,
        "Members",
    )
    cards = ensure_many(env, "fidelity.card", _card_values(types, members, joining), progress, "Cards")
    shown = {customer: env["fidelity.card"].browse(cards[f"card_{customer}"]) for customer in joining}
    return Members(types, partners, shown)


def _card_type(env, key, values, benefits, first_moment):
    """Return a card type with its rules published."""
    card_type = ensure(
        env, f"type_{key}", "fidelity.card.type", {**values, "benefit_ids": [(0, 0, benefit) for benefit in benefits]}
    )
    if not card_type.ruleset_ids:
        card_type._publish(first_moment - timedelta(days=1))
        env.cr.commit()
    return card_type


def _card_values(types, members, joining):
    """Return name -> values of one card for each member, and of cards that nobody has yet."""
    values = {
        f"card_{customer}": {"card_type_id": types[kind_of(customer)].id, "member_id": members[f"member_{customer}"]}
        for customer in joining
    }
    for key, count in SPARE_CARDS.items():
        for number in range(count):
            values[f"spare_{key}_{number}"] = {"card_type_id": types[key].id}
    return values


def block_some(env, members, orders):
    """Block cards of customers who come again in ``orders``, so that the ledger shows what a blocked card does at the till."""
    customers = list(dict.fromkeys(order.customer for order in orders if order.customer in members.cards))
    for customer in customers[:BLOCKED]:
        card = members.cards[customer]
        if card.state == "active":
            card._set_state("blocked", "Reported by the store: shown by somebody else")
    env.cr.commit()


def lose_some(env, members, orders):
    """Mark cards as lost or replaced, of the customers who come last in ``orders``; does nothing the second time."""
    customers = list(dict.fromkeys(order.customer for order in reversed(orders) if order.customer in members.cards))
    cards = [members.cards[customer] for customer in customers if members.cards[customer].state != "blocked"]
    for card in cards[:LOST]:
        if card.state == "active":
            card._set_state("lost", "Left on a train")
    for index, card in enumerate(cards[LOST : LOST + REPLACED]):
        if card.state == "active" and find(env, f"replacement_{index}") is None:
            remember(env, [(f"replacement_{index}", card._replace("Worn, the barcode no longer reads"))])
    env.cr.commit()
