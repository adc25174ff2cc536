#!/usr/bin/env python3
"""The statistics library's speed and quality, against the bars of the plan: build/bench/stats.json.

Peers come from PyPI (bench/peers/requirements.txt, into build/peers) and run in the same minutes on
the same machine; ratios are of CPU seconds, each the least of several runs, data loaded before.
BENCH_PEERS=0 leaves them out, BENCH_HUGE=0 the run of 10^8 labels; BENCH_ONLY=speed,csv takes some
parts.  Real data is read from ANNOTARY_TESTDATA (../shared) where it is.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from table import ROOT, Table

BIN = os.environ.get("ANNOTARY_BIN", os.path.join(ROOT, "build/annotary"))
TOOLS = os.environ.get("BENCH_TOOLS", os.path.join(ROOT, "build/release/bench"))
DATA = os.environ.get("ANNOTARY_TESTDATA", os.path.join(ROOT, "../shared"))
PEERS = os.path.join(ROOT, "build/peers")
table = Table("stats")
row = table.row


def tool(name, *args):
    done = subprocess.run([os.path.join(TOOLS, "bench_" + name), *map(str, args)], stdout=subprocess.PIPE,
                          text=True, check=True)
    return json.loads(done.stdout)


def peers_ready():
    """A virtual environment with the peers; made anew when their list changes."""
    wanted = open(os.path.join(ROOT, "bench/peers/requirements.txt")).read()
    stamp = os.path.join(PEERS, ".requirements")
    if os.path.exists(stamp) and open(stamp).read() == wanted:
        return
    print("installing the peers into build/peers (large: one of them brings its own linear algebra)", flush=True)
    shutil.rmtree(PEERS, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    subprocess.run([f"{PEERS}/bin/pip", "install", "-q", "--disable-pip-version-check", "-r",
                    os.path.join(ROOT, "bench/peers/requirements.txt")], check=True)
    with open(stamp, "w") as f:
        f.write(wanted)


def peer(script, *args):
    done = subprocess.run([f"{PEERS}/bin/python", os.path.join(ROOT, "bench/peers", script), *map(str, args)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return json.loads(done.stdout)


def measured(*command):
    """Wall seconds and peak memory of one command, from the kernel's account of it."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, use = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.monotonic() - began, use.ru_maxrss * 1024 / 1e6


def speed(work):
    """Each method beside crowd-kit's, alternating, the least CPU seconds of either."""
    table = [("majority", "majority", 100000, 0, 150), ("wawa", "wawa", 100000, 0, 150),
             ("ds", "dawid-skene", 100000, 10, 80), ("onecoin", "one-coin", 100000, 10, 80),
             ("mace", "mace", 100000, 10, 80), ("glad", "glad", 5000, 0, 100)]
    for name, method, tasks, rounds, bar in table:
        ours = [tool("stats_speed", method, tasks, rounds, 1, 9) for _ in range(2)]
        theirs = [peer("crowd.py", method, tasks, rounds or 10) for _ in range(1 if name == "glad" else 2)]
        ours += [tool("stats_speed", method, tasks, rounds, 1, 9)]
        us, them = min(r["cpu"] for r in ours), min(r["cpu"] for r in theirs)
        row(f"speed.{name}", them / us, "× less CPU", bar)
        row(f"speed.{name}.ours", us * 1000, "ms")
        row(f"speed.{name}.peer", them * 1000, "ms")
        row(f"speed.{name}.accuracy", ours[0]["accuracy"] - theirs[0]["accuracy"], "ours - peer")
        if "objective" in theirs[0]:
            row(f"speed.{name}.objective", ours[0]["objective"] - theirs[0]["objective"], "ours - peer", 0)


def stream(work):
    """One iteration at 10^7 labels on two threads: the difference of two runs, over reading the bytes."""
    few = tool("stats_speed", "dawid-skene", 2000000, 10, 2, 3)
    many = tool("stats_speed", "dawid-skene", 2000000, 40, 2, 3)
    one = (many["wall"] - few["wall"]) / (many["iterations"] - few["iterations"])
    row("ds.stream", one / min(few["stream"], many["stream"]), "× reading", 4, "lower")
    row("ds.iteration", one * 1000, "ms")
    row("ds.reading", min(few["stream"], many["stream"]) * 1000, "ms")


def memory(work):
    packed, csv, out = f"{work}/m.packed", f"{work}/m.csv", f"{work}/out.csv"
    subprocess.run(
        [f"{TOOLS}/bench_stats_gen", "packed", packed, "2000000"], check=True, stdout=subprocess.DEVNULL)
    command = [BIN, "aggregate", "--method", "dawid-skene", "--max-iter", "10", "--threads", "2", "-o", out]
    took, rss = measured(*command, packed)
    row("ds.rss", rss, "MB", 150, "lower")
    row("ds.packed_s", took, "s")
    subprocess.run([f"{TOOLS}/bench_stats_gen", "csv", csv, "2000000"], check=True, stdout=subprocess.DEVNULL)
    took, rss = measured(*command, csv)
    row("ds.csv_rss", rss, "MB")
    row("ds.csv_s", took, "s")
    os.remove(packed)
    row("csv.rate", tool("stats_csv", csv, 3)["mb_per_s"], "MB/s", 150)
    os.remove(csv)
    os.remove(out)


def huge(work):
    packed, out = f"{work}/huge.packed", f"{work}/out.csv"
    subprocess.run([f"{TOOLS}/bench_stats_gen", "packed", packed, "20000000"], check=True, stdout=subprocess.DEVNULL)
    took, rss = measured(BIN, "aggregate", "--method", "dawid-skene", "--max-iter", "10", "--threads", "2",
                         "-o", out, packed)
    row("ds.huge", rss, "MB", 1200, "lower")
    row("ds.huge_s", took, "s")
    os.remove(packed)
    os.remove(out)


def bradley_terry(work):
    pairs = f"{work}/pairs.csv"
    ours = min(tool("stats_bt", 50000, 100, 1000, 1, pairs)["cpu"] for _ in range(3))
    theirs = peer("bt.py", pairs, 1000)["cpu_seconds"]
    row("bt.boot", theirs / ours, "× less CPU", 10)
    row("bt.boot.ours", ours * 1000, "ms")
    row("bt.boot.peer", theirs * 1000, "ms")
    row("bt.million", tool("stats_bt", 1000000, 1000, 0, 1)["cpu"], "s")


def quality(work):
    """What only real data can say."""
    data = os.path.join(DATA, "data/categorical")
    if not os.path.isdir(data):
        print("  no real data: auto and the stop rule are left out", flush=True)
        return
    auto = json.loads(subprocess.run([f"{TOOLS}/bench_stats_auto"], stdout=subprocess.PIPE, text=True, check=True,
                                     env={**os.environ, "ANNOTARY_TESTDATA": DATA}).stdout)
    row("auto.accuracy", auto["auto.accuracy"], "%", 87.2)
    for one in auto["sets"]:
        row(f"auto.{one['set']}", one["auto"]["accuracy"], "%")
    done = subprocess.run([f"{TOOLS}/bench_stats_replay", data], stdout=subprocess.PIPE, text=True, check=True)
    for r in json.loads(done.stdout):
        row(r["name"], r["value"], r["unit"], r["bar"], r["better"])


def check(work):
    """The same figures from other programs; each line is a difference that must be next to nothing."""
    subprocess.run([os.path.join(ROOT, "tools/build"), "stats"], stdout=subprocess.DEVNULL, check=True)
    done = subprocess.run([f"{PEERS}/bin/python", os.path.join(ROOT, "bench/peers/check.py"), BIN, DATA],
                          stdout=subprocess.PIPE, text=True, check=True)
    for r in json.loads(done.stdout):
        row(r["name"], r["value"], r["unit"], r["bar"], r["better"])


def main():
    only = [p for p in os.environ.get("BENCH_ONLY", "").split(",") if p]
    parts = [("speed", speed, 1), ("stream", stream, 0), ("memory", memory, 0), ("huge", huge, 0),
             ("bt", bradley_terry, 1), ("quality", quality, 0), ("check", check, 1)]
    with_peers = os.environ.get("BENCH_PEERS", "1") == "1"
    if with_peers:
        peers_ready()
    work = tempfile.mkdtemp(prefix="annotary-bench-", dir=os.environ.get("BENCH_DIR"))
    try:
        for name, part, needs_peers in parts:
            if only and name not in only or needs_peers and not with_peers:
                continue
            if name == "huge" and os.environ.get("BENCH_HUGE", "1") != "1":
                continue
            print(name, flush=True)
            part(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return table.end()


sys.exit(main())
