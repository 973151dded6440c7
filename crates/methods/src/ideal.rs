//! The ideal funnel: how much must stand in each stage so that the target is met.
//!
//! Backwards from the target: wins needed, entries needed per stage, the standing count by Little's
//! law, the people it takes. All functions work on expectations; rounding is a separate, visible
//! step. The module must not know calendars: a pace is "per period", a stay is in the same periods,
//! and whether a period is a week or a quarter is for the caller to say.

use crate::ratio::Ratio;

/// A count that misses a whole number by less than this is meant to be it: 10 / 0.2 is 50.
const WHOLE: f64 = 1e-9;

/// Wins needed per period: target ÷ average amount ÷ selling periods. `None` when the average or
/// the number of periods is not above zero.
#[must_use]
pub fn wins_needed(target_minor: i64, average_minor: i64, selling_periods: u32) -> Option<Ratio> {
    if average_minor <= 0 || selling_periods == 0 {
        return None;
    }
    Ratio::new(target_minor, i128::from(average_minor) * i128::from(selling_periods))
}

/// One stage of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StagePlan {
    /// P(win | reached the stage) from history or configuration; `None` when unknown.
    pub win_share: Option<f64>,
    /// Entries per win, typed by hand; used where `win_share` is unknown or 0.
    pub typed_entries_per_win: Option<f64>,
    /// Mean stay, in periods.
    pub mean_stay: f64,
}

/// What the plan asks of one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageNeed {
    /// Deals that must reach the stage, per period.
    pub entries: f64,
    /// Deals that then stand in it at any time: entries × mean stay (Little 1961).
    pub standing: f64,
}

/// What `wins` per period ask of each stage. `None` for a stage with neither a share above zero nor
/// a typed ratio, or with an impossible stay.
#[must_use]
pub fn stage_needs(wins: f64, stages: &[StagePlan]) -> Vec<Option<StageNeed>> {
    stages
        .iter()
        .map(|stage| {
            let known = stage.win_share.filter(|share| *share > 0.0 && *share <= 1.0);
            let per_win = known.map(f64::recip).or(stage.typed_entries_per_win)?;
            let possible = per_win > 0.0 && stage.mean_stay >= 0.0 && stage.mean_stay.is_finite();
            let entries = wins * per_win;
            possible.then_some(StageNeed { entries, standing: entries * stage.mean_stay })
        })
        .collect()
}

/// The smallest whole multiple of a standard ratio (such as 10 : 6 : 3 : 2) that covers the exact
/// counts stage by stage. `None` when lengths differ, a count is negative or not finite, or a stage
/// with a count has 0 in the ratio.
#[must_use]
pub fn round_up_to_ratio(exact: &[f64], ratio: &[u32]) -> Option<Vec<u64>> {
    if exact.len() != ratio.len() {
        return None;
    }
    let mut multiple = 0_u64;
    for (&count, &part) in exact.iter().zip(ratio) {
        if !(count >= 0.0 && count.is_finite()) || (part == 0 && count > 0.0) {
            return None;
        }
        if part > 0 {
            multiple = multiple.max((count / f64::from(part) - WHOLE).ceil().max(0.0) as u64);
        }
    }
    Some(ratio.iter().map(|&part| u64::from(part) * multiple).collect())
}

/// People needed to open so many new deals per period, rounded up; `None` when one person opens none.
#[must_use]
pub fn heads(new_deals: f64, one_person_opens: f64) -> Option<u64> {
    let possible = one_person_opens > 0.0 && new_deals >= 0.0 && new_deals.is_finite();
    possible.then(|| (new_deals / one_person_opens - WHOLE).ceil().max(0.0) as u64)
}

/// Share of a stage's deals that can be won within `left` when every stay is exactly its mean: the
/// win share where the remaining stays (this one included) fit in, else 0. The plain reading for
/// planning by hand; with history, the probability comes from the hazards.
#[must_use]
pub fn landing_shares(win_shares: &[f64], stays: &[f64], left: f64) -> Vec<f64> {
    win_shares
        .iter()
        .enumerate()
        .map(|(stage, &share)| {
            let remaining: f64 = stays.iter().skip(stage).sum();
            if remaining <= left + WHOLE { share } else { 0.0 }
        })
        .collect()
}

/// Wins that can still land: standing count × probability of being won in the time left, summed.
#[must_use]
pub fn landable(standing_and_share: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    standing_and_share.into_iter().map(|(standing, share)| standing * share).sum()
}

/// One kind of effort in the numbers game, such as contacts, meetings or proposals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Needed in all for the wins still wanted, rounded up.
    pub needed: u128,
    /// Needed less what is done, never below 0.
    pub left: u128,
    /// What is left, per person and day.
    pub per_person_day: Option<f64>,
}

/// Efforts needed for `wins`: `win_rate` is wins per effort over the whole chain from this effort
/// on. `None` when the rate is not above zero; the daily figure is `None` without people or days.
#[must_use]
pub fn effort(wins: u64, win_rate: Ratio, done: u64, people: u32, days: u32) -> Option<Effort> {
    let needed = crate::ratio::tries_needed(wins, win_rate)?;
    let left = needed.saturating_sub(u128::from(done));
    let person_days = u64::from(people) * u64::from(days);
    let per_person_day = (person_days > 0).then(|| left as f64 / person_days as f64);
    Some(Effort { needed, left, per_person_day })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(win_share: f64, mean_stay: f64) -> StagePlan {
        StagePlan { win_share: Some(win_share), typed_entries_per_win: None, mean_stay }
    }

    fn close(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (left, right) in found.iter().zip(wanted) {
            assert!((left - right).abs() < 0.005, "{found:?} is not {wanted:?}");
        }
    }

    #[test]
    fn small_projects_by_the_week() {
        let wins = wins_needed(240, 2, 12).expect("an average").value();
        assert!((wins - 10.0).abs() < 1e-12);
        let stages = [plan(0.2, 1.0), plan(0.35, 1.0), plan(0.7, 1.0), plan(1.0, 1.0)];
        let exact: Vec<f64> =
            stage_needs(wins, &stages).into_iter().map(|need| need.expect("known").standing).collect();
        close(&exact, &[50.0, 28.57, 14.29, 10.0]);
        assert_eq!(round_up_to_ratio(&exact, &[10, 6, 3, 2]), Some(vec![50, 30, 15, 10]));
        assert_eq!(heads(exact[0], 5.0), Some(10));
    }

    #[test]
    fn large_projects_by_the_quarter() {
        let wins = wins_needed(300, 10, 1).expect("an average").value();
        let shares = [0.2, 0.4, 0.5, 0.8, 1.0];
        let months = [3.0, 3.0, 3.0, 2.0, 1.0];
        let stages: Vec<StagePlan> = shares.iter().zip(months).map(|(&share, stay)| plan(share, stay / 3.0)).collect();
        let needs: Vec<StageNeed> = stage_needs(wins, &stages).into_iter().map(|need| need.expect("known")).collect();
        close(&needs.iter().map(|need| need.entries).collect::<Vec<_>>(), &[150.0, 75.0, 60.0, 37.5, 30.0]);
        let standing: Vec<f64> = needs.iter().map(|need| need.standing).collect();
        close(&standing, &[150.0, 75.0, 60.0, 25.0, 10.0]);
        let landing = landing_shares(&shares, &months, 3.0);
        close(&landing, &[0.0, 0.0, 0.0, 0.8, 1.0]);
        assert!((landable(standing.into_iter().zip(landing)) - 30.0).abs() < 1e-9);
    }

    #[test]
    fn unknown_shares_take_the_typed_ratio_or_stay_unknown() {
        let typed = StagePlan { win_share: None, typed_entries_per_win: Some(8.0), mean_stay: 2.0 };
        let zero = StagePlan { win_share: Some(0.0), ..typed };
        let unknown = StagePlan { typed_entries_per_win: None, ..zero };
        let found = stage_needs(3.0, &[typed, zero, unknown]);
        assert_eq!(found[0], Some(StageNeed { entries: 24.0, standing: 48.0 }));
        assert_eq!(found[1], found[0]);
        assert_eq!(found[2], None);
        assert_eq!(wins_needed(240, 0, 12), None);
        assert_eq!(wins_needed(240, 2, 0), None);
        assert_eq!(heads(5.0, 0.0), None);
        assert_eq!(heads(11.0, 5.0), Some(3));
        assert_eq!(round_up_to_ratio(&[1.0], &[1, 2]), None);
        assert_eq!(round_up_to_ratio(&[1.0, 2.0], &[1, 0]), None);
        assert_eq!(round_up_to_ratio(&[0.0, 0.0], &[1, 0]), Some(vec![0, 0]));
    }

    #[test]
    fn the_numbers_game() {
        // 2 deals of 50 calls: 4 %, so 5 wins need 125 calls; 25 done leave 100 for 2 people in 10 days.
        let rate = Ratio::new(2, 50).expect("calls");
        let found = effort(5, rate, 25, 2, 10).expect("a rate");
        assert_eq!((found.needed, found.left), (125, 100));
        assert!(found.per_person_day.is_some_and(|daily| (daily - 5.0).abs() < 1e-12));
        assert_eq!(effort(5, rate, 200, 2, 10).map(|effort| effort.left), Some(0));
        assert_eq!(effort(5, rate, 0, 0, 10).and_then(|effort| effort.per_person_day), None);
        assert_eq!(effort(5, Ratio::new(0, 50).expect("calls"), 0, 2, 10), None);
    }
}
