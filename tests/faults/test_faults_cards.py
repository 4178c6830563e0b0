"""Two people make cards at once, each in a process of his own: every number is given once, every batch has what it says."""

from functools import partial

from faults_server import RpcError
from faults_world import at_once

ROUNDS = 3
MOST_CARDS = 1_000


def issue(manager, card_type, quantity):
    """Make cards with the wizard; where the other one was quicker, once more, as a person would."""
    wizard = manager.call("fidelity.card.issue", "create", [{"card_type_id": card_type, "quantity": quantity}])[0]
    try:
        return manager.call("fidelity.card.issue", "action_issue", [wizard])
    except RpcError:
        wizard = manager.call("fidelity.card.issue", "create", [{"card_type_id": card_type, "quantity": quantity}])[0]
        return manager.call("fidelity.card.issue", "action_issue", [wizard])


def test_two_batches_at_once_share_no_number(world, zygote, server):
    managers = [server.log_in("manager", "manager-password") for _number in range(2)]
    card_type = world.value("SELECT min(id) FROM fidelity_card_type")
    cards = world.value("SELECT count(*) FROM fidelity_card")
    last_batch = world.value("SELECT COALESCE(max(id), 0) FROM fidelity_card_batch")
    wanted = [world.random.randint(1, MOST_CARDS) for _number in range(2 * ROUNDS)]
    for number in range(ROUNDS):
        pair = zip(managers, wanted[2 * number : 2 * number + 2], strict=True)
        at_once(*(partial(issue, manager, card_type, quantity) for manager, quantity in pair))
    batches = world.query("SELECT id, quantity, made_count FROM fidelity_card_batch WHERE id > %s ORDER BY id", last_batch)
    assert sorted(quantity for _batch, quantity, _made in batches) == sorted(wanted)
    for batch, quantity, made in batches:
        numbers = world.query("SELECT number FROM fidelity_card WHERE batch_id = %s", batch)
        assert len(numbers) == len(set(numbers)) == made == quantity
    everything = world.query("SELECT count(*), count(DISTINCT number) FROM fidelity_card")
    assert everything == [(cards + sum(wanted),) * 2]
    world.assert_clean(zygote)
