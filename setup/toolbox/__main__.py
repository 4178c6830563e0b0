"""The command line: ``python -m toolbox run|test|odoo|bench …``; the files in ``setup/`` call it."""

import argparse
import os
import signal
import subprocess
import sys

from . import bench, console, demo, environment, serve
from .console import Failure
from .suites import runner


def _interrupt(_signal, _frame):
    raise KeyboardInterrupt


def _run(words):
    parser = argparse.ArgumentParser(prog="./setup/run", description="Makes this machine run Loyalty Fidelity and serves it.")
    parser.add_argument("--no-serve", action="store_true", help="stop when everything is ready")
    parser.add_argument("--fresh", action="store_true", help="throw the sample database away and make it anew")
    options = parser.parse_args(words)
    if not options.no_serve:
        serve.check_port()
    with environment.prepared() as env:
        demo.ready(env, fresh=options.fresh)
        if options.no_serve:
            console.say("Ready. ./setup/run serves it.")
            return 0
        return serve.run(env)


def _test(words):
    parser = argparse.ArgumentParser(prog="./setup/test", description="Runs the tests.")
    parser.add_argument("--all", action="store_true", help="Odoo's own suites whole, and a kill at every statement")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"which suites: {', '.join(runner.SUITES)} (default: all)")
    options = parser.parse_args(words)
    unknown = sorted(set(options.suites) - set(runner.SUITES))
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)}")
    with environment.prepared(tests=True) as env:
        return runner.run(env, options.suites or list(runner.SUITES), everything=options.all)


def _odoo(words):
    with environment.prepared() as env:
        variables = env.variables()
        if not any(word.split("=")[0] in ("-d", "--database", "--version", "--help", "-h") for word in words):
            demo.ready(env)
            # Odoo reads it as the default of -d, whatever its subcommand.
            variables["PGDATABASE"] = demo.name()
        process = subprocess.Popen(console.mortal(env.odoo_command(*words)), env=variables)
        try:
            return process.wait()
        finally:
            console.end(process)


COMMANDS = {"run": _run, "test": _test, "odoo": _odoo, "bench": bench.main}


def main():
    """Run one command; return its exit status. Foreseen trouble is one sentence on standard error."""
    signal.signal(signal.SIGTERM, _interrupt)
    os.umask(0o022)
    # Ours alone: what we start gets its own.
    os.environ.pop("PYTHONPATH", None)
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except Failure as failure:
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; run the command again to go on.", file=sys.stderr)
        return 130
    except OSError as error:
        trouble = f"{error.strerror or error} ({error.filename})" if error.filename else str(error)
        print(f"setup: {console.explain(str(error), f'The system refuses: {trouble}; mend that and try again.')}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
