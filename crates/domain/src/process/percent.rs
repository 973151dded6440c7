//! Probabilities: per cent in a file, where people write `70` or `12.5`; millionths inside, where
//! they are exact. Read through the decimal writing of the number, so that no rounding hides.

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Millionths in one per cent.
const PPM: i64 = 10_000;

/// Writes millionths as per cent, whole where it is whole.
pub(super) fn serialize<S: Serializer>(ppm: &i32, out: S) -> Result<S::Ok, S::Error> {
    match i64::from(*ppm) {
        whole if whole % PPM == 0 => out.serialize_i64(whole / PPM),
        _ => out.serialize_f64(f64::from(*ppm) / 10_000.0),
    }
}

/// Reads per cent into millionths; more than four decimals are refused.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<i32, D::Error> {
    input.deserialize_any(Percent)
}

/// The same where the number may be absent.
pub(super) mod optional {
    use super::{Deserializer, Serializer};

    pub(in crate::process) fn serialize<S: Serializer>(ppm: &Option<i32>, out: S) -> Result<S::Ok, S::Error> {
        match ppm {
            Some(ppm) => super::serialize(ppm, out),
            None => out.serialize_none(),
        }
    }

    pub(in crate::process) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i32>, D::Error> {
        super::deserialize(input).map(Some)
    }
}

struct Percent;

impl Visitor<'_> for Percent {
    type Value = i32;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a number of per cent with at most four decimals")
    }

    fn visit_i64<E: Error>(self, percent: i64) -> Result<i32, E> {
        percent
            .checked_mul(PPM)
            .and_then(|ppm| i32::try_from(ppm).ok())
            .ok_or_else(|| E::custom(format!("{percent} per cent is far outside 0 to 100")))
    }

    fn visit_u64<E: Error>(self, percent: u64) -> Result<i32, E> {
        self.visit_i64(i64::try_from(percent).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, percent: f64) -> Result<i32, E> {
        ppm_of_decimal(&percent.to_string())
            .ok_or_else(|| E::custom(format!("{percent} is no per cent with at most four decimals")))
    }
}

/// `"12.5"` → 125 000.
fn ppm_of_decimal(text: &str) -> Option<i32> {
    let (digits, negative) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if decimals.len() > 4 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let ppm: i32 = format!("{whole}{decimals:0<4}").parse().ok()?;
    Some(if negative { -ppm } else { ppm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, ppm) in [
            ("0", Some(0)),
            ("12.5", Some(125_000)),
            ("0.0001", Some(1)),
            ("33.3333", Some(333_333)),
            ("-1", Some(-10_000)),
            ("33.33333", None),
            ("1e300", None),
            ("inf", None),
            ("NaN", None),
        ] {
            assert_eq!(ppm_of_decimal(text), ppm, "{text}");
        }
    }
}
