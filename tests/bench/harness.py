"""Measuring: the same work in several ways, turn by turn in one run, and what is printed of it.

Absolute times depend on the machine and on what else it does. Every figure is therefore a median over turns in which each way
of doing the work had its go, in a changing order, and is read as a ratio.
"""

import gc
import json
import random
import statistics
import time
from dataclasses import asdict, dataclass, field

from odoo import api
from odoo.service.model import call_kw
from odoo.tools import json_default


@dataclass(frozen=True)
class Sample:
    """One go: seconds, SQL statements, bytes of the answer."""

    seconds: float
    statements: int
    size: int


@dataclass(frozen=True)
class Figure:
    """What one way of doing the work took: medians over the turns."""

    milliseconds: float
    statements: int
    size: int


@dataclass
class Result:
    """One line of ``--json``. ``ours``, ``base``, ``native`` and ``raw`` are in ``unit``; None where there is no such way.

    ``notes`` are further figures by name.
    """

    name: str
    size: int
    unit: str
    ours: float
    base: float | None = None
    native: float | None = None
    raw: float | None = None
    sql_statements: int | None = None
    sql_base: int | None = None
    sql_native: int | None = None
    runs: int = 0
    notes: dict = field(default_factory=dict)

    def ratios(self):
        """Return ours / base, native / ours and ours / raw, None where one is missing."""

        def ratio(over, under):
            return round(over / under, 3) if over is not None and under else None

        return {
            "ratio_base": ratio(self.ours, self.base),
            "ratio_native": ratio(self.native, self.ours),
            "ratio_raw": ratio(self.ours, self.raw),
        }

    def line(self):
        """Return the figures as one JSON object."""
        return json.dumps({**asdict(self), **self.ratios()})


class Server:
    """A database as the server sees it: each call has a transaction and an ORM cache of its own, and a browser's context."""

    def __init__(self, registry, uid):
        self.registry = registry
        self.uid = uid
        with registry.cursor() as cr:
            companies = api.Environment(cr, uid, {}).user.company_ids.ids
        self.context = {"lang": "en_US", "tz": "UTC", "uid": uid, "allowed_company_ids": companies}
        self.spent = 0
        self.answered = 0

    def call(self, model, method, *args, **kwargs):
        """Do what an RPC does, from the open transaction to the commit and the JSON answer; return the answer."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, self.uid, dict(self.context))
            answer = call_kw(env[model], method, list(args), kwargs)
            env.flush_all()
            cr.commit()
            self.spent += cr.sql_log_count
        self.answered += len(json.dumps(answer, default=json_default))
        return answer

    def query(self, query, params=()):
        """Do one SQL statement in a transaction of its own, without the ORM."""
        with self.registry.cursor() as cr:
            cr.execute(query, params)
            rows = cr.fetchall() if cr.description else None
            cr.commit()
            self.spent += cr.sql_log_count
        return rows

    def measured(self, work):
        """Time one go of ``work``."""
        self.spent = self.answered = 0
        start = time.perf_counter()
        work()
        return Sample(time.perf_counter() - start, self.spent, self.answered)


def compare(ways, runs, warm=3, seed=1):
    """Measure ways of doing the same work, turn by turn.

    :param dict ways: name → (:class:`Server`, function that prepares one go and returns the function to time)
    :param int runs: turns that count
    :param int warm: turns before, which do not
    :return: name → :class:`Figure`
    """
    order = list(ways)
    shuffle = random.Random(seed).shuffle
    samples = {name: [] for name in ways}
    for turn in range(-warm, runs):
        shuffle(order)
        for name in order:
            server, prepare = ways[name]
            work = prepare()
            gc.collect(1)
            sample = server.measured(work)
            if turn >= 0:
                samples[name].append(sample)
    return {name: _figure(taken) for name, taken in samples.items()}


def _figure(samples):
    return Figure(
        round(1000 * statistics.median(sample.seconds for sample in samples), 3),
        round(statistics.median(sample.statements for sample in samples)),
        round(statistics.median(sample.size for sample in samples)),
    )


def result(name, size, figures, runs):
    """Make a :class:`Result` in milliseconds of figures named ``ours``, ``base``, ``native``, ``raw``."""

    def of(way, attribute):
        return getattr(figures[way], attribute) if way in figures else None

    return Result(
        name, size, "ms", figures["ours"].milliseconds,
        of("base", "milliseconds"), of("native", "milliseconds"), of("raw", "milliseconds"),
        figures["ours"].statements, of("base", "statements"), of("native", "statements"), runs,
    )  # fmt: skip
