//! Our figures against recorded runs of other tools (see `oracles/README.md`).

use methods::calibration::{CrpsForm, Isotonic, Scored, crps};
use methods::classify::{Example, NaiveBayes, cross_validate};
use methods::interval::{Level, Proportion, newcombe};
use methods::odds::fisher_exact;
use methods::shrinkage::{Prior, Segment, benjamini_hochberg};
use methods::survival::{End, EventTable, Spell, SpellHistogram, aalen_johansen, kaplan_meier};
use serde_json::Value;

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).expect("a recorded file is JSON")
}

fn cases<'a>(file: &'a Value, area: &str) -> &'a [Value] {
    let cases = file[area].as_array().expect("a list of cases");
    assert!(!cases.is_empty(), "{area} was recorded");
    cases
}

/// Numbers; `null`, which stands for what the tool could not compute, becomes `NaN`.
fn floats(value: &Value) -> Vec<f64> {
    let number = |one: &Value| if one.is_null() { f64::NAN } else { one.as_f64().expect("a number") };
    value.as_array().expect("a list").iter().map(number).collect()
}

fn whole(value: &Value) -> Vec<u32> {
    let number = |one: &Value| u32::try_from(one.as_u64().expect("a whole number")).expect("small");
    value.as_array().expect("a list").iter().map(number).collect()
}

fn close(found: f64, wanted: f64, tolerance: f64, what: &str) {
    assert!((found - wanted).abs() <= tolerance, "{what}: {found} is not {wanted}");
}

fn table(case: &Value, causes: u8) -> EventTable {
    let (exits, codes) = (whole(&case["exit_days"]), whole(&case["cause"]));
    let entries = if case["entry_days"].is_null() { vec![0; exits.len()] } else { whole(&case["entry_days"]) };
    let spells = entries.into_iter().zip(exits).zip(codes).map(|((entry_days, exit_days), code)| {
        let cause = u8::try_from(code).expect("few causes");
        (Spell { entry_days, exit_days, end: cause.checked_sub(1).map_or(End::Open, End::Cause) }, 1)
    });
    let spells = SpellHistogram::from_cells(spells).expect("possible spells");
    EventTable::from_histogram(&spells, causes).expect("known causes")
}

#[test]
fn competing_risks_agree_with_statsmodels() {
    let file = recorded(include_str!("oracles/survival.json"));
    for case in cases(&file, "competing") {
        let curve = aalen_johansen(&table(case, 3));
        let times = whole(&case["times"]);
        let curves =
            |area: &str| case[area].as_array().expect("a curve per cause").iter().map(floats).collect::<Vec<_>>();
        let (incidence, error) = (curves("incidence"), curves("standard_error"));
        let mut steps = 0;
        for (index, &day) in times.iter().enumerate() {
            let at = curve.at(day).expect("spells");
            for cause in 0..3 {
                close(at.incidence[cause], incidence[cause][index], 1e-12, "incidence");
                // Where everybody ends on one day statsmodels divides by nothing; it has no figure.
                if error[cause][index].is_finite() {
                    close(at.standard_error[cause], error[cause][index], 1e-9, "standard error");
                    steps += 1;
                }
            }
        }
        assert!(steps > times.len(), "most standard errors are compared");
    }
}

#[test]
fn survival_agrees_with_lifelines() {
    let file = recorded(include_str!("oracles/survival.json"));
    for case in cases(&file, "kaplan_meier") {
        let curve = kaplan_meier(&table(case, 3), Level::P95);
        let (survival, lower, upper) = (floats(&case["survival"]), floats(&case["lower"]), floats(&case["upper"]));
        for (index, day) in whole(&case["times"]).into_iter().enumerate() {
            close(curve.survival_at(day).expect("watched"), survival[index], 1e-12, "survival");
            let step = curve.steps.iter().find(|step| step.time_days == day);
            if let Some(bounds) = step.and_then(|step| step.bounds) {
                close(bounds.lower, lower[index], 1e-9, "lower");
                close(bounds.upper, upper[index], 1e-9, "upper");
            }
        }
        assert_eq!(curve.median_days().map(u64::from), case["median"].as_u64());
        let limit_days = u32::try_from(case["limit_days"].as_u64().expect("a day")).expect("small");
        let mean = curve.restricted_mean(limit_days).expect("spells");
        assert_eq!(mean.limit_days, limit_days);
        close(mean.mean_days, case["restricted_mean"].as_f64().expect("a mean"), 1e-9, "restricted mean");
    }
}

#[test]
fn late_entry_agrees_with_lifelines() {
    let file = recorded(include_str!("oracles/survival.json"));
    for case in cases(&file, "late_entry") {
        let table = table(case, 2);
        let (alive, competing) = (kaplan_meier(&table, Level::P95), aalen_johansen(&table));
        let survival = floats(&case["survival"]);
        let incidence: Vec<Vec<f64>> = case["incidence"].as_array().expect("two").iter().map(floats).collect();
        for (index, day) in whole(&case["times"]).into_iter().enumerate() {
            close(alive.survival_at(day).expect("watched"), survival[index], 1e-12, "survival");
            let at = competing.at(day).expect("spells");
            close(at.incidence[0], incidence[0][index], 1e-10, "first cause");
            close(at.incidence[1], incidence[1][index], 1e-10, "second cause");
        }
    }
}

#[test]
fn intervals_agree_with_statsmodels() {
    let file = recorded(include_str!("oracles/intervals.json"));
    let of = |k: f64, n: f64| Proportion::new(k as u64, n as u64).expect("a proportion");
    for case in cases(&file, "wilson") {
        let cells = floats(case);
        let bounds = of(cells[0], cells[1]).wilson(Level::new(cells[2]).expect("a level")).expect("trials");
        close(bounds.lower, cells[3], 1e-10, "lower");
        close(bounds.upper, cells[4], 1e-10, "upper");
    }
    for case in cases(&file, "newcombe") {
        let cells = floats(case);
        let found = newcombe(of(cells[0], cells[1]), of(cells[2], cells[3]), Level::P95).expect("trials");
        close(found.bounds.lower, cells[4], 1e-10, "lower");
        close(found.bounds.upper, cells[5], 1e-10, "upper");
    }
}

#[test]
fn shrinkage_agrees_with_scipy() {
    let file = recorded(include_str!("oracles/shrinkage.json"));
    for case in cases(&file, "priors") {
        let (successes, trials) = (floats(&case["successes"]), floats(&case["trials"]));
        let segments: Vec<Segment> =
            successes.into_iter().zip(trials).map(|(successes, trials)| Segment { successes, trials }).collect();
        let prior = Prior::fit(&segments).expect("possible").expect("trials");
        let Prior::Beta { a, b } = prior else { panic!("{prior:?}") };
        for (found, side) in [(a, "a"), (b, "b")] {
            let wanted = case[side].as_f64().expect("a number");
            close(found / wanted, 1.0, 1e-9, side);
        }
        let columns = ["mean", "lower", "upper"].map(|area| floats(&case[area]));
        for (index, segment) in segments.iter().enumerate() {
            let shrunk = prior.shrink(*segment, Level::P95).expect("possible");
            let bounds = shrunk.bounds.expect("a spread");
            for (found, column) in [shrunk.mean, bounds.lower, bounds.upper].into_iter().zip(&columns) {
                close(found, column[index], 1e-9, "posterior");
            }
        }
    }
    for case in cases(&file, "benjamini_hochberg") {
        let found = benjamini_hochberg(&floats(&case["p"])).expect("p-values");
        for (found, wanted) in found.into_iter().zip(floats(&case["q"])) {
            close(found, wanted, 1e-12, "q");
        }
    }
}

#[test]
fn scores_agree_with_scikit_learn_and_scipy() {
    let file = recorded(include_str!("oracles/scores.json"));
    for case in cases(&file, "scored") {
        let outcomes: Vec<bool> = whole(&case["outcome"]).into_iter().map(|one| one == 1).collect();
        let stated = floats(&case["stated"]);
        let scored = Scored::new(&outcomes, &stated).expect("pairs");
        let found = [scored.brier(), scored.log_loss(), scored.auc()];
        for (found, area) in found.into_iter().zip(["brier", "log_loss", "auc"]) {
            close(found.expect("defined"), case[area].as_f64().expect("a number"), 1e-10, area);
        }
        let fitted = Isotonic::fit(scored).expect("pairs");
        for (asked, wanted) in floats(&case["asked"]).into_iter().zip(floats(&case["isotonic"])) {
            close(fitted.value(asked).expect("a number"), wanted, 1e-9, "isotonic");
        }
    }
    for case in cases(&file, "crps") {
        let outcome = case["outcome"].as_f64().expect("a number");
        let found = crps(&floats(&case["draws"]), outcome, CrpsForm::Draws).expect("finite").expect("draws");
        close(found, case["crps"].as_f64().expect("a number"), 1e-9, "crps");
    }
    for case in cases(&file, "fisher") {
        let rows: Vec<Vec<u32>> = case["table"].as_array().expect("two rows").iter().map(whole).collect();
        let table = [[rows[0][0], rows[0][1]], [rows[1][0], rows[1][1]]].map(|row| row.map(u64::from));
        close(fisher_exact(table), case["p"].as_f64().expect("a number"), 1e-9, "fisher");
    }
}

#[test]
fn naive_bayes_is_that_of_scikit_learn() {
    let file = recorded(include_str!("oracles/classify.json"));
    for case in cases(&file, "bayes") {
        let number = |key: &str| u32::try_from(case[key].as_u64().expect("a whole number")).expect("small");
        let (features, classes, folds, half) =
            (number("features"), number("classes"), number("folds"), number("half") as usize);
        let alpha = case["alpha"].as_f64().expect("a number");
        let counts = case["counts"].as_array().expect("a list");
        let examples: Vec<Example> = counts
            .iter()
            .zip(whole(&case["labels"]))
            .map(|(counts, class)| Example {
                features: (0..).zip(whole(counts)).filter(|(_, count)| *count > 0).collect(),
                class,
            })
            .collect();
        let model = NaiveBayes::train(&examples[..half], features, classes, alpha);
        let told = case["probabilities"].as_array().expect("a list");
        assert_eq!(told.len(), examples.len() - half);
        for (example, wanted) in examples[half..].iter().zip(told) {
            for (found, wanted) in model.probabilities(&example.features).into_iter().zip(floats(wanted)) {
                close(found, wanted, 1e-9, "probability of a class");
            }
        }
        let held = cross_validate(&examples, features, classes, alpha, folds);
        let right = case["right"].as_array().expect("a list");
        for ((held, wanted), right) in held.iter().zip(floats(&case["held"])).zip(right) {
            let held = held.expect("every class has two examples");
            close(held.probability, wanted, 1e-9, "probability of a part not seen");
            assert_eq!(Some(held.right), right.as_bool());
        }
    }
}
