"""Tiers, told naively: on a night everybody's purchases of the last months are added up, and looked at day by day.

Nothing here is shared with the kernel.
"""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

MOST_EXPENSIVE = 60000


def random_ladder(rng):
    """Tiers by what is spent within some months, as a plain dictionary; None where a card has no tiers."""
    if rng.random() < 0.2:
        return None
    entries = sorted(rng.sample(range(1000, MOST_EXPENSIVE, 500), 2))
    stays = sorted(rng.choice([0, entry // 2, entry]) for entry in entries)
    stays = [min(stay, entry) for stay, entry in zip(stays, entries, strict=True)]
    return {"months": rng.choice([1, 2, 6]), "entries": [0, *entries], "stays": [0, *stays]}


@dataclass
class Spent:
    """What somebody bought on a day and kept, in minor units."""

    member: int
    day: date
    amount: int


def within(purchases, day, months):
    """What was spent within the months that end with a day."""
    return sum(spent.amount for spent in purchases if day - relativedelta(months=months) < spent.day <= day)


def tier_after(ladder, tier, purchases, day):
    """The tier after a night's look: whoever reaches more rises, whoever is below what his tier asks for falls.

    :param int tier: the place of the tier before, 0 for the lowest
    :param purchases: his
    """
    figure = within(purchases, day, ladder["months"])
    reached = max(place for place, entry in enumerate(ladder["entries"]) if figure >= entry or not place)
    if reached >= tier:
        return reached
    if figure >= ladder["stays"][tier] or not ladder["stays"][tier]:
        return tier
    return max(place for place in range(tier) if not place or figure >= ladder["stays"][place])
