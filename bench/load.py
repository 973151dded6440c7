"""Twenty people at one server over a million deals: does the analyser answer while others write?

Starts the server on a copy of a data directory (that of `make bench`), and lets `--users` people work at it, each with a
filter of their own: they open the analyser, think for half of `--think` seconds, list, filter and sort deals, think
again, and come back, every other time with a filter that nobody has asked for before. Beside them somebody changes
`--writes` deals a second. Times are taken here, from the first byte sent to the last received, over loopback, on the
same cores: they are the server's, and a little more. Every write that was acknowledged is read back at the end.

    LOUDOU_BIN=… python3 bench/load.py --report docs/LOAD.md

Run by `make bench-load`, which builds the server and writes the page.
"""

import argparse
import gzip
import http.client
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

from machine import machine

# Milliseconds.
AIMS = [
    ("analyser, the filter of before", 0.5, 100),
    ("analyser, the filter of before", 0.95, 300),
    ("analyser, a new filter", 0.5, 100),
    ("analyser, a new filter", 0.95, 300),
    ("deals: list, filter, sort", 0.5, 100),
]
START_AIM_SECONDS = 3
DIMENSIONS = ("region", "product", "channel", "industry", "team", "owner")
SORTS = ["-amount_minor", "amount_minor", "-created_on", "expected_close_on", "name", "-days_in_stage"]


class Caller:
    """One connection that stays, as a browser's does."""

    def __init__(self, url, token):
        self.at = urllib.parse.urlsplit(url)
        self.token = token
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        """Returns status, headers, JSON and milliseconds."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=60)
        sent = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip", **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        begun = time.perf_counter()
        self.connection.request(method, path, data, sent)
        response = self.connection.getresponse()
        raw = response.read()
        took = (time.perf_counter() - begun) * 1000
        if response.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        return response.status, response.headers, json.loads(raw) if raw else None, took

    def get(self, path, **query):
        return self.call("GET", path + "?" + urllib.parse.urlencode(query, doseq=True))


class Times:
    def __init__(self):
        self.lock = threading.Lock()
        self.of = {}

    def add(self, what, milliseconds):
        with self.lock:
            self.of.setdefault(what, []).append(milliseconds)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Server:
    """The shipped binary on a copy of the data, with a user who may see and change deals."""

    def __init__(self, binary, source, work):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)
        place = ["--data", str(work)]
        add = [binary, "user", "add", "load", "--role", "operations", *place]
        subprocess.run(add, input="a password for this run alone\n", text=True, check=True, stdout=subprocess.DEVNULL)
        new = [binary, "token", "new", "--user", "load", *place]
        self.token = subprocess.run(new, text=True, check=True, stdout=subprocess.PIPE).stdout.strip()
        self.command = [binary, "serve", "--listen", "127.0.0.1:0", *place]
        self.start().stop()
        self.start()

    def start(self):
        """Starts it; the first time it reads the journal and writes the checkpoint, which is no start-up."""
        begun = time.perf_counter()
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().strip()
        self.start_seconds = time.perf_counter() - begun
        if not self.url:
            raise SystemExit("the server did not start")
        return self

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return {
            name: int(line.split()[1]) / 1024
            for line in status.splitlines()
            for name in ("VmRSS", "VmHWM")
            if line.startswith(name)
        }

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Filters:
    """Chips of single values, and pairs of them, each given out once."""

    def __init__(self, caller):
        self.lock = threading.Lock()
        self.dice = random.Random(1)
        self.values = {}
        for dimension in DIMENSIONS:
            _, _, found, _ = caller.get("/api/v1/members", dimension=dimension, limit=50)
            self.values[dimension] = [f"{dimension}:{member['value']}" for member in found if member.get("value")]
        if not any(self.values.values()):
            raise SystemExit("there is nothing to filter by: is there data?")
        self.given = set()

    def own(self, person):
        """The filter of a person."""
        dimension = DIMENSIONS[person % len(DIMENSIONS)]
        return [self.values[dimension][person // len(DIMENSIONS) % len(self.values[dimension])]]

    def new(self):
        """A filter that was not given out yet."""
        with self.lock:
            while True:
                one, other = self.dice.sample(DIMENSIONS, 2)
                chips = tuple(sorted([self.dice.choice(self.values[one]), self.dice.choice(self.values[other])]))
                if chips not in self.given:
                    self.given.add(chips)
                    return list(chips)


def person(at, filters, number, think, stop, times, failures):
    caller, dice, visits = Caller(at.url, at.token), random.Random(number), 0
    stop.wait(dice.random() * think)
    while not stop.is_set():
        is_new = visits % 2 == 0 and visits > 0
        chips = filters.new() if is_new else filters.own(number)
        what = "analyser, a new filter" if is_new or visits == 0 else "analyser, the filter of before"
        status, _, body, took = caller.get("/api/v1/analyser", by="region", f=chips)
        if status != 200:
            failures.append((status, body))
        times.add(what, took)
        visits += 1
        if stop.wait(think / 2):
            return
        status, _, body, took = caller.get("/api/v1/opportunities", f=chips, sort=dice.choice(SORTS), limit=100)
        if status != 200:
            failures.append((status, body))
        times.add("deals: list, filter, sort", took)
        stop.wait(think / 2)


def writer(at, deals, writes, stop, times, failures, written):
    caller, count = Caller(at.url, at.token), 0
    while not stop.wait(1 / writes):
        deal = deals[count % len(deals)]
        count += 1
        path = f"/api/v1/opportunities/{deal}"
        status, headers, _, _ = caller.call("GET", path)
        if status != 200:
            failures.append((status, f"GET {path}"))
            continue
        step = f"call {count}"
        status, _, body, took = caller.call("PATCH", path, {"next_step": step}, {"If-Match": headers["ETag"]})
        if status not in (200, 204):
            failures.append((status, body))
            continue
        written[deal] = step
        times.add("a change written", took)


def spread(caller, count):
    """Open deals from all over the list, so that writes touch all of the warehouse."""
    deals = []
    for sort in SORTS:
        status, _, page, _ = caller.get("/api/v1/opportunities", limit=200, open="true", sort=sort)
        if status != 200:
            raise SystemExit(f"the list of deals answers {status}: {page}")
        deals += [row["id"] for row in page["rows"]]
    deals = sorted(set(deals))
    random.Random(2).shuffle(deals)
    return deals[:count]


def reads(caller, deal, step):
    _, _, page, _ = caller.call("GET", f"/api/v1/opportunities/{deal}")
    return any(field["name"] == "next_step" and field["value"] == step for field in page["fields"])


def work(at, given):
    """Lets people work. Returns the times, how many deals were changed, those not found again, and failures."""
    caller = Caller(at.url, at.token)
    deals, filters = spread(caller, 1000), Filters(caller)
    times, failures, written, stop = Times(), [], {}, threading.Event()
    threads = [
        threading.Thread(target=person, args=(at, filters, number, given.think, stop, times, failures))
        for number in range(given.users)
    ]
    if given.writes > 0:
        threads.append(
            threading.Thread(target=writer, args=(at, deals, given.writes, stop, times, failures, written))
        )
    for thread in threads:
        thread.start()
    time.sleep(given.seconds)
    stop.set()
    for thread in threads:
        thread.join()
    lost = [deal for deal, step in written.items() if not reads(caller, deal, step)]
    return times.of, written, lost, failures


def report(given, at, load, times, written, lost, failures):
    """The measurements as a page."""
    memory = at.memory_mib()
    lines = [
        "# Load",
        "",
        "Written by `make bench-load`; the numbers below are those of its last run on this checkout.",
        "",
        f"- machine: {machine()}; the people are on the same cores; load at the start {load}",
        f"- build: cargo profile `{os.environ.get('LOUDOU_PROFILE', 'release')}`",
        "- data: that of [BENCHMARKS](BENCHMARKS.md)",
        f"- {given.users} people, {given.think:.0f} s of thinking a round, {given.writes:.0f} changes a second beside them,"
        f" {given.seconds:.0f} s",
        "",
        "| what | n | p50 ms | p95 ms | most ms |",
        "|---|---:|---:|---:|---:|",
    ]
    for what, values in sorted(times.items()):
        row = (statistics.median(values), percentile(values, 0.95), max(values))
        lines.append(f"| {what} | {len(values)} | " + " | ".join(f"{value:.0f}" for value in row) + " |")
    lines.append("")
    for aim, is_reached in aims(at, times):
        lines.append(f"Aim: {aim.replace('…', 'reached' if is_reached else 'missed')}.  ")
    lines[-1] = lines[-1].rstrip()
    lines += [
        "",
        f"{len(written)} deals were changed; {len(lost)} acknowledged changes were not found again;"
        f" {len(failures)} requests failed. Resident memory {memory['VmRSS']:,.0f} MiB, at most"
        f" {memory['VmHWM']:,.0f} MiB.",
        "",
    ]
    return "\n".join(lines)


def aims(at, times):
    """Every aim with what was found, `…` standing for whether it was reached, and whether it was."""
    for what, share, aim in AIMS:
        found = percentile(times.get(what) or [float("inf")], share)
        yield f"{what}, p{share * 100:.0f} under {aim} ms: … ({found:.0f} ms)", found < aim
    what = f"from the command to the first answer under {START_AIM_SECONDS} s"
    yield f"{what}: … ({at.start_seconds:.2f} s)", at.start_seconds < START_AIM_SECONDS


def main():
    cache = pathlib.Path(os.environ.get("LOUDOU_CACHE") or pathlib.Path.home() / ".cache" / "loudou")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=cache / "bench" / "data", help="data directory to copy")
    parser.add_argument("--work", type=pathlib.Path, default=cache / "bench" / "load", help="where the copy goes")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--think", type=float, default=10.0)
    parser.add_argument("--writes", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--report", type=pathlib.Path, help="page to write")
    given = parser.parse_args()
    if not (given.data / "loudou.db").exists():
        raise SystemExit(f"there is no data in {given.data}: run `make bench` first, or name a directory by --data")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    at = Server(os.environ["LOUDOU_BIN"], given.data, given.work)
    try:
        times, written, lost, failures = work(at, given)
        page = report(given, at, load, times, written, lost, failures)
    finally:
        at.stop()
    print(page)
    for failure in failures[:5]:
        print("  ", failure, file=sys.stderr)
    if given.report:
        given.report.write_text(page)
    missed = [aim for aim, is_reached in aims(at, times) if not is_reached]
    for aim in missed:
        print("missed:", aim.replace(": …", ""), file=sys.stderr)
    raise SystemExit(1 if lost or failures or missed else 0)


if __name__ == "__main__":
    main()
