//! Sales velocity: how much money a day the funnel turns out at its present fill, rate and speed.
//!
//! It puts four levers on one scale: more deals, a better win rate, larger deals, a shorter cycle.
//! It is not *pace*, which compares stays with their standard. The module must not know which deals
//! are qualified.

use crate::ratio::Ratio;

/// The four levers, as they were counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levers {
    /// Open qualified deals.
    pub open_deals: u64,
    /// Won by decided, deals.
    pub win_rate: Option<Ratio>,
    /// Won deals that the next two sums are over.
    pub won_deals: u64,
    /// Their amounts, minor units of one currency.
    pub won_amount_minor: i128,
    /// Their cycles, created to won, whole days.
    pub won_cycle_days: u128,
}

/// Money a day in minor units: open deals × win rate × mean won amount ÷ mean won cycle.
///
/// `None` without a win rate, without won deals, or when every win took zero days.
#[must_use]
pub fn sales_velocity_minor(levers: &Levers) -> Option<f64> {
    let rate = levers.win_rate?;
    if levers.won_deals == 0 || levers.won_cycle_days == 0 {
        return None;
    }
    // Mean amount by mean cycle: the number of wins cancels.
    let earned_a_day = levers.won_amount_minor as f64 / levers.won_cycle_days as f64;
    Some(levers.open_deals as f64 * rate.value() * earned_a_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_deals_at_a_quarter() {
        // 40 open × 25 % × 10,000.00 each ÷ 50 days = 2,000.00 a day.
        let levers = Levers {
            open_deals: 40,
            win_rate: Ratio::new(5, 20),
            won_deals: 5,
            won_amount_minor: 5 * 1_000_000,
            won_cycle_days: 5 * 50,
        };
        assert!(sales_velocity_minor(&levers).is_some_and(|speed| (speed - 200_000.0).abs() < 1e-6));
        let idle = sales_velocity_minor(&Levers { open_deals: 0, ..levers });
        assert!(idle.is_some_and(|speed| speed.abs() < 1e-12), "an empty funnel stands still");
        for undefined in [
            Levers { win_rate: None, ..levers },
            Levers { won_deals: 0, ..levers },
            Levers { won_cycle_days: 0, ..levers },
        ] {
            assert_eq!(sales_velocity_minor(&undefined), None);
        }
    }
}
