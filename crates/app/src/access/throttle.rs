//! How often somebody may be wrong, by account and by address. Pure.
//!
//! An attempt counts as wrong from its beginning, and is taken back when it was right: so many attempts at once
//! are no way round the bound.

use domain::Instant;
use store::access::Attempts;

const SECOND: i64 = 1_000_000;
/// After this long without a wrong one, the count begins anew.
const FORGOTTEN_AFTER: i64 = 3600 * SECOND;
const FIRST_WAIT_SECONDS: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 900;

/// The wrong ones in a row that close the door for the first time, for an account.
pub(super) const OF_ACCOUNT: i64 = 5;
/// The same for an address, behind which a whole office may sit.
pub(super) const OF_ADDRESS: i64 = 30;

/// Seconds until the next attempt is looked at, if that is not now.
pub(super) fn wait_seconds(before: &Attempts, now: Instant) -> Option<u64> {
    let micros = u64::try_from(before.closed_until.0 - now.0).ok().filter(|micros| *micros > 0)?;
    Some(micros.div_ceil(SECOND.unsigned_abs()))
}

/// One attempt more. Every `most`-th wrong one in a row and each after it closes the door, for twice as long
/// each time.
pub(super) fn counted(before: &Attempts, most: i64, now: Instant) -> Attempts {
    let is_old = now.0 - before.last_at.0 > FORGOTTEN_AFTER;
    let failures = if is_old { 1 } else { before.failures + 1 };
    let closed_until = if failures < most {
        Instant(0)
    } else {
        let doublings = u32::try_from(failures - most).unwrap_or(u32::MAX).min(10);
        Instant(now.0 + (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS) * SECOND)
    };
    Attempts { failures, last_at: now, closed_until }
}

/// One attempt less: it was right.
pub(super) fn taken_back(before: &Attempts, most: i64) -> Attempts {
    let failures = (before.failures - 1).max(0);
    let closed_until = if failures < most { Instant(0) } else { before.closed_until };
    Attempts { failures, closed_until, ..*before }
}

/// Before when attempts are of no use any more.
pub(super) const fn forgotten_before(now: Instant) -> Instant {
    Instant(now.0 - FORGOTTEN_AFTER)
}

/// What is throttled together: an IPv4 address, or the network of an IPv6 one, of which everybody has thousands.
pub(super) fn address(text: &str) -> String {
    match text.parse() {
        Ok(std::net::IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        Ok(address) => address.to_string(),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_closes_for_longer_each_time_and_opens_again() {
        let mut at = Instant(1_000 * SECOND);
        let mut attempts = Attempts::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            assert_eq!(wait_seconds(&attempts, at), None);
            attempts = counted(&attempts, OF_ACCOUNT, at);
            let wait = wait_seconds(&attempts, at).unwrap_or(0);
            waits.push(wait);
            at = Instant(at.0 + i64::try_from(wait).expect("a small number") * SECOND);
        }
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(wait_seconds(&attempts, Instant(at.0 - SECOND / 2)), Some(1), "a part of a second is a second");
        let later = Instant(at.0 + FORGOTTEN_AFTER + 1);
        assert_eq!(counted(&attempts, OF_ACCOUNT, later).failures, 1);
    }

    #[test]
    fn a_right_one_is_taken_back() {
        let before = Attempts { failures: OF_ADDRESS - 1, last_at: Instant(5), closed_until: Instant(0) };
        let closed = counted(&before, OF_ADDRESS, Instant(6));
        assert!(wait_seconds(&closed, Instant(6)).is_some());
        assert_eq!(wait_seconds(&taken_back(&closed, OF_ADDRESS), Instant(6)), None);
        assert_eq!(taken_back(&Attempts::default(), OF_ACCOUNT), Attempts::default());
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        assert_eq!(address("192.0.2.7"), "192.0.2.7");
        assert_eq!(address("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(address("2001:db8:1:2:3:4:5:6"), address("2001:db8:1:2::9"));
        assert_ne!(address("2001:db8:1:2::9"), address("2001:db8:1:3::9"));
        assert_eq!(address(""), "");
    }
}
