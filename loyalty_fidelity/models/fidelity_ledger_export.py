import csv
import hashlib
import io
import json
import zipfile

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

FORMAT = 1
MANIFEST = "manifest.json"
README = "README.txt"


class FidelityLedgerExport(models.AbstractModel):
    """Everything that loyalty keeps, as CSV files in a zip that proves its own balances.

    One file a table, named after it, every stored column, ordered by id, as PostgreSQL's ``COPY … CSV HEADER`` writes it
    (UTF-8, times in UTC). ``account.csv`` also has each balance, ``member.csv`` also the customer's name, e-mail and phone.
    All files come from one snapshot of the database. Rows are streamed: memory does not grow with the ledger.

    The manifest is ``{"format": 1, "database", "exported_at", "modules": {name: version}, "files": {file: {"rows",
    "sha256"}}, "units": {unit: {"accounts", "balance", "entries", "entry_sum"}}, "last_seal": {…} or null}``.
    """

    _name = "fidelity.ledger.export"
    _description = "Export of the ledger"

    @api.model
    def _check_may_export(self):
        """Refuse whoever is not a loyalty manager of every company.

        :raise AccessError: with the way out
        """
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can export the ledger. Ask yours."))
        if self.env["res.company"].sudo().search_count([("id", "not in", self.env.user.company_ids.ids)], limit=1):
            raise AccessError(
                self.env._("The export holds all companies of this database. Ask a loyalty manager who may see all of them.")
            )

    @api.model
    def _filename(self):
        """A name for the zip, with the database and the time."""
        return f"{self.env.cr.dbname}-loyalty-{fields.Datetime.now():%Y%m%d-%H%M}.zip"

    @api.model
    def _write_zip(self, stream):
        """Write the zip. Callers have checked the right to.

        :param stream: a binary file; it need not be seekable
        :return: the manifest
        """
        self.env.flush_all()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            files = {f"{name}.csv": self._copy_table(archive, f"{name}.csv", query) for name, query in self._files()}
            manifest = {
                "format": FORMAT,
                "database": self.env.cr.dbname,
                "exported_at": f"{fields.Datetime.now()}",
                "modules": self._versions(),
                "files": files,
                "units": self._units(),
                "last_seal": self._last_seal(),
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
            archive.writestr(README, self._readme())
        return manifest

    @api.model
    def _files(self):
        """What is exported: every table of every model of ours, in the order of their names.

        :return: tuples (name of the file without ending, query)
        """
        tables = []
        for name, model in sorted(self.env.registry.items()):
            if name.startswith("fidelity.") and not model._abstract and not model._transient and model._auto:
                tables.append((name.removeprefix("fidelity.").replace(".", "_"), self._select_of(self.env[name])))
        return tables

    @api.model
    def _select_of(self, model):
        columns = [SQL("t.%s", SQL.identifier(field.name)) for field in model._fields.values() if self._is_plain(field)]
        joins = SQL("")
        if model._name == "fidelity.account":
            columns.append(SQL("%s AS balance", model._balance_sql(SQL("t"))))
        elif model._name == "fidelity.member":
            columns += [SQL("p.name AS customer_name"), SQL("p.email AS customer_email"), SQL("p.phone AS customer_phone")]
            joins = SQL("LEFT JOIN res_partner p ON p.id = t.partner_id")
        return SQL("SELECT %s FROM %s t %s ORDER BY t.id", SQL(", ").join(columns), SQL.identifier(model._table), joins)

    @api.model
    def _is_plain(self, field):
        """Whether a field is a column that can be read as text."""
        return field.store and field.column_type and field.type != "binary"

    @api.model
    def _copy_table(self, archive, name, query):
        """Stream the rows of a query into a file of the zip.

        :return: dict with ``rows`` and ``sha256`` of the file
        """
        statement = self.env.cr.mogrify(SQL("COPY (%s) TO STDOUT (FORMAT csv, HEADER true)", query)).decode()
        info = zipfile.ZipInfo(name, fields.Datetime.now().timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w", force_zip64=True) as entry:
            target = _Hashed(entry)
            self.env.cr.copy_expert(statement, target)
        return {"rows": self.env.cr.rowcount, "sha256": target.digest.hexdigest()}

    @api.model
    def _versions(self):
        modules = self.env["ir.module.module"].sudo().search([("name", "=like", "loyalty_fidelity%"), ("state", "=", "installed")])
        return {module.name: module.latest_version for module in modules}

    @api.model
    def _units(self):
        """Sums to compare a reading of the files with, by unit."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT a.unit, count(*) AS accounts, sum(%s)::bigint AS balance,
                       COALESCE(sum(e.entries), 0)::bigint AS entries, COALESCE(sum(e.quantity), 0)::bigint AS entry_sum
                  FROM fidelity_account a
             LEFT JOIN (SELECT account_id, count(*) AS entries, sum(quantity) AS quantity FROM fidelity_ledger_entry
                      GROUP BY account_id) e ON e.account_id = a.id
              GROUP BY a.unit
                """,
                self.env["fidelity.account"]._balance_sql(SQL("a")),
            )
        )
        return {row.pop("unit"): row for row in rows}

    @api.model
    def _last_seal(self):
        seal = self.env["fidelity.ledger.seal"].search([], order="last_posting_id desc", limit=1)
        return {"last_posting_id": seal.last_posting_id, "seal": seal.seal, "sealed_at": f"{seal.sealed_at}"} if seal else None

    @api.model
    def _readme(self):
        return "\n".join(
            (
                self.env._("Loyalty ledger: one CSV file a table, UTF-8, times in UTC, amounts in minor units of their currency."),
                self.env._("A balance in account.csv is the sum of the quantities in ledger_entry.csv with that account_id."),
                self.env._("What is left of a lot in lot.csv is its quantity minus the quantities in lot_allocation.csv."),
                self.env._("manifest.json has the number of rows and the SHA-256 of every file, and the sums by unit."),
                "",
            )
        )


class _Hashed(io.RawIOBase):
    """Passes on what is written, and keeps its hash."""

    def __init__(self, target):
        super().__init__()
        self.target = target
        self.digest = hashlib.sha256()

    def writable(self):
        return True

    def write(self, data):
        self.digest.update(data)
        return self.target.write(data)


def read_rows(archive, name):
    """Read a file of an export.

    :param zipfile.ZipFile archive: the export
    :param str name: such as ``account.csv``
    :return: iterator of dicts column → text
    """
    with archive.open(name) as entry:
        yield from csv.DictReader(io.TextIOWrapper(entry, "utf-8", newline=""))
