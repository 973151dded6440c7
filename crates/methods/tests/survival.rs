//! Survival estimators against published figures, against their definitions, and as algebra.

use methods::interval::Level;
use methods::survival::{
    DayCounts, End, EventRow, EventTable, Spell, SpellHistogram, SurvivalError, aalen_johansen, kaplan_meier,
};
use proptest::prelude::*;

/// Ten deals: days, and how they ended (0 open, 1 won, 2 lost).
const DAYS: [u32; 10] = [3, 5, 5, 8, 10, 12, 12, 15, 20, 20];
const ENDS: [u8; 10] = [1, 2, 0, 1, 2, 1, 0, 2, 1, 0];

fn end(code: u8) -> End {
    code.checked_sub(1).map_or(End::Open, End::Cause)
}

fn histogram(rows: impl IntoIterator<Item = (u32, u32, u8)>) -> SpellHistogram {
    SpellHistogram::from_cells(
        rows.into_iter().map(|(entry_days, exit_days, code)| (Spell { entry_days, exit_days, end: end(code) }, 1)),
    )
    .expect("possible spells")
}

fn ten() -> EventTable {
    let rows = DAYS.iter().zip(ENDS).map(|(&day, code)| (0, day, code));
    EventTable::from_histogram(&histogram(rows), 2).expect("two causes")
}

/// day, at risk, F won, F lost, S, standard error of F won.
const AALEN_JOHANSEN: &str = "
    3  10 .1       0        .9       .094868
    5   9 .1       .1       .8       .094868
    8   7 .214286  .1       .685714  .135041
    10  6 .214286  .214286  .571429  .135041
    12  5 .328571  .214286  .457143  .156184
    15  3 .328571  .366667  .304762  .156184
    20  2 .480952  .366667  .152381  .178001";

#[test]
fn the_published_cumulative_incidence() {
    let curve = aalen_johansen(&ten());
    let lines: Vec<&str> = AALEN_JOHANSEN.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(curve.steps.len(), lines.len());
    for (step, line) in curve.steps.iter().zip(lines) {
        let cells: Vec<f64> = line.split_whitespace().map(|cell| cell.parse().expect("a number")).collect();
        assert!((f64::from(step.time_days) - cells[0]).abs() < 0.5, "{line}");
        assert_eq!(step.at_risk.to_string(), line.split_whitespace().nth(1).expect("at risk"), "{line}");
        let found = [step.incidence[0], step.incidence[1], step.survival, step.standard_error[0]];
        for (value, wanted) in found.iter().zip(&cells[2..]) {
            assert!((value - wanted).abs() < 5e-7, "{line}: {step:?}");
        }
    }
}

#[test]
fn the_published_survival_bounds() {
    let curve = kaplan_meier(&ten(), Level::P95);
    for (day, lower, upper) in [(3, 0.473_009, 0.985_281), (12, 0.142_982, 0.729_779), (20, 0.008_450, 0.476_405)] {
        let step = curve.steps.iter().find(|step| step.time_days == day).expect("an event day");
        let bounds = step.bounds.expect("some survive");
        assert!((bounds.lower - lower).abs() < 5e-7 && (bounds.upper - upper).abs() < 5e-7, "{step:?}");
    }
    assert_eq!(curve.median_days(), Some(12));
    assert_eq!(curve.quartiles_days(), [Some(8), Some(12), Some(20)]);
    assert_eq!(curve.quantile_days(0.9), None, "fifteen in a hundred outlast the record");
    assert_eq!(curve.quantile_days(1.5), None);
}

#[test]
fn reading_between_and_beyond_the_steps() {
    let curve = aalen_johansen(&ten());
    let before = curve.at(2).expect("ten deals");
    assert_eq!((before.survival, before.incidence, before.followed), (1.0, vec![0.0, 0.0], true));
    let between = curve.at(11).expect("ten deals");
    assert!((between.incidence[0] - 0.214_286).abs() < 5e-7);
    let bounds = between.bounds(0, Level::P95).expect("between 0 and 1");
    assert!(bounds.lower > 0.0 && bounds.lower < between.incidence[0] && bounds.upper > between.incidence[0]);
    assert_eq!(between.bounds(2, Level::P95), None);
    assert!(curve.at(20).expect("ten deals").followed);
    assert!(!curve.at(21).expect("ten deals").followed);
    let alive = kaplan_meier(&ten(), Level::P95);
    assert_eq!(alive.survival_at(2), Some(1.0));
    assert_eq!(alive.survival_at(21), None);
}

#[test]
fn the_restricted_mean_stops_where_watch_stops() {
    let curve = kaplan_meier(&ten(), Level::P95);
    // 3·1 + 2·.9 + 3·.8 + 2·.685714 + 2·.571429 + 3·.457143 + 5·.304762
    let wanted = 3.0 + 1.8 + 2.4 + 2.0 * 24.0 / 35.0 + 2.0 * 4.0 / 7.0 + 3.0 * 16.0 / 35.0 + 5.0 * 32.0 / 105.0;
    let mean = curve.restricted_mean(365).expect("ten deals");
    assert!((mean.mean_days - wanted).abs() < 1e-12);
    assert_eq!(mean.limit_days, 20, "nobody was watched for a year");
    let short = curve.restricted_mean(4).expect("ten deals");
    assert!((short.mean_days - 3.9).abs() < 1e-12 && short.limit_days == 4);
    let ended = kaplan_meier(
        &EventTable::from_histogram(&histogram([(0, 2, 1), (0, 4, 2)]), 2).expect("two causes"),
        Level::P95,
    );
    let all = ended.restricted_mean(365).expect("two spells");
    assert!((all.mean_days - 3.0).abs() < 1e-12 && all.limit_days == 365);
    assert_eq!(ended.steps[1].bounds, None);
    assert_eq!(ended.survival_at(900), Some(0.0));
}

#[test]
fn nothing_watched_has_no_estimate() {
    let empty = EventTable::from_histogram(&SpellHistogram::new(), 2).expect("two causes");
    assert_eq!(aalen_johansen(&empty).at(10), None);
    let curve = kaplan_meier(&empty, Level::P95);
    assert_eq!((curve.median_days(), curve.restricted_mean(365), curve.survival_at(0)), (None, None, None));
    let days = DayCounts::default();
    assert_eq!((days.mean_days(), days.median_days(), days.quantile_days(1, 2)), (None, None, None));
}

#[test]
fn the_first_day_counts_and_late_entry_begins_the_day_after() {
    let spells = histogram([(0, 0, 1), (0, 5, 0), (5, 9, 1), (5, 5, 2), (2, 5, 2)]);
    let table = EventTable::from_histogram(&spells, 2).expect("two causes");
    let row = |time_days, at_risk, events: [u64; 2]| EventRow { time_days, at_risk, events: events.to_vec() };
    assert_eq!(table.rows(), [row(0, 2, [1, 0]), row(5, 2, [0, 1]), row(9, 1, [1, 0])]);
    assert_eq!((table.watched(), table.unwatched(), table.first_seen_days(), table.last_seen_days()), (4, 1, 0, 9));
    let late = EventTable::from_histogram(&histogram([(30, 40, 1), (20, 60, 0)]), 1).expect("one cause");
    assert_eq!(late.first_seen_days(), 20);
}

#[test]
fn one_cause_kept_leaves_the_risk_sets() {
    let only = ten().only(1).expect("the second cause");
    let found: Vec<(u32, u64)> = only.rows().iter().map(|row| (row.time_days, row.at_risk)).collect();
    assert_eq!(found, [(5, 9), (10, 6), (15, 3)]);
    assert_eq!(ten().only(2), Err(SurvivalError::UnknownCause { cause: 2, causes: 2 }));
}

#[test]
fn contradictions_are_refused_with_their_facts() {
    let spell = Spell { entry_days: 4, exit_days: 3, end: End::Open };
    let refused = SpellHistogram::new().add(spell, 1);
    assert_eq!(refused, Err(SurvivalError::ExitBeforeEntry { entry_days: 4, exit_days: 3 }));
    let strange = EventTable::from_histogram(&histogram([(0, 1, 3)]), 2);
    assert_eq!(strange, Err(SurvivalError::UnknownCause { cause: 2, causes: 2 }));
    let row = |time_days, at_risk, events: &[u64]| EventRow { time_days, at_risk, events: events.to_vec() };
    for (rows, wanted) in [
        (vec![row(1, 5, &[1])], SurvivalError::CauseCount { time_days: 1, found: 1, causes: 2 }),
        (vec![row(2, 5, &[1, 0]), row(2, 4, &[1, 0])], SurvivalError::Order { time_days: 2, previous_days: 2 }),
        (vec![row(2, 5, &[3, 3])], SurvivalError::MoreEventsThanAtRisk { time_days: 2, events: 6, at_risk: 5 }),
        (vec![row(9, 5, &[1, 0])], SurvivalError::AfterFollowUp { time_days: 9, last_seen_days: 8 }),
    ] {
        assert_eq!(EventTable::from_rows(2, rows, 5, 8), Err(wanted));
    }
}

#[test]
fn rows_counted_elsewhere_give_the_same_curve() {
    let table = ten();
    let rows = EventTable::from_rows(2, table.rows().to_vec(), 10, 20).expect("consistent rows");
    assert_eq!(aalen_johansen(&rows), aalen_johansen(&table));
}

#[test]
fn exact_durations() {
    let spells = histogram([(0, 4, 1), (0, 10, 1), (0, 7, 1), (0, 99, 2), (0, 50, 0), (0, 5, 1)]);
    let won = spells.durations_of(0);
    assert_eq!((won.count(), won.sum_days(), won.mean_days(), won.median_days()), (4, 26, Some(6.5), Some(6.0)));
    assert_eq!([1, 50, 75, 95, 100].map(|percent| won.quantile_days(percent, 100)), [4, 5, 7, 10, 10].map(Some));
    assert_eq!((won.quantile_days(3, 2), won.quantile_days(0, 0)), (None, None));
}

type Row = (u32, u32, u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (prop_oneof![Just(0_u32), 0_u32..25], 0_u32..30, 0_u8..=3);
    prop::collection::vec(row.prop_map(|(entry, more, code)| (entry, entry + more, code)), 1..60)
}

/// The estimator as a textbook states it: every day, every spell, every pair of days.
fn by_definition(rows: &[Row], cause: u8, day: u32) -> (f64, f64, f64) {
    let watched: Vec<&Row> = rows.iter().filter(|row| row.0 == 0 || row.0 < row.1).collect();
    let number = |count: usize| f64::from(u32::try_from(count).expect("few"));
    let (mut survival, mut incidence) = (1.0, 0.0);
    let mut days = Vec::new();
    for at in 0..=day {
        let risk = number(watched.iter().filter(|row| (row.0 == 0 || row.0 < at) && row.1 >= at).count());
        let ended = number(watched.iter().filter(|row| row.1 == at && row.2 > 0).count());
        let by_cause = number(watched.iter().filter(|row| row.1 == at && row.2 == cause + 1).count());
        if ended > 0.0 {
            incidence += survival * by_cause / risk;
            days.push((risk, ended, by_cause, survival, incidence));
            survival *= 1.0 - ended / risk;
        }
    }
    let variance: f64 = days
        .iter()
        .map(|&(n, d, dk, before, then)| {
            let gap: f64 = incidence - then;
            let hazard = if n > d { gap * gap * d / (n * (n - d)) } else { 0.0 };
            hazard + before * before * dk * (n - dk) / (n * n * n) - 2.0 * gap * before * dk / (n * n)
        })
        .sum();
    (survival, incidence, variance.max(0.0).sqrt())
}

proptest! {
    #[test]
    fn aalen_johansen_agrees_with_its_definition(rows in rows(), day in 0_u32..60) {
        let table = EventTable::from_histogram(&histogram(rows.clone()), 3).expect("three causes");
        if let Some(at) = aalen_johansen(&table).at(day) {
            for cause in 0..3_u8 {
                let (survival, incidence, error) = by_definition(&rows, cause, day);
                let slot = usize::from(cause);
                prop_assert!((at.survival - survival).abs() < 1e-12);
                prop_assert!((at.incidence[slot] - incidence).abs() < 1e-12);
                prop_assert!((at.standard_error[slot] - error).abs() < 1e-7, "{} {error}", at.standard_error[slot]);
            }
        }
    }

    /// Whatever happened, everybody has either ended by some cause or not ended.
    #[test]
    fn survival_and_incidences_sum_to_one(rows in rows()) {
        let table = EventTable::from_histogram(&histogram(rows), 3).expect("three causes");
        let mut before = vec![0.0; 3];
        for step in aalen_johansen(&table).steps {
            prop_assert!((step.survival + step.incidence.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(step.incidence.iter().zip(&before).all(|(now, then)| now >= then));
            before = step.incidence;
        }
    }

    /// Both estimators agree on survival, and bounds hold it between them.
    #[test]
    fn kaplan_meier_agrees_with_aalen_johansen(rows in rows()) {
        let table = EventTable::from_histogram(&histogram(rows), 3).expect("three causes");
        let (curve, competing) = (kaplan_meier(&table, Level::P95), aalen_johansen(&table));
        for (step, other) in curve.steps.iter().zip(&competing.steps) {
            prop_assert!((step.survival - other.survival).abs() < 1e-12);
            match step.bounds {
                Some(bounds) => prop_assert!(0.0 <= bounds.lower && bounds.lower <= step.survival
                    && step.survival <= bounds.upper && bounds.upper <= 1.0),
                None => prop_assert!(step.survival <= 0.0),
            }
        }
    }

    /// Without censoring and late entry the incidence is a plain share, with its plain error.
    #[test]
    fn complete_data_give_plain_shares(ends in prop::collection::vec((0_u32..20, 1_u8..=2), 1..40), day in 0_u32..25) {
        let table = EventTable::from_histogram(&histogram(ends.iter().map(|&(exit, code)| (0, exit, code))), 2).expect("two");
        let at = aalen_johansen(&table).at(day).expect("spells");
        let number = |count: usize| f64::from(u32::try_from(count).expect("few"));
        let share = number(ends.iter().filter(|(exit, code)| *exit <= day && *code == 1).count()) / number(ends.len());
        prop_assert!((at.incidence[0] - share).abs() < 1e-12);
        // Plain binomial error whenever somebody is left.
        if at.survival > 0.0 {
            let error = (share * (1.0 - share) / number(ends.len())).sqrt();
            prop_assert!((at.standard_error[0] - error).abs() < 1e-9, "{} {error}", at.standard_error[0]);
        }
    }

    /// Parts merged in any order and split are the whole, cell by cell.
    #[test]
    fn merging_is_order_free(rows in rows(), cuts in prop::collection::vec(0_usize..4, 60)) {
        let mut parts: Vec<SpellHistogram> = (0..4)
            .map(|part| histogram(rows.iter().zip(&cuts).filter(|(_, cut)| **cut == part).map(|(row, _)| *row)))
            .collect();
        let whole = histogram(rows.clone());
        let mut forward = SpellHistogram::new();
        parts.iter().for_each(|part| forward.merge(part));
        parts.reverse();
        let mut backward = parts[0].clone();
        let mut rest = parts[1].clone();
        rest.merge(&parts[2]);
        rest.merge(&parts[3]);
        backward.merge(&rest);
        prop_assert_eq!(&forward, &whole);
        prop_assert_eq!(&backward, &whole);
        prop_assert_eq!(whole.spells(), rows.len() as u64);
    }
}
