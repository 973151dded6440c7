//! Tables of changes: rows with one column a field, or rows of field and value.

use std::collections::HashMap;

use domain::field::{Value, ids};
use domain::journal::Facts;
use domain::{Instant, Kind, Outcome, StageId};

use super::records::duplicate;
use super::row::Row;
use super::scan::{Desk, Scanner};
use super::typer::{Problem, Typer};
use super::{Deal, Gathered, NONE};
use crate::extract::Assertion;
use crate::issue::{Refusal, Rule, Severity};
use crate::options::Phase;
use crate::plan::{ColumnRef, Columns, FieldPlan, Planner};
use crate::profile::spec::{Blank, ChangeSpec, Decimal as Sign, Duplicates, FieldSpec, Known, Undated, UnknownDeals};
use crate::value::decimal::Decimal;
use crate::value::key::Key;

/// Rows of one order value; orders run up to two million, below what is kept for the export.
const ORDER_STEP: i64 = 1 << 40;
const LAST_ORDER: i64 = 1 << 21;

struct Plans {
    deal: FieldPlan,
    at: FieldPlan,
    /// The column that orders changes of one instant, and its name.
    order: Option<(ColumnRef, String)>,
    blank: Blank,
    duplicates: Duplicates,
    unknown: UnknownDeals,
    creates: bool,
    /// The log is trusted: a change was known when it was made.
    stamped: bool,
    form: Form,
    process: Option<i64>,
}

enum Form {
    /// One column a field.
    Wide(Vec<FieldPlan>),
    /// Rows of field and value.
    Narrow { field: ColumnRef, column: String, values: HashMap<String, (bool, Vec<FieldPlan>)>, ignore: Vec<String> },
}

pub(super) fn read(scanner: &mut Scanner<'_>, gathered: &mut Gathered, spec: &ChangeSpec) -> Result<(), Refusal> {
    let mut columns = scanner.columns(&spec.table)?;
    let planner = &scanner.planner;
    let plans = Plans {
        deal: planner.own(&spec.deal, &mut columns)?,
        at: planner.own(&FieldSpec { required: spec.undated == Undated::Reject, ..spec.at.clone() }, &mut columns)?,
        order: spec.order.as_ref().map(|name| (columns.place(name, false), name.clone())),
        blank: spec.blank,
        duplicates: spec.duplicates,
        unknown: spec.unknown_deals,
        // Without a table of deals, changes are all there is.
        creates: spec.unknown_deals == UnknownDeals::Create || planner.profile.spec.deals.is_none(),
        stamped: planner.profile.spec.known == Known::Stamp,
        form: form(spec, planner, &mut columns)?,
        process: planner.process.id.map(|id| i64::from(id.0)),
    };
    let mut desk = std::mem::replace(&mut gathered.desk, Desk::empty());
    let result = scanner.rows(Phase::Changes, &spec.table, columns, &mut desk, &mut |desk, row| {
        std::mem::swap(&mut gathered.desk, desk);
        let done = plans.row(gathered, row);
        std::mem::swap(&mut gathered.desk, desk);
        done
    });
    gathered.desk = desk;
    result
}

fn form(spec: &ChangeSpec, planner: &Planner<'_>, columns: &mut Columns<'_>) -> Result<Form, Refusal> {
    let (Some(field), Some(value)) = (&spec.field, &spec.value) else {
        return Ok(Form::Wide(planner.fields(Kind::Opportunity, &spec.fields, columns)?));
    };
    let mut values = HashMap::new();
    for (name, of) in &spec.values {
        let set = of.set.iter().map(|(name, field)| {
            let from_value = field.column.is_none() && field.constant.is_none() && field.columns.is_empty();
            let column = if from_value { Some(value.clone()) } else { field.column.clone() };
            (name.clone(), FieldSpec { column, ..field.clone() })
        });
        let plans = planner.fields(Kind::Opportunity, &set.collect(), columns)?;
        values.insert(name.clone(), (of.created, plans));
    }
    Ok(Form::Narrow { field: columns.place(field, false), column: field.clone(), values, ignore: spec.ignore.clone() })
}

impl Plans {
    fn row(&self, gathered: &mut Gathered, row: &Row<'_>) -> Result<(), Refusal> {
        let desk = &mut gathered.desk;
        let key = desk.typer.key(&self.deal, row).map_err(|problem| desk.problems.push(problem)).ok();
        let at = desk.typer.moment(&self.at, row).map_err(|problem| desk.problems.push(problem)).ok().flatten();
        let order = self.order.as_ref().map_or(Ok(0), |(place, name)| order_of(row, *place, name));
        let order = order.map_err(|problem| desk.problems.push(problem)).ok();
        if self.unknown == UnknownDeals::Skip && key.is_none() {
            desk.problems.clear();
        }
        let (Some(key), Some(stamp), Some(order)) = (key, at, order) else {
            desk.settle(row)?;
            return Ok(());
        };
        let at = desk.typer.instant(stamp);
        let known = desk.typer.keys(Kind::Opportunity).get(&key);
        let known = known.filter(|local| gathered.known.get(*local as usize).is_some_and(Option::is_some));
        if known.is_none() && !self.creates {
            if self.unknown == UnknownDeals::Skip {
                desk.problems.clear();
                return Ok(());
            }
            let (column, value) = (self.deal.column.clone(), key.to_string());
            let (rule, severity) = (Rule::UnknownDeal, Severity::Reject);
            let message = "the table of deals does not hold this one, or it stayed out".to_owned();
            desk.problems.push(Problem { rule, severity, column, value, message });
            desk.settle(row)?;
            return Ok(());
        }
        let currency = known
            .and_then(|local| gathered.known[local as usize].as_ref())
            .map_or(desk.typer.currency, |deal| deal.currency);
        let mut facts = Facts::default();
        let Some(created) = self.fill(gathered, row, currency, &mut facts) else { return Ok(()) };
        if created
            && known
                .is_some_and(|local| gathered.known[local as usize].as_ref().is_some_and(|deal| deal.begin.is_some()))
        {
            if self.duplicates != Duplicates::Same {
                gathered.desk.problems.push(duplicate(&self.deal, &key, self.duplicates, None));
            }
            if self.duplicates == Duplicates::Reject {
                gathered.desk.settle(row)?;
                return Ok(());
            }
        }
        if gathered.desk.settle(row)? {
            return Ok(());
        }
        self.push(gathered, row, &key, at, order, created, facts)
    }

    /// Fills in what the row sets. Returns whether it tells a creation; nothing where it is to be passed over.
    fn fill(
        &self,
        gathered: &mut Gathered,
        row: &Row<'_>,
        currency: domain::Currency,
        facts: &mut Facts,
    ) -> Option<bool> {
        let (plans, created) = match &self.form {
            Form::Wide(plans) => (plans, false),
            Form::Narrow { field, column, values, ignore } => {
                let name = row.at(*field).text();
                match values.get(name.as_ref()) {
                    Some((created, plans)) => (plans, *created),
                    None => {
                        if !ignore.iter().any(|ignored| *ignored == *name) {
                            unknown_field(gathered, row, column, &name);
                        }
                        return None;
                    }
                }
            }
        };
        let desk = &mut gathered.desk;
        let mut currency = currency;
        for plan in plans {
            let said = desk.typer.fill(plan, row, currency, facts, &mut desk.problems);
            let clears = self.blank == Blank::Clears || matches!(self.form, Form::Narrow { .. });
            if !said && clears && !matches!(plan.from, crate::plan::From::Object(_)) && row.cell(plan).is_blank() {
                Typer::clear(plan, facts);
            }
            if plan.slot == crate::plan::Slot::Currency {
                currency = facts.hot.currency.unwrap_or(currency);
            }
        }
        Some(created)
    }

    #[expect(clippy::too_many_arguments, reason = "one row's findings")]
    fn push(
        &self,
        gathered: &mut Gathered,
        row: &Row<'_>,
        key: &Key<'_>,
        at: Instant,
        order: i64,
        created: bool,
        facts: Facts,
    ) -> Result<(), Refusal> {
        if facts.is_empty() && !created {
            return Ok(());
        }
        let local = gathered.keys(Kind::Opportunity).intern(key);
        let kind = Kind::Opportunity;
        if gathered.deal_mut(local).is_none() {
            let mut start = Facts::default().stage(StageId::UNKNOWN).outcome(Outcome::Open);
            if let Some(process) = self.process {
                start.put(ids::OPPORTUNITY_PROCESS, Value::Int(process));
            }
            let place = gathered.push_deal(Assertion {
                kind,
                local,
                effective_at: super::AT_BEGINNING,
                known_at: None,
                source_seq: 0,
                facts: start,
            })?;
            let (file, currency) = (gathered.file(row.file), gathered.desk.typer.currency);
            *gathered.deal_mut(local) = Some(Deal {
                begin: None,
                start: place,
                end: NONE,
                first_change: None,
                currency,
                file,
                row: row.number,
            });
        }
        gathered.seq += 1;
        gathered.changes += 1;
        gathered.saw(at);
        let source_seq = order * ORDER_STEP + gathered.seq;
        let place = if facts.is_empty() {
            None
        } else {
            let known_at = self.stamped.then_some(at);
            let assertion = Assertion { kind, local, effective_at: at, known_at, source_seq, facts };
            Some(gathered.push_deal(assertion)?)
        };
        if let Some(deal) = gathered.deal_mut(local) {
            if created {
                deal.begin = Some(deal.begin.map_or(at, |begin| begin.min(at)));
            }
            if let Some(place) = place {
                let first = (at, source_seq, place);
                deal.first_change = Some(deal.first_change.map_or(first, |known| known.min(first)));
            }
        }
        Ok(())
    }
}

fn order_of(row: &Row<'_>, place: ColumnRef, name: &str) -> Result<i64, Problem> {
    let cell = row.at(place);
    if cell.is_blank() {
        return Ok(0);
    }
    let order = Decimal::of(cell, Sign::Point).and_then(|number| number.to_units(0, 1).ok());
    order.filter(|order| (0..=LAST_ORDER).contains(order)).ok_or_else(|| Problem {
        rule: Rule::OutOfRange,
        severity: Severity::Reject,
        column: name.into(),
        value: cell.text().into_owned(),
        message: format!("a whole number from 0 to {LAST_ORDER} is expected"),
    })
}

/// Warns of a changed field that the profile does not map; once for each.
fn unknown_field(gathered: &mut Gathered, row: &Row<'_>, column: &str, name: &str) {
    if gathered.unknown_fields.insert(name.to_owned()) {
        let problem = Problem {
            rule: Rule::UnknownChange,
            severity: Severity::Warning,
            column: column.into(),
            value: name.to_owned(),
            message: "changes of this field are passed over (this is told once)".to_owned(),
        };
        gathered.desk.issues.note(row.file, row.number, problem);
    }
}
