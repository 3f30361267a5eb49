"""The product's own modules, read with `ast` and never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("base", "console", "db", "modem", "plp", "rules")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@cache
def parsed(text: str) -> ast.Module:
    """A program's tree, parsed once for all the tests that look for something in it."""
    return ast.parse(text)


@cache
def walked(text: str) -> tuple[ast.AST, ...]:
    """All of that tree."""
    return tuple(ast.walk(parsed(text)))


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, where it is, and its text, which is only parsed for a test that asks."""

    name: str
    path: Path
    text: str

    @property
    def package(self) -> str:
        """The package that it is in; a package's own `__init__` is in itself."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @property
    def tree(self) -> ast.Module:
        return parsed(self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        return walked(self.text)

    @cache  # noqa: B019  modules live as long as the run
    def imports(self) -> set[str]:
        """Dotted names of what it imports, wherever in the file; `from a import b` is both `a` and `a.b`."""
        found = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        return found

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") + ([] if self.path.name != "__init__.py" else ["_"])
        return ".".join([*package[: -node.level], *([node.module] if node.module else [])])

    def functions(self) -> Iterator[Function]:
        """Every function and method, also nested ones."""
        return (node for node in self.nodes if isinstance(node, Function))

    def public(self) -> Iterator[tuple[str, Definition]]:
        """Functions and classes that others may use, with the methods of public classes."""
        for node in self.tree.body:
            if isinstance(node, Definition) and not node.name.startswith("_"):
                yield node.name, node
                for inner in node.body if isinstance(node, ast.ClassDef) else ():
                    if isinstance(inner, Function) and not inner.name.startswith("_"):
                        yield f"{node.name}.{inner.name}", inner


@cache
def modules() -> tuple[Module, ...]:
    """All of them."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return tuple(_module(path) for path in paths)


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, path.read_text(encoding="utf-8"))


def within(name: str, *packages: str) -> bool:
    """True when the dotted `name` is one of the packages or in one."""
    return name in packages or name.startswith(tuple([f"{package}." for package in packages]))
