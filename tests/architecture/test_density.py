"""An expression holds one thing: an argument is written out, and a choice of three is three lines."""

import ast

from tests.architecture.source import modules


def dense(tree):
    """The lines of splatted literals, and of conditions within a condition."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Load):
            if isinstance(node.value, ast.Tuple | ast.List):
                yield node.lineno
        elif isinstance(node, ast.IfExp):
            parts = (node.test, node.body, node.orelse)
            yield from (node.lineno for part in parts if isinstance(part, ast.IfExp))


def test_nothing_is_written_denser_than_it_is_read():
    assert [f"{module.name}:{line}" for module in modules() for line in dense(module.tree)] == []


def test_what_would_be_found():
    assert sorted(dense(ast.parse("f(*(a, b))\ng(*rows)\nx = 1 if a else 2 if b else 3\ny = 1 if a else 2"))) == [1, 3]
