"""Expiry on random days and policies: in order, never early, always on a day that exists."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from rule_kernel import load

load()

from rules import expiry  # noqa: E402  (the package exists only now)

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
pending = st.integers(0, expiry.MAX_PENDING_DAYS)
months = st.integers(1, expiry.MAX_MONTHS)
policies = st.one_of(
    st.builds(expiry.ExpiryPolicy, st.just("months"), months, st.booleans(), st.just(0), pending),
    st.builds(expiry.ExpiryPolicy, st.just("year_end"), st.just(0), st.just(False), st.integers(0, 11), pending),
)


@given(policies, days, st.integers(0, 400))
def test_earned_later_expires_no_sooner(policy, earned, more):
    last, later = expiry.expires_on(policy, earned), expiry.expires_on(policy, earned + timedelta(days=more))
    assert earned <= last <= later


@given(policies, days)
def test_there_is_a_day_to_use_them(policy, earned):
    first = expiry.available_on(policy, earned) or earned
    assert earned <= first <= expiry.expires_on(policy, earned)


@given(days, st.integers(-1200, 1200))
def test_months_are_whole_months(day, months):
    later = expiry.add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and later == expiry.month_end(later))


@given(days, months)
def test_who_buys_today_is_active_for_so_long(day, months):
    """Somebody who bought on a day is active as long as the months from that day have not passed."""
    assert expiry.active_since(months, expiry.add_months(day, months)) <= day
