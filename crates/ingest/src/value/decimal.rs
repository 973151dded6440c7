//! Numbers as people and programs write them, exactly: digits and a scale, never a float.

use domain::money::div_half_even;

use crate::profile::spec::Decimal as Sign;
use crate::table::Cell;

/// `units × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) units: i128,
    pub(crate) scale: i32,
}

/// Why a number does not become a whole number of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It does not fit.
    OutOfRange,
    /// It is not whole; the rounded value is given.
    Inexact(i64),
}

/// What may stand before or after an amount and says nothing about its size.
const SIGNS: [&str; 12] = ["CN¥", "US$", "HK$", "RMB", "CNY", "USD", "EUR", "¥", "￥", "$", "€", "£"];
/// Chinese units, which are powers of ten.
const POWERS: [(&str, i32); 4] = [("亿", 8), ("万", 4), ("億", 8), ("萬", 4)];

impl Decimal {
    /// The number in a cell; absent where it is none.
    pub(crate) fn of(cell: Cell<'_>, sign: Sign) -> Option<Self> {
        match cell {
            Cell::Int(number) => Some(Self { units: i128::from(number), scale: 0 }),
            Cell::Decimal(units, scale) => Some(Self { units, scale: i32::from(scale) }),
            Cell::Float(number) => Self::of_float(number),
            // The shortest decimal that is this single, not what it is as a double.
            Cell::Single(number) => Self::plain(&number.to_string()),
            Cell::Text(text) => Self::parse(text, sign),
            _ => None,
        }
    }

    fn of_float(number: f64) -> Option<Self> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if !number.is_finite() {
            return None;
        }
        if number.trunc().to_bits() == number.to_bits() && number.abs() < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            return Some(Self { units: i128::from(number as i64), scale: 0 });
        }
        Self::plain(&number.to_string())
    }

    /// A number in people's writing: currency signs, grouped thousands, brackets for negative ones, 万 and 亿.
    pub(crate) fn parse(text: &str, sign: Sign) -> Option<Self> {
        // Full-width digits and signs, as Chinese input methods write them.
        if text.contains(|c| ('\u{ff01}'..='\u{ff5e}').contains(&c)) {
            return Self::parse(&domain::text::folded(text), sign);
        }
        let mut text = text.trim();
        let mut negative = false;
        if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            (text, negative) = (inner.trim(), true);
        }
        if !negative && let Some(rest) = text.strip_prefix(['-', '−']) {
            (text, negative) = (rest.trim_start(), true);
        }
        for currency in SIGNS {
            let stripped = text.strip_prefix(currency).or_else(|| text.strip_suffix(currency));
            if let Some(rest) = stripped {
                text = rest.trim();
                break;
            }
        }
        if !negative && let Some(rest) = text.strip_prefix(['-', '−']) {
            (text, negative) = (rest, true);
        }
        if negative && text.starts_with(['-', '−', '+', '(']) {
            return None;
        }
        let text = text.strip_suffix('元').unwrap_or(text).trim_end();
        let power = POWERS.iter().find_map(|(unit, power)| Some((text.strip_suffix(unit)?.trim_end(), *power)));
        let (text, power) = power.unwrap_or((text, 0));
        let number = match ungrouped(text, sign)? {
            Some(plain) => Self::plain(&plain)?,
            None => Self::plain(text)?,
        };
        let units = if negative { number.units.checked_neg()? } else { number.units };
        Some(Self { units, scale: number.scale - power })
    }

    /// Digits, a point and an exponent.
    fn plain(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok().filter(|e| e.abs() < 400)?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let (mut units, mut scale, mut seen, mut point) = (0_i128, 0_i32, false, false);
        for byte in digits {
            match byte {
                b'0'..=b'9' => {
                    seen = true;
                    units = units.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    scale += i32::from(point);
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        seen.then_some(Self { units: if negative { -units } else { units }, scale: scale - exponent })
    }

    /// `self × times` in units of `10^-decimals`, rounded half to even.
    ///
    /// # Errors
    /// [`Misfit`]: too large for an `i64`, or rounded.
    pub(crate) fn to_units(self, decimals: u32, times: i64) -> Result<i64, Misfit> {
        let out = Misfit::OutOfRange;
        let units = self.units.checked_mul(i128::from(times)).ok_or(out)?;
        if units == 0 {
            return Ok(0);
        }
        let shift = i32::try_from(decimals).map_err(|_| out)?.saturating_sub(self.scale);
        let power = |exponent: u32| 10_i128.checked_pow(exponent);
        if shift >= 0 {
            let factor = power(shift.unsigned_abs()).ok_or(out)?;
            return units.checked_mul(factor).and_then(|units| i64::try_from(units).ok()).ok_or(out);
        }
        // Too small to be anything but a rounded zero.
        let Some(divisor) = power(shift.unsigned_abs()) else { return Err(Misfit::Inexact(0)) };
        let rounded =
            if divisor == i128::MAX { 0 } else { i64::try_from(div_half_even(units, divisor)).map_err(|_| out)? };
        if units % divisor == 0 { Ok(rounded) } else { Err(Misfit::Inexact(rounded)) }
    }

    /// Compares exactly: whether `self` is within `tolerance` of `other`. Absent where the digits run over.
    pub(crate) fn is_within(self, other: Self, tolerance: Self) -> Option<bool> {
        let scale = self.scale.max(other.scale).max(tolerance.scale);
        let at = |number: Self| {
            let shift = scale.checked_sub(number.scale)?.unsigned_abs();
            number.units.checked_mul(10_i128.checked_pow(shift)?)
        };
        Some(at(self)?.checked_sub(at(other)?)?.unsigned_abs() <= at(tolerance)?.unsigned_abs())
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        Some(Self { units: self.units.checked_mul(other.units)?, scale: self.scale.checked_add(other.scale)? })
    }
}

/// Takes thousands apart: `Some(None)` where the text is plain already, `None` where the grouping is wrong.
#[expect(clippy::option_option, reason = "plain, rewritten and wrong are three cases")]
fn ungrouped(text: &str, sign: Sign) -> Option<Option<String>> {
    let (group, point) = match sign {
        Sign::Point => (',', '.'),
        Sign::Comma => ('.', ','),
    };
    let is_space = |c: char| c == ' ' || c == '\u{a0}' || c == '\u{202f}' || c == '\'' || c == '’' || c == '_';
    let plain = sign == Sign::Point && !text.contains(|c: char| c == group || is_space(c));
    if plain {
        return Some(None);
    }
    let (whole, fraction) = match text.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if fraction.is_some_and(|fraction| fraction.contains(|c: char| c == group || is_space(c) || c == point)) {
        return None;
    }
    let groups: Vec<&str> = whole.split(|c: char| c == group || is_space(c)).collect();
    if let [first, middle @ .., last] = groups.as_slice() {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let sound = (1..=3).contains(&first.trim_start_matches(['-', '+']).len())
            && last.len() == 3
            // Lakh and crore are grouped by two.
            && middle.iter().all(|group| matches!(group.len(), 2 | 3) && digits(group))
            && digits(last.split(['e', 'E']).next().unwrap_or_default());
        if !sound {
            return None;
        }
    }
    let mut plain = groups.concat();
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }
    Some(Some(plain))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minor(text: &str, sign: Sign) -> Option<Result<i64, Misfit>> {
        Decimal::parse(text, sign).map(|number| number.to_units(2, 1))
    }

    #[test]
    fn amounts_in_many_writings() {
        use Misfit::{Inexact, OutOfRange};
        for (text, expected) in [
            ("1054", Some(Ok(105_400))),
            ("1,234.5", Some(Ok(123_450))),
            ("-0.05", Some(Ok(-5))),
            (".5", Some(Ok(50))),
            ("$1,000,000.00", Some(Ok(100_000_000))),
            ("-$5", Some(Ok(-500))),
            ("$-5", Some(Ok(-500))),
            ("(12.30)", Some(Ok(-1230))),
            ("¥ 1 234.00", Some(Ok(123_400))),
            ("12,34,567", Some(Ok(123_456_700))),
            ("50万", Some(Ok(50_000_000))),
            ("1.5亿元", Some(Ok(15_000_000_000))),
            ("1.5E3", Some(Ok(150_000))),
            ("486289.10000000003", Some(Err(Inexact(48_628_910)))),
            ("0.005", Some(Err(Inexact(0)))),
            ("0.015", Some(Err(Inexact(2)))),
            ("-0.025", Some(Err(Inexact(-2)))),
            ("1e300", Some(Err(OutOfRange))),
            ("1e-300", Some(Err(Inexact(0)))),
            ("92233720368547758.08", Some(Err(OutOfRange))),
            ("-92233720368547758.08", Some(Ok(i64::MIN))),
            ("twelve hundred", None),
            ("五十", None),
            ("", None),
            ("-", None),
            ("1,5", None),
            ("1,2345", None),
            ("1.2.3", None),
            ("12O", None),
            ("0x10", None),
            ("NaN", None),
            ("1,000.5,0", None),
            ("--5", None),
            ("-+5", None),
            ("(-5)", None),
            ("-(5)", None),
            ("(5", None),
        ] {
            assert_eq!(minor(text, Sign::Point), expected, "{text}");
        }
        for (text, expected) in [("1.234,5", Some(Ok(123_450))), ("1035,50 €", Some(Ok(103_550))), ("1.5", None)] {
            assert_eq!(minor(text, Sign::Comma), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_their_shortest_decimals() {
        for (number, expected) in [(35698.1, Ok(3_569_810)), (0.1, Ok(10)), (1e15, Ok(100_000_000_000_000_000))] {
            let decimal = Decimal::of(Cell::Float(number), Sign::Point).expect("a number");
            assert_eq!(decimal.to_units(2, 1), expected, "{number}");
        }
        let single = Decimal::of(Cell::Single(0.1), Sign::Point).expect("a number");
        assert_eq!(single.to_units(2, 1), Ok(10));
        assert_eq!(Decimal::of(Cell::Float(f64::NAN), Sign::Point), None);
    }

    proptest! {
        #[test]
        fn what_money_prints_is_read_back(minor in any::<i64>(), code in "CNY|JPY|KWD|USD") {
            let currency = domain::Currency::parse(&code).expect("a code");
            let text = currency.format_minor(i128::from(minor));
            let read = Decimal::parse(&text, Sign::Point).expect("a number");
            prop_assert_eq!(read.to_units(currency.decimals(), 1), Ok(minor));
        }

        #[test]
        fn grouping_changes_nothing(minor in any::<i64>()) {
            let plain = domain::Currency::USD.format_minor(i128::from(minor));
            let (whole, cents) = plain.split_once('.').expect("cents");
            let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            let text = format!("{sign}{grouped}.{cents}");
            prop_assert_eq!(Decimal::parse(&text, Sign::Point).map(|read| read.to_units(2, 1)), Some(Ok(minor)));
        }

        #[test]
        fn any_text_is_a_number_or_none(text in ".{0,20}") {
            let _ = minor(&text, Sign::Point);
            let _ = minor(&text, Sign::Comma);
        }
    }
}
