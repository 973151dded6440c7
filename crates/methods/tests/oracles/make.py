"""Records what other tools answer on generated data, for tests/oracles.rs to compare with.

    python3 -m venv VENV && VENV/bin/pip install numpy scipy statsmodels lifelines scikit-learn
    VENV/bin/python crates/methods/tests/oracles/make.py

Writes the JSON files beside itself. Same versions and seed, same files.
"""

import json
import pathlib
import warnings

import lifelines
import numpy as np
import scipy
import sklearn
import statsmodels
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from scipy import optimize, special, stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent
VERSIONS = {tool.__name__: tool.__version__ for tool in (np, scipy, statsmodels, lifelines, sklearn)}
rng = np.random.default_rng(20240229)


def floats(values):
    """Numbers for JSON; what a tool could not compute becomes null."""
    return [float(value) if np.isfinite(value) else None for value in np.asarray(values, float)]


def ints(values):
    return [int(value) for value in np.asarray(values)]


def write(name, body):
    """One case a line, so that a changed figure shows as one changed line."""
    parts = [f'"versions": {json.dumps(VERSIONS)}']
    for area, cases in body.items():
        lines = ",\n  ".join(json.dumps(case, separators=(",", ":")) for case in cases)
        parts.append(f'"{area}": [\n  {lines}\n ]')
    (HERE / name).write_text("{\n " + ",\n ".join(parts) + "\n}\n")


def spells(size, tied):
    """Exit days and causes (0 open, 1, 2, 3); few distinct days when tied."""
    days = np.ceil(rng.weibull(1.3, size) * (12 if tied else 400)).astype(int)
    cause = rng.choice([0, 1, 2, 3], size, p=[0.3, 0.25, 0.35, 0.1])
    return days, cause


def survival():
    competing, alive, late = [], [], []
    for size, tied in [(12, False), (60, True), (400, True), (400, False)]:
        days, cause = spells(size, tied)
        fit = CumIncidenceRight(days, cause)
        competing.append({
            "exit_days": ints(days), "cause": ints(cause), "times": ints(fit.times),
            "incidence": [floats(curve) for curve in fit.cinc],
            "standard_error": [floats(curve) for curve in fit.cinc_se],
        })
        km = KaplanMeierFitter().fit(days, cause > 0)
        limit = int(min(days.max(), 365))
        alive.append({
            "exit_days": ints(days), "cause": ints(cause),
            "times": ints(km.survival_function_.index), "survival": floats(km.survival_function_.iloc[:, 0]),
            "lower": floats(km.confidence_interval_.iloc[:, 0]), "upper": floats(km.confidence_interval_.iloc[:, 1]),
            "median": None if np.isinf(km.median_survival_time_) else int(km.median_survival_time_),
            "limit_days": limit, "restricted_mean": float(restricted_mean_survival_time(km, t=limit)),
        })
    for size in (80, 300):
        # Entries odd, exits even and distinct: no tie on which conventions could differ.
        exits = 2 * rng.choice(np.arange(20, 2000), size, replace=False)
        entries = np.where(rng.random(size) < 0.5, 0, 2 * (rng.random(size) * (exits / 2 - 1)).astype(int) + 1)
        entries[exits.argsort()[: size // 4]] = 0
        cause = rng.choice([0, 1, 2], size, p=[0.3, 0.3, 0.4])
        km = KaplanMeierFitter().fit(exits, cause > 0, entry=entries)
        curves = []
        for which in (1, 2):
            fit = AalenJohansenFitter(calculate_variance=False).fit(exits, cause, which, entry=entries)
            curves.append(fit.cumulative_density_.iloc[:, 0])
        times = sorted(int(day) for day in exits[cause > 0])
        late.append({
            "entry_days": ints(entries), "exit_days": ints(exits), "cause": ints(cause), "times": times,
            "survival": floats(km.survival_function_at_times(times)),
            "incidence": [floats([curve.asof(day) for day in times]) for curve in curves],
        })
    write("survival.json", {"competing": competing, "kaplan_meier": alive, "late_entry": late})


def intervals():
    wilson, newcombe = [], []
    for trials in (1, 3, 17, 240, 100_000):
        for successes in sorted({0, 1, trials // 3, trials - 1, trials}):
            for level in (0.8, 0.95, 0.99):
                low, high = proportion_confint(successes, trials, 1 - level, "wilson")
                wilson.append([successes, trials, level, float(low), float(high)])
    for a, n, b, m in [(56, 70, 48, 80), (0, 10, 0, 20), (9, 10, 3, 10), (10, 10, 0, 20), (301, 1000, 270, 900)]:
        low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")
        newcombe.append([a, n, b, m, float(low), float(high)])
    write("intervals.json", {"wilson": wilson, "newcombe": newcombe})


def shrinkage():
    priors, corrected = [], []
    for size, strength, most in [(8, 6.0, 30), (40, 25.0, 120), (200, 60.0, 400)]:
        trials = rng.integers(1, most, size)
        successes = rng.binomial(trials, rng.beta(0.3 * strength, 0.7 * strength, size))

        def loss(x):
            a, b = np.exp(x)
            return -np.sum(special.betaln(successes + a, trials - successes + b) - special.betaln(a, b))

        def slope(x):
            a, b = x
            whole = np.sum(special.digamma(a + b) - special.digamma(trials + a + b))
            return [np.sum(special.digamma(successes + a) - special.digamma(a)) + whole,
                    np.sum(special.digamma(trials - successes + b) - special.digamma(b)) + whole]

        # The search finds the hill, the root of the slope its top to the last digits.
        hill = optimize.minimize(loss, np.zeros(2), method="Nelder-Mead")
        a, b = optimize.root(slope, np.exp(hill.x), tol=1e-14).x
        posterior = stats.beta(successes + a, trials - successes + b)
        priors.append({
            "successes": ints(successes), "trials": ints(trials), "a": float(a), "b": float(b),
            "mean": floats(posterior.mean()), "lower": floats(posterior.ppf(0.025)), "upper": floats(posterior.ppf(0.975)),
        })
    for size in (1, 10, 100):
        p = np.round(rng.random(size) ** 3, 4)
        corrected.append({"p": floats(p), "q": floats(multipletests(p, method="fdr_bh")[1])})
    write("shrinkage.json", {"priors": priors, "benjamini_hochberg": corrected})


def scores():
    scored, draws, tables = [], [], []
    for size in (9, 100, 500):
        stated = np.round(rng.random(size), 2)
        outcome = (rng.random(size) < stated**1.5).astype(int)
        isotonic = IsotonicRegression(out_of_bounds="clip").fit(stated, outcome)
        asked = np.round(np.linspace(0, 1, 41), 3)
        scored.append({
            "outcome": ints(outcome), "stated": floats(stated), "brier": float(brier_score_loss(outcome, stated)),
            "log_loss": float(log_loss(outcome, stated)), "auc": float(roc_auc_score(outcome, stated)),
            "asked": floats(asked), "isotonic": floats(isotonic.predict(asked)),
        })
    for size in (1, 7, 200):
        sample, outcome = np.round(rng.gamma(3, 20, size), 3), 55.0
        # Energy distance to a single point is twice the score of the draws, rooted.
        draws.append({"draws": floats(sample), "outcome": outcome,
                      "crps": float(stats.energy_distance(sample, [outcome]) ** 2 / 2)})
    for _ in range(12):
        table = rng.integers(0, 30, (2, 2))
        tables.append({"table": [ints(row) for row in table], "p": float(stats.fisher_exact(table)[1])})
    write("scores.json", {"scored": scored, "crps": draws, "fisher": tables})


survival()
intervals()
shrinkage()
scores()
