"""A thousand random histories of fifty steps: the product's rule kernel and a naive reckoning never part.

``LF_SEED`` begins the numbers of the histories, so ``LF_SEED=<number of one> LF_HISTORIES=1`` replays that one alone.
"""

import os

import pytest
from history import SEED, STEPS, WEIGHTS, History
from history_kernel import KernelShop
from history_kernel_lots import KernelPurse

HISTORIES = int(os.environ.get("LF_HISTORIES") or 1000)
BROKEN_HISTORIES = 50


def facts(shop):
    """What the kernel's shop must know of people, as it was before a step."""
    numbers = range(len(shop.people))
    return {
        "works": [shop.works(number) for number in numbers],
        "survivor": [shop.survivor(number) for number in numbers],
        "account": [person.account for person in shop.people],
        "open": [person.open for person in shop.people],
    }


def check(history, kernel, step, outcome):
    """What holds after every step."""
    told = f"history {history.seed}, step {step['number']}: {step}"
    shop = history.shop
    assert outcome == step["outcome"], told
    for number in shop.living():
        assert not shop.ladder or kernel.tier(number) == shop.people[number].tier, told
    for number in range(len(shop.people)):
        account = shop.account_of(number)
        assert kernel.balance(account) == tuple(shop.accounts[account]), told
        assert [lot.left for lot in kernel.purses[account].lots.values()] == [lot.left for lot in shop.purses[account].lots], told
    for of, receipt in shop.receipts.items():
        posted = kernel.receipts[of]
        assert (posted.points, posted.cashback, posted.rolling) == (receipt.points, receipt.cashback, receipt.rolling), told
        if all(line.returned == line.quantity for line in receipt.lines):
            assert (receipt.points, receipt.cashback, receipt.rolling or 0) == (0, 0, 0), told


def test_random_histories():
    seen = set()
    for seed in range(SEED, SEED + HISTORIES):
        history = History(seed)
        kernel = KernelShop(history.shop, history.first_rules)
        before = facts(history.shop)
        for step in history:
            check(history, kernel, step, kernel.take(step, before))
            before = facts(history.shop)
            seen.add(step["do"])
        assert len(history.steps) == STEPS
    if HISTORIES >= 100:
        assert seen == set(WEIGHTS) - {"exchange"}


@pytest.mark.parametrize(
    ("broken", "name", "instead"),
    [
        (KernelShop, "_take_give_back", None),
        (KernelShop, "_take_undo", None),
        (KernelPurse, "expire", []),
        (KernelPurse, "oldest", []),
        (KernelShop, "tier", 0),
    ],
)
def test_a_broken_rule_is_noticed(monkeypatch, broken, name, instead):
    """The comparison can fail: a kernel that forgets what came back, expired or was reached is found out within some histories."""
    monkeypatch.setattr(broken, name, lambda *_arguments, **_more: instead)
    for seed in range(BROKEN_HISTORIES):
        history = History(seed)
        kernel = KernelShop(history.shop, history.first_rules)
        before = facts(history.shop)
        try:
            for step in history:
                check(history, kernel, step, kernel.take(step, before))
                before = facts(history.shop)
        except (AssertionError, KeyError):
            return
    raise AssertionError("nobody noticed")
