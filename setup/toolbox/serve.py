"""Serves the demo database and tells what to click."""

import os
import socket
import subprocess
import textwrap
import time
import urllib.error
import urllib.request

from . import console, demo, paths
from .console import Failure

HOST = "127.0.0.1"
PORT = 8069

PARAGRAPH = (
    "Loyalty Fidelity is at http://{host}:{port} (sign in as admin, password admin; Ctrl-C ends it). Open Point of Sale and press"
    " Open Register on a till. {card} The strip above the keypad shows the member, the balance and what this basket earns. Add"
    " products, pay and validate: the receipt shows the points. Reading the card on the payment screen counts just the same. Then"
    " open Loyalty: Members, Cards, and Ledger, where the sale now stands and nobody can change it."
)


def port():
    """Return the port to serve at.

    :raise Failure: when the setting is not a port
    """
    text = os.environ.get("LOYALTY_FIDELITY_PORT", str(PORT))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Failure(f"LOYALTY_FIDELITY_PORT is {text!r}, which is no port: set it to a number such as 8070, or unset it.")
    return int(text)


def check_port():
    """Refuse early when the port cannot be had.

    :raise Failure: with the way out
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port()))
        except PermissionError:
            raise Failure(f"Port {port()} needs root: choose one above 1023 with LOYALTY_FIDELITY_PORT.") from None
        except OSError:
            raise Failure(
                f"Port {port()} is taken, perhaps by an earlier ./setup/run: stop what uses it, or choose another with"
                f" LOYALTY_FIDELITY_PORT={port() + 10} ./setup/run."
            ) from None


def _answers():
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://{HOST}:{port()}/web/health", timeout=5
        ) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _wait(process, log_path):
    """Return when the server answers.

    :raise Failure: it ended instead, or is silent for too long
    """
    deadline = time.monotonic() + 180
    while not _answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise Failure(f"Odoo does not answer: its words are at the end of {log_path}; mend that and run the command again.")
        time.sleep(0.5)


def paragraph(card):
    """Return what to click, naming a card of the sample when there is one."""
    reading = f"Scan or type the card {card} and press Enter." if card else "Scan or type a member's card."
    text = PARAGRAPH.format(host=HOST, port=port(), card=reading)
    return "\n" + textwrap.fill(text, 100) + "\n"


def run(env):
    """Serve until the person ends it; return an exit status."""
    check_port()
    log_path = env.cache.logs / "server.log"
    command = env.odoo_command(
        "-d", demo.name(), "--http-interface", HOST, "--http-port", port(), "--logfile", log_path, "--db-filter", f"^{demo.name()}$"
    )
    with console.step("Starting Odoo"):
        process = subprocess.Popen(console.mortal(command), env=env.variables(), cwd=paths.CHECKOUT, stdin=subprocess.DEVNULL)
    try:
        _wait(process, log_path)
        console.say(paragraph(demo.a_card(env)))
        return process.wait()
    except KeyboardInterrupt:
        console.say("Ending; everything is kept.")
        return 0
    finally:
        console.end(process)
