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
/// More changes than an extraction takes in. Those of the last turn and of later ones stand in the order of rows.
const TURN_STEP: i64 = 1 << 32;
const LAST_TURN: i64 = 255;

struct Plans {
    deal: FieldPlan,
    at: FieldPlan,
    /// Its place among the changes of the profile: of two of one instant the one that stands first there comes first.
    turn: i64,
    /// What a row is to the deals; absent where it names a deal and no more.
    of_rows: Option<OfRows>,
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

/// What a row of the deals' own table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OfRows {
    /// A deal, which is in: what is wrong with one of its changes keeps no more out than that change.
    Deals,
    /// An event, one of several of a deal.
    Events,
}

enum Form {
    /// One column a field.
    Wide(Vec<FieldPlan>),
    /// Rows of field and value.
    Narrow { field: ColumnRef, column: String, values: HashMap<String, (bool, Vec<FieldPlan>)>, ignore: Vec<String> },
}

/// What a row says, before it is known whether the row stays.
struct Change<'r> {
    deal: Whose<'r>,
    at: Instant,
    order: i64,
    created: bool,
    facts: Facts,
}

enum Whose<'r> {
    /// One that is in, by its local index.
    Known(u32),
    /// One that only its changes tell of.
    New(Key<'r>),
}

/// Reads every table of changes, each once, for all that it says.
pub(super) fn read(scanner: &mut Scanner<'_>, gathered: &mut Gathered) -> Result<(), Refusal> {
    let profile = scanner.planner.profile;
    let mut tables: Vec<&str> = Vec::new();
    for spec in &profile.spec.changes {
        if !tables.contains(&spec.table.as_str()) {
            tables.push(&spec.table);
        }
    }
    tables.into_iter().try_for_each(|table| read_table(scanner, gathered, table))
}

fn read_table(scanner: &mut Scanner<'_>, gathered: &mut Gathered, table: &str) -> Result<(), Refusal> {
    let mut columns = scanner.columns(table)?;
    let planner = &scanner.planner;
    let specs = (0..).zip(&planner.profile.spec.changes).filter(|(_, spec)| spec.table == table);
    let plans: Vec<Plans> =
        specs.map(|(turn, spec)| Plans::of(spec, turn, planner, &mut columns)).collect::<Result<_, _>>()?;
    let of_rows = if plans.iter().any(|plans| plans.of_rows.is_some()) {
        std::mem::take(&mut gathered.of_rows)
    } else {
        Vec::new()
    };
    // The rows that are read now are those that the deals were read from, in the same order.
    let mut of_rows = of_rows.into_iter();
    let mut desk = std::mem::replace(&mut gathered.desk, Desk::empty());
    let result = scanner.rows(Phase::Changes, table, columns, &mut desk, &mut |desk, row| {
        std::mem::swap(&mut gathered.desk, desk);
        let done = take_row(&plans, gathered, row, of_rows.next().filter(|local| *local != NONE));
        std::mem::swap(&mut gathered.desk, desk);
        done
    });
    gathered.desk = desk;
    result
}

/// Takes in all that a row says, or none of it. `made` is the deal that a row of the deals' own table made.
fn take_row(plans: &[Plans], gathered: &mut Gathered, row: &Row<'_>, made: Option<u32>) -> Result<(), Refusal> {
    let mut changes = Vec::new();
    for plans in plans {
        let before = gathered.desk.problems.len();
        let change = match (plans.of_rows, made) {
            // Why the row stayed out was told where deals are read.
            (Some(_), None) => continue,
            (Some(_), Some(local)) => {
                plans.when(gathered, row).and_then(|when| plans.change(gathered, row, Whose::Known(local), when))
            }
            (None, _) => plans.read(gathered, row, before),
        };
        changes.extend(change.map(|change| (plans, change)));
        if plans.of_rows == Some(OfRows::Deals) {
            for problem in gathered.desk.problems.iter_mut().skip(before) {
                problem.severity = Severity::Warning;
                problem.message.push_str("; the deal is in without it");
            }
        }
    }
    if gathered.desk.settle(row)? {
        return Ok(());
    }
    changes.into_iter().try_for_each(|(plans, change)| plans.push(gathered, row, change))
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
    fn of(spec: &ChangeSpec, turn: i64, planner: &Planner<'_>, columns: &mut Columns<'_>) -> Result<Self, Refusal> {
        let deals = planner.profile.spec.deals.as_ref();
        let of_rows = deals.filter(|deals| spec.is_of_rows_of(deals)).map(|deals| match deals.duplicates {
            Duplicates::Same => OfRows::Events,
            Duplicates::Reject | Duplicates::Separate | Duplicates::Continue => OfRows::Deals,
        });
        Ok(Self {
            deal: planner.own(&spec.deal, columns)?,
            at: planner.own(&FieldSpec { required: spec.undated == Undated::Reject, ..spec.at.clone() }, columns)?,
            turn: turn.min(LAST_TURN),
            of_rows,
            order: spec.order.as_ref().map(|name| (columns.place(name, false), name.clone())),
            blank: spec.blank,
            duplicates: spec.duplicates,
            unknown: spec.unknown_deals,
            // Without a table of deals, changes are all there is.
            creates: spec.unknown_deals == UnknownDeals::Create || deals.is_none(),
            stamped: planner.profile.spec.known == Known::Stamp,
            form: form(spec, planner, columns)?,
            process: planner.process.id.map(|id| i64::from(id.0)),
        })
    }

    /// What a row says of the deal that it names. What is wrong with it comes onto the desk, behind the first `before`.
    fn read<'r>(&'r self, gathered: &mut Gathered, row: &Row<'r>, before: usize) -> Option<Change<'r>> {
        let desk = &mut gathered.desk;
        let key = desk.typer.key(&self.deal, row).map_err(|problem| desk.problems.push(problem)).ok();
        let known = key.as_ref().and_then(|key| gathered.deal_with(key));
        let is_of_none = key.is_none() || known.is_none() && !self.creates;
        if is_of_none && self.unknown == UnknownDeals::Skip {
            gathered.desk.problems.truncate(before);
            return None;
        }
        let when = self.when(gathered, row);
        let (key, when) = (key?, when?);
        let deal = match known {
            Some(local) => Whose::Known(local),
            None if self.creates => Whose::New(key),
            None => {
                let (column, value) = (self.deal.column.clone(), key.to_string());
                let (rule, severity) = (Rule::UnknownDeal, Severity::Reject);
                let message = "the table of deals does not hold this one, or it stayed out".to_owned();
                gathered.desk.problems.push(Problem { rule, severity, column, value, message });
                return None;
            }
        };
        self.change(gathered, row, deal, when)
    }

    /// The moment of a row and its order among those of that moment.
    fn when(&self, gathered: &mut Gathered, row: &Row<'_>) -> Option<(Instant, i64)> {
        let desk = &mut gathered.desk;
        let at = desk.typer.moment(&self.at, row).map_err(|problem| desk.problems.push(problem)).ok().flatten();
        let order = self.order.as_ref().map_or(Ok(0), |(place, name)| order_of(row, *place, name));
        let order = order.map_err(|problem| desk.problems.push(problem)).ok();
        Some((desk.typer.instant(at?), order?))
    }

    /// What a row says of a deal.
    fn change<'r>(
        &self,
        gathered: &mut Gathered,
        row: &Row<'_>,
        deal: Whose<'r>,
        (at, order): (Instant, i64),
    ) -> Option<Change<'r>> {
        let known = match &deal {
            Whose::Known(local) => gathered.known[*local as usize].as_ref().map(|deal| (*local, deal)),
            Whose::New(_) => None,
        };
        let currency = known.map_or(gathered.desk.typer.currency, |(_, deal)| deal.currency);
        let created_before = known.filter(|(_, deal)| deal.begin.is_some()).map(|(local, _)| local);
        let mut facts = Facts::default();
        let created = self.fill(gathered, row, currency, &mut facts)?;
        if let Some(local) = created_before.filter(|_| created) {
            if self.duplicates != Duplicates::Same {
                let key = Key::Text(gathered.keys(Kind::Opportunity).name(local).to_owned().into());
                gathered.desk.problems.push(duplicate(&self.deal, &key, self.duplicates, None));
            }
            if self.duplicates == Duplicates::Reject {
                return None;
            }
        }
        Some(Change { deal, at, order, created, facts })
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

    fn push(&self, gathered: &mut Gathered, row: &Row<'_>, change: Change<'_>) -> Result<(), Refusal> {
        let Change { deal, at, order, created, facts } = change;
        if facts.is_empty() && !created {
            return Ok(());
        }
        let local = match deal {
            Whose::Known(local) => local,
            Whose::New(key) => gathered.keys(Kind::Opportunity).intern(&key),
        };
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
        let source_seq = order * ORDER_STEP + self.turn * TURN_STEP + gathered.seq;
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
