"""What no file may contain, and how long and how formed a file may be."""

import ast
import re
import xml.etree.ElementTree as ElementTree

HEADER = '<?xml version="1.0" encoding="UTF-8" ?>'

#: Written with brackets so that this file does not find itself.
_MACHINE_PATH = re.compile(r"(?<![\w.])/([t]mp|[r]oot|[h]ome/\w+|[w]ork)/")
_REGISTRY = re.compile(
    r"https?://[\w.-]*([d]eb|[s]ecurity|[f]tp|[s]napshot)\.debian\.|[r]egistry\.npmjs|[p]ypi\.org|[p]ythonhosted\.org"
)
_LEFTOVER = re.compile(r"(#|//|<!--)\s*([T]ODO|[F]IXME|[X]XX)\b")
#: What only some machines can run says so: ``expected:`` begins its reason, and the runner shows it.
_SILENCED = re.compile(
    r"pytest\.mark\.[s]kip(?!if\(.*, reason=\"expected: )|[s]kipTest\(|unittest\.[s]kip|test\.[s]kip\(|[d]escribe\.skip"
)
_ASLEEP = re.compile(r"\b[s]leep\(\s*(0?\.[5-9]|[1-9])")

LONGEST = 350


def _hits(texts, pattern, chosen=lambda name: True):
    """Return ``file:line`` of every hit."""
    return [
        f"{name}:{number}"
        for name, text in texts.items()
        if chosen(name)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_one_machine(texts):
    assert not _hits(texts, _MACHINE_PATH)


def test_no_address_of_a_package_registry(texts):
    assert not _hits(texts, _REGISTRY)


def test_no_leftover_notes(texts):
    assert not _hits(texts, _LEFTOVER)


def test_no_test_is_silenced_or_waits_a_fixed_time(texts):
    def is_test(name):
        return "/tests/" in f"/{name}" and not name.startswith("tests/bench/")

    assert not _hits(texts, _SILENCED, is_test)
    assert not _hits(texts, _ASLEEP, is_test)


def test_files_end_where_a_reader_tires(texts):
    sources = {name: text for name, text in texts.items() if name.endswith((".py", ".js", ".scss")) and "/data/" not in name}
    assert not {name: lines for name, text in sources.items() if (lines := len(text.splitlines())) > LONGEST}


def test_python_can_be_read(texts):
    for name, text in texts.items():
        if name.endswith(".py"):
            ast.parse(text, name)


def test_xml_is_well_formed_and_has_the_one_header(texts):
    files = {name: text for name, text in texts.items() if name.endswith(".xml")}
    assert [name for name, text in files.items() if text.splitlines()[0] != HEADER] == []
    for name, text in files.items():
        try:
            ElementTree.fromstring(text.encode())
        except ElementTree.ParseError as error:
            raise AssertionError(f"{name}: {error}") from error


def test_text_files_end_with_one_line_break(texts):
    assert not [name for name, text in texts.items() if text and not (text.endswith("\n") and not text.endswith("\n\n"))]
