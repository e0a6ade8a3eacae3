"""The rules that keep the tree readable: imports point one way, `--help` stays quick, functions stay small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "identity"

# Each layer may import those after it (DESIGN.md, "Layout").
LAYERS = [
    {"cli", "__main__"},
    {"commands"},
    {"api", "review"},
    {"console", "explaining", "generations", "scheduling", "sample", "exchanging", "reviewing", "deciding", "desk"},
    {"pipeline"},
    {"stages"},
    {"analysis"},
    {"checking", "reporting", "landing", "standardising", "privacy", "measuring"},
    {"sources", "standard", "matching", "stewardship", "kpi"},
    {"tables", "table_specs"},
    {"engine", "runs", "serving"},
    {"settings", "settings_groups", "errors"},
]
# `tables` is data without dependencies: the engine may know its types.
ALLOWED = {("engine", "tables"), ("runs", "tables"), ("serving", "tables"), ("tables", "table_specs")}


def _layer(part: str) -> int:
    return next((i for i, names in enumerate(LAYERS) if part in names), -1)


def _imports() -> list[tuple[Path, str, str]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules = (
                    [f"identity.{alias.name}" for alias in node.names] if node.module == "identity" else [node.module]
                )
            found += [
                (path, own, module.split(".")[1])
                for module in modules
                if module.startswith("identity.") and len(module.split(".")) > 1
            ]
    return found


def test_every_module_has_a_layer() -> None:
    parts = {own for _, own, _ in _imports()}
    assert {part for part in parts if _layer(part) < 0} <= {"__init__"}


def test_imports_point_one_way() -> None:
    upward = [
        f"{path.relative_to(SOURCE)} imports identity.{other}"
        for path, own, other in _imports()
        if own != other and other != "__version__" and (own, other) not in ALLOWED and _layer(other) < _layer(own)
    ]
    assert upward == []


def test_no_cycles_between_packages() -> None:
    edges: dict[str, set[str]] = {}
    for _, own, other in _imports():
        if own != other and _layer(other) >= 0:
            edges.setdefault(own, set()).add(other)
    done: set[str] = set()

    def visit(part: str, path: tuple[str, ...]) -> None:
        assert part not in path, " → ".join((*path, part))
        if part in done:
            return
        for other in sorted(edges.get(part, ())):
            visit(other, (*path, part))
        done.add(part)

    for part in sorted(edges):
        visit(part, ())


def test_the_store_is_opened_as_the_settings_name_it() -> None:
    by_folder = [path for path in SOURCE.rglob("*.py") if "state)" in "".join(_calls(path, "open_store"))]
    assert by_folder == []


def _calls(path: Path, name: str) -> list[str]:
    """Source of every call of a function in a file."""
    text = path.read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [ast.unparse(node) for node in calls if isinstance(node.func, ast.Name) and node.func.id == name]


def test_functions_take_at_most_seven_arguments() -> None:
    wide = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent.name == "commands":  # there arguments are the command's options
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = len(node.args.args) + len(node.args.kwonlyargs)
                if count > 7:
                    wide.append(f"{path.relative_to(SOURCE)}:{node.lineno} {node.name} takes {count}")
    allowed = {"parse_name", "parse_address"}  # one argument for each part of a name or an address
    assert [entry for entry in wide if not any(f" {name} " in entry for name in allowed)] == []


@pytest.mark.parametrize("module", ["great_expectations", "pandas", "duckdb", "scipy", "airflow", "recordlinkage"])
def test_help_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, identity.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
