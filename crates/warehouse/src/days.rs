//! Business days of many instants.
//!
//! The calendar asks the zone's rules for every instant; a journal has millions of them on few days. A day
//! found once is kept with the instants it spans. Must not decide what a business day is: that is the
//! calendar's.

use domain::{Calendar, Day, Instant};

/// Places of the memo; a power of two. Eleven years of days fit without meeting.
const PLACES: usize = 4096;
const MICROS_A_DAY: i64 = 86_400_000_000;

#[derive(Clone, Copy)]
struct Known {
    from: i64,
    until: i64,
    day: Day,
}

/// [`Calendar::day`] with a memory.
pub(crate) struct DayClock {
    calendar: Calendar,
    memo: Vec<Known>,
}

impl DayClock {
    pub(crate) fn new(calendar: Calendar) -> Self {
        Self { calendar, memo: vec![Known { from: 0, until: 0, day: Day(0) }; PLACES] }
    }

    pub(crate) fn day(&mut self, at: Instant) -> Day {
        let place = usize::try_from(at.0.div_euclid(MICROS_A_DAY).rem_euclid(PLACES as i64)).unwrap_or(0);
        let known = self.memo[place];
        if known.from <= at.0 && at.0 < known.until {
            return known.day;
        }
        let day = self.calendar.day(at);
        let (from, until) = (self.calendar.start_of(day), self.calendar.start_of(day.plus(1)));
        // Where a clock is set back over midnight a day comes twice: such a span is not remembered.
        let plain = from.0 <= at.0 && at.0 < until.0 && until.0 - from.0 <= MICROS_A_DAY + MICROS_A_DAY / 24;
        if plain && self.calendar.day(Instant(until.0 - 1)) == day {
            self.memo[place] = Known { from: from.0, until: until.0, day };
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn remembers_what_the_calendar_says(
            instants in prop::collection::vec(-2_000_000_000_000_000_i64..2_000_000_000_000_000, 1..50),
            zone in prop::sample::select(vec![
                chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin, chrono_tz::America::Sao_Paulo,
                chrono_tz::Pacific::Apia, chrono_tz::America::Havana, chrono_tz::UTC,
            ]),
        ) {
            let calendar = Calendar::new(zone);
            let mut clock = DayClock::new(calendar);
            for at in instants {
                for near in [at, at + 1_800_000_000, at + 43_200_000_000, at - 3_600_000_000] {
                    prop_assert_eq!(clock.day(Instant(near)), calendar.day(Instant(near)));
                }
            }
        }
    }
}
