"""Reads, from an addon's sources, the sentences that a user may see; what Odoo's exporter must have found too.

A sentence is ``(text, where)``. Markup is read as far as a person sees it: texts, and the attributes in ``SHOWN``; the exporter
may put several of them into one entry, so ``test_translations`` looks for a view's words inside the entries.
"""

import ast
import json
import re
import xml.etree.ElementTree as ElementTree

#: The attributes whose value is shown.
SHOWN = {
    "string",
    "title",
    "placeholder",
    "help",
    "confirm",
    "confirm-label",
    "cancel-label",
    "aria-label",
    "alt",
    "data-tooltip",
    "label",
}

#: Models whose records carry shown texts, and in which fields.
SHOWN_FIELDS = {
    "ir.actions.act_window": {"name", "help"},
    "ir.actions.client": {"name"},
    "ir.actions.report": {"name"},
    "ir.actions.server": {"name"},
    "ir.cron": {"name"},
    "ir.ui.menu": {"name"},
    "res.groups": {"name", "comment"},
    "res.groups.privilege": {"name"},
}

_QUOTED = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`(?:[^`\\]|\\.)*`'
_CALL = re.compile(r"(?<![\w.])_t\(")
_CALL_OF_TEXT = re.compile(rf"(?<![\w.])_t\(\s*({_QUOTED})\s*[,)]")


def squeezed(text):
    """Return a text with single spaces, as a browser shows it."""
    return " ".join(text.split())


def _is_wordless(text):
    return not any(character.isalpha() for character in text)


# Python -------------------------------------------------------------------------------------------------------------------


def _is_translation(function):
    """Say whether a call is ``self.env._(…)``, ``env._(…)`` or, with ``_ = self.env._``, ``_(…)``."""
    if isinstance(function, ast.Attribute):
        owner = function.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        return function.attr == "_" and name == "env"
    return isinstance(function, ast.Name) and function.id in ("_", "_lt")


def _text(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def python_terms(path):
    """Return the sentences that code translates, and where it gives something else than one literal.

    :return: ([(text, where)], [where])
    """
    terms, built = [], []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _is_translation(node.func):
            where, text = f"{path.name}:{node.lineno}", _text(node.args[0]) if node.args else None
            terms.append((text, where)) if text is not None else built.append(where)
    return terms, built


def _labels(node, constants):
    """Return the labels of a selection written in the source, or named by a constant of its module."""
    node = constants.get(node.id) if isinstance(node, ast.Name) else node
    pairs = node.elts if isinstance(node, (ast.List, ast.Tuple)) else ()
    return [pair.elts[1] for pair in pairs if isinstance(pair, ast.Tuple) and len(pair.elts) == 2]


def _field_nodes(call, constants):
    """Return the nodes of a field's label, help and choices."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    nodes = [given[name] for name in ("string", "help") if name in given]
    kind = call.func.attr
    if kind in ("Selection", "Reference"):
        choices = given.get("selection", call.args[0] if call.args else None)
        return nodes + (_labels(choices, constants) if choices is not None else [])
    relational = kind in ("Many2one", "One2many", "Many2many")
    return nodes if relational else nodes + call.args[:1]


def model_terms(path):
    """Return what a model's declaration shows: descriptions, labels, help, choices, messages of constraints."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    nodes = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "_description" for target in node.targets
        ):
            nodes.append(node.value)
        if isinstance(node, ast.Call):
            owner = node.func.value.id if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) else None
            if owner == "fields":
                nodes += _field_nodes(node, constants)
            elif owner == "models" and node.func.attr in ("Constraint", "UniqueIndex"):
                nodes += node.args[1:2]
            else:  # a kind of field of our own
                nodes += [keyword.value for keyword in node.keywords if keyword.arg == "help"]
    return [(text, f"{path.name}:{node.lineno}") for node in nodes if (text := _text(node))]


# JavaScript ---------------------------------------------------------------------------------------------------------------


def _javascript_text(literal):
    """Return the value of a literal; None when it is a template with expressions in it."""
    if literal[0] == "`" and "${" in literal:
        return None
    inside = literal[1:-1].replace("\\'", "'").replace("\\`", "`")
    return json.loads('"' + (inside if literal[0] == '"' else inside.replace('"', '\\"')) + '"', strict=False)


def javascript_terms(path):
    """Return the sentences that code translates, and how often it gives something else than one literal.

    :return: ([(text, where)], [where])
    """
    source = path.read_text(encoding="utf-8")
    found = {match.start(): _javascript_text(match.group(1)) for match in _CALL_OF_TEXT.finditer(source)}
    terms, built = [], []
    for match in _CALL.finditer(source):
        where, text = f"{path.name}:{source.count(chr(10), 0, match.start()) + 1}", found.get(match.start())
        terms.append((text, where)) if text is not None else built.append(where)
    return terms, built


# Markup -------------------------------------------------------------------------------------------------------------------


def _shown(element, name):
    """Yield every text and shown attribute of an element and what is in it; ``t-translation="off"`` hides both."""
    if not isinstance(element.tag, str) or element.get("t-translation") == "off":
        return
    # The attributes of a component are expressions, unless they say otherwise.
    shown = () if element.tag[0].isupper() else SHOWN
    values = [value for key, value in element.attrib.items() if key in shown or key.endswith(".translate")]
    if element.tag not in ("script", "style"):
        values += [element.text, *(child.tail for child in element)]
    if element.tag == "attribute" and element.get("name") not in SHOWN:
        values = []
    for value in values:
        if value and not _is_wordless(value):
            yield squeezed(value), name
    for child in element:
        yield from _shown(child, name)


def template_terms(path):
    """Return what the till's templates show."""
    return list(_shown(ElementTree.parse(path).getroot(), path.name))


def data_terms(path):
    """Return what the views and records of a data file show."""
    terms = []
    for element in ElementTree.parse(path).getroot().iter():
        if element.tag == "menuitem" and element.get("name"):
            terms.append((element.get("name"), path.name))
        if element.tag != "record":
            continue
        shown = SHOWN_FIELDS.get(element.get("model"), set())
        for field in element.findall("field"):
            if element.get("model") == "ir.ui.view" and field.get("name") == "arch" or field.get("name") in shown:
                for child in field:
                    terms += _shown(child, path.name)
            if field.get("name") in shown and not len(field) and (text := squeezed(field.text or "")):
                terms.append((text, path.name))
    return terms
