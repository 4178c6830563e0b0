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


@dataclass
class Report:
    """What a run saw: ``answered`` calls by name, ``outcomes`` (codes of errors and of baskets), ``mismatches``."""

    answered: Counter = field(default_factory=Counter)
    outcomes: Counter = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)

    def note(self, case: dict, ours: dict, theirs: dict) -> None:
        self.answered[case["call"]] += 1
        if "error" in ours:
            self.outcomes[ours["error"]] += 1
        elif case["call"] == "evaluate.evaluate":
            self.outcomes[ours["value"]["code"]] += 1
        if ours != theirs:
            self.mismatches.append(f"{json.dumps(case)}\n  kernel {json.dumps(ours)}\n  mirror {json.dumps(theirs)}")


def compare(mirror: Path, seed: int, baskets: int) -> Report:
    """Run the calls of so many random baskets through both.

    :param mirror: the folder of the mirror's modules
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
                break
            # Through JSON, so that both sides have lists and the same kind of keys.
            report.note(case, json.loads(json.dumps(answer(case))), json.loads(reply))
        else:
            process.stdout.read()
        process.stdout.close()
        feeder.join()
    assert process.returncode == 0, f"Node ended with {process.returncode} after {report.answered.total()} answers."
    return report
