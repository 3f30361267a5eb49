"""French sentences in code that is not marked for translation: first arguments of refusals, and whole modules.

An f-string becomes a template: `f"Le port est utilisé par {holder}."` is `Le port est utilisé par {holder}.`
"""

import ast
import re
from collections.abc import Iterator

REFUSALS = {
    "Refusal",
    "AllQuiet",
    "Sentence",
    "FieldRefusal",
    "NumberRepeated",
    "NumberHeld",
    "RowWaits",
    "UnclearColumns",
    "NotReady",
    "AgreementWanted",
    "StaleTexts",
    "Missing",
    "WrongState",
    "KeyTaken",
    "OverLimit",
    "OverBudget",
    "Duplicate",
    "TooManyTries",
    "FindingsRefused",
    "MissingText",
    "StoppedReader",
    "Overtaken",
    "EventsLost",
    "NumberTaken",
    "NotJson",
    "NoRole",
    "NoScope",
    "WrongCount",
    "ProofWanted",
}
# Words for whoever reads logs, in English.
_LOGGED = {"debug", "info", "warning", "error", "exception", "critical", "log", "getLogger"}
_ENGLISH = re.compile(r"^(ValueError|RuntimeError|KeyError|Port(Gone|Error)|Sim\w+|P(in|uk)Required|execute|_try)$")
# shorter ones are codes
_SHORTEST = 12
_WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2}.* | .*[a-zà-ÿ]{3}", re.DOTALL)


def spoken(tree: ast.Module, *, everything: bool) -> Iterator[tuple[int, str]]:
    """(line, template) of each sentence; `everything`: also those that are no argument of a refusal."""
    for node in _outermost(tree, everything):
        template = _template(node)
        if template and (everything or len(template) >= _SHORTEST) and _WORDS.search(re.sub(r"\{\w+\}", "", template)):
            yield node.lineno, template


def said_on_a_terminal(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, template) of what a command says: sentences, short words too, and the heads of its tables."""
    for node in ast.walk(tree):
        called = _called(node) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and called in {"say", "warn", "phrase", "Sentence", "Refusal"}:
            said = node.args[:1]
        elif isinstance(node, ast.Call) and called == "tell_rows":
            said = node.args[2:3]
        else:
            continue
        for string in (string for argument in said for string in _strings(argument)):
            template = _template(string)
            if template and re.search(r"[A-Za-zÀ-ÿ]{2}", re.sub(r"\{\w+\}", "", template)):
                yield node.lineno, template


def _outermost(tree: ast.Module, everything: bool) -> Iterator[ast.expr]:
    if everything:
        yield from _strings(tree)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in REFUSALS:
            yield from (inner for argument in node.args for inner in _strings(argument))


def _strings(node: ast.AST) -> Iterator[ast.expr]:
    """The string expressions under `node`, not those inside another one, nor docstrings, nor what is logged."""
    if isinstance(node, ast.Constant | ast.JoinedStr) and _template(node) is not None:
        yield node  # type: ignore[misc]
        return
    if isinstance(node, ast.Call) and (_called(node) in _LOGGED or _ENGLISH.search(_called(node))):
        return
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not is_docstring and not isinstance(child, ast.FormattedValue):
            yield from _strings(child)


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _template(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(
        str(part.value).replace("{", "{{").replace("}", "}}")
        if isinstance(part, ast.Constant)
        else "{" + _value_name(part, index) + "}"
        for index, part in enumerate(node.values)
    )


def _value_name(part: ast.AST, index: int) -> str:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.Name):
        return value.id
    if isinstance(value, ast.Attribute):
        return value.attr
    return f"value{index}"
