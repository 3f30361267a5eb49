"""A refusal fills in its sentence itself: a value with a brace in it, filled in before, would be taken for a place."""

import ast

from tests.architecture.source import modules, within

# The packages below know another one: what a modem's program refused.
OURS = [module for module in modules() if within(module.name, "console", "db", "modem.daemon", "plp")]


def named(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def refusals():
    """Refusal, and every class of the tree that comes from it."""
    found = {"Refusal"}
    classes = [node for module in OURS for node in module.nodes if isinstance(node, ast.ClassDef)]
    while more := {each.name for each in classes if found & set(map(named, each.bases))} - found:
        found |= more
    return found


def is_whole(sentence):
    """A literal, or one that is translated with nothing in it yet."""
    if isinstance(sentence, ast.Call):
        return not sentence.keywords and len(sentence.args) == 1 and is_whole(sentence.args[0])
    if isinstance(sentence, ast.IfExp):
        return is_whole(sentence.body) and is_whole(sentence.orelse)
    return isinstance(sentence, ast.Constant)


def filled_before(nodes, names):
    calls = [node for node in nodes if isinstance(node, ast.Call) and named(node.func) in names]
    return [call.lineno for call in calls if not (call.args and is_whole(call.args[0]))]


def test_no_refusal_is_given_a_sentence_with_values_in_it():
    names = refusals()
    found = {module.name: filled_before(module.nodes, names) for module in OURS}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_what_would_be_found():
    for wrong in ("_('« %(x)s »', x=x)", "f'« {x} »'", "'« %s »' % x", "'{0}'.format(x)", "words(x)", "_(words(x))"):
        assert filled_before(ast.walk(ast.parse(f"raise errors.Refusal({wrong})")), {"Refusal"}) == [1], wrong
    for right in ("'« {x} »', x=x", "_('Rien.')"):
        assert filled_before(ast.walk(ast.parse(f"raise Refusal({right})")), {"Refusal"}) == []
