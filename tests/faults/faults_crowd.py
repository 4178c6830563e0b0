"""People who all work on the same few accounts, each over HTTP, until they are told to stop. What they did is written down."""

import random
import threading
import time
from dataclasses import dataclass, field
from functools import partial

import faults_environment as environment
from faults_server import Lost, RpcError

#: How long somebody tries again before the server counts as gone for good.
PATIENCE_SECONDS = 120
BREATH_SECONDS = 0.1
#: Which of his steps a manager who may uses to merge two members.
MERGE_EVERY = 4


@dataclass
class Sale:
    """A sale, what is left of its goods, and what came back: dictionaries as tills send them."""

    card: dict
    order: dict
    left: dict
    returns: list = field(default_factory=list)


@dataclass
class Given:
    """A prize that somebody wanted: whether he got it, and whether it was taken back."""

    card: dict
    key: str
    got: bool
    taken_back: bool = False


class Worker(threading.Thread):
    """Somebody at work, from :meth:`start` on until the crowd is told to stop.

    :param Crowd crowd: with whom he works
    :param int number: makes his choices his own, and says at which till he stands
    """

    login = None

    def __init__(self, crowd, number):
        super().__init__(daemon=True)
        self.crowd, self.world, self.number = crowd, crowd.world, number
        self.rng = random.Random(f"{environment.SEED} {self.login} {number}")
        self.session = crowd.server.log_in(self.login, f"{self.login}-password")
        self.failure = None
        self.done = 0

    def run(self):
        try:
            while not self.crowd.over.is_set():
                self.work()
                self.done += 1
        except Exception as error:  # noqa: BLE001 - whoever waits for him raises it
            self.failure = error

    def insist(self, call, may_refuse=True):
        """Call until there is an answer, as people and tills do while a server is away.

        :param bool may_refuse: a refusal is an answer
        :return: (answer, refusal)
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return call(), None
            except (Lost, RpcError) as error:
                if may_refuse and "UserError" in str(error):
                    return None, error
                if time.monotonic() > deadline:
                    raise
            self.crowd.over.wait(BREATH_SECONDS)

    def card(self):
        return self.rng.choice(self.crowd.cards)


class Cashier(Worker):
    """Sells, takes goods back, sets points aside and lets them go."""

    login = "cashier"

    def __init__(self, crowd, number):
        super().__init__(crowd, number)
        self.place = number % len(self.world.facts["tills"])
        session = self.world.facts["tills"][self.place]["session"]
        self.config = self.world.value("SELECT config_id FROM pos_session WHERE id = %s", session)
        self.sales, self.holds = [], []

    def work(self):
        self.rng.choices((self.sell, self.give_back, self.hold), (4, 2, 3))[0]()

    def sell(self):
        card = self.card()
        lines = [self.world.line(product, self.rng.randint(1, 3)) for product in self.rng.sample(self.world.facts["products"], 2)]
        order = self.world.order(card, lines, till=self.place)
        self._send(order)
        self.sales.append(Sale(card, order, {number: line[2]["qty"] for number, line in enumerate(order["lines"])}))

    def _send(self, order):
        self.insist(partial(self.session.call, "pos.order", "sync_from_ui", [order]), may_refuse=False)

    def give_back(self):
        left = [(sale, number) for sale in self.sales for number, quantity in sale.left.items() if quantity]
        if not left:
            return self.sell()
        sale, number = self.rng.choice(left)
        quantity = self.rng.randint(1, sale.left[number])
        order = self.world.return_of(sale.order, sale.card, {number: quantity}, till=self.place)
        self._send(order)
        sale.left[number] -= quantity
        sale.returns.append(order)
        return None

    def hold(self):
        """Let go what was set aside before; now and then it is forgotten."""
        if self.holds and self.rng.random() < 0.7:
            self.insist(partial(self.session.call, "pos.config", "fidelity_release", [self.config], self.holds.pop()))
        key, points = self.world.uuid(), self.rng.choice((20, 60, 120))
        answer, _refusal = self.insist(
            partial(self.session.call, "pos.config", "fidelity_hold", [self.config], self.card()["number"], points, key)
        )
        if answer and answer["status"] == "ok":
            self.holds.append(key)


class Manager(Worker):
    """Gives prizes and takes them back, and merges members while enough are left."""

    login = "manager"
    merges = False

    def __init__(self, crowd, number):
        super().__init__(crowd, number)
        self.given = []

    def work(self):
        if self.merges and self.done % MERGE_EVERY == 0:
            return self.merge()
        return self.rng.choices((self.give, self.take_back), (4, 1))[0]()

    def _member(self, card):
        return self.world.value("SELECT member_id FROM fidelity_card WHERE number = %s", card["number"])

    def _wizard(self, model, method, **values):
        """Fill a window in and press its button, the same button again where no answer came."""
        made, refusal = self.insist(partial(self.session.call, model, "create", [values]))
        if refusal:
            return refusal
        return self.insist(partial(self.session.call, model, method, made))[1]

    def give(self):
        card, key = self.card(), self.world.uuid()
        values = {"member_id": self._member(card), "prize_id": self.crowd.prize, "key": key}
        self.given.append(Given(card, key, not self._wizard("fidelity.redemption", "action_give", **values)))

    def take_back(self):
        kept = [given for given in self.given if given.got and not given.taken_back]
        if kept:
            given = self.rng.choice(kept)
            posting = self.world.value("SELECT id FROM fidelity_posting WHERE op_key = 'redeem:' || %s", given.key)
            refusal = self._wizard("fidelity.redemption.undo", "action_take_back", posting_id=posting, reason="Broken")
            assert not refusal, refusal
            given.taken_back = True

    def merge(self):
        members = sorted({self._member(card) for card in self.crowd.cards})
        if len(members) > self.crowd.fewest:
            keep, lose = self.rng.sample(members, 2)
            self._wizard("fidelity.member.merge", "action_merge", member_ids=[(6, 0, [keep, lose])], survivor_id=keep)


class Merger(Manager):
    """A manager who merges members too."""

    merges = True


class Crowd:
    """Cashiers and managers on some cards.

    :param cards: whose accounts they work on
    :param int prize: what prizes they give
    :param int fewest: of so many members nobody merges any more
    """

    CASHIERS, MANAGERS = 6, 4

    def __init__(self, world, server, cards, prize, fewest):
        self.world, self.server, self.cards, self.prize, self.fewest = world, server, cards, prize, fewest
        self.over = threading.Event()
        self.cashiers = [Cashier(self, number) for number in range(self.CASHIERS)]
        self.managers = [(Manager if number else Merger)(self, number) for number in range(self.MANAGERS)]

    @property
    def workers(self):
        return [*self.cashiers, *self.managers]

    def start(self):
        for worker in self.workers:
            worker.start()

    def stop(self):
        """Let everybody end what he is at.

        :raise Exception: what somebody could not cope with
        """
        self.over.set()
        for worker in self.workers:
            worker.join(PATIENCE_SECONDS)
        failures = [worker.failure for worker in self.workers if worker.failure]
        if failures:
            raise failures[0]
        assert not any(worker.is_alive() for worker in self.workers)

    @property
    def broken(self):
        """Whether somebody could not go on."""
        return any(worker.failure for worker in self.workers)

    @property
    def sales(self):
        return [sale for cashier in self.cashiers for sale in cashier.sales]

    @property
    def given(self):
        return [given for manager in self.managers for given in manager.given]
