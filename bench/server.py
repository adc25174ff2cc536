#!/usr/bin/env python3
"""The server's speed, against the bars of the plan: build/bench/server.json.

BENCH_TASKS (1000000) and BENCH_SUSTAINED (1000000 requests) make it shorter for a try;
BENCH_PG=0 leaves PostgreSQL out.  Everything is with synchronous=FULL.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from table import ROOT, Table

BIN = os.environ.get("ANNOTARY_BIN", os.path.join(ROOT, "build/annotary"))
TOOLS = os.environ.get("BENCH_TOOLS", os.path.join(ROOT, "build/release/bench"))
TASKS = int(os.environ.get("BENCH_TASKS", "1000000"))
SUSTAINED = int(os.environ.get("BENCH_SUSTAINED", "1000000"))
table = Table("server")
row = table.row


def note(text):
    print(text, flush=True)


def tool(name, *args, data=None):
    done = subprocess.run([os.path.join(TOOLS, "bench_" + name), *map(str, args)], stdout=subprocess.PIPE,
                          text=True, check=True)
    if data:
        with open(data, "w") as f:
            f.write(done.stdout)
    return json.loads(done.stdout)


class Server:
    """The release binary on a free port; memory from /proc."""

    def __init__(self, folder, database=None, env=None):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [BIN, "serve", "--data", folder, "--port", "18080", "--json"] +
            (["--database", database] if database else []),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "ANNOTARY_PER_IP": "600", **(env or {})})
        self.port = json.loads(self.process.stdout.readline())["port"]
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/version").read()
        self.start_ms = (time.monotonic() - began) * 1000

    def memory(self, what):
        with open(f"/proc/{self.process.pid}/status") as f:
            for line in f:
                if line.startswith(what + ":"):
                    return int(line.split()[1]) / 1024
        return 0

    def reset_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as f:
            f.write("5")

    def call(self, method, path, token, body=None, kind="application/json", stream=None, length=None):
        headers = {"Authorization": "Token " + token, "Content-Type": kind}
        if length is not None:
            headers["Content-Length"] = str(length)
        r = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, data=body,
                                   headers=headers)
        with urllib.request.urlopen(r, timeout=3600) as answer:
            if stream is None:
                return json.loads(answer.read() or b"null")
            total = 0
            while chunk := answer.read(1 << 20):
                total += len(chunk)
            return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def next_rows(folder, small, prefix, database=None, small_database=None):
    a = tool("acts", "next", small, *([small_database] if small_database else []))
    b = tool("acts", "next", folder, *([database] if database else []))
    base = max(b["fresh"]["p50_us"], 1)
    bar = None if prefix else 1.5
    row(prefix + "next.tasks", base / max(a["fresh"]["p50_us"], 1), "ratio", bar, "lower")
    row(prefix + "next.p50", base / 1000, "ms", None if prefix else 1, "lower")
    for name in ("own10k", "own500k", "groups", "leased", "empty"):
        row(f"{prefix}next.{name}", b[name]["p50_us"] / base, "ratio", bar, "lower")
    for name in ("fresh", "own10k", "own500k", "groups", "leased", "empty"):
        row(f"{prefix}next.{name}.p99", b[name]["p99_us"] / 1000, "ms")


def submit_rows(folder, seed_file, prefix, database=None):
    server = Server(folder, database)
    tool("load", server.port, 64, 4000, "submit", seed_file, 20)       # warm
    seed = json.load(open(seed_file))
    for c in seed["clients"]:
        c["lease"] += 400
    json.dump(seed, open(seed_file, "w"), separators=(",", ":"))
    before = server_stats(server)
    best = None
    for _ in range(3):
        run = tool("load", server.port, 64, 10000 if prefix else 40000, "submit", seed_file, 60)
        advance(seed_file, seed, run["submits"] // 64 + 64)
        if best is None or run["submit_rate"] > best["submit_rate"]:
            best = run
    after = server_stats(server)
    server.stop()
    batches = max(after["batches"] - before["batches"], 1)
    batch = (after["acts"] - before["acts"]) / batches
    size = max(1, round(batch))
    count = (10000 if prefix else 30000) // size * size
    raw = max(tool("acts", "raw", folder, size, count, *([database] if database else []))["rate"]
              for _ in range(2))
    row(prefix + "submit.ratio", best["submit_rate"] / raw, "ratio", None if prefix else 0.5)
    row(prefix + "submit.batch", batch, "acts", None if prefix else 16)
    row(prefix + "submit.p99", best["p99_ms"] / max(best["p50_ms"], .001), "ratio", None if prefix else 4, "lower")
    row(prefix + "submit.rate", best["submit_rate"], "submits/s")
    row(prefix + "submit.raw", raw, "submits/s")
    row(prefix + "submit.p50_ms", best["p50_ms"], "ms")
    row(prefix + "submit.p99_ms", best["p99_ms"], "ms")
    row(prefix + "submit.refused", best["refused"], "answers", None if prefix else 0, "lower")


def advance(path, seed, by):
    for c in seed["clients"]:
        c["lease"] += by
    json.dump(seed, open(path, "w"), separators=(",", ":"))


def server_stats(server):
    return server.call("GET", "/api/stats", TOKEN)["store"]


TOKEN = ""


def rows_file(path, n):
    """n rows of JSONL of about a kilobyte."""
    words = "harbour the of crane slow and a paper north river to in light over".split()
    text = " ".join(words[(i * 7 + i // 3) % len(words)] for i in range(170))
    with open(path, "w", buffering=1 << 20) as f:
        for i in range(n):
            f.write('{"id":%d,"topic":"t%d","text":"%d %s"}\n' % (i, i % 50, i, text))


def wait_job(server, job):
    while True:
        state = server.call("GET", f"/api/jobs/{job}", TOKEN)
        if state["state"] in ("done", "failed"):
            return state
        time.sleep(.2)


def bring(server, project, path):
    """Upload a file and import it: seconds from the 202 to the end of the job, seconds of the upload."""
    began = time.monotonic()
    with open(path, "rb") as f:
        job = server.call("POST", f"/api/projects/{project}/imports?name=rows.jsonl", TOKEN, f,
                          "application/octet-stream", length=os.path.getsize(path))["job"]
    uploaded = time.monotonic() - began
    state = wait_job(server, job)
    if state["state"] != "done":
        raise SystemExit(f"the import failed: {state}")
    return time.monotonic() - began - uploaded, uploaded


def import_rows(folder, seed_file, prefix, database=None):
    """TASKS rows in by HTTP; a third of them again while 16 clients submit; then the export of all."""
    n = TASKS if not prefix else TASKS // 10
    server = Server(folder, database)
    path = os.path.join(folder, "rows.jsonl")
    seed = json.load(open(seed_file))
    config = open(os.path.join(ROOT, "examples/text-classification/config.xml")).read()
    project = server.call("POST", "/api/projects/", TOKEN, json.dumps(
        {"title": "Import", "label_config": config.replace("$message", "$text")}).encode())["id"]
    rows_file(path, n)
    server.reset_peak()
    seconds, uploaded = bring(server, project, path)
    bar = (lambda b: None) if prefix else (lambda b: b)
    row(prefix + "import.rate", n / seconds, "rows/s", bar(30000))
    row(prefix + "import.rss", server.memory("VmHWM"), "MB", bar(128), "lower")
    row(prefix + "import.upload_s", uploaded, "s")
    server.reset_peak()
    began = time.monotonic()
    total = server.call("GET", f"/api/projects/{project}/export?format=JSON&download_all_tasks=true", TOKEN,
                        stream=True)
    seconds = time.monotonic() - began
    row(prefix + "export.rate", total / 1e6 / seconds, "MB/s", bar(100))
    row(prefix + "export.rss", server.memory("VmHWM"), "MB", bar(128), "lower")
    quiet = tool("load", server.port, 16, 20000, "submit", seed_file, 15)
    advance(seed_file, seed, quiet["submits"] // 16 + 64)
    rows_file(path, max(n // 3, 1000))
    worker = threading.Thread(target=bring, args=(server, project, path))
    worker.start()
    time.sleep(.3)
    busy = tool("load", server.port, 16, 20000, "submit", seed_file, 15)
    still = worker.is_alive()
    advance(seed_file, seed, busy["submits"] // 16 + 64)
    worker.join()
    row(prefix + "import.disturb", busy["p99_ms"] / max(quiet["p99_ms"], .001), "ratio", bar(3), "lower")
    row(prefix + "import.p99_ms", busy["p99_ms"], "ms")
    row(prefix + "import.lasted", int(still), "yes=1")
    os.unlink(path)
    server.stop()


def start_rows(folder, prefix, database=None):
    times = []
    for _ in range(5):
        server = Server(folder, database)
        times.append(server.start_ms)
        time.sleep(1)
        idle = server.memory("VmRSS")
        server.stop()
    row(prefix + "start.ms", sorted(times)[2], "ms", None if prefix else 300, "lower")
    row(prefix + "idle.rss", idle, "MB", None if prefix else 40, "lower")


def sustained_rows(folder, seed_file, prefix, database=None):
    server = Server(folder, database)
    run = tool("load", server.port, 256, SUSTAINED, "work", seed_file, 600)
    server.stop()
    row(prefix + "sustained.lost", run["refused"] + run["unanswered"], "answers", None if prefix else 0, "lower")
    row(prefix + "sustained.silent", run["silent_ms"], "ms", None if prefix else 1000, "lower")
    row(prefix + "sustained.rate", run["rate"], "answers/s")
    row(prefix + "sustained.p99_ms", run["p99_ms"], "ms")
    row(prefix + "sustained.max_ms", run["max_ms"], "ms")
    row(prefix + "sustained.answered", run["answered"], "answers")


def suite(work, prefix, databases=None):
    global TOKEN
    db = iter(databases) if databases else iter(lambda: None, 0)
    where = {name: (os.path.join(work, prefix + name), next(db)) for name in ("small", "big", "leased", "work")}
    n = TASKS if not prefix else TASKS // 10

    def seed(name, tasks, people, overlap, leases=False):
        folder, database = where[name]
        path = folder + ".json"
        tool("acts", "seed", folder, tasks, people, overlap, database or "", *(["leases"] if leases else []),
             data=path)
        return folder, database, path

    note(f"{prefix or 'SQLite'}: {n:,} tasks; the next task")
    small, sdb, _ = seed("small", 10000, 8, 2)
    big, bdb, _ = seed("big", n, 8, 2)
    next_rows(big, small, prefix, bdb, sdb)
    start_rows(big, prefix, bdb)
    shutil.rmtree(small)
    shutil.rmtree(big)
    note("submits")
    leased, ldb, path = seed("leased", 100000 if prefix else 500000, 64, 2, True)
    TOKEN = json.load(open(path))["owner"]
    submit_rows(leased, path, prefix, ldb)
    note("import and export")
    import_rows(leased, path, prefix, ldb)
    shutil.rmtree(leased)
    if not prefix:
        note("sustained")
        folder, database, path = seed("work", max(SUSTAINED // 4, 1000), 256, 3)
        sustained_rows(folder, path, prefix, database)
        shutil.rmtree(folder)


def postgres(work):
    folder = os.path.join(work, "pg")
    script = os.path.join(ROOT, "tests/pg.sh")
    url = subprocess.run([script, "start", folder], stdout=subprocess.PIPE, text=True,
                         check=True).stdout.strip().splitlines()[-1]
    try:
        names = ["small", "big", "leased", "work"]
        for name in names:
            subprocess.run(["psql", url, "-qc", f"CREATE DATABASE bench_{name}"], check=True)
        base, _, query = url.partition("?")
        head, _, _ = base.rpartition("/")
        suite(work, "pg.", [f"{head}/bench_{n}" + ("?" + query if query else "") for n in names])
    finally:
        subprocess.run([script, "stop", folder], check=False)


def main():
    work = tempfile.mkdtemp(prefix="annotary-bench-", dir=os.environ.get("BENCH_DIR"))
    os.chmod(work, 0o711)       # the database server runs as another user
    try:
        suite(work, "")
        if os.environ.get("BENCH_PG", "1") == "1":
            postgres(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
