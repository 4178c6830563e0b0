"""Tills as processes of their own: they send orders to a real server over HTTP, at once. They know no Odoo and no database."""

import multiprocessing
import random
import time
from dataclasses import dataclass, field

import basket
import server

TRIES = 5


@dataclass
class Sold:
    """What one till sold in one way."""

    seconds: list = field(default_factory=list)
    points: dict = field(default_factory=dict)
    refused: int = 0
    lost: int = 0


def send(client, data):
    """Send an order as a till does, again when it was refused; return (times refused, whether it was taken)."""
    for refused in range(TRIES):
        try:
            client.call("pos.order", "sync_from_ui", [data])
        except server.RpcError:
            continue
        return refused, True
    return TRIES, False


def sell(client, place, member, products, claim, sold):
    """Make and send one order; note what came of it."""
    data = basket.order(place, member, products, claim)
    start = time.perf_counter()
    refused, taken = send(client, data)
    sold.seconds.append(time.perf_counter() - start)
    sold.refused += refused
    sold.lost += not taken
    if claim and taken:
        sold.points[member] = sold.points.get(member, 0) + basket.points(data["amount_total"])


def _minute(connect, place, products, members, slices, seconds, ways, barrier, seed):
    """One till for a minute a way: slices of some seconds of each way in turn, all tills in the same."""
    client = server.Client(*connect)
    rng = random.Random(seed)
    sold = {way: Sold() for way in ways}
    for _slice in range(slices):
        for way in ways:
            barrier.wait()
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                chosen = rng.choices(products, k=rng.randint(1, 8))
                sell(client, place, rng.randrange(members), chosen, way == "ours", sold[way])
    return sold


def _race(connect, place, products, members, barrier):
    """One till that sells once to each member in the moment in which the others do."""
    client = server.Client(*connect)
    sold = Sold()
    for member in members:
        barrier.wait()
        sell(client, place, member, products, True, sold)
    return sold


def _till(function, arguments, answers, place):
    try:
        answers.put((place, function(*arguments), None))
    except BaseException as error:
        arguments[-1 if function is _race else -2].abort()
        answers.put((place, None, repr(error)))
        raise


def _at_once(function, tills, limit):
    """Run a function in a process for each till; return what each returned.

    :param tills: arguments of each
    :param limit: seconds after which they are ended
    """
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    processes = [
        context.Process(target=_till, args=(function, arguments, answers, place), daemon=True)
        for place, arguments in enumerate(tills)
    ]
    for process in processes:
        process.start()
    try:
        taken = [answers.get(timeout=limit) for _process in processes]
    finally:
        for process in processes:
            process.join(5)
            if process.is_alive():
                process.terminate()
    problems = [problem for _place, _answer, problem in taken if problem]
    if problems:
        raise RuntimeError(f"A till failed: {problems[0]}")
    return [answer for _place, answer, _problem in sorted(taken, key=lambda item: item[0])]


def minute(connect, places, products, members, slices, seconds, ways):
    """Let tills sell for ``slices`` × ``seconds`` in each way; return one dict way → :class:`Sold` for each till."""
    barrier = multiprocessing.get_context("spawn").Barrier(len(places))
    tills = [(connect, place, products, members, slices, seconds, ways, barrier, seed) for seed, place in enumerate(places)]
    return _at_once(_minute, tills, limit=60 + 4 * slices * seconds * len(ways))


def race(connect, places, products, members):
    """Let tills sell to the same members at the same moments; return one :class:`Sold` for each till."""
    barrier = multiprocessing.get_context("spawn").Barrier(len(places))
    tills = [(connect, place, products, members, barrier) for place in places]
    return _at_once(_race, tills, limit=120 + 5 * len(members))
