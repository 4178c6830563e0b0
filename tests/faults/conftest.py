"""A seeded database and Odoo processes on it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import faults_environment as environment
from faults_server import Server, Zygote
from faults_world import World


def pytest_report_header():
    """Say how to replay the run."""
    return f"faults: LF_SEED={environment.SEED} replays this run; LF_ALL=1 kills at every statement"


@pytest.fixture(scope="session")
def odoo_env(tmp_path_factory):
    """The environment of Odoo's processes."""
    return environment.variables(tmp_path_factory.mktemp("odoo"))


@pytest.fixture(scope="session")
def template(odoo_env):
    """(database, facts): our addons, a till in session, members with cards."""
    environment.drop_left_behind()
    name = environment.make_base(odoo_env)
    command = [sys.executable, str(environment.HERE / "faults_seed.py"), "-d", name, "--max-cron-threads", "0"]
    done = subprocess.run(
        [*command, "--log-level", "warn"], env=odoo_env, cwd="/", capture_output=True, text=True, timeout=300, check=False
    )
    try:
        assert done.returncode == 0, done.stderr[-4000:]
        yield name, json.loads(done.stdout.splitlines()[-1])
    finally:
        environment.drop(name)


@pytest.fixture(scope="session")
def world(template):
    """A copy of the seeded database; every test takes cards of its own."""
    name, facts = template
    copy = environment.copy(name, "shared")
    yield World(copy, facts)
    environment.drop(copy)


@pytest.fixture(scope="session")
def zygote(odoo_env, world, tmp_path_factory):
    """Forks a process for every call."""
    process = Zygote(odoo_env, world.database, tmp_path_factory.mktemp("zygote"))
    yield process
    process.stop()


@pytest.fixture(scope="session")
def make_server(odoo_env, world, tmp_path_factory):
    """Make servers; they end with the run, or when a test stops them."""
    made = []

    def make(**options):
        server = Server(odoo_env, world.database, tmp_path_factory.mktemp("server"), **options)
        made.append(server)
        return server.start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="session")
def threaded(make_server):
    """A server of threads."""
    return make_server(workers=0, name="threads")


@pytest.fixture(scope="session")
def prefork(make_server):
    """A server of processes."""
    return make_server(workers=2, name="processes")


@pytest.fixture(scope="session", params=["threaded", "prefork"])
def server(request):
    """A server of threads, then one of processes."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def tills(server):
    """A cashier on two tills."""
    return [server.log_in("cashier", "cashier-password") for _number in range(2)]
