"""Loudou beside DuckDB on one change log: the import, the opening, and the eight questions of a dashboard.

Makes the log (generate.py), imports it into an embedded database with the shipped binary, rebuilds the warehouse from
the journal, opens it again from its checkpoint, and asks. DuckDB builds its interval table from the same files
(sql/intervals.sql) and is asked in two ways: the SQL one would write first (sql/straightforward) and the best that was
found (sql/best). Every answer is compared, row by row; a difference is a failure. Both have as many threads, hold
everything in memory, and are asked the same question `--runs` times, to an answer in columns: the median counts.
Nothing is remembered between questions.

Run by `make bench`, which builds what is measured and names it in LOUDOU_BIN and LOUDOU_DASHBOARD (and, where it is not
`release`, the cargo profile in LOUDOU_PROFILE).
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
import warnings
from datetime import date, timedelta

import duckdb

import generate
from machine import machine

HERE = pathlib.Path(__file__).parent
SETS = ("straightforward", "best")
# What has to be reached, by the set of queries.
AIMS = {"straightforward": 15, "best": 5}
TITLES = {
    "1_stock": "stock by region and product",
    "2_stock_filtered": "the same, filtered by channel and amount",
    "3_trend": "trend over 104 weeks",
    "4_migration": "migration over 26 weeks",
    "5_conversion": "quarterly cohorts' conversion by product",
    "6_stay": "median stay by region and product",
    "7_win_rate": "win rate by owner",
    "8_bridge": "a quarter's bridge",
}
TREND_WEEKS, MOVES_WEEKS = 104, 26


def terms(threads, runs):
    """One set of dates and filters for all three."""
    as_of = generate.LAST_DAY
    sunday = as_of - timedelta(days=(as_of.weekday() + 1) % 7)
    trend = [sunday - timedelta(weeks=back) for back in reversed(range(TREND_WEEKS))]
    moves = [sunday - timedelta(weeks=back) for back in reversed(range(MOVES_WEEKS + 1))]
    starts = [date(year, month, 1) for year in (2024, 2025, 2026) for month in (1, 4, 7, 10)][2:11]
    days = {
        "as_of": as_of,
        "first_day": generate.FIRST_DAY,
        "cohorts_from": starts[0],
        "cohorts_to": starts[-1] - timedelta(days=1),
        "year_from": date(2025, 7, 1),
        "year_to": as_of,
        "bridge_from": date(2026, 3, 31),
        "bridge_to": as_of,
        "due_from": date(2026, 4, 1),
        "due_to": as_of,
    }
    lists = {"trend_ends": trend, "moves_ends": moves, "cohort_ends": [day - timedelta(days=1) for day in starts[1:]]}
    plain = {"channel": "Channel 001", "amount_minor": 5_000_000, "threads": threads, "runs": runs}
    out = {name: str(day) for name, day in days.items()} | {name: [str(day) for day in of] for name, of in lists.items()}
    out |= plain
    out["filter"] = f"channel = '{out['channel']}' and amount > {out['amount_minor'] // 100}"
    out |= {"trend_first": str(trend[0]), "trend_last": str(trend[-1]), "trend_weeks": TREND_WEEKS}
    out |= {"moves_first": str(moves[0]), "moves_last": str(moves[-1]), "moves_weeks": MOVES_WEEKS}
    return out


def filled(path, values):
    """A query with its terms written in, as literals."""
    text = path.read_text()
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_loudou(command, **more):
    """Runs a command; returns its JSON, its seconds and the most memory it held, in KiB."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command} ended with {child.returncode}")
    return json.loads(out), time.perf_counter() - begun, usage.ru_maxrss


def ask_loudou(dashboard, data, values):
    """Rebuilds and opens the warehouse, and asks. Returns what the two calls told."""
    checkpoint = data / "bench-warehouse"
    shutil.rmtree(checkpoint, ignore_errors=True)
    answers = []
    for _ in range(2):
        with open(data / "terms.json", "w+") as given:
            json.dump(values, given)
            given.seek(0)
            told, _, _ = run_loudou([dashboard, f"sqlite://{data / 'loudou.db'}", str(checkpoint)], stdin=given)
        answers.append(told)
    rebuilt, opened = answers
    if rebuilt["from_checkpoint"] or not opened["from_checkpoint"]:
        raise SystemExit(f"expected a rebuild and then a checkpoint: {rebuilt['opened']}; {opened['opened']}")
    return rebuilt, opened


def ask_duckdb(files, values):
    """Builds the interval table and asks both sets. Returns seconds, and times and rows by set and question."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {values['threads']}")
    begun = time.perf_counter()
    connection.execute(filled(HERE / "sql" / "intervals.sql", {"data": files}))
    built = time.perf_counter() - begun
    found = {name: {} for name in SETS}
    for name in SETS:
        for question in TITLES:
            query = filled(HERE / "sql" / name / f"{question}.sql", values)
            millis = []
            for _ in range(values["runs"]):
                begun = time.perf_counter()
                table = connection.execute(query).to_arrow_table()
                millis.append((time.perf_counter() - begun) * 1000)
            found[name][question] = {"millis": millis, "rows": table.to_pylist()}
            say(f"    {name:15} {question:18} {statistics.median(millis):10.1f} ms")
    return built, found


def quarter_of(values, day):
    """The first day of the cohort that ends on `day`."""
    ends = values["cohort_ends"]
    place = ends.index(day)
    return values["cohorts_from"] if place == 0 else str(date.fromisoformat(ends[place - 1]) + timedelta(days=1))


def canonical(question, rows, values, ours):
    """Rows of either engine as the same sorted tuples: words and whole numbers."""
    columns = {
        "1_stock": ("region", "product", "stage", "deals", "amount_minor"),
        "2_stock_filtered": ("region", "product", "stage", "deals", "amount_minor"),
        "3_trend": ("day", "stage", "deals", "amount_minor"),
        "4_migration": ("day", "from", "to", "deals", "amount_from_minor", "amount_to_minor"),
        "5_conversion": ("product", "quarter", "stage", "entered", "skipped", "forward", "lost", "pending"),
        "6_stay": ("region", "product", "stage", "visits", "median_days"),
        "7_win_rate": ("owner", "won", "won_amount_minor", "lost", "lost_amount_minor"),
        "8_bridge": ("line", "deals", "amount_minor"),
    }[question]
    words = {"region", "product", "owner", "stage", "from", "to", "line", "day", "quarter"}
    out = []
    for row in rows:
        row = dict(row)
        if ours and question == "5_conversion":
            row["quarter"] = quarter_of(values, row["day"])
            # Stages that a cohort only passed: the SQL makes no row of them.
            if row["entered"] == "0" and row["skipped"] == "0":
                continue
        if not ours:
            for name in ("stage", "from", "to"):
                if str(row.get(name)).isdigit():
                    row[name] = generate.STAGES[int(row[name])]
        out.append(tuple(str(row[name]) if name in words else int(row[name]) for name in columns))
    return sorted(out)


def compare(values, ours, theirs):
    """Whether both sets of SQL say what we say. Tells the first difference."""
    equal = True
    for question in TITLES:
        own = canonical(question, ours[question]["rows"], values, True)
        for name in SETS:
            other = canonical(question, theirs[name][question]["rows"], values, False)
            if own == other:
                continue
            equal = False
            say(f"{question}: Loudou and DuckDB ({name}) differ: {len(own)} and {len(other)} rows")
            for row in sorted(set(own) ^ set(other))[:6]:
                say(f"    {'Loudou' if row in set(own) else 'DuckDB'} alone: {row}")
        if not own:
            equal = False
            say(f"{question}: there is no row to compare")
    return equal


def kernels(target):
    """What criterion measured last, by name: changes a second. Nothing where it has not run."""
    found = {}
    for path in sorted(pathlib.Path(target, "criterion").glob("*/*/new/benchmark.json")):
        told = json.loads(path.read_text())
        estimates = json.loads((path.parent / "estimates.json").read_text())
        found[told["full_id"]] = told["throughput"]["Elements"] / estimates["median"]["point_estimate"] * 1e9
    return found


def report(measured):
    """The measurements as a page."""
    m = measured
    medians, size = m["medians"], f"{m['deals']:,} deals, {m['changes']:,} changes"
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; the numbers below are those of its last run on this checkout.",
        "",
        f"- command: `{m['command']}`",
        f"- machine: {m['machine']}; both engines {m['threads']} threads; load at the start {m['load']}",
        f"- build: cargo profile `{m['profile']}`",
        f"- data: {size}, made by `bench/generate.py` with seed {m['seed']}",
        f"- DuckDB {m['duckdb']}, in memory, over its interval table ({m['intervals_seconds']:.1f} s to build)",
        "",
        "## The eight questions",
        "",
        f"Milliseconds, the median of {m['runs']} runs in one resident process each; no answer is remembered. All answers",
        "were compared row by row and are equal. *Straightforward* is the SQL one would write first, *best* the best that",
        "was found; both are in `bench/sql`.",
        "",
        "| question | Loudou | DuckDB, straightforward | DuckDB, best | × straightforward | × best |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for question, title in TITLES.items():
        own = medians["loudou"][question]
        sql = [medians[name][question] for name in SETS]
        times = " | ".join(f"{value:,.1f}" for value in [own, *sql])
        lines.append(f"| {title} | {times} | {sql[0] / own:.1f} | {sql[1] / own:.1f} |")
    sums = {name: sum(of.values()) for name, of in medians.items()}
    ratios = {name: sums[name] / sums["loudou"] for name in SETS}
    times = " | ".join(f"**{sums[name]:,.1f}**" for name in ("loudou", *SETS))
    lines += [
        f"| **together** | {times} | **{ratios['straightforward']:.1f}** | **{ratios['best']:.1f}** |",
        "",
        *(
            f"Aim: together at least {aim} × faster than {name}: {'reached' if ratios[name] >= aim else 'missed'}"
            f" ({ratios[name]:.1f} ×).  "
            for name, aim in AIMS.items()
        ),
        "",
        "## The scans alone",
        "",
        "Millions of changes a second, by criterion, over journeys in memory: no planning, no filter, no answer. Aim: at",
        "least 80 on one core. *Fused* is three tallies in one scan: a change is counted three times.",
        "",
        "| scan | M changes/s |",
        "|---|---:|",
        *(f"| {name} | {rate / 1e6:,.0f} |" for name, rate in m["kernels"].items()),
        "",
        "Stock, migration, bridge and win rate reach it. Trend and series book a difference at both ends of every state,",
        "conversion and dwell follow a deal from stage to stage: they do more for a change and stay below. Grouped by region",
        "and owner, the cells of trend and series no longer fit a core's cache.",
        "",
        "## Import, opening, memory",
        "",
        "| what | measured | aim |",
        "|---|---:|---:|",
        f"| import into SQLite, from Parquet to the last fsync | {m['import_seconds']:.1f} s: {m['import_rate']:,.0f}"
        " change rows/s (the deals' rows go in besides) | ≥ 50,000/s |",
        f"| most memory held by the import | {m['import_peak_kib'] / 1024:,.0f} MiB | |",
        f"| database file | {m['database_bytes'] / 2**20:,.0f} MiB | |",
        f"| full rebuild of the warehouse from the journal | {m['rebuild_millis'] / 1000:.2f} s | stated |",
        f"| opening from the checkpoint | {m['open_millis'] / 1000:.2f} s | < 2 s |",
        f"| resident memory after opening (VmRSS) | {m['resident_open_kib'] / 1024:,.0f} MiB | < 1.5 GiB |",
        f"| resident memory after all questions (VmRSS) | {m['resident_asked_kib'] / 1024:,.0f} MiB | < 1.5 GiB |",
        f"| most memory held by that process (VmHWM) | {m['resident_peak_kib'] / 1024:,.0f} MiB | |",
        f"| columns of the journeys | {m['columns_bytes'] / 2**20:,.0f} MiB | |",
        "",
    ]
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--by-time", action="store_true", help="the log in the order of time, not deal by deal")
    parser.add_argument("--work", type=pathlib.Path, help="folder for files and databases (default: in the cache)")
    parser.add_argument("--report", type=pathlib.Path, help="page to write (default at 1 M deals: docs/BENCHMARKS.md)")
    given = parser.parse_args()
    cache = pathlib.Path(os.environ.get("LOUDOU_CACHE") or pathlib.Path.home() / ".cache" / "loudou")
    given.work = given.work or cache / "bench"
    if given.report is None and given.deals == 1_000_000:
        given.report = HERE.parent / "docs" / "BENCHMARKS.md"
    return given


def main():
    given = arguments()
    warnings.simplefilter("ignore")
    loudou, dashboard = os.environ["LOUDOU_BIN"], os.environ["LOUDOU_DASHBOARD"]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    values = terms(given.threads, given.runs)
    shutil.rmtree(given.work, ignore_errors=True)
    files, data = given.work / "files", given.work / "data"
    say(f"making {given.deals:,} deals")
    changes = generate.write(files, given.deals, given.seed, given.by_time)

    say(f"importing {changes:,} changes")
    command = [loudou, "--data", str(data), "import", "run", "deals-and-changes", str(files), "--json"]
    told, import_seconds, import_peak_kib = run_loudou(command)
    imported = told["rows"][0]
    if imported["opportunities"] != given.deals or imported["rows_rejected"] != 0:
        raise SystemExit(f"the import is not whole: {imported}")
    say(f"    {import_seconds:.1f} s, {changes / import_seconds:,.0f} change rows/s")

    say("asking Loudou")
    rebuilt, opened = ask_loudou(dashboard, data, values)
    ours = {answer["question"]: answer for answer in opened["questions"]}
    medians = {"loudou": {question: statistics.median(answer["millis"]) for question, answer in ours.items()}}
    say(f"    rebuild {rebuilt['open_millis']:,.0f} ms, from the checkpoint {opened['open_millis']:,.0f} ms")
    for question, millis in medians["loudou"].items():
        say(f"    {question:18} {millis:10.1f} ms")

    say("asking DuckDB")
    intervals_seconds, theirs = ask_duckdb(files, values)
    for name in SETS:
        medians[name] = {question: statistics.median(of["millis"]) for question, of in theirs[name].items()}
    if not compare(values, ours, theirs):
        raise SystemExit("the answers differ: the times mean nothing")

    measured = {
        "command": " ".join(["make bench" if given.report else "bench/run.py", *sys.argv[1:]]),
        "machine": machine(),
        "load": load,
        "profile": os.environ.get("LOUDOU_PROFILE", "release"),
        "threads": given.threads,
        "runs": given.runs,
        "seed": given.seed,
        "deals": given.deals,
        "changes": changes,
        "duckdb": duckdb.__version__,
        "intervals_seconds": intervals_seconds,
        "medians": medians,
        "kernels": kernels(os.environ.get("CARGO_TARGET_DIR", "target")),
        "import_seconds": import_seconds,
        "import_rate": changes / import_seconds,
        "import_peak_kib": import_peak_kib,
        "database_bytes": (data / "loudou.db").stat().st_size,
        "rebuild_millis": rebuilt["open_millis"],
        "open_millis": opened["open_millis"],
        "resident_open_kib": opened["resident_open_kib"],
        "resident_asked_kib": opened["resident_asked_kib"],
        "resident_peak_kib": opened["resident_peak_kib"],
        "columns_bytes": opened["columns_bytes"],
    }
    page = report(measured)
    print(page)
    if given.report:
        given.report.write_text(page)
        say(f"written to {given.report}")


if __name__ == "__main__":
    main()
