"""What a target imports of its SDK, as a program that makes nothing."""

import ast
from pathlib import Path
from types import ModuleType


def imports(target: ModuleType, sdk: str) -> str:
    """The target's own imports of its SDK."""
    folder = Path(str(target.__file__)).parent
    trees = [ast.parse(file.read_text()) for file in sorted(folder.glob("*.py"))]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules = (node for node in found if (node.module or "").partition(".")[0] == sdk)
    return "\n".join(dict.fromkeys(map(ast.unparse, modules))) + "\n"
