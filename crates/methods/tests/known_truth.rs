//! Estimators against a simulated funnel whose truth is known: the easy readings must miss it, ours
//! must find it.
//!
//! World: 20,000 deals, created evenly over 365 days; a quarter will be won, after a Weibull(2)
//! time of scale 170 days (mean 151); the others are lost after a Weibull(1.1) time of scale 60 days
//! (mean 58), so losses come faster. Generator ChaCha8, the seed on each test. Horizon 300 days.

use methods::interval::Level;
use methods::simulate::{Deal, Fate, LOST, Plan, PlanError, WON, Weibull, World};
use methods::survival::{End, EventTable, Spell, SpellHistogram, aalen_johansen, kaplan_meier};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const HORIZON_DAYS: u32 = 300;
const PLAN: Plan = Plan {
    deals: 20_000,
    entry_window_days: 365,
    won_share: 0.25,
    won: Weibull { shape: 2.0, scale_days: 170.0 },
    lost: Weibull { shape: 1.1, scale_days: 60.0 },
};

fn world(plan: Plan, seed: u64) -> World {
    plan.simulate(&mut ChaCha8Rng::seed_from_u64(seed)).expect("a possible plan")
}

fn table(world: &World, record_starts_day: u32, as_of_day: u32) -> EventTable {
    EventTable::from_histogram(&world.observe(record_starts_day, as_of_day).spells, 2).expect("two causes")
}

#[test]
fn the_easy_readings_miss_the_truth_and_ours_finds_it() {
    let world = world(PLAN, 20_240_229);
    let truth = world.truth(Fate::Won, HORIZON_DAYS).expect("deals");
    assert!((0.22..0.25).contains(&truth), "nearly all of the quarter is won by then: {truth}");
    let seen = world.observe(0, 365);
    assert_eq!(seen.created, 20_000);

    let closed_only = seen.won_by_closed().expect("closed deals");
    let of_created = seen.won_by_created().expect("deals");
    let censored = kaplan_meier(&table(&world, 0, 365).only(WON).expect("wins"), Level::P95);
    let one_minus_survival = 1.0 - censored.survival_at(HORIZON_DAYS).expect("watched so long");
    let at = aalen_johansen(&table(&world, 0, 365)).at(HORIZON_DAYS).expect("deals");
    let (ours, error) = (at.incidence[usize::from(WON)], at.standard_error[usize::from(WON)]);

    // Margins far wider than chance: the standard error of ours is about half a point.
    assert!(closed_only < truth - 0.04, "won by closed {closed_only} against {truth}");
    assert!(of_created < truth - 0.06, "won by created {of_created} against {truth}");
    assert!(one_minus_survival > truth + 0.5, "1 − KM {one_minus_survival} against {truth}");
    assert!(at.followed && error < 0.006, "{error}");
    assert!((ours - truth).abs() < 3.0 * error, "ours {ours} ± {error} against {truth}");
    let lost = (at.incidence[usize::from(LOST)] - world.truth(Fate::Lost, HORIZON_DAYS).expect("deals")).abs();
    assert!(lost < 0.02, "the losses are found too: {lost}");
}

/// A record that begins when half the deals are already under way: those still open enter late.
#[test]
fn late_entry_is_needed_and_works() {
    let world = world(Plan { deals: 40_000, entry_window_days: 730, ..PLAN }, 11);
    let truth = world.truth(Fate::Won, HORIZON_DAYS).expect("deals");
    let slot = usize::from(WON);
    let ours = aalen_johansen(&table(&world, 365, 730)).at(HORIZON_DAYS).expect("deals");
    assert!((ours.incidence[slot] - truth).abs() < 3.0 * ours.standard_error[slot], "{ours:?} against {truth}");

    // Read as if watched from birth, the survivors of the time before look immortal.
    let seen = world.observe(365, 730).spells;
    let ignored =
        SpellHistogram::from_cells(seen.cells().map(|(spell, count)| (Spell { entry_days: 0, ..spell }, count)))
            .expect("possible spells");
    let ignored = aalen_johansen(&EventTable::from_histogram(&ignored, 2).expect("two causes"));
    let naive = ignored.at(HORIZON_DAYS).expect("deals").incidence[slot];
    assert!(naive > truth + 0.02, "without late entry {naive} against {truth}");
}

/// The stated bounds hold the truth about as often as they promise.
#[test]
fn bounds_cover_the_truth() {
    // The truth of the process itself, not of one world: P(won and T ≤ h), whole days.
    let share = |days: f64| 0.25 * (1.0 - (-(days / 170.0_f64).powi(2)).exp());
    let truth = share(f64::from(HORIZON_DAYS) + 1.0);
    let covered = (0..400)
        .filter(|&seed| {
            let world = world(Plan { deals: 500, ..PLAN }, seed);
            let at = aalen_johansen(&table(&world, 0, 365)).at(HORIZON_DAYS).expect("deals");
            let bounds = at.bounds(WON, Level::P95).expect("between 0 and 1");
            bounds.lower <= truth && truth <= bounds.upper
        })
        .count();
    // 380 expected; five standard deviations of a binomial are 22.
    assert!((358..=400).contains(&covered), "{covered} of 400");
}

#[test]
fn worlds_repeat_with_their_seed_and_observations_grow() {
    let (one, again, other) = (world(PLAN, 5), world(PLAN, 5), world(PLAN, 6));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let (early, later) = (one.observe(0, 100), one.observe(0, 900));
    assert!(early.created < later.created && early.won < later.won && early.lost < later.lost);
    assert_eq!(
        later.created,
        early.spells.spells() + one.deals.iter().filter(|deal| deal.created_day > 100).count() as u64
    );
    assert_eq!(one.observe(50, 49).created, 0, "before the record begins");
    let none = world(Plan { deals: 0, ..PLAN }, 1);
    assert_eq!(
        (none.truth(Fate::Won, 9), none.observe(0, 9).won_by_closed(), none.observe(0, 9).won_by_created()),
        (None, None, None)
    );
}

/// created, fate, lasts → what a record from day 10 shows at the end of day 20: entry, exit, end.
const SEEN: &str = "
    0  won  9   unknown
    0  won  10  10 10 won
    4  lost 7   6 7 lost
    4  won  16  6 16 won
    4  won  17  6 16 open
    10 lost 0   0 0 lost
    12 won  8   0 8 won
    12 won  9   0 8 open
    20 lost 1   0 0 open
    21 lost 0   unknown";

#[test]
fn an_observer_sees_what_a_record_of_that_day_would_show() {
    for line in SEEN.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let day = |index: usize| cells[index].parse::<u32>().expect("a day");
        let fate = if cells[1] == "won" { Fate::Won } else { Fate::Lost };
        let deal = Deal { created_day: day(0), fate, duration_days: day(2) };
        let seen = World { deals: vec![deal] }.observe(10, 20);
        if cells[3] == "unknown" {
            assert_eq!((seen.created, seen.spells.spells()), (0, 0), "{line}");
            continue;
        }
        let end = match cells[5] {
            "won" => End::Cause(WON),
            "lost" => End::Cause(LOST),
            _ => End::Open,
        };
        let spell = Spell { entry_days: day(3), exit_days: day(4), end };
        assert_eq!(seen.spells.cells().collect::<Vec<_>>(), [(spell, 1)], "{line}");
        let counts = [1, u64::from(cells[5] == "won"), u64::from(cells[5] == "lost")];
        assert_eq!([seen.created, seen.won, seen.lost], counts, "{line}");
    }
}

#[test]
fn impossible_plans_are_refused() {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let wrong_share = Plan { won_share: 1.2, ..PLAN };
    assert_eq!(wrong_share.simulate(&mut generator), Err(PlanError::WonShare { won_share: 1.2 }));
    let wrong_time = Plan { lost: Weibull { shape: 0.0, scale_days: 9.0 }, ..PLAN };
    assert_eq!(wrong_time.simulate(&mut generator), Err(PlanError::Duration { shape: 0.0, scale_days: 9.0 }));
}
