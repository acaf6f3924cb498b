"""The imports of a target's SDK, as a program that creates no resources."""

import ast
from pathlib import Path
from types import ModuleType


def imports(target: ModuleType, sdk: str) -> str:
    """The import statements of the target's modules for its SDK, one a line."""
    folder = Path(str(target.__file__)).parent
    trees = [ast.parse(file.read_text()) for file in sorted(folder.rglob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    statements = (node for node in nodes if (node.module or "").partition(".")[0] == sdk)
    return "\n".join(dict.fromkeys(map(ast.unparse, statements))) + "\n"
