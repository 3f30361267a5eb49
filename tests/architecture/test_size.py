"""Small enough to read, and every public thing says what it is."""

import ast
import re
from pathlib import Path
from statistics import median

from tests.architecture.source import Module, modules

# The median was 100 while modules of a few lines were counted in, and 120 before those that are read together were
# joined (docs/adr/0165).
MODULE_LINES, MEDIAN_LINES, FUNCTION_LINES = 350, 150, 40

ROUTES = {"get", "post", "put", "delete", "route", "form", "errorhandler", "app_errorhandler"}
# Declares an address of the API with its summary.
OPERATIONS = {"operation", "open_operation"}
# A docstring names the thing; "What is left" or "Whether it may" makes its reader answer a question first.
QUESTION = re.compile(r"(?:What|Who|Whom|Whose|Whether|How|Where|When|Which|Why)\b")
DATA = (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.DictComp, ast.Constant)


def height(node):
    return node.end_lineno - node.lineno + 1


def lines(module):
    """Lines of code and comment, without the tables of data."""
    tables = (node for node in module.tree.body if isinstance(node, ast.Assign | ast.AnnAssign))
    whole = len(module.text.splitlines())
    return whole - sum(height(node) for node in tables if isinstance(node.value, DATA))


def is_page(function):
    """A page's route and its French title say what it is, or an operation's summary."""
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return any(isinstance(call, ast.Attribute) and call.attr in ROUTES for call in calls) or bool(names & OPERATIONS)


def longest(module):
    """What is too long in a module, in words."""
    if lines(module) > MODULE_LINES:
        yield f"{module.name} has {lines(module)} lines"
    for function in module.functions():
        if height(function) > FUNCTION_LINES:
            yield f"{module.name}: {function.name} has {height(function)} lines"


def silent(module):
    """What is public in a module and does not say what it is, in words."""
    if not ast.get_docstring(module.tree):
        yield module.name
    for name, node in module.public():
        if "." not in name and not ast.get_docstring(node) and not is_page(node):
            yield f"{module.name}: {name}"


def questions(module):
    """How many docstrings of a module begin with a question word."""
    documented = (node for node in module.nodes if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    return sum(bool(QUESTION.match(ast.get_docstring(node) or "")) for node in documented)


def test_docstrings_say_what_the_thing_is():
    assert [module.name for module in modules() if questions(module)] == []


def test_a_module_is_short_and_its_functions_are():
    assert [fault for module in modules() for fault in longest(module)] == []


def test_most_modules_are_short():
    assert median(map(lines, modules())) <= MEDIAN_LINES


def test_what_is_public_says_what_it_is():
    assert [fault for module in modules() for fault in silent(module)] == []


def test_what_would_be_found():
    long = Module("db.a", Path("db/a.py"), "def f():\n" + "    pass\n" * 400)
    assert list(longest(long)) == ["db.a has 401 lines", "db.a: f has 401 lines"]
    assert questions(Module("db.a", Path("db/a.py"), '"""Whether it is."""\ndef f():\n    """Whatever."""\n')) == 1
    mute = Module("db.a", Path("db/a.py"), "class A:\n    pass\n\n\ndef _b(): ...\n")
    assert list(silent(mute)) == ["db.a", "db.a: A"]
