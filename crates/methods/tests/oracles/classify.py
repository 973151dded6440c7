"""Records what scikit-learn's MultinomialNB answers on generated counts, for tests/oracles.rs to compare with.

    python3 -m venv VENV && VENV/bin/pip install numpy scikit-learn
    VENV/bin/python crates/methods/tests/oracles/classify.py

Writes classify.json beside itself. Same versions and seed, same file.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.naive_bayes import MultinomialNB

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(20240303)


def case(texts, features, classes, alpha, folds):
    """Counts drawn by class, trained on the first part, asked of the rest; and out-of-fold answers of all of them."""
    labels = np.concatenate([np.arange(classes), rng.integers(0, classes, texts - classes)])
    shares = rng.dirichlet(np.full(features, 0.3), classes)
    counts = np.array([rng.multinomial(rng.integers(1, 9), shares[label]) for label in labels])
    half = texts // 2 + classes
    model = MultinomialNB(alpha=alpha, force_alpha=True).fit(counts[:half], labels[:half])
    probabilities = np.zeros((texts - half, classes))
    probabilities[:, model.classes_] = model.predict_proba(counts[half:])
    # The n-th text of a class goes to part n modulo the number of parts.
    seen, parts = {}, []
    for label in labels:
        parts.append(seen.get(label, 0) % folds)
        seen[label] = seen.get(label, 0) + 1
    parts = np.array(parts)
    held = np.zeros(texts)
    right = np.zeros(texts, bool)
    for fold in range(folds):
        others = MultinomialNB(alpha=alpha, force_alpha=True).fit(counts[parts != fold], labels[parts != fold])
        said = others.predict_proba(counts[parts == fold])
        held[parts == fold] = said.max(axis=1)
        right[parts == fold] = others.classes_[said.argmax(axis=1)] == labels[parts == fold]
    return {
        "features": features,
        "classes": classes,
        "alpha": alpha,
        "folds": folds,
        "half": half,
        "counts": counts.tolist(),
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "held": held.tolist(),
        "right": right.tolist(),
    }


cases = [case(60, 12, 3, 1.0, 5), case(80, 30, 5, 0.1, 4), case(40, 8, 2, 0.5, 2)]
versions = {"numpy": np.__version__, "sklearn": sklearn.__version__}
(HERE / "classify.json").write_text(json.dumps({"versions": versions, "bayes": cases}) + "\n")
