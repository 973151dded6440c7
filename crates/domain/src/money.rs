//! Currencies, amounts in minor units, and dated exchange rates.
//!
//! An amount is an `i64` of minor units (fen, cents). Sums are exact; the only rounding is the
//! conversion of one deal's amount, half to even, before anything is summed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::Day;

/// An ISO 4217 code, packed into 15 bits (five a letter).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(u16);

/// A text that is no currency code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a currency code: three capital letters such as CNY or EUR are expected")]
pub struct NotACurrency(pub String);

impl Currency {
    /// Chinese yuan.
    pub const CNY: Self = Self::pack([b'C', b'N', b'Y']);
    /// Euro.
    pub const EUR: Self = Self::pack([b'E', b'U', b'R']);
    /// United States dollar.
    pub const USD: Self = Self::pack([b'U', b'S', b'D']);

    const fn pack(letters: [u8; 3]) -> Self {
        let a = (letters[0] - b'A') as u16;
        let b = (letters[1] - b'A') as u16;
        let c = (letters[2] - b'A') as u16;
        Self((a << 10) | (b << 5) | c)
    }

    /// The currency with this code.
    ///
    /// # Errors
    /// [`NotACurrency`] unless it is three capital ASCII letters.
    pub fn parse(code: &str) -> Result<Self, NotACurrency> {
        match code.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self::pack([a, b, c])),
            _ => Err(NotACurrency(code.to_owned())),
        }
    }

    /// The packed code, as the journal and the warehouse store it.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The currency of a packed code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        let letters = [code >> 10, (code >> 5) & 31, code & 31];
        letters.iter().all(|letter| *letter < 26).then_some(Self(code))
    }

    /// How many decimal digits the minor unit has (ISO 4217).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match self.to_string().as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }

    /// An amount in major units with all its decimals: `1234.50`.
    #[must_use]
    pub fn format_minor(self, amount_minor: i128) -> String {
        let decimals = self.decimals();
        let unit = 10_u128.pow(decimals);
        let magnitude = amount_minor.unsigned_abs();
        let sign = if amount_minor < 0 { "-" } else { "" };
        if decimals == 0 {
            return format!("{sign}{magnitude}");
        }
        format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = decimals as usize)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in [10, 5, 0] {
            let letter = u8::try_from((self.0 >> shift) & 31).unwrap_or(0);
            write!(f, "{}", char::from(b'A' + letter))?;
        }
        Ok(())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Dated exchange rates into one reporting currency.
///
/// A rate is `numerator / RATE_SCALE` units of the reporting currency's *minor* unit for one minor unit of
/// the other (the difference in decimals is in the rate), valid from its day until the next one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rates {
    into: Currency,
    from: BTreeMap<Currency, Vec<(Day, i64)>>,
}

/// Why an amount could not be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RateError {
    /// There is no rate at or before the day.
    #[error("there is no exchange rate from {from} to {into} on or before {on}; add one, or filter to one currency")]
    Missing {
        /// The amount's currency.
        from: Currency,
        /// The reporting currency.
        into: Currency,
        /// The day of the amount.
        on: Day,
    },
    /// The result is larger than an `i64` of minor units.
    #[error("an amount of {amount_minor} minor units of {from} is too large to convert to {into}")]
    Overflow {
        /// The amount.
        amount_minor: i64,
        /// Its currency.
        from: Currency,
        /// The reporting currency.
        into: Currency,
    },
}

impl Rates {
    /// The denominator of stored rates: nine decimals.
    pub const SCALE: i64 = 1_000_000_000;

    /// No rates yet: only amounts already in `into` convert.
    #[must_use]
    pub const fn new(into: Currency) -> Self {
        Self { into, from: BTreeMap::new() }
    }

    /// The reporting currency.
    #[must_use]
    pub const fn into_currency(&self) -> Currency {
        self.into
    }

    /// Adds the rate that holds from `day` on; `numerator` counts in `1 / SCALE`.
    pub fn add(&mut self, from: Currency, day: Day, numerator: i64) {
        let rates = self.from.entry(from).or_default();
        match rates.binary_search_by_key(&day, |(on, _)| *on) {
            Ok(at) => rates[at].1 = numerator,
            Err(at) => rates.insert(at, (day, numerator)),
        }
    }

    /// `amount_minor` of `from` in the reporting currency at the rate of `on`, rounded half to even.
    ///
    /// # Errors
    /// [`RateError`] where no rate is known for the day, or the result does not fit.
    pub fn convert(&self, amount_minor: i64, from: Currency, on: Day) -> Result<i64, RateError> {
        if from == self.into {
            return Ok(amount_minor);
        }
        let missing = RateError::Missing { from, into: self.into, on };
        let rates = self.from.get(&from).ok_or(missing)?;
        let after = rates.partition_point(|(day, _)| *day <= on);
        let (_, numerator) = *rates[..after].last().ok_or(missing)?;
        let converted = div_half_even(i128::from(amount_minor) * i128::from(numerator), i128::from(Self::SCALE));
        i64::try_from(converted).map_err(|_| RateError::Overflow { amount_minor, from, into: self.into })
    }
}

/// `value / divisor` rounded to the nearest integer, ties to the even one. `divisor` is positive.
#[must_use]
pub fn div_half_even(value: i128, divisor: i128) -> i128 {
    let floor = value.div_euclid(divisor);
    let twice = value.rem_euclid(divisor) * 2;
    if twice > divisor || (twice == divisor && floor % 2 != 0) { floor + 1 } else { floor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_packing() {
        for code in ["CNY", "EUR", "USD", "AAA", "ZZZ"] {
            let currency = Currency::parse(code).expect("a code");
            assert_eq!(currency.to_string(), code);
            assert_eq!(Currency::from_code(currency.code()), Some(currency));
        }
        for wrong in ["", "cny", "CN", "CNYX", "€€€", "C1Y"] {
            assert_eq!(Currency::parse(wrong), Err(NotACurrency(wrong.to_owned())));
        }
        assert_eq!(Currency::from_code(u16::MAX), None);
    }

    #[test]
    fn minor_units_print_by_currency() {
        for (code, minor, text) in
            [("CNY", 1_234_500, "12345.00"), ("CNY", -5, "-0.05"), ("JPY", 1234, "1234"), ("KWD", 1, "0.001")]
        {
            assert_eq!(Currency::parse(code).expect("a code").format_minor(minor), text);
        }
    }

    #[test]
    fn ties_go_to_the_even_neighbour() {
        for (value, expected) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-25, -2), (26, 3), (-26, -3)] {
            assert_eq!(div_half_even(value, 10), expected, "{value} / 10");
        }
    }

    #[test]
    fn the_rate_of_the_day_holds_until_the_next() {
        let mut rates = Rates::new(Currency::CNY);
        let day = |text| Day::parse(text).expect("a date");
        rates.add(Currency::EUR, day("2026-02-01"), 8_000_000_000);
        rates.add(Currency::EUR, day("2026-01-01"), 7_500_000_000);
        let convert = |on| rates.convert(101, Currency::EUR, day(on));
        assert_eq!(convert("2026-01-31"), Ok(758)); // 757.5: half to even
        assert_eq!(convert("2026-02-01"), Ok(808));
        assert!(matches!(convert("2025-12-31"), Err(RateError::Missing { .. })));
        assert_eq!(rates.convert(7, Currency::CNY, day("2020-01-01")), Ok(7));
    }
}
