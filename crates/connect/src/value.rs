//! Values that marks grow by: what they are, and which comes after which.

use std::cmp::Ordering;

use crate::definition::{Incremental, MarkType};
use crate::failure::Failure;
use crate::time::{MICROS, Time};

/// How far ahead of UTC a clock is at most: a time without a zone may be of any.
const FURTHEST_ZONE: i64 = 14 * 3600 * MICROS;

/// A value that marks are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Time(Time),
    /// Units and how many decimals they have.
    Number(i128, u32),
    Text(String),
}

impl Value {
    pub(crate) fn of(ty: MarkType, text: &str) -> Result<Self, Failure> {
        let value = match ty {
            MarkType::Time => Time::read(text).map(Value::Time),
            MarkType::Number => number(text).map(|(units, scale)| Value::Number(units, scale)),
            MarkType::Text => Some(Value::Text(text.to_owned())),
        };
        value.ok_or_else(|| no_value(ty, text))
    }

    pub(crate) fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Time(a), Value::Time(b)) => a.micros.cmp(&b.micros),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Number(a, x), Value::Number(b, y)) => {
                let (x, y, most) = (*x, *y, *x.max(y));
                (a * 10_i128.pow(most - x)).cmp(&(b * 10_i128.pow(most - y)))
            }
            _ => Ordering::Equal,
        }
    }

    /// Whether it is a time that is still to come, further away than the next pull begins before its mark.
    pub(crate) fn is_ahead(&self, now_micros: i64, how: &Incremental) -> bool {
        let Value::Time(time) = self else { return false };
        let unknown = if time.zone.is_none() { FURTHEST_ZONE } else { 0 };
        time.micros > now_micros.saturating_add(unknown).saturating_add(overlap_micros(how))
    }
}

pub(crate) fn no_value(ty: MarkType, text: &str) -> Failure {
    let short: String = text.chars().take(40).collect();
    let (zh, en) = match ty {
        MarkType::Time => ("时间", "time"),
        MarkType::Number => ("数字", "number"),
        MarkType::Text => ("文本", "text"),
    };
    Failure::source(
        format!("用于识别新行的列中，“{short}”不是{zh}"),
        format!("in the column that tells new rows, `{short}` is no {en}"),
    )
    .hint(
        "请在 incremental 中写明列的类型（time、number 或 text），或换一列",
        "say in `incremental` what sort of column it is (time, number or text), or take another one",
    )
}

fn number(text: &str) -> Option<(i128, u32)> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > 25 || fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((format!("{whole}{fraction}").parse().ok()?, u32::try_from(fraction.len()).ok()?))
}

/// A number as people write it.
pub(crate) fn decimal_text(units: i128, scale: u32) -> String {
    if scale == 0 {
        return units.to_string();
    }
    let one = 10_i128.pow(scale);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, rest) = (units.unsigned_abs() / one.unsigned_abs(), units.unsigned_abs() % one.unsigned_abs());
    format!("{sign}{whole}.{rest:0width$}", width = scale as usize)
}

/// How far before a mark the next pull begins.
pub(crate) fn overlap_micros(how: &Incremental) -> i64 {
    i64::try_from(how.overlap).unwrap_or(i64::MAX).saturating_mul(MICROS)
}
