"""Counts by other means what tests/quality/figures.rs expects of datasets/regional-sales at the day of its export.

    python3 crates/app/tests/quality/regional_sales.py

Reads the CSV files with the standard library alone, and knows of our code only which rules there are and their weights.
"""

import collections
import csv
import pathlib

HERE = pathlib.Path(__file__).resolve()
DATA = HERE.parents[4] / "datasets" / "regional-sales"
DAY = "2021-11-10"


def rows(name):
    with open(DATA / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def main():
    counts, scores = {}, {"deal": [], "customer": []}

    def judge(kind, verdicts):
        """`verdicts`: rule, weight, whether it passes."""
        for rule, _, passed in verdicts:
            asked, failing = counts.get(rule, (0, 0))
            counts[rule] = (asked + 1, failing + (not passed))
        whole = sum(weight for _, weight, _ in verdicts)
        if whole:
            scores[kind].append(sum(weight for _, weight, passed in verdicts if passed) / whole)

    accounts = {row["AccountSeq"]: row for row in rows("Accounts.csv")}
    industries = {row["IndustrySeq"] for row in rows("Industries.csv")}
    territories = {row["TerritorySeq"] for row in rows("Territories.csv")}
    owners = {row["SystemUserSeq"] for row in rows("Owners.csv")}
    for row in rows("Opportunities.csv"):
        known = row["AccountSeq"] in accounts
        if row["Status"] == "Open":
            close = row["CloseDate"]
            verdicts = [
                ("stage_missing", 3, bool(row["Sales Stage"])),
                ("owner_missing", 3, row["SystemUserSeq"] in owners),
                ("customer_missing", 3, known),
                ("close_missing", 2, bool(close)),
            ]
            if row["Value"]:
                verdicts.append(("currency_missing", 3, True))
                if row["Sales Stage"] in ("3-Propose", "4-Close"):
                    verdicts.append(("amount_zero", 3, float(row["Value"]) > 0))
            if close:
                verdicts.append(("close_past", 3, close >= DAY))
                verdicts.append(("close_before_creation", 2, close >= row["Opportunity Created On"]))
            judge("deal", verdicts)
        elif row["Status"] == "Won":
            verdicts = [("customer_missing", 3, known), ("won_without_amount", 3, bool(row["Value"]))]
            if row["Value"]:
                verdicts.append(("currency_missing", 3, True))
            judge("deal", verdicts)
        else:
            judge("deal", [("lost_without_reason", 2, False)])
    # Of customers there is no tax number; names are alike without regard to case and spaces.
    plain = {key: "".join(row["Account Name"].lower().split()) for key, row in accounts.items()}
    bearers = collections.Counter(plain.values())
    for key, row in accounts.items():
        judge(
            "customer",
            [
                ("industry_missing", 2, row["IndustrySeq"] in industries),
                ("region_missing", 1, row["TerritorySeq"] in territories),
                ("keeper_missing", 2, row["AccountOwnerSeq"] in owners),
                ("customer_alike", 2, bearers[plain[key]] == 1),
            ],
        )
    for rule in sorted(counts):
        print(rule, *counts[rule])
    for kind, all_of_them in scores.items():
        print(kind, len(all_of_them), round(sum(all_of_them) / len(all_of_them), 9))
    both = scores["deal"] + scores["customer"]
    print("both", len(both), round(sum(both) / len(both), 9))


main()
