"""What must hold of tiers for every ladder and every life of purchases."""

from hypothesis import given
from hypothesis import strategies as st
from rule_kernel import load

load()

from rules import day as calendar  # noqa: E402  (the package exists only now)
from rules import tier  # noqa: E402

FIRST = calendar.number("2023-01-01")
amounts = st.one_of(st.sampled_from([1, 400, 499, 500, 1000]), st.integers(-300, 1500))
grace = st.sampled_from([0, 0, 1, 3])


@st.composite
def ladders(draw):
    """A ladder that is possible, of one to four tiers."""
    entries = [0, *sorted(draw(st.sets(st.integers(1, 1500), max_size=3)))]
    levels, stay = [], 0
    for at, entry in enumerate(entries):
        stay = draw(st.integers(stay, entry)) if at else 0
        levels.append(tier.Level(f"t{at}", entry, stay, draw(grace), draw(st.sampled_from(tier.DOWNGRADES))))
    return tier.Ladder("spending", draw(st.sampled_from(tier.PERIODS)), draw(st.sampled_from([1, 6, 12])), tuple(levels))


offsets = st.integers(0, 1200)
lives = st.dictionaries(offsets.map(lambda at: calendar.text(FIRST + at)), amounts, max_size=12)
moments = st.integers(400, 1300).map(lambda at: calendar.text(FIRST + at))
enrolled = st.one_of(st.just("2024-02-29"), st.integers(0, 400).map(lambda at: calendar.text(FIRST + at)))


@st.composite
def holdings(draw, ladder, day):
    """What somebody may have had up to a day."""
    keys = [level.key for level in ladder.levels]
    since = calendar.text(calendar.number(day) - draw(st.integers(0, 500)))
    floor = draw(st.one_of(st.none(), st.sampled_from(keys)))
    until = calendar.text(calendar.number(day) + draw(st.integers(-30, 30)))
    return tier.Holding(draw(st.sampled_from([None, *keys])), since, draw(st.booleans()), floor, until)


def rank(ladder, key):
    return [level.key for level in ladder.levels].index(key)


def after(holding, place):
    return tier.Holding(place.level, place.since, place.landed, holding.floor, holding.floor_until)


@given(st.data(), ladders(), lives, moments, enrolled)
def test_asking_twice_changes_nothing(data, ladder, days, day, began):
    """The place that is found is the place that is found again, and outlook finds nobody who should have lost it."""
    holding = data.draw(holdings(ladder, day))
    place = tier.place(ladder, began, days, day, holding)
    again = tier.place(ladder, began, days, day, after(holding, place))
    assert (again.level, again.since, again.landed, again.change) == (place.level, place.since, place.landed, None)
    outlook = tier.outlook(ladder, began, days, day, after(holding, place))
    assert outlook.until is None or outlook.until >= day


@given(st.data(), ladders(), lives, moments, enrolled, offsets, st.integers(1, 2000))
def test_more_never_gives_a_lower_tier(data, ladder, days, day, began, at, more):
    holding = data.draw(holdings(ladder, day))
    where = calendar.text(FIRST + at)
    richer = {**days, where: days.get(where, 0) + more}
    less, much = tier.place(ladder, began, days, day, holding), tier.place(ladder, began, richer, day, holding)
    assert rank(ladder, much.level) >= rank(ladder, less.level)


@given(st.data(), ladders(), lives, moments, enrolled)
def test_order_and_what_comes_later_do_not_matter(data, ladder, days, day, began):
    holding = data.draw(holdings(ladder, day))
    turned = dict(reversed(days.items()))
    seen = {date: amount for date, amount in days.items() if date <= day}
    for function in (tier.place, tier.outlook):
        found = function(ladder, began, days, day, holding)
        assert function(ladder, began, turned, day, holding) == found
        assert function(ladder, began, seen, day, holding) == found


@given(st.data(), ladders(), lives, moments, enrolled)
def test_kept_until_the_day_that_was_said(data, ladder, days, day, began):
    """Without another purchase he has his tier on the last day that outlook names, and not the day after."""
    days = {date: amount for date, amount in days.items() if date <= day}
    holding = data.draw(holdings(ladder, day))
    holding = after(holding, tier.place(ladder, began, days, day, holding))
    until = tier.outlook(ladder, began, days, day, holding).until
    if until is None:
        until = calendar.text(calendar.number(day) + 4000)
        assert rank(ladder, tier.place(ladder, began, days, until, holding).level) >= rank(ladder, holding.level)
        return
    step = calendar.number(day)
    for number in {step, calendar.number(until), (step + calendar.number(until)) // 2}:
        place = tier.place(ladder, began, days, calendar.text(number), holding)
        assert rank(ladder, place.level) >= rank(ladder, holding.level)
    following = tier.place(ladder, began, days, calendar.text(calendar.number(until) + 1), holding)
    assert following.change in ("downgraded", "qualified")


@given(st.data(), ladders(), lives, moments, enrolled)
def test_what_is_missing_is_what_is_missing(data, ladder, days, day, began):
    """Buying for what is missing on the same day reaches the next tier; one less does not, in a window."""
    holding = data.draw(holdings(ladder, day))
    holding = after(holding, tier.place(ladder, began, days, day, holding))
    missing = tier.outlook(ladder, began, days, day, holding).missing
    if missing is None:
        assert rank(ladder, holding.level) == len(ladder.levels) - 1
        return
    for more, reaches in ((missing, True), (missing - 1, False)):
        place = tier.place(ladder, began, {**days, day: days.get(day, 0) + more}, day, holding)
        risen = rank(ladder, place.level) > rank(ladder, holding.level)
        assert risen == reaches


@given(ladders(), lives, enrolled)
def test_lives_day_by_day(ladder, days, began):
    """Looking every day or every ninth day, nobody is ever above what he reached nor without a tier."""
    holding = tier.Holding()
    for at in range(0, 1300, 9):
        day = calendar.text(FIRST + at)
        place = tier.place(ladder, began, days, day, holding)
        assert place.since <= day
        if place.change == "downgraded":
            assert rank(ladder, place.level) < rank(ladder, holding.level)
        elif place.change == "qualified":
            assert rank(ladder, place.level) > rank(ladder, holding.level)
        holding = after(holding, place)


@given(st.integers(calendar.FIRST + 40000, calendar.LAST - 40000), st.integers(0, 1200), st.integers(0, 400))
def test_months_keep_the_order_of_days(number, months, later):
    """Moving by months never turns two days round; the last day within is the last."""
    assert calendar.months_later(number, months) <= calendar.months_later(number + later, months)
    last = calendar.last_within(number, months)
    assert calendar.months_later(last, -months) <= number < calendar.months_later(last + 1, -months)
    assert calendar.number(calendar.text(number)) == number
