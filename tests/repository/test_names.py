"""Names: our models, and what we add to Odoo's, can be told from everybody else's."""

import ast

_EXEMPT = {"_name", "_inherit", "_inherits"}


def _constant(node):
    """Return a literal's value, or None."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _models(addon):
    """Yield (file, class node, _name, [_inherit]) of every model."""
    for folder in ("models", "wizard", "report"):
        for path in sorted((addon / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    values = {
                        target.id: _constant(item.value)
                        for item in node.body
                        if isinstance(item, ast.Assign)
                        for target in item.targets
                        if isinstance(target, ast.Name) and target.id in _EXEMPT
                    }
                    if values:
                        inherit = values.get("_inherit") or []
                        yield path, node, values.get("_name"), [inherit] if isinstance(inherit, str) else inherit


def _fields(node):
    """Return the names of the fields that a class body declares."""
    names = []
    for item in node.body:
        call = item.value if isinstance(item, ast.Assign) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _is_fields(call.func.value):
            names += [target.id for target in item.targets if isinstance(target, ast.Name)]
    return names


def _is_fields(node):
    return isinstance(node, ast.Name) and node.id == "fields"


def test_our_models_start_with_fidelity(addon):
    names = [name for _path, _node, name, inherit in _models(addon) if name and name not in inherit]
    assert not [name for name in names if not name.startswith("fidelity.")]


def test_our_models_are_described(addon):
    for path, node, name, inherit in _models(addon):
        if name and name not in inherit:
            assigned = {t.id for item in node.body if isinstance(item, ast.Assign) for t in item.targets if isinstance(t, ast.Name)}
            assert "_description" in assigned, f"{path.name}: {name}"
            assert ast.get_docstring(node), f"{path.name}: {name} has no docstring"


def test_fields_added_to_odoos_models_start_with_fidelity(addon):
    for path, node, name, inherit in _models(addon):
        extends = not name or name in inherit
        foreign = [other for other in inherit if not other.startswith("fidelity.")]
        if extends and foreign:
            assert not [field for field in _fields(node) if not field.startswith("fidelity_")], path.name


def test_files_are_named_for_their_subject(addon):
    names = [path.name for path in addon.rglob("*.py")]
    assert not [name for name in names if name in ("utils.py", "helpers.py", "misc.py") or name.endswith("_inherit.py")]
