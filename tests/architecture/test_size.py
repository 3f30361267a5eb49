"""Small enough to read, and every public thing says what it is."""

import ast
from statistics import median

import pytest

from tests.architecture.source import modules

MODULE_LINES, MEDIAN_LINES, FUNCTION_LINES = 350, 100, 40

# A migration's models are frozen inside one function: a table of data.
FROZEN = "db.migrations."
ROUTES = {"get", "post", "put", "delete", "route", "errorhandler", "app_errorhandler"}
DATA = (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.DictComp, ast.Constant)


def height(node):
    return node.end_lineno - node.lineno + 1


def lines(module):
    """Lines of code and comment, without the tables of data."""
    tables = (node for node in module.tree.body if isinstance(node, ast.Assign | ast.AnnAssign))
    whole = len(module.path.read_text(encoding="utf-8").splitlines())
    return whole - sum(height(node) for node in tables if isinstance(node.value, DATA))


def is_page(function):
    """A page's route and its French title say what it is."""
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in ROUTES for call in calls)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_is_short_and_its_functions_are(module):
    assert lines(module) <= MODULE_LINES
    if not module.name.startswith(FROZEN):
        assert {f.name: height(f) for f in module.functions() if height(f) > FUNCTION_LINES} == {}


def test_most_modules_are_shorter_than_a_hundred_lines():
    assert median(map(lines, modules())) <= MEDIAN_LINES


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_what_is_public_says_what_it_is(module):
    assert ast.get_docstring(module.tree)
    if module.name.startswith(FROZEN):
        return
    top = [(name, node) for name, node in module.public() if "." not in name]
    assert [name for name, node in top if not ast.get_docstring(node) and not is_page(node)] == []
