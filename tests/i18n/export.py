"""Developer's tool: bring the translations up to date with the sources.

``python tests/i18n/export.py DATABASE`` installs or updates the addons in that database (made when it is missing), exports each
``i18n/<addon>.pot`` with Odoo's own exporter, merges it into every ``.po`` beside it, and lists what is left to translate.
``python tests/i18n/export.py`` only merges and lists. Odoo is ``./setup/odoo``; ``--odoo "COMMAND"`` names another.

- A translation stays as long as its English sentence is the same; what the sources lost goes.
- What is to translate appears with an empty ``msgstr``; give ``--prune FILE`` to keep what went, to translate from.
- Exit status 1 says that something is left to translate.

Needs polib. Checked by ``tests/repository/test_translations.py``.
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

CHECKOUT = Path(__file__).resolve().parents[2]
LANGUAGES = {"es": "nplurals=2; plural=(n != 1);", "it": "nplurals=2; plural=(n != 1);"}

#: As Odoo writes it: no wrapping but at line breaks.
WIDTH = 78


def addons():
    """Return the folders of the addons, by name."""
    return {path.parent.name: path.parent for path in sorted(CHECKOUT.glob("*/__manifest__.py"))}


def open_catalogue(path):
    """Return a catalogue; an empty one when there is no file."""
    if path.is_file():
        return polib.pofile(str(path), wrapwidth=WIDTH)
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.fpath = str(path)
    return catalogue


def content(catalogue):
    """Return what makes two catalogues the same, whatever day they were written."""
    return [(entry.msgctxt, entry.msgid, entry.msgstr, entry.comment, entry.occurrences) for entry in catalogue]


def export(odoo, database):
    """Update the addons in a database and write their templates.

    :param list odoo: the words of the command that runs Odoo
    """
    names = ",".join(addons())
    subprocess.run([*odoo, "-d", database, "-i", names, "-u", names, "--stop-after-init", "--no-http"], check=True, cwd=CHECKOUT)
    for name, folder in addons().items():
        with tempfile.TemporaryDirectory() as temporary:
            fresh = Path(temporary, f"{name}.pot")
            subprocess.run([*odoo, "i18n", "export", "-d", database, "-o", fresh, name], check=True, cwd=CHECKOUT)
            exported, kept = open_catalogue(fresh), folder / "i18n" / f"{name}.pot"
        if content(exported) != content(open_catalogue(kept)):
            kept.parent.mkdir(exist_ok=True)
            exported.save(str(kept))


def merge(template, path, language):
    """Give a language's catalogue the template's entries, with the translations it has.

    :return: ([English left to translate], {English that went: its translation})
    """
    before = open_catalogue(path)
    known = {entry.msgid: entry.msgstr for entry in before if entry.msgstr and not entry.fuzzy and not entry.obsolete}
    merged = polib.POFile(wrapwidth=WIDTH)
    merged.header = template.header
    merged.metadata = {
        **template.metadata,
        "PO-Revision-Date": template.metadata.get("POT-Creation-Date", ""),
        "Language": language,
        "Plural-Forms": LANGUAGES[language],
    }
    for entry in template:
        merged.append(
            polib.POEntry(
                msgctxt=entry.msgctxt,
                msgid=entry.msgid,
                msgstr=known.get(entry.msgid, ""),
                comment=entry.comment,
                occurrences=entry.occurrences,
                flags=entry.flags,
            )
        )
    if content(merged) != content(before):
        merged.save(str(path))
    sentences = {entry.msgid for entry in merged}
    return (
        [entry.msgid for entry in merged if not entry.msgstr],
        {msgid: msgstr for msgid, msgstr in known.items() if msgid not in sentences},
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", nargs="?", help="where the addons are installed; without it, only merge")
    parser.add_argument("--odoo", default=str(CHECKOUT / "setup" / "odoo"), help="the command that runs Odoo")
    parser.add_argument("--prune", type=Path, help="a file for the translations whose English went")
    words = parser.parse_args()
    if words.database:
        export(shlex.split(words.odoo), words.database)
    left, went = 0, []
    for name, folder in addons().items():
        template = folder / "i18n" / f"{name}.pot"
        if not template.is_file():
            sys.exit(f"{name} has no template yet: name a database to export it from.")
        for language in LANGUAGES:
            missing, gone = merge(open_catalogue(template), folder / "i18n" / f"{language}.po", language)
            left += len(missing)
            for msgid in missing:
                print(f"{name} {language}: {msgid}")
            went += [f"{name} {language}\n  {msgid}\n  {msgstr}" for msgid, msgstr in gone.items()]
    if words.prune and went:
        words.prune.write_text("\n".join(went) + "\n", encoding="utf-8")
    print(f"{left} to translate, {len(went)} translations went with their sentences.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
