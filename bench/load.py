"""Twenty people at one server: does the analyser answer while others write?

Each of `--users` people has a filter of their own and opens the analyser, then a list of deals that they filter and
sort, thinking `--think` seconds in between; beside them somebody changes `--writes` deals a second. Times are taken
here, from the first byte sent to the last received, over loopback, so they are the server's and a little more; the
first answer to each person is counted apart, since nothing of it is remembered. Every write that was acknowledged is
read back at the end.

    python3 bench/load.py --url http://127.0.0.1:8420 --token "$(loudou token new --user NAME --data DIR)"

The data of `make bench` (a million deals, in the cache's bench/data) is what the aims in docs/BENCHMARKS.md are for.
"""

import argparse
import gzip
import http.client
import json
import random
import statistics
import threading
import time
import urllib.parse

AIMS = {"analyser p50": 100, "analyser p95": 300, "list p50": 100}
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


def filters(caller, users):
    """A chip of its own for each person, from the values that are there."""
    chips = []
    for dimension in ("region", "product", "channel", "industry", "team", "owner"):
        _, _, found, _ = caller.get("/api/v1/members", dimension=dimension, limit=users)
        chips += [f"{dimension}:{member['value']}" for member in found if member.get("value")]
    if not chips:
        raise SystemExit("there is nothing to filter by: is there data, and may the token see it?")
    return (chips * users)[:users]


def person(arguments, chip, seed, stop, times, failures):
    caller, dice, first = Caller(arguments.url, arguments.token), random.Random(seed), True
    stop.wait(dice.random() * arguments.think)
    while not stop.is_set():
        status, _, body, took = caller.get("/api/v1/analyser", by="region", f=chip)
        if status != 200:
            failures.append((status, body))
        times.add("analyser, first" if first else "analyser", took)
        first = False
        if stop.wait(arguments.think / 2):
            return
        status, _, body, took = caller.get("/api/v1/opportunities", f=chip, sort=dice.choice(SORTS), limit=100)
        if status != 200:
            failures.append((status, body))
        times.add("list", took)
        stop.wait(arguments.think / 2)


def writer(arguments, deals, stop, times, failures, written):
    caller, at = Caller(arguments.url, arguments.token), 0
    while not stop.wait(1 / arguments.writes):
        deal = deals[at % len(deals)]
        at += 1
        path = f"/api/v1/opportunities/{deal}"
        status, headers, _, _ = caller.call("GET", path)
        if status != 200:
            failures.append((status, f"GET {path}"))
            continue
        step = f"call {at}"
        status, _, body, took = caller.call("PATCH", path, {"next_step": step}, {"If-Match": headers["ETag"]})
        if status not in (200, 204):
            failures.append((status, body))
            continue
        written[deal] = step
        times.add("write", took)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8420")
    parser.add_argument("--token", required=True)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--think", type=float, default=10.0)
    parser.add_argument("--writes", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=120.0)
    arguments = parser.parse_args()

    caller = Caller(arguments.url, arguments.token)
    status, _, page, _ = caller.get("/api/v1/opportunities", limit=200, closed="false")
    if status != 200:
        raise SystemExit(f"the list of deals answers {status}: {page}")
    deals = [row["id"] for row in page["rows"]]
    times, failures, written, stop = Times(), [], {}, threading.Event()
    chips = filters(caller, arguments.users)
    threads = [
        threading.Thread(target=person, args=(arguments, chip, seed, stop, times, failures))
        for seed, chip in enumerate(chips)
    ]
    if arguments.writes > 0:
        threads.append(threading.Thread(target=writer, args=(arguments, deals, stop, times, failures, written)))
    for thread in threads:
        thread.start()
    time.sleep(arguments.seconds)
    stop.set()
    for thread in threads:
        thread.join()

    lost = [deal for deal, step in written.items() if not reads(caller, deal, step)]
    print(f"| what | n | p50 ms | p95 ms | most ms |\n|---|---:|---:|---:|---:|")
    for what, values in sorted(times.of.items()):
        row = (statistics.median(values), percentile(values, 0.95), max(values))
        print(f"| {what} | {len(values)} | " + " | ".join(f"{value:.0f}" for value in row) + " |")
    analyser = times.of.get("analyser", [0])
    reached = {
        "analyser p50": statistics.median(analyser),
        "analyser p95": percentile(analyser, 0.95),
        "list p50": statistics.median(times.of.get("list", [0])),
    }
    for what, aim in AIMS.items():
        print(f"{what}: {reached[what]:.0f} ms, aim {aim} ms: {'reached' if reached[what] < aim else 'MISSED'}")
    print(f"{len(written)} deals changed, {len(lost)} changes not found again; {len(failures)} failures")
    for failure in failures[:5]:
        print("  ", failure)
    raise SystemExit(1 if lost or failures else 0)


def reads(caller, deal, step):
    _, _, page, _ = caller.call("GET", f"/api/v1/opportunities/{deal}")
    return any(field["name"] == "next_step" and field["value"] == step for field in page["fields"])


if __name__ == "__main__":
    main()
