"""Foreseeable trouble ends in one sentence with the way out, and leaves nothing that stops the next run."""

import socket
import sys

import pytest
from toolbox import console, environment, locks, odoo_source, paths, postgres, python_env, serve
from toolbox.console import Failure


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("E: Failed to fetch: Temporary failure resolving 'mirror.example'", "network"),
        ("npm ERR! code ENOTFOUND", "network"),
        ("NewConnectionError: Failed to establish a new connection", "network"),
        ("tar: write error: No space left on device", "disk is full"),
        ('could not extend file "base/5/1": No space left on device', "disk is full"),
        ("something nobody foresaw", "the fallback"),
    ],
)
def test_output_is_explained(output, words):
    assert words in console.explain(output, "the fallback")


def test_a_server_that_refuses_is_not_taken_for_a_registry():
    assert console.explain("Connection refused", "the fallback", fetching=False) == "the fallback"


def test_a_failing_command_leaves_its_log_and_a_sentence(tmp_path, capfd):
    log = tmp_path / "logs" / "command.log"
    command = [sys.executable, "-c", "print('No space left on device'); raise SystemExit(3)"]
    with pytest.raises(Failure, match="disk is full"):
        console.run(command, log)
    assert "No space left" in log.read_text()
    assert "No space left" in capfd.readouterr().err


def test_progress_is_worded_while_a_command_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(console, "PATIENCE", 0)
    console.run([sys.executable, "-c", "print('Loading module sale (3/9)')"], tmp_path / "log", watch=lambda line: "3 of 9")
    assert "3 of 9" in capsys.readouterr().out


@pytest.mark.parametrize("version", [(3, 9), (3, 13)])
def test_a_python_without_wheels_is_refused(version):
    with pytest.raises(Failure, match="runs on 3.10 to 3.12"):
        python_env.check_version(version)


def test_a_taken_port_is_refused_before_any_work(monkeypatch):
    with socket.socket() as holder:
        holder.bind((serve.HOST, 0))
        holder.listen()
        monkeypatch.setenv("LOYALTY_FIDELITY_PORT", str(holder.getsockname()[1]))
        with pytest.raises(Failure, match="is taken, perhaps by an earlier ./setup/run"):
            serve.check_port()


@pytest.mark.parametrize("text", ["80x", "0", "70000", "-1"])
def test_a_setting_that_is_no_port_is_refused(monkeypatch, text):
    monkeypatch.setenv("LOYALTY_FIDELITY_PORT", text)
    with pytest.raises(Failure, match="which is no port"):
        serve.port()


def test_a_second_run_at_once_is_told_who_holds_the_lock(tmp_path):
    with (
        locks.exclusive(tmp_path / "lock", "preparing this machine"),
        pytest.raises(Failure, match="Another run is preparing this machine .process"),
        locks.exclusive(tmp_path / "lock", "preparing this machine"),
    ):
        pass


def test_a_lock_is_free_again_after_its_holder(tmp_path):
    for _turn in range(2):
        with locks.exclusive(tmp_path / "lock", "preparing this machine"):
            assert "process" in (tmp_path / "lock").read_text()


def test_the_last_user_alone_may_put_away(tmp_path):
    first, second = locks.Users(tmp_path / "users"), locks.Users(tmp_path / "users")
    first.join()
    second.join()
    assert not first.leave()
    assert second.leave()
    first.close()
    second.close()


def test_a_cache_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="LOYALTY_FIDELITY_CACHE"):
        paths.Cache(tmp_path / "file" / "cache").make()


def test_a_small_disk_is_refused_before_fetching(tmp_path, monkeypatch):
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10**9}))
    with pytest.raises(Failure, match="has 1.0 GB free and the first run needs 5 GB"):
        environment._check_room(paths.Cache(tmp_path))


def test_a_cache_that_is_whole_needs_no_room(tmp_path, monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 0}))
    paths.replace_text(tmp_path / "odoo" / "current.json", "{}")
    environment._check_room(paths.Cache(tmp_path))


def test_an_interrupted_unpacking_is_done_again(tmp_path, monkeypatch):
    monkeypatch.delenv("ODOO_HOME", raising=False)
    (tmp_path / "odoo.new" / "usr").mkdir(parents=True)
    fetched = []

    def fetch(cache):
        fetched.append(cache)
        (tmp_path / "odoo" / "19.0+test" / "odoo" / "addons").mkdir(parents=True)
        (tmp_path / "odoo" / "19.0+test" / "odoo" / "release.py").touch()
        return "19.0+test"

    monkeypatch.setattr(odoo_source, "_fetch", fetch)
    for _turn in range(2):
        assert odoo_source.obtain(paths.Cache(tmp_path)).version == "19.0+test"
    assert len(fetched) == 1


def test_the_postgres_role_is_refused_as_odoo_would(monkeypatch):
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(Failure, match="name another role"):
        postgres.External().start()


@pytest.mark.parametrize(
    ("answer", "words"), [([[12, True]], "too old"), ([[15, False]], "may not create databases"), (None, "cannot be used")]
)
def test_a_database_server_that_will_not_do_is_refused(monkeypatch, answer, words):
    def sql(*_arguments):
        if answer is None:
            raise Failure("no answer")
        return answer

    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(Failure, match=words):
        postgres.check(sql, postgres.External())


def test_any_sibling_of_pghost_names_a_server(monkeypatch):
    for name in postgres.NAMING:
        monkeypatch.delenv(name, raising=False)
    assert not postgres.external()
    monkeypatch.setenv("PGPORT", "5433")
    assert postgres.external() == ["PGPORT"]


def test_a_long_cache_path_still_has_a_short_socket(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "is_root", lambda: False)
    cluster = postgres.Private(paths.Cache(tmp_path / ("long" * 40)))
    assert len(str(cluster.socket / ".s.PGSQL.5432")) < 107
