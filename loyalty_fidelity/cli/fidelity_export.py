import sys
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class FidelityExport(Command):
    """Write the loyalty ledger to a zip of CSV files, from which its balances can be proved."""

    name = "fidelity_export"

    def run(self, args):
        self.parser.add_argument("--output", metavar="FILE", help="where to write the zip; - for standard output")
        options, rest = self.parser.parse_known_args(args)
        config.parse_config(rest, setup_logging=True)
        names = config["db_name"]
        names = [names] if isinstance(names, str) else names
        if not names or len(names) > 1:
            sys.exit("Name one database: odoo fidelity_export -d DATABASE --output FILE")
        with Registry(names[0]).cursor() as cr:
            export = api.Environment(cr, SUPERUSER_ID, {})["fidelity.ledger.export"]
            if options.output == "-":
                export._write_zip(sys.stdout.buffer)
                return
            path = Path(options.output or export._filename())
            if path.exists():
                sys.exit(f"{path} is there already: name another file with --output.")
            manifest = write_whole(export, path)
        rows = sum(file["rows"] for file in manifest["files"].values())
        sys.stdout.write(f"{path}: {len(manifest['files'])} tables, {rows} rows\n")


def write_whole(export, path):
    """Write under a passing name first, so that a file of that name is always a whole one.

    :return: the manifest
    """
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as stream:
            manifest = export._write_zip(stream)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    return manifest
