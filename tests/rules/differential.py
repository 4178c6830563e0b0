"""Drives the kernel and its mirror through the same random calls and reports where they differ.

One Node process answers them all: a thread feeds it while the kernel computes its own answers.
"""

import json
import shutil
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kernel_calls import answer
from random_cases import cases

HERE = Path(__file__).parent
SHOWN = 5


def seen(call: str, value: object) -> list[str]:
    """Name what a value shows: a basket's code, and what a card gave."""
    if call == "evaluate.evaluate":
        given = {
            "points": value["points"],
            "cashback": value["cashback_minor"],
            "taken back": value["unlinked_cashback"],
            "rolling": value["rolling_bps"],
            "rolling amount": value.get("rolling_minor"),
        }
        return [value["code"], *(name for name, amount in given.items() if amount)]
    if call == "price.discounts":
        return ["stacked"] if any(len(discount["benefits"]) > 1 for discount in value.values()) else []
    if call == "explain.explain":
        return [f"why {reason['code']}" for reason in value]
    if call == "price.amounts":
        return ["amount", "amounts"][: len(value)]
    return []


@dataclass
class Report:
    """What a run saw: ``answered`` calls by name, ``outcomes`` (codes of errors, and ``seen``), ``mismatches``."""

    answered: Counter = field(default_factory=Counter)
    outcomes: Counter = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)

    def note(self, case: dict, ours: dict, theirs: dict) -> None:
        self.answered[case["call"]] += 1
        if "error" in ours:
            self.outcomes[ours["error"]] += 1
        else:
            self.outcomes.update(seen(case["call"], ours["value"]))
        if ours != theirs:
            self.mismatches.append(f"{json.dumps(case)}\n  kernel {json.dumps(ours)}\n  mirror {json.dumps(theirs)}")


def compare(mirror: Path, seed: int, baskets: int, until_first: bool = False) -> Report:
    """Run the calls of so many random baskets through both.

    :param mirror: the folder of the mirror's modules
    :param until_first: end at the first mismatch
    :raises AssertionError: when Node is missing, ends early or with an error
    """
    node = shutil.which("node")
    assert node, "The differential test needs Node: install it and put it on PATH."
    command = [node, str(HERE / "mirror_process.js"), str(mirror)]
    report = Report()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def feed() -> None:
            try:
                with process.stdin as sink:
                    sink.writelines(json.dumps(case) + "\n" for case in cases(seed, baskets))
            except BrokenPipeError:
                return  # Node ended early; the comparison below says so.

        feeder = threading.Thread(target=feed)
        feeder.start()
        for case in cases(seed, baskets):
            reply = process.stdout.readline()
            if not reply:
                if until_first:
                    report.mismatches.append(f"{json.dumps(case)}\n  the mirror gave up")
                break
            # Through JSON, so that both sides have lists and the same kind of keys.
            report.note(case, json.loads(json.dumps(answer(case))), json.loads(reply))
            if until_first and report.mismatches:
                process.kill()
                break
        else:
            process.stdout.read()
        process.stdout.close()
        feeder.join()
    ended = process.returncode == 0 or (until_first and report.mismatches)
    assert ended, f"Node ended with {process.returncode} after {report.answered.total()} answers."
    return report
