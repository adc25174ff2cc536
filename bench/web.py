#!/usr/bin/env python3
"""The web UI's speed, against the bars of the plan: build/bench/web.json.

Each script of bench/web starts the release binary and Chromium, does one thing as a person would, and
prints its figures as JSON; the bars stand here.  BENCH_TASKS (1000000) makes the task list shorter for
a try, BENCH_ONLY=switch,keys takes some scripts.
"""
import json
import os
import subprocess
import sys

from table import ROOT, Table

# script -> its figures: name, unit, bar; all are better when lower.
PARTS = {
    "switch": [("switch.p50", "ms", 20), ("switch.max", "ms", 50), ("switch.script", "ms", 8)],
    "shapes": [("shapes.work", "ms a frame", 8), ("shapes.long", "ms", 50)],
    "text": [("text.open", "ms", 150)],
    "list": [("list.first", "ms", 200), ("list.filter", "ms", 1000), ("list.scroll", "ms a frame", 8)],
    "memory": [("memory.growth", "times", 1.2)],
}
JOBS = ["binary", "classes", "spans", "boxes", "polygon"]

table = Table("web")


def run(*command):
    """The last JSON value a script prints, as {name: figure}."""
    done = subprocess.run(["node", *command], stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    text = done.stdout
    start = min(i for i in (text.find("{"), text.find("[")) if i >= 0)
    value = json.loads(text[start:])
    if isinstance(value, list):
        value = {r["name"]: r["value"] for r in value}
    return {k: v["value"] if isinstance(v, dict) and "value" in v else v for k, v in value.items()}


def size():
    print("size", flush=True)
    got = run("web/scripts/size.mjs", "--json")
    table.row("load.first", got["load.first"], "KB gz", 60, "lower")
    table.row("load.chunk", got["load.chunk"], "KB gz", 160, "lower")


def part(name):
    print(name, flush=True)
    got = run(f"bench/web/{name}.mjs")
    for figure, unit, bar in PARTS[name]:
        table.row(figure, got[figure], unit, bar, "lower")
    known = {f for f, _, _ in PARTS[name]}
    for figure, value in sorted(got.items()):
        if figure not in known and figure.startswith(name + ".") and isinstance(value, (int, float)):
            table.row(figure, value, "")


def keys():
    """Keystrokes and clicks of the five standard jobs; Label Studio's for the same config are the bar, to be undercut."""
    print("keys", flush=True)
    got = run("bench/web/keys.mjs")
    for job in JOBS:
        ours, theirs = got[f"keys.{job}"], got[f"keys.{job}.labelstudio"]
        table.row(f"keys.{job}", ours, "acts", theirs - 1, "lower")


def main():
    only = set(filter(None, os.environ.get("BENCH_ONLY", "").split(",")))
    for name, act in [("size", size), *((p, lambda p=p: part(p)) for p in PARTS), ("keys", keys)]:
        if not only or name in only:
            act()
    return table.end()


sys.exit(main())
