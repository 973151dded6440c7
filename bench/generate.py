"""Writes a deals table and its change log in Parquet: made-up deals that behave like real ones.

The same arguments write the same rows. A deal's first change is its creation; later ones set only what changed, and a
blank means "as before". There are skips, returns, wins, losses, reopened losses, changes of owner, amount and expected
close, deals without an amount or an expected close, changes on one day, and deals created in a later stage.

Used by run.py; alone: python bench/generate.py OUT --deals 50000
"""

import argparse
import pathlib
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FIRST_DAY = date(2023, 1, 2)
LAST_DAY = date(2026, 6, 30)
# The open stages of the ready-made process `b2b-seven`, in order; the number of a stage is its place here.
STAGES = ["lead", "contact", "needs", "solution", "proof", "decision"]

REGIONS, PRODUCTS, INDUSTRIES, CHANNELS = 12, 40, 10, 6
OWNERS, TEAMS = 400, 20
KEPT = -1  # the field stays as it was
ABSENT = -2  # the deal never had a value
OPEN, WON, LOST = 0, 1, 2
MINUTES_A_DAY = 24 * 60


def skewed(rng, count, size):
    """Codes below `count`, the first ones more often: real dimensions have favourites."""
    weights = 1.0 / (np.arange(count) + 3.0)
    return rng.choice(count, size=size, p=weights / weights.sum()).astype(np.int32)


class Log:
    """Rows of the change log, round by round."""

    FIELDS = ("deal", "minute", "stage", "outcome", "amount_minor", "owner", "expected_close")

    def __init__(self):
        self.rounds = []

    def add(self, **columns):
        self.rounds.append({name: columns[name].astype(np.int64) for name in self.FIELDS})

    def sorted(self):
        """All rows, by deal and then in the order in which they were made."""
        joined = {name: np.concatenate([one[name] for one in self.rounds]) for name in self.FIELDS}
        order = np.argsort(joined["deal"], kind="stable")
        return {name: column[order] for name, column in joined.items()}


def simulate(deals, seed):
    """The static columns of the deals, and the log."""
    rng = np.random.default_rng(seed)
    last_minute = ((LAST_DAY - FIRST_DAY).days + 1) * MINUTES_A_DAY - 1
    # Business grows: later days see more new deals.
    born = ((np.sqrt(rng.random(deals) * 0.96 + 0.04) - 0.2) / 0.8 * last_minute).astype(np.int64)
    born.sort()
    static = {
        "region": skewed(rng, REGIONS, deals),
        "product": skewed(rng, PRODUCTS, deals),
        "industry": skewed(rng, INDUSTRIES, deals),
        "channel": skewed(rng, CHANNELS, deals),
        "account": rng.integers(0, max(deals // 20, 1), deals),
    }
    log = Log()
    deal = np.arange(deals)
    minute = born.copy()
    stage = rng.choice([0, 1, 2], size=deals, p=[0.93, 0.05, 0.02])
    amount = np.exp(rng.normal(10.5, 1.2, deals)).astype(np.int64) * 100 + rng.integers(0, 100, deals)
    amount[rng.random(deals) < 0.02] = ABSENT
    owner = skewed(rng, OWNERS, deals)
    close = minute // MINUTES_A_DAY + rng.integers(20, 200, deals)
    close[rng.random(deals) < 0.03] = ABSENT
    outcome = np.full(deals, OPEN)
    log.add(deal=deal, minute=minute, stage=stage, outcome=outcome, amount_minor=amount, owner=owner, expected_close=close)

    state = {"deal": deal, "minute": minute, "stage": stage, "outcome": outcome, "amount": amount, "close": close}
    while len(state["deal"]):
        state = step(rng, log, state, last_minute)
    return static, born, log.sorted()


def step(rng, log, state, last_minute):
    """One more change of every deal that still changes. Returns the deals that may change again."""
    n = len(state["deal"])
    # Some changes come on the same day, most after days or weeks.
    gap = np.where(rng.random(n) < 0.04, rng.integers(1, 120, n), rng.exponential(24 * MINUTES_A_DAY, n) + 60)
    lost = state["outcome"] == LOST
    gap = np.where(lost, gap * 3, gap)
    minute = state["minute"] + gap.astype(np.int64)
    alive = minute <= last_minute
    state = {name: column[alive] for name, column in state.items()}
    minute, lost = minute[alive], lost[alive]
    n = len(minute)
    if n == 0:
        return state
    stage, amount, close = state["stage"].copy(), state["amount"].copy(), state["close"].copy()
    kind = rng.random(n)
    last = stage == len(STAGES) - 1

    # What happens: on, over one, back, amount, close, owner, won, lost. A lost deal is only ever opened again.
    on = ~lost & (kind < 0.37)
    over = ~lost & (kind >= 0.37) & (kind < 0.43)
    back = ~lost & (kind >= 0.43) & (kind < 0.47) & (stage > 0)
    resized = ~lost & (kind >= 0.47) & (kind < 0.57)
    moved = ~lost & (kind >= 0.57) & (kind < 0.68)
    handed = ~lost & (kind >= 0.68) & (kind < 0.72)
    win = ~lost & ((last & (on | over)) | ((kind >= 0.72) & (kind < 0.72 + 0.02 * stage)))
    lose = ~lost & ~win & (kind >= 0.77)
    reopen = lost

    target = np.clip(stage + on + 2 * over - back, 0, len(STAGES) - 1)
    steps = (on | over | back) & ~win & (target != stage)
    resized |= win & (rng.random(n) < 0.3)
    moved |= steps & (rng.random(n) < 0.25)
    factor = np.exp(rng.normal(0.0, 0.3, n))
    resized_to = np.where(amount == ABSENT, 5_000_000, (np.maximum(amount, 0) * factor).astype(np.int64) + 1)
    today = minute // MINUTES_A_DAY
    moved_to = np.where(rng.random(n) < 0.8, np.maximum(close, today) + rng.integers(7, 90, n), today + rng.integers(1, 30, n))

    columns = {
        "deal": state["deal"],
        "minute": minute,
        "stage": np.where(steps, target, KEPT),
        "outcome": np.where(win, WON, np.where(lose, LOST, np.where(reopen, OPEN, KEPT))),
        "amount_minor": np.where(resized, resized_to, KEPT),
        "owner": np.where(handed, skewed(rng, OWNERS, n), KEPT),
        "expected_close": np.where(moved, moved_to, KEPT),
    }
    told = np.any([columns[name] != KEPT for name in Log.FIELDS[2:]], axis=0)
    log.add(**{name: column[told] for name, column in columns.items()})

    now = {
        "deal": state["deal"],
        "minute": minute,
        "stage": np.where(steps, target, stage),
        "outcome": np.where(win, WON, np.where(lose, LOST, OPEN)),
        "amount": np.where(resized, resized_to, amount),
        "close": np.where(moved, moved_to, close),
    }
    # Wins are final; of the losses a few are opened again, once or more.
    goes_on = (now["outcome"] == OPEN) | (lose & (rng.random(n) < 0.04))
    return {name: column[goes_on] for name, column in now.items()}


def names(word, count):
    return pa.array([f"{word} {number:03}" for number in range(count)])


def labels(codes, members):
    """Words for codes; null where the field was kept or absent."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0, type=pa.int32()), members).cast(pa.string())


def stamps(minutes):
    epoch = np.datetime64(FIRST_DAY, "us")
    return pa.array(epoch + minutes * np.timedelta64(60_000_000, "us"), type=pa.timestamp("us"))


def days(codes):
    epoch = (FIRST_DAY - date(1970, 1, 1)).days
    return pa.array((codes + epoch).astype(np.int32), mask=codes < 0, type=pa.int32()).cast(pa.date32())


def money(minor):
    """Major units with two decimals, exactly."""
    cents = pa.array(minor, mask=minor < 0, type=pa.int64()).cast(pa.decimal128(19, 0))
    hundredth = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))
    return pc.multiply(cents, hundredth).cast(pa.decimal128(20, 2))


def write(out, deals, seed, by_time=False):
    """Writes deals.parquet and changes.parquet into `out`, the log by deal or by time. Returns how many changes it has."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    static, born, log = simulate(deals, seed)
    if by_time:
        order = np.argsort(log["minute"], kind="stable")
        log = {name: column[order] for name, column in log.items()}
    ids = pa.array([f"D{number:07}" for number in range(deals)])
    table = pa.table(
        {
            "deal_id": ids,
            "created_at": stamps(born),
            "account": labels(static["account"].astype(np.int32), names("Account", max(deals // 20, 1))),
            "product": labels(static["product"], names("Product", PRODUCTS)),
            "region": labels(static["region"], names("Region", REGIONS)),
            "industry": labels(static["industry"], names("Industry", INDUSTRIES)),
            "channel": labels(static["channel"], names("Channel", CHANNELS)),
        }
    )
    pq.write_table(table, out / "deals.parquet", compression="zstd")
    owner = log["owner"].astype(np.int32)
    changes = pa.table(
        {
            "deal_id": ids.take(pa.array(log["deal"])),
            "changed_at": stamps(log["minute"]),
            "stage": labels(log["stage"].astype(np.int32), pa.array(STAGES)),
            "outcome": labels(log["outcome"].astype(np.int32), pa.array(["open", "won", "lost"])),
            "amount": money(log["amount_minor"]),
            "owner": labels(owner, names("Owner", OWNERS)),
            "team": labels(np.where(owner < 0, owner, owner % TEAMS), names("Team", TEAMS)),
            "expected_close_on": days(log["expected_close"]),
        }
    )
    pq.write_table(changes, out / "changes.parquet", compression="zstd")
    return changes.num_rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--deals", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=42)
    arguments.add_argument("--by-time", action="store_true", help="the log in the order of time, not deal by deal")
    given = arguments.parse_args()
    changes = write(given.out, given.deals, given.seed, given.by_time)
    print(f"{given.deals:,} deals, {changes:,} changes in {given.out}")


if __name__ == "__main__":
    main()
