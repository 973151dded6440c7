//! The list of tally functions, and their parameters read from the literals of a query.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::AggregateUDF;
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::physical_expr::expressions::Literal;
use domain::calendar::Grain;
use domain::{Calendar, Day};
use journey::{
    Basis, Bridge, Conversion, Dwell, Events, Goal, Migration, MigrationSeries, Periods, Reach, Stock, Trend, Visit,
    WinRate,
};

use super::super::source::Seen;
use super::{Def, Terms, function};

/// Days of a series at most: more are no chart and would hold more memory than they tell.
const MOST_ENDS: usize = 5000;

/// A parameter behind `journey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// A date; its name in messages.
    Day(&'static str),
    /// `week`, `month`, `quarter` or `year`.
    Grain,
}

impl Parameter {
    pub(super) const fn data_type(self) -> DataType {
        match self {
            Self::Day(_) => DataType::Date32,
            Self::Grain => DataType::Utf8,
        }
    }

    fn wanted(self) -> String {
        match self {
            Self::Day(name) => format!("`{name}`, a date such as DATE '2026-03-31'"),
            Self::Grain => "'week', 'month', 'quarter' or 'year'".to_owned(),
        }
    }
}

/// The arguments of one call.
#[derive(Debug, Clone)]
pub(super) struct Given {
    days: Vec<Day>,
    grain: Option<Grain>,
    process: Option<String>,
    calendar: Calendar,
}

impl Given {
    /// Reads the literals behind `journey`.
    pub(super) fn read(name: &str, parameters: &[Parameter], args: &AccumulatorArgs<'_>, seen: &Seen) -> Result<Self> {
        let calendar = seen.snapshot.calendar;
        let mut given = Self { days: Vec::new(), grain: None, process: None, calendar };
        let literals = args.exprs.iter().skip(1).map(|expr| expr.downcast_ref::<Literal>().map(Literal::value));
        for (at, literal) in literals.enumerate() {
            let parameter = parameters.get(at).copied();
            let wrong = || {
                let wanted = parameter.map_or_else(|| "the key of a process".to_owned(), Parameter::wanted);
                DataFusionError::Plan(format!("argument {} of {name}() is {wanted}, written out", at + 2))
            };
            let literal = literal.ok_or_else(wrong)?;
            match parameter {
                Some(Parameter::Day(_)) => match literal {
                    ScalarValue::Date32(Some(day)) => given.days.push(Day(*day)),
                    _ => return Err(wrong()),
                },
                Some(Parameter::Grain) => {
                    let grain = literal.try_as_str().flatten().and_then(Grain::parse);
                    given.grain = Some(grain.ok_or_else(wrong)?);
                }
                None => given.process = Some(literal.try_as_str().flatten().ok_or_else(wrong)?.to_owned()),
            }
        }
        Ok(given)
    }

    pub(super) fn process(&self) -> Option<&str> {
        self.process.as_deref()
    }

    fn day(&self, at: usize) -> Result<Day> {
        self.days.get(at).copied().ok_or_else(|| DataFusionError::Internal("a date is missing".to_owned()))
    }

    /// The first two dates, in order.
    fn span(&self) -> Result<(Day, Day)> {
        let (from, to) = (self.day(0)?, self.day(1)?);
        if to < from {
            return Err(DataFusionError::Plan(format!("a period from {from} to {to} ends before it begins")));
        }
        Ok((from, to))
    }

    /// The last days of the periods from the first date to the second, and the second date.
    fn ends(&self) -> Result<Vec<Day>> {
        let (from, to) = self.span()?;
        let grain = self.grain.unwrap_or(Grain::Month);
        let mut ends = Vec::new();
        let mut next = self.calendar.next_period(grain, from);
        while next <= to {
            if ends.len() >= MOST_ENDS {
                let message = format!("the series from {from} to {to} has more than {MOST_ENDS} dates");
                return Err(DataFusionError::Plan(message));
            }
            ends.push(next.plus(-1));
            next = self.calendar.next_period(grain, next);
        }
        ends.push(to);
        Ok(ends)
    }
}

/// Every tally function.
pub(super) fn functions(seen: &Arc<Seen>, terms: &Arc<Terms>) -> Vec<AggregateUDF> {
    const SPAN: &[Parameter] = &[Parameter::Day("from"), Parameter::Day("to")];
    const DUE: &[Parameter] = &[SPAN[0], SPAN[1], Parameter::Day("due from"), Parameter::Day("due to")];
    const SERIES: &[Parameter] = &[Parameter::Grain, Parameter::Day("from"), Parameter::Day("to")];
    let stock = Def {
        name: "stock",
        parameters: &[Parameter::Day("at")],
        make: |given| Ok(Stock::on(given.day(0)?)),
        sample: || Stock::on(Day(0)),
    };
    let trend = Def {
        name: "trend",
        parameters: SERIES,
        make: |given| Ok(Trend::new(given.ends()?)),
        sample: || Trend::new(vec![Day(0)]),
    };
    let migration = Def {
        name: "migration",
        parameters: SPAN,
        make: |given| {
            let (from, to) = given.span()?;
            Ok(Migration { from, to })
        },
        sample: || Migration { from: Day(0), to: Day(0) },
    };
    let series = Def {
        name: "migration_series",
        parameters: SERIES,
        make: |given| {
            let mut ends = vec![given.day(0)?.plus(-1)];
            ends.extend(given.ends()?);
            Ok(MigrationSeries::new(ends))
        },
        sample: || MigrationSeries::new(vec![Day(0), Day(1)]),
    };
    vec![
        function(stock, seen, terms),
        function(trend, seen, terms),
        function(migration, seen, terms),
        function(series, seen, terms),
        function(
            Def { name: "bridge", parameters: SPAN, make: |given| bridge(given, None), sample: a_bridge },
            seen,
            terms,
        ),
        function(
            Def {
                name: "bridge_due",
                parameters: DUE,
                make: |given| bridge(given, Some((given.day(2)?, given.day(3)?))),
                sample: a_bridge,
            },
            seen,
            terms,
        ),
        function(
            Def {
                name: "conversion",
                parameters: SERIES,
                make: conversion,
                sample: || conversion_over(Day(0), vec![Day(0)]),
            },
            seen,
            terms,
        ),
        function(
            Def {
                name: "dwell",
                parameters: SPAN,
                make: |given| given.span().map(|(from, to)| Dwell { from, to }),
                sample: || Dwell { from: Day(0), to: Day(0) },
            },
            seen,
            terms,
        ),
        function(
            Def {
                name: "win_rate",
                parameters: SERIES,
                make: |given| {
                    Ok(WinRate { periods: Periods::new(given.day(0)?, given.ends()?), basis: Basis::Decided })
                },
                sample: || WinRate { periods: Periods::new(Day(0), vec![Day(0)]), basis: Basis::Decided },
            },
            seen,
            terms,
        ),
    ]
}

fn bridge(given: &Given, due: Option<(Day, Day)>) -> Result<Bridge> {
    let (from, to) = given.span()?;
    Ok(Bridge { from, to, due, events: Events::Endpoints })
}

fn a_bridge() -> Bridge {
    Bridge { from: Day(0), to: Day(0), due: None, events: Events::Endpoints }
}

fn conversion(given: &Given) -> Result<Conversion> {
    Ok(conversion_over(given.day(0)?, given.ends()?))
}

fn conversion_over(from: Day, ends: Vec<Day>) -> Conversion {
    Conversion { periods: Periods::new(from, ends), goal: Goal::Next, reach: Reach::OrBeyond, visit: Visit::First }
}
