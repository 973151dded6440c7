//! The small language of exit criteria: conditions over a deal's fields, such as
//! `amount_minor > 0 and expected_close_on <= today + 12 months`.
//!
//! It exists so that a gate is data, which can be shown, checked and edited without a programmer.
//! It must stay small: no functions, no variables, no loops. The clock is a parameter, and where a
//! field's value comes from is the caller's affair.
//!
//! ```text
//! condition = all { "or" all }
//! all       = one { "and" one }
//! one       = "not" one | "(" condition ")" | sum [ compare sum | ["not"] "in" "(" sum, … ")" ]
//! compare   = "=" | "!=" | "<" | "<=" | ">" | ">="
//! sum       = term { "+" term | "-" term }
//! term      = 12 | 12 months | 'text' | true | false | today | field
//! ```
//!
//! Spans are counted in days, weeks, months or years, and only move a date. A field that is not
//! filled makes a comparison *unknown*, which is not the same as false: `not (x = 1)` does not hold
//! for an unknown `x` either.

mod parse;

pub(super) use parse::kind_of_name;

use std::collections::BTreeSet;
use std::fmt;

use chrono::Months;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::calendar::Day;
use crate::field::FieldType;

/// A value that a field has, or that an expression comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprValue {
    /// A whole number: a count, days, minor units of money.
    Number(i64),
    /// A word or text.
    Text(String),
    /// A business date.
    Day(Day),
    /// True or false.
    Flag(bool),
}

impl ExprValue {
    const fn kind(&self) -> ValueKind {
        match self {
            Self::Number(_) => ValueKind::Number,
            Self::Text(_) => ValueKind::Text,
            Self::Day(_) => ValueKind::Date,
            Self::Flag(_) => ValueKind::Flag,
        }
    }
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// A date.
    Date,
    /// True or false.
    Flag,
    /// A length of time.
    Span,
}

impl ValueKind {
    /// What conditions see of a field of this type; none where they can use none.
    #[must_use]
    pub const fn of(ty: FieldType) -> Option<Self> {
        match ty {
            FieldType::Text | FieldType::Personal => Some(Self::Text),
            FieldType::Bool => Some(Self::Flag),
            FieldType::Day => Some(Self::Date),
            FieldType::Json => None,
            FieldType::Int
            | FieldType::AmountMinor
            | FieldType::Ppm
            | FieldType::At
            | FieldType::Ref(_)
            | FieldType::Process
            | FieldType::Stage
            | FieldType::Outcome
            | FieldType::Currency => Some(Self::Number),
        }
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Flag => "true or false",
            Self::Span => "a span of time",
        })
    }
}

/// Why a text is no condition. Columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExprError {
    /// Something else was expected here.
    #[error("column {column}: expected {expected}, found {found}")]
    Expected {
        /// Where.
        column: usize,
        /// What could stand here.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A quoted text does not end.
    #[error("column {column}: the text that begins here has no closing quote")]
    OpenText {
        /// Where it begins.
        column: usize,
    },
    /// A whole number too large to keep.
    #[error("column {column}: {digits} is too large")]
    TooLarge {
        /// Where.
        column: usize,
        /// The number as written.
        digits: String,
    },
    /// A character that means nothing here.
    #[error("column {column}: {character:?} means nothing in a condition")]
    Strange {
        /// Where.
        column: usize,
        /// The character.
        character: char,
    },
    /// Two values that cannot be put together so.
    #[error("column {column}: {left} {operator} {right} makes no sense")]
    Mismatch {
        /// Where the operator stands.
        column: usize,
        /// The kind on the left.
        left: ValueKind,
        /// The operator.
        operator: &'static str,
        /// The kind on the right.
        right: ValueKind,
    },
    /// Longer or deeper than any condition that a person can read.
    #[error("the condition is too long or nested too deeply")]
    TooDeep,
}

/// Why a condition could not be worked out on a deal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExprFault {
    /// The field's value is of a kind that the condition cannot use.
    #[error("{left} {operator} {right} makes no sense")]
    Mismatch {
        /// The kind on the left.
        left: ValueKind,
        /// The operator.
        operator: &'static str,
        /// The kind on the right.
        right: ValueKind,
    },
    /// The field holds a list, an object or nothing that a condition could use.
    #[error("conditions cannot use what stands in {field}")]
    Unusable {
        /// The field.
        field: String,
    },
    /// A bare term is no condition.
    #[error("a condition must come to true or false, not to {found}")]
    NoFlag {
        /// What it came to.
        found: ValueKind,
    },
    /// A number or date left its range.
    #[error("a number or date left its range")]
    OutOfRange,
}

/// What a condition comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It depends on fields that are not filled.
    Unknown {
        /// These fields, sorted.
        missing: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }

    /// Texts and flags are equal or not; only numbers and dates have an order.
    const fn suits(self, kind: ValueKind) -> bool {
        match kind {
            ValueKind::Number | ValueKind::Date => true,
            ValueKind::Text | ValueKind::Flag => matches!(self, Self::Eq | Self::Ne),
            ValueKind::Span => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Value(ExprValue),
    Span(i64, Unit),
    Today,
    Field(String),
    Plus(Box<Term>, Box<Term>),
    Minus(Box<Term>, Box<Term>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Any(Vec<Node>),
    All(Vec<Node>),
    Not(Box<Node>),
    Compare(Term, Op, Term),
    In(Term, Vec<Term>),
    Holds(Term),
}

/// A checked condition, with the text it was written as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expr {
    source: String,
    node: Node,
}

impl Expr {
    /// Reads a condition.
    ///
    /// # Errors
    /// Where and why the text is none. Kinds are checked as far as names tell them: a field that
    /// ends in `_on` is a date, one that ends in `_minor`, `_days`, `_count` or `_ppm` a number.
    pub fn parse(source: &str) -> Result<Self, ExprError> {
        Ok(Self { source: source.trim().to_owned(), node: parse::condition(source)? })
    }

    /// The text it was written as.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The fields that the condition looks at.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.node.fields(&mut found);
        found
    }

    /// Why the condition can never be worked out, by the kinds that its fields have; a field of no kind is one that
    /// conditions cannot use.
    #[must_use]
    pub fn fault(&self, kind: &dyn Fn(&str) -> Option<ValueKind>) -> Option<ExprFault> {
        let sample = |name: &str| match kind(name)? {
            ValueKind::Number => Some(ExprValue::Number(1)),
            ValueKind::Text => Some(ExprValue::Text(String::new())),
            ValueKind::Date => Some(ExprValue::Day(Day(0))),
            ValueKind::Flag => Some(ExprValue::Flag(true)),
            ValueKind::Span => None,
        };
        if let Some(field) = self.fields().into_iter().find(|name| sample(name).is_none()) {
            return Some(ExprFault::Unusable { field: field.to_owned() });
        }
        self.node.fault(&Facts { field: &sample, today: Day(0) })
    }

    /// Works the condition out.
    ///
    /// # Errors
    /// A field's value of a kind that the condition cannot use, or a date that leaves its range.
    pub fn evaluate(&self, field: &dyn Fn(&str) -> Option<ExprValue>, today: Day) -> Result<Verdict, ExprFault> {
        let held = self.node.evaluate(&Facts { field, today })?;
        Ok(match held {
            Ok(true) => Verdict::Holds,
            Ok(false) => Verdict::Fails,
            Err(missing) => Verdict::Unknown { missing: missing.into_iter().collect() },
        })
    }
}

impl TryFrom<String> for Expr {
    type Error = ExprError;

    fn try_from(source: String) -> Result<Self, ExprError> {
        Self::parse(&source)
    }
}

impl From<Expr> for String {
    fn from(expr: Expr) -> Self {
        expr.source
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.source)
    }
}

struct Facts<'a> {
    field: &'a dyn Fn(&str) -> Option<ExprValue>,
    today: Day,
}

/// A value, or the names of the fields it would need.
type Known<T> = Result<T, BTreeSet<String>>;

/// Joins two needs where at least one is unknown.
fn needs<A, B>(left: Known<A>, right: Known<B>) -> Known<(A, B)> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(missing), Ok(_)) | (Ok(_), Err(missing)) => Err(missing),
        (Err(mut left), Err(mut right)) => {
            left.append(&mut right);
            Err(left)
        }
    }
}

impl Node {
    fn fields<'a>(&'a self, found: &mut BTreeSet<&'a str>) {
        match self {
            Self::Any(nodes) | Self::All(nodes) => {
                for node in nodes {
                    node.fields(found);
                }
            }
            Self::Not(node) => node.fields(found),
            Self::Compare(left, _, right) => {
                left.fields(found);
                right.fields(found);
            }
            Self::In(term, list) => {
                term.fields(found);
                for item in list {
                    item.fields(found);
                }
            }
            Self::Holds(term) => term.fields(found),
        }
    }

    /// Kleene's three-valued logic: an unknown part decides nothing where a known one decides all.
    fn evaluate(&self, facts: &Facts<'_>) -> Result<Known<bool>, ExprFault> {
        match self {
            Self::All(nodes) => Self::fold(nodes, false, facts),
            Self::Any(nodes) => Self::fold(nodes, true, facts),
            Self::Not(node) => Ok(node.evaluate(facts)?.map(|held| !held)),
            Self::Compare(left, op, right) => match needs(left.evaluate(facts)?, right.evaluate(facts)?) {
                Ok((left, right)) => compare(&left, *op, &right).map(Ok),
                Err(missing) => Ok(Err(missing)),
            },
            Self::In(term, list) => {
                let equals: Vec<Self> =
                    list.iter().map(|item| Self::Compare(term.clone(), Op::Eq, item.clone())).collect();
                Self::fold(&equals, true, facts)
            }
            Self::Holds(term) => match term.evaluate(facts)? {
                Ok(Value::Plain(ExprValue::Flag(held))) => Ok(Ok(held)),
                Ok(other) => Err(ExprFault::NoFlag { found: other.kind() }),
                Err(missing) => Ok(Err(missing)),
            },
        }
    }

    /// The first fault of any part: no part is left out because another settles the whole.
    fn fault(&self, facts: &Facts<'_>) -> Option<ExprFault> {
        match self {
            Self::Any(nodes) | Self::All(nodes) => nodes.iter().find_map(|node| node.fault(facts)),
            Self::Not(node) => node.fault(facts),
            Self::In(term, list) => {
                list.iter().find_map(|item| Self::Compare(term.clone(), Op::Eq, item.clone()).evaluate(facts).err())
            }
            Self::Compare(..) | Self::Holds(_) => self.evaluate(facts).err(),
        }
    }

    /// `decisive` is the value of one part that settles the whole.
    fn fold(nodes: &[Self], decisive: bool, facts: &Facts<'_>) -> Result<Known<bool>, ExprFault> {
        let mut missing: Option<BTreeSet<String>> = None;
        for node in nodes {
            match node.evaluate(facts)? {
                Ok(held) if held == decisive => return Ok(Ok(decisive)),
                Ok(_) => {}
                Err(mut more) => missing.get_or_insert_default().append(&mut more),
            }
        }
        Ok(missing.map_or(Ok(!decisive), Err))
    }
}

/// A value in the middle of a calculation: spans exist only there.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Plain(ExprValue),
    Span(i64, Unit),
}

impl Value {
    const fn kind(&self) -> ValueKind {
        match self {
            Self::Plain(value) => value.kind(),
            Self::Span(..) => ValueKind::Span,
        }
    }
}

impl Term {
    fn fields<'a>(&'a self, found: &mut BTreeSet<&'a str>) {
        match self {
            Self::Field(name) => {
                found.insert(name);
            }
            Self::Plus(left, right) | Self::Minus(left, right) => {
                left.fields(found);
                right.fields(found);
            }
            Self::Value(_) | Self::Span(..) | Self::Today => {}
        }
    }

    fn evaluate(&self, facts: &Facts<'_>) -> Result<Known<Value>, ExprFault> {
        let (left, right, sign) = match self {
            Self::Value(value) => return Ok(Ok(Value::Plain(value.clone()))),
            Self::Span(count, unit) => return Ok(Ok(Value::Span(*count, *unit))),
            Self::Today => return Ok(Ok(Value::Plain(ExprValue::Day(facts.today)))),
            Self::Field(name) => {
                return Ok((facts.field)(name).map(Value::Plain).ok_or_else(|| BTreeSet::from([name.clone()])));
            }
            Self::Plus(left, right) => (left, right, 1),
            Self::Minus(left, right) => (left, right, -1),
        };
        match needs(left.evaluate(facts)?, right.evaluate(facts)?) {
            Ok((left, right)) => add(left, sign, right).map(Ok),
            Err(missing) => Ok(Err(missing)),
        }
    }
}

/// `left + sign × right`: numbers with numbers, a date with a span; a date less a date is days.
fn add(left: Value, sign: i64, right: Value) -> Result<Value, ExprFault> {
    use ExprValue::{Day as Date, Number};
    let value = match (left, right) {
        (Value::Plain(Number(left)), Value::Plain(Number(right))) => {
            right.checked_mul(sign).and_then(|right| left.checked_add(right)).map(Number)
        }
        (Value::Plain(Date(day)), Value::Span(count, unit)) => {
            count.checked_mul(sign).and_then(|count| shift(day, count, unit)).map(Date)
        }
        (Value::Plain(Date(left)), Value::Plain(Date(right))) if sign < 0 => {
            Some(Number(i64::from(left.0) - i64::from(right.0)))
        }
        (left, right) => {
            let operator = if sign < 0 { "-" } else { "+" };
            return Err(ExprFault::Mismatch { left: left.kind(), operator, right: right.kind() });
        }
    };
    value.map(Value::Plain).ok_or(ExprFault::OutOfRange)
}

/// Moves a date. A month's end stays inside the month: 31 January + 1 month is the last of February.
fn shift(day: Day, count: i64, unit: Unit) -> Option<Day> {
    let days = |per: i64| -> Option<Day> {
        let moved = i64::from(day.0).checked_add(count.checked_mul(per)?)?;
        Some(Day(i32::try_from(moved).ok()?))
    };
    let months = |per: i64| -> Option<Day> {
        let months = count.checked_mul(per)?;
        let span = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
        let date = day.to_date()?;
        let moved = if months < 0 { date.checked_sub_months(span) } else { date.checked_add_months(span) };
        moved.map(Day::from_date)
    };
    match unit {
        Unit::Days => days(1),
        Unit::Weeks => days(7),
        Unit::Months => months(1),
        Unit::Years => months(12),
    }
}

fn compare(left: &Value, op: Op, right: &Value) -> Result<bool, ExprFault> {
    use ExprValue::{Day as Date, Flag, Number, Text};
    let mismatch = || ExprFault::Mismatch { left: left.kind(), operator: op.as_str(), right: right.kind() };
    let (Value::Plain(a), Value::Plain(b)) = (left, right) else { return Err(mismatch()) };
    let order = match (a, b) {
        (Number(a), Number(b)) => a.cmp(b),
        (Date(a), Date(b)) => a.cmp(b),
        (Text(a), Text(b)) => a.cmp(b),
        (Flag(a), Flag(b)) => a.cmp(b),
        _ => return Err(mismatch()),
    };
    if op.suits(left.kind()) { Ok(op.holds(order)) } else { Err(mismatch()) }
}

#[cfg(test)]
mod tests;
