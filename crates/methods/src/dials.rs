//! The two gauges of a pipeline review: is enough on its way, is enough of it certain enough?
//!
//! Dial 4 asks what is won or open from the `intent` stage on, against one and a half targets;
//! dial 5 asks the same from `commit` on, against 1.2 targets. The factors are settings: part of
//! what is on the way will not arrive. Which stage carries a role is for the process to say: the
//! module must not know stages and never counts them. One colour rule serves every gauge.

use crate::ratio::Ratio;

/// From this many percent of the requirement on, a gauge is green.
pub const GREEN_PERCENT: u32 = 85;
/// From this many percent on it is yellow, below red.
pub const YELLOW_PERCENT: u32 = 60;

/// A share that is further than this many percent from its target is marked, whichever way it is off.
pub const FAR_PERCENT: u32 = 15;

/// Which gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dial {
    /// Dial 4: from the stage with the role `intent` on.
    Intent,
    /// Dial 5: from the stage with the role `commit` on.
    Commit,
}

/// How many thousandths of the target each dial requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Factors {
    /// Dial 4; 1,500 by default.
    pub intent_permille: u32,
    /// Dial 5; 1,200 by default.
    pub commit_permille: u32,
}

impl Default for Factors {
    fn default() -> Self {
        Factors { intent_permille: 1_500, commit_permille: 1_200 }
    }
}

impl Factors {
    /// The factor of one dial, in thousandths.
    #[must_use]
    pub fn permille(&self, dial: Dial) -> u32 {
        match dial {
            Dial::Intent => self.intent_permille,
            Dial::Commit => self.commit_permille,
        }
    }
}

/// What a gauge is read from, all in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DialInput {
    /// Won in the period.
    pub won_minor: i128,
    /// Open at or after the stage with the dial's role, expected to close in the period; `None`
    /// when no stage of the process carries the role.
    pub open_minor: Option<i128>,
    /// The period's target; `None` when nobody set one.
    pub target_minor: Option<i128>,
}

/// The one colour rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Colour {
    /// Less than 60 % of what is required.
    Red,
    /// 60 % up to, not including, 85 %.
    Yellow,
    /// 85 % or more.
    Green,
}

impl Colour {
    /// The colour of a share of what is required, compared exactly.
    #[must_use]
    pub fn of(attained: Ratio) -> Colour {
        if attained.reaches_percent(GREEN_PERCENT) {
            Colour::Green
        } else if attained.reaches_percent(YELLOW_PERCENT) {
            Colour::Yellow
        } else {
            Colour::Red
        }
    }

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Colour::Red => "red",
            Colour::Yellow => "yellow",
            Colour::Green => "green",
        }
    }
}

/// Whether a share of a target is off by more than [`FAR_PERCENT`], compared exactly.
#[must_use]
pub fn is_far(attained: Ratio) -> bool {
    attained.exceeds_percent(100 + FAR_PERCENT) || !attained.reaches_percent(100 - FAR_PERCENT)
}

/// A gauge that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialReading {
    /// Which gauge.
    pub dial: Dial,
    /// Factor × target, minor units, half to even; the shares below use the exact figure.
    pub required_minor: i128,
    /// (won + open) by (factor × target).
    pub attained: Ratio,
    /// Open alone by (factor × target): what remains when the won part is set aside.
    pub open_only: Ratio,
    /// The colour of `attained`.
    pub colour: Colour,
}

/// Why a gauge has nothing to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoReading {
    /// No stage of the process carries the dial's role.
    NoRole,
    /// There is no target for the period.
    NoTarget,
    /// The target, or the factor, is not above zero.
    EmptyTarget,
}

/// Reads one gauge.
///
/// # Errors
/// [`NoReading`] says why there is none; a missing role is named before a missing target.
pub fn read(dial: Dial, input: &DialInput, factors: &Factors) -> Result<DialReading, NoReading> {
    let open_minor = input.open_minor.ok_or(NoReading::NoRole)?;
    let target_minor = input.target_minor.ok_or(NoReading::NoTarget)?;
    // Thousandths on both sides keep the factor exact.
    let required = target_minor.saturating_mul(i128::from(factors.permille(dial)));
    if required <= 0 {
        return Err(NoReading::EmptyTarget);
    }
    let against = |minor: i128| Ratio::new(minor.saturating_mul(1_000), required).ok_or(NoReading::EmptyTarget);
    let attained = against(input.won_minor + open_minor)?;
    let required_minor = Ratio::new(required, 1_000).ok_or(NoReading::EmptyTarget)?.rounded();
    let (open_only, colour) = (against(open_minor)?, Colour::of(attained));
    Ok(DialReading { dial, required_minor, attained, open_only, colour })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_fifteen_percent_off_is_far_and_just_fifteen_is_not() {
        let far = [(849, true), (850, false), (1_000, false), (1_150, false), (1_151, true)];
        for (part, expected) in far {
            assert_eq!(is_far(Ratio::new(part, 1_000).expect("a whole")), expected, "{part} of 1000");
        }
    }

    /// dial, won, open, target → required, attained %, open only %, colour.
    const CASES: &str = "
        intent 300 900   1000 1500  80.0  60.0 Yellow
        commit 300 900   1000 1200 100.0  75.0 Green
        intent   0 1275  1000 1500  85.0  85.0 Green
        intent   0 1274  1000 1500  84.9  84.9 Yellow
        commit 720 0     1000 1200  60.0   0.0 Yellow
        commit 719 0     1000 1200  59.9   0.0 Red
        intent   0 0     1001 1502   0.0   0.0 Red";

    #[test]
    fn gauges_and_their_colours() {
        for line in CASES.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let cells: Vec<&str> = line.split_whitespace().collect();
            let minor = |index: usize| cells[index].parse::<i128>().expect("an amount");
            let dial = if cells[0] == "intent" { Dial::Intent } else { Dial::Commit };
            let input = DialInput { won_minor: minor(1), open_minor: Some(minor(2)), target_minor: Some(minor(3)) };
            let found = read(dial, &input, &Factors::default()).expect("a reading");
            let shown = [
                found.required_minor.to_string(),
                found.attained.percent(1),
                found.open_only.percent(1),
                format!("{:?}", found.colour),
            ];
            assert_eq!(shown.as_slice(), &cells[4..], "{line}");
        }
    }

    #[test]
    fn no_role_or_no_target_gives_a_reason() {
        let whole = DialInput { won_minor: 1, open_minor: Some(2), target_minor: Some(3) };
        let ask = |input: DialInput| read(Dial::Intent, &input, &Factors::default());
        assert!(ask(whole).is_ok());
        assert_eq!(ask(DialInput { open_minor: None, ..whole }), Err(NoReading::NoRole));
        assert_eq!(ask(DialInput { open_minor: None, target_minor: None, ..whole }), Err(NoReading::NoRole));
        assert_eq!(ask(DialInput { target_minor: None, ..whole }), Err(NoReading::NoTarget));
        assert_eq!(ask(DialInput { target_minor: Some(0), ..whole }), Err(NoReading::EmptyTarget));
    }

    #[test]
    fn the_factor_is_a_setting() {
        let input = DialInput { won_minor: 0, open_minor: Some(850), target_minor: Some(1_000) };
        let plain = Factors { intent_permille: 1_000, commit_permille: 0 };
        assert_eq!(read(Dial::Intent, &input, &plain).map(|found| found.colour), Ok(Colour::Green));
        assert_eq!(read(Dial::Commit, &input, &plain), Err(NoReading::EmptyTarget));
    }
}
