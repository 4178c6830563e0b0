"""The commands that the README names exist, can be run, and say how they are used."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["setup/run", "setup/test", "setup/odoo", "setup/bench", ".ci/run"])
def test_command_can_be_run(checkout, name):
    assert os.access(checkout / name, os.X_OK)
    assert (checkout / name).read_text().startswith("#!/usr/bin/env bash\n")


@pytest.mark.parametrize("name", ["setup/run", "setup/test"])
def test_command_explains_itself(checkout, name):
    done = subprocess.run([checkout / name, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "usage: ./" + name in done.stdout


def test_an_unknown_suite_is_refused_before_any_work(checkout):
    done = subprocess.run([checkout / "setup/test", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "no such suite: nonsense" in done.stderr


def test_no_addon_depends_on_the_setup(texts):
    assert not [name for name, text in texts.items() if name.startswith("loyalty_fidelity") and "toolbox" in text]


def test_every_top_level_test_folder_belongs_to_a_suite(checkout):
    sys.path.insert(0, str(checkout / "setup"))
    from toolbox.suites import addons

    own, shared = addons.folders()
    known = {*addons.ELSEWHERE, *shared}
    folders = {f"tests/{path.parent.name}" for path in checkout.glob("tests/*/test_*.py")}
    assert folders <= known
    assert own
