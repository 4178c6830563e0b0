"""Runs SQL for the toolbox in the virtual environment's Python, where psycopg2 is.

Reads one JSON object ``{"database": …, "statements": [[sql, parameters], …]}`` from standard input, prints the rows of the
last statement as JSON. Connection settings come from the PG* variables. Each statement commits by itself.
"""

import json
import sys

import psycopg2


def main():
    request = json.load(sys.stdin)
    try:
        connection = psycopg2.connect(dbname=request["database"], connect_timeout=10, application_name="loyalty-fidelity-setup")
        connection.autocommit = True
        rows = []
        with connection.cursor() as cursor:
            for sql, parameters in request["statements"]:
                cursor.execute(sql, parameters or None)
                rows = cursor.fetchall() if cursor.description else []
        connection.close()
    except psycopg2.Error as error:
        sys.stderr.write(str(error).strip())
        return 1
    json.dump(rows, sys.stdout, default=str)
    return 0


if __name__ == "__main__":
    sys.exit(main())
