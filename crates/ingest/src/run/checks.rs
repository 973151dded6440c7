//! Consistency checks of a profile.

use super::row::Row;
use super::scan::Desk;
use super::typer::Problem;
use crate::extract::CheckCount;
use crate::issue::{Refusal, Rule, Severity};
use crate::plan::{ColumnRef, Columns, FieldPlan, Planner};
use crate::profile::spec::{CheckSpec, Decimal as Sign};
use crate::value::decimal::Decimal;

/// A check made ready for a table.
#[derive(Debug)]
pub(crate) struct Check {
    name: String,
    note: String,
    severity: Severity,
    columns: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Equal(Box<(FieldPlan, FieldPlan)>),
    Product { factors: Vec<ColumnRef>, is: ColumnRef, within: Decimal, sign: Sign },
}

impl Check {
    pub(crate) fn plan(spec: &CheckSpec, planner: &Planner<'_>, columns: &mut Columns<'_>) -> Result<Self, Refusal> {
        let (test, shown) = if let [left, right] = spec.equal.as_slice() {
            let (left, right) = (planner.own(left, columns)?, planner.own(right, columns)?);
            let shown = format!("{}, {}", left.column, right.column);
            (Test::Equal(Box::new((left, right))), shown)
        } else {
            let is = spec.is.as_deref().unwrap_or_default();
            let factors = spec.product.iter().map(|name| columns.place(name, false)).collect();
            let within = Decimal::parse(&spec.within, Sign::Point).unwrap_or(Decimal { units: 0, scale: 0 });
            let test =
                Test::Product { factors, is: columns.place(is, false), within, sign: planner.profile.spec.decimal };
            (test, format!("{}, {is}", spec.product.join(", ")))
        };
        let severity = if spec.reject { Severity::Reject } else { Severity::Warning };
        Ok(Self { name: spec.name.clone(), note: spec.note.en.clone(), severity, columns: shown, test })
    }

    pub(crate) fn count(&self) -> CheckCount {
        CheckCount { name: self.name.clone(), rows: 0, held: 0 }
    }

    /// Applies the check to a row; rows that lack one of its values are passed over.
    pub(crate) fn apply(&self, desk: &mut Desk, row: &Row<'_>, count: &mut CheckCount) {
        let (held, value) = match &self.test {
            Test::Equal(pair) => match (desk.typer.text(&pair.0, row), desk.typer.text(&pair.1, row)) {
                (Ok(left), Ok(right)) if !left.is_empty() && !right.is_empty() => {
                    (left == right, format!("{} / {}", row.cell_text(&self.test, 0), row.cell_text(&self.test, 1)))
                }
                _ => return,
            },
            Test::Product { factors, is, within, sign } => {
                let number = |place: &ColumnRef| Decimal::of(row.at(*place), *sign);
                let (Some(is), Some(factors)) = (number(is), factors.iter().map(number).collect::<Option<Vec<_>>>())
                else {
                    return;
                };
                let product = factors.into_iter().try_fold(Decimal { units: 1, scale: 0 }, Decimal::times);
                let held = product.and_then(|product| product.is_within(is, *within)).unwrap_or(false);
                (held, row.cell_text(&self.test, usize::MAX))
            }
        };
        count.rows += 1;
        count.held += u64::from(held);
        if !held {
            desk.problems.push(Problem {
                rule: Rule::CheckFailed,
                severity: self.severity,
                column: self.columns.as_str().into(),
                value,
                message: format!("{}: {}", self.name, self.note),
            });
        }
    }
}

impl Row<'_> {
    /// What the cells of a check hold, for its message.
    fn cell_text(&self, test: &Test, side: usize) -> String {
        let text = match (test, side) {
            (Test::Equal(pair), 0) => self.cell(&pair.0).text().into_owned(),
            (Test::Equal(pair), _) => self.cell(&pair.1).text().into_owned(),
            (Test::Product { is, .. }, _) => self.at(*is).text().into_owned(),
        };
        crate::table::shortened(&text)
    }
}
