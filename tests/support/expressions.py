"""Every regular expression of the product, found in its source, and the texts on which a slow one is slow."""

import ast
import builtins
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tests.architecture.source import Module, modules

_SEARCHING = {"search", "split", "findall", "finditer", "sub", "subn"}
_FUNCTIONS = {"compile", "match", "fullmatch"} | _SEARCHING
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
# Which character of a class is tried: letters, then figures, then all others.
_ORDER = sorted(range(0x2100), key=lambda code: (not chr(code).isalpha(), not chr(code).isdigit(), code))
# Each four times the one before: what grows with the square takes sixteen times as long.
SIZES = (8, 32, 125, 500, 2_000, 8_000, 32_000)
TOO_MUCH = 8
# What this stays below is not looked at further: the square of 32,000 takes ten times as long.
UNSEEN_S = 0.01


@dataclass(frozen=True)
class Expression:
    """`place` is its file with a line or a name; `functions` are those of `re` that it is used by."""

    place: str
    compiled: re.Pattern[Any]
    functions: frozenset[str]


def expressions() -> Iterator[Expression]:
    """Each call of `re`, and each compiled expression that a module keeps."""
    uses = "\n".join(module.text for module in modules())
    for module in modules():
        if module.path.name == "__main__.py" or not re.search(r"\bre\.|\bPattern\b", module.text):
            continue
        names = vars(import_module(module.name))
        for name, kept in _kept(names):
            constant = name.partition(".")[0]
            used = _used(constant, module.text) or _used(constant, uses) or _SEARCHING
            yield Expression(f"{module.name}:{name}", kept, frozenset(used))
        for call in _calls(module):
            if call.func.attr != "compile":
                found = re.compile(*_arguments(call, names))
                yield Expression(f"{module.name}:{call.lineno}", found, frozenset({call.func.attr}))
            elif not _is_kept(call, module):
                yield Expression(
                    f"{module.name}:{call.lineno}", re.compile(*_arguments(call, names)), frozenset(_SEARCHING)
                )


def _used(name: str, text: str) -> set[str]:
    return set(re.findall(rf"\b{name}(?:\[\w+\])?\.(\w+)\(", text)) & _FUNCTIONS


def _calls(module: Module) -> Iterator[Any]:
    for node in module.nodes:
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in _FUNCTIONS and ast.unparse(function.value) == "re":
            yield node


def _is_kept(call: ast.Call, module: Module) -> bool:
    """At the top of its module: found by its name already."""
    return any(call in ast.walk(node) for node in module.tree.body if isinstance(node, ast.Assign | ast.AnnAssign))


def _kept(values: Mapping[Any, Any]) -> Iterator[tuple[str, re.Pattern[Any]]]:
    for name, value in values.items():
        if isinstance(value, re.Pattern):
            yield str(name), value
        elif isinstance(value, Mapping) and name != "__builtins__":
            yield from _kept({f"{name}.{key}": each for key, each in value.items()})
        elif isinstance(value, tuple | list | set | frozenset):
            yield from _kept({f"{name}.{number}": each for number, each in enumerate(value)})


class _Word(str):
    """A text that nobody knows before; so are its parts."""

    def __getattr__(self, name: str) -> "_Word":
        return _Word("word")


class _Anything(dict[str, Any]):
    """The names that a function knows: what is not its module's is a word."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, _Word("word"))


def _arguments(call: ast.Call, names: Mapping[str, Any]) -> tuple[Any, int]:
    def value(node: ast.expr) -> Any:
        return eval(ast.unparse(node), {}, _Anything(names))

    pattern, flags = value(call.args[0]), 0
    for node in [*(keyword.value for keyword in call.keywords if keyword.arg == "flags"), *call.args[1:]]:
        if re.fullmatch(r"re\.[A-Z]+( \| re\.[A-Z]+)*|_FLAGS", ast.unparse(node)):
            flags = value(node)
    return (pattern.pattern, pattern.flags) if isinstance(pattern, re.Pattern) else (pattern, flags)


def _sample(node: Any) -> str:
    """A short text that a parsed expression, or a piece of one, takes."""
    kind, value = node
    match kind:
        case op.LITERAL:
            return chr(value)
        case op.NOT_LITERAL:
            return "a" if value != ord("a") else "b"
        case op.ANY:
            return "x"
        case op.IN:
            return _of_class(value)
        case op.BRANCH:
            return _text(value[1][0])
        case op.SUBPATTERN:
            return _text(value[3])
        case op.ATOMIC_GROUP:
            return _text(value)
        case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
            return _text(value[2]) * max(1, value[0])
        case _:
            return ""


def _of_class(members: Any) -> str:
    taken = re.compile("|".join(_class_member(each) for each in members if each[0] is not op.NEGATE))
    wanted = members[0][0] is not op.NEGATE
    return (
        next((each for each in 'a0 A.-_:,"<\n\x00é' if bool(taken.fullmatch(each)) == wanted), "")
        or (_class_member(members[0])[-1])
    )


def _class_member(member: Any) -> str:
    kind, value = member
    if kind is op.RANGE:
        return f"[{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}]"
    return re.escape(chr(value)) if kind is op.LITERAL else _CATEGORIES[value]


def _text(nodes: Any) -> str:
    return "".join(_sample(node) for node in nodes)


def _repeats(nodes: Any, before: str) -> Iterator[tuple[str, str]]:
    """(what comes before, what is repeated) of each repeat that has no small end."""
    for kind, value in nodes:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            if value[1] is op.MAXREPEAT or value[1] > 50:
                yield before, _text(value[2])
                yield from ((before, each) for each in _alternatives(value[2]))
            yield from _repeats(value[2], before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, before)
        elif kind is op.SUBPATTERN:
            yield from _repeats(value[3], before)
        elif kind is op.ATOMIC_GROUP:
            yield from _repeats(value, before)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeats(value[1], before)
        before += _sample((kind, value))


def _alternatives(nodes: Any) -> Iterator[str]:
    """What else one class or one choice takes: a blank where it is letters or blanks."""
    for kind, value in nodes:
        if kind is op.IN and value[0][0] is not op.NEGATE:
            yield from {_of_class([member]) for member in value}
        elif kind is op.BRANCH:
            yield from {_text(branch) for branch in value[1][:6]}
        elif kind is op.SUBPATTERN:
            yield from _alternatives(value[3])


def attacks(compiled: re.Pattern[Any]) -> set[tuple[str, str, str]]:
    """(once, many times, at the end) of the texts to try."""
    tree = (
        parser.parse(compiled.pattern, compiled.flags & ~re.DEBUG)
        if isinstance(compiled.pattern, str)
        else (parser.parse(compiled.pattern.decode("latin-1"), compiled.flags & ~re.UNICODE))
    )
    found = set()
    for before, body in _repeats(tree, ""):
        for begin, many in ((before, body), ("", before + body), ("", body), ("", before)):
            found |= {(begin, many, end) for end in ("", "\n\x00")} if many else set()
    return found


def seconds(expression: Expression, text: str) -> float:
    """Of the processor, by the slowest of the functions that use it."""
    subject: Any = text if isinstance(expression.compiled.pattern, str) else text.encode("latin-1", "replace")
    began = time.process_time()
    if expression.functions & _SEARCHING:
        for _found in expression.compiled.finditer(subject):
            pass
    else:
        expression.compiled.match(subject)
        expression.compiled.fullmatch(subject)
    return time.process_time() - began


def grows(expression: Expression, most: int) -> str:
    """The text, of at most so many signs, on which it takes far more than four times as long where that is four times
    as long; empty for none.
    """
    for begin, many, end in attacks(expression.compiled):
        before_s = 0.0
        for size in (size for size in SIZES if size <= most):
            text = begin + many * (size // len(many)) + end
            spent_s = seconds(expression, text)
            if spent_s > max(UNSEEN_S, TOO_MUCH * before_s) and _surely(expression, begin, many, end, size):
                return f"{begin!r} {many!r} × {size} {end!r}: {spent_s:.2f} s"
            before_s = spent_s
    return ""


def _surely(expression: Expression, begin: str, many: str, end: str, size: int) -> bool:
    """Measured again: another process may have been in between."""
    less, more = (
        min(seconds(expression, begin + many * (each // len(many)) + end) for _ in range(3))
        for each in (size // 4, size)
    )
    return more > max(UNSEEN_S, TOO_MUCH * less)
