"""What a database consists of, so that two can be compared: its schema, its rows by table, and where a word still stands."""

import re
from collections import Counter
from contextlib import closing

import psycopg2
from psycopg2 import sql

#: Statements that list a part of the schema, one text a row.
SCHEMA = {
    "relation": "SELECT relkind::text || ' ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "column": """
        SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable || ' ' || COALESCE(column_default, '')
          FROM information_schema.columns WHERE table_schema = 'public'
        """,
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": """
        SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        """,
    "trigger": "SELECT tgrelid::regclass::text || ' ' || tgname FROM pg_trigger WHERE NOT tgisinternal",
    "function": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "type": "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace",
}

#: Tables whose rows come and go with time, not with addons: messages between processes, planned runs, compiled assets.
PASSING = {
    "bus_bus",
    "bus_presence",
    "ir_cron_trigger",
    "ir_cron_progress",
    "ir_attachment",
    "ir_logging",
    "ir_profile",
    "orm_signaling_registry",
}

#: Where an addon that is on the addons path stands, installed or not: Odoo's list of modules.
AVAILABLE = {"ir_module_module", "ir_module_module_dependency"}


def _connected(database):
    return closing(psycopg2.connect(dbname=database))


def schema(database, word=""):
    """Return the schema as a Counter of (part, text). The numbers of Odoo's sequences are left out: they follow ids.

    :param word: only what this word is in
    """
    found = Counter()
    with _connected(database) as connection, connection.cursor() as cursor:
        for part, statement in SCHEMA.items():
            cursor.execute(statement)
            found.update((part, re.sub(r"ir_sequence_\d+", "ir_sequence_N", text)) for (text,) in cursor if word in text)
    return found


def _tables(cursor):
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]


def row_counts(database):
    """Return {table: rows} of the tables whose rows do not come and go by themselves."""
    counts = {}
    with _connected(database) as connection, connection.cursor() as cursor:
        for table in _tables(cursor):
            if table not in PASSING:
                cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
                counts[table] = cursor.fetchone()[0]
    return counts


def mentions(database, word):
    """Return the rows in which a word stands, as "table: row", but for Odoo's list of modules and the names of databases."""
    found = []
    with _connected(database) as connection, connection.cursor() as cursor:
        # Odoo's own messages name the database, and ours may be called after the product.
        cursor.execute("SELECT datname FROM pg_database WHERE datname ILIKE %s ORDER BY length(datname) DESC", [f"%{word}%"])
        names = [name for (name,) in cursor.fetchall()]
        for table in _tables(cursor):
            if table in AVAILABLE:
                continue
            cursor.execute(sql.SQL("SELECT t::text FROM {} t WHERE t::text ILIKE %s").format(sql.Identifier(table)), [f"%{word}%"])
            rows = [row for (row,) in cursor if not _is_module(table, row)]
            found += [f"{table}: {row[:300]}" for row in rows if word in _without(row, names).lower()]
    return found


def _without(text, names):
    for name in names:
        text = text.replace(name, "")
    return text


def _is_module(table, row):
    """Whether a row is the external id or the price-less listing of an addon in Odoo's list of modules."""
    return table == "ir_model_data" and "ir.module.module" in row
