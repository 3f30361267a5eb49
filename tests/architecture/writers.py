"""Which functions of db/ write: by their own statements, or through others that do."""

import ast
from collections.abc import Sequence
from functools import cache

from tests.architecture.source import Module, modules, within

_STATEMENTS = {
    "insert",
    "insert_many",
    "insert_from",
    "update",
    "delete",
    "create",
    "replace",
    "get_or_create",
    "bulk_create",
}
_ON_ROWS = {"save", "delete_instance"}
# A transaction that is opened to write, and a kept statement that inserts (db.engine).
_OPENERS = {"writing", "inserting"}
Place = tuple[str, str]  # module, name at its top level


@cache
def writers() -> frozenset[Place]:
    """Functions, classes and kept statements of db/ that write, by module and name."""
    writing, uses = set(), {}
    for module in modules():
        if within(module.name, "db") and not within(module.name, "db.models", "db.migrations"):
            known = _names(module)
            for name, node in _top_level(module):
                nodes = list(ast.walk(node))
                uses[module.name, name] = _used(nodes, known)
                if any(map(_writes, nodes)):
                    writing.add((module.name, name))
    while more := {place for place, used in uses.items() if place not in writing and used & writing}:
        writing |= more
    return frozenset(writing)


def written_past_services(module: Module) -> set[Place]:
    """The writers of db/ that a module uses."""
    known = _names(module)
    return (set(known.values()) | _used(module.nodes, known)) & writers()


def _top_level(module: Module) -> list[tuple[str, ast.stmt]]:
    pairs: list[tuple[str, ast.stmt]] = []
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            pairs.append((node.name, node))
        elif isinstance(node, ast.Assign):
            pairs += [(target.id, node) for target in node.targets if isinstance(target, ast.Name)]
    return pairs


def _names(module: Module) -> dict[str, Place]:
    """What the names of a module stand for: its own, and those that it imports from db/."""
    known = {name: (module.name, name) for name, _node in _top_level(module)}
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.module and within(node.module, "db"):
            known |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return known


def _used(nodes: Sequence[ast.AST], known: dict[str, Place]) -> set[Place]:
    """What a piece of code uses of them, also as `module.function`."""
    named = {known[node.id] for node in nodes if isinstance(node, ast.Name) and node.id in known}
    of_modules = {
        (".".join(known[node.value.id]), node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known
    }
    return named | of_modules


def _writes(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in _OPENERS
    if not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value
    on_a_model = isinstance(owner, ast.Name) and owner.id[:1].isupper()
    return (node.func.attr in _STATEMENTS and on_a_model) or (node.func.attr in _ON_ROWS and not node.args)
