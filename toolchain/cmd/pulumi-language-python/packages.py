"""Print the pulumi-plugin.json of every package that this Python finds, first place wins."""

import json
import pathlib
import sys

found: dict[str, dict[str, object]] = {}
for folder in sys.path:
    for file in sorted(pathlib.Path(folder).glob("*/pulumi-plugin.json")):
        name = file.parent.name.removeprefix("pulumi_").replace("_", "-")
        found.setdefault(name, {"name": name} | json.loads(file.read_text(encoding="utf-8")))
sys.stdout.write(json.dumps(list(found.values())))
