//! Currencies, amounts in minor units, and dated exchange rates.
//!
//! An amount is an `i64` of minor units (fen, cents). Sums are exact; the only rounding is the
//! conversion of one deal's amount, half to even, before anything is summed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::Day;

/// The largest amount of one record, in minor units: 10 trillion (10¹³) of a currency with cents. What is larger is a
/// slip of the hand, and would drown every sum and every scale that it stands in.
pub const MOST_MINOR: i64 = 1_000_000_000_000_000;

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

/// A text that is no exchange rate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no exchange rate: write a positive number with a point, such as 7.81")]
pub struct NotARate(pub String);

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

    /// The numerator of a rate as people write it, `7.81`: what one unit of `from` is in units of `into`. Digits
    /// beyond the scale are rounded half to even.
    ///
    /// # Errors
    /// [`NotARate`] where the text is no positive decimal number, or too large or small to be kept.
    pub fn numerator(rate: &str, from: Currency, into: Currency) -> Result<i64, NotARate> {
        let wrong = || NotARate(rate.to_owned());
        let (whole, fraction) = rate.split_once('.').unwrap_or((rate, ""));
        let digits = format!("{whole}{fraction}");
        if whole.is_empty() || digits.len() > 24 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let value: i128 = digits.parse().map_err(|_| wrong())?;
        // Decimals of the scale and of the minor units, less those that are written already.
        let shift = 9 + i64::from(into.decimals()) - i64::from(from.decimals()) - fraction.len() as i64;
        let power = 10_i128.checked_pow(u32::try_from(shift.unsigned_abs()).map_err(|_| wrong())?).ok_or_else(wrong)?;
        let numerator =
            if shift >= 0 { value.checked_mul(power).ok_or_else(wrong)? } else { div_half_even(value, power) };
        i64::try_from(numerator).ok().filter(|numerator| *numerator > 0).ok_or_else(wrong)
    }

    /// What one unit of `from` is in units of `into`, of a stored numerator.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a rate is shown with fewer digits than a double has")]
    pub fn units(numerator: i64, from: Currency, into: Currency) -> f64 {
        let shift = from.decimals().cast_signed() - into.decimals().cast_signed();
        numerator as f64 / Self::SCALE as f64 * 10_f64.powi(shift)
    }

    /// Every rate: currency, first day, numerator; by currency and day.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, Day, i64)> {
        self.from.iter().flat_map(|(from, rates)| rates.iter().map(|(day, numerator)| (*from, *day, *numerator)))
    }

    /// Whether amounts of `from` up to `largest_minor` convert on every day from `since` on.
    ///
    /// # Errors
    /// What [`Rates::convert`] would say on the first day, or at the largest rate after it.
    pub fn convert_from_on(&self, largest_minor: i64, from: Currency, since: Day) -> Result<(), RateError> {
        self.convert(largest_minor, from, since)?;
        let later = self.from.get(&from).into_iter().flatten().filter(|(day, _)| *day > since);
        match later.max_by_key(|(_, numerator)| *numerator) {
            Some((day, _)) => self.convert(largest_minor, from, *day).map(|_| ()),
            None => Ok(()),
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
    fn rates_are_read_as_people_write_them() {
        let currency = |code: &str| Currency::parse(code).expect("a code");
        let (cny, eur, jpy, kwd) = (Currency::CNY, Currency::EUR, currency("JPY"), currency("KWD"));
        for (text, from, into, numerator) in [
            ("7.81", eur, cny, 7_810_000_000),
            ("8", eur, cny, 8_000_000_000),
            // A yen has no minor units: one of them is a hundred times as many minor units of the other.
            ("0.0475", jpy, cny, 4_750_000_000),
            ("21.05", cny, jpy, 210_500_000),
            ("23.5", kwd, cny, 2_350_000_000),
            ("0.00000000025", eur, cny, 0),
            ("1.0000000005", eur, cny, 1_000_000_000),
            ("1.0000000015", eur, cny, 1_000_000_002),
        ] {
            let found = Rates::numerator(text, from, into);
            assert_eq!(found.clone().unwrap_or(0), numerator, "{text} from {from} into {into}: {found:?}");
        }
        let mut rates = Rates::new(cny);
        rates.add(jpy, Day(10), Rates::numerator("0.0475", jpy, cny).expect("a rate"));
        assert_eq!(rates.convert(1000, jpy, Day(10)), Ok(4750), "a thousand yen are 47.50");
        assert!((Rates::units(4_750_000_000, jpy, cny) - 0.0475).abs() < 1e-12);
        for wrong in ["", ".5", "-1", "+1", "0", "1e3", "1,5", "seven", "١", "99999999999999", "1.1.1"] {
            assert!(Rates::numerator(wrong, eur, cny).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_later_and_larger_rate_may_be_too_large() {
        let mut rates = Rates::new(Currency::CNY);
        rates.add(Currency::EUR, Day(10), Rates::SCALE);
        rates.add(Currency::EUR, Day(20), 8 * Rates::SCALE);
        rates.add(Currency::EUR, Day(30), Rates::SCALE);
        let tried = |since| rates.convert_from_on(i64::MAX / 4, Currency::EUR, Day(since));
        assert!(matches!(tried(5), Err(RateError::Missing { .. })));
        assert!(matches!(tried(10), Err(RateError::Overflow { .. })));
        assert!(matches!(tried(20), Err(RateError::Overflow { .. })));
        assert_eq!(tried(30), Ok(()));
        assert_eq!(rates.iter().count(), 3);
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
