//! Records other than deals. Dimensions are read twice: first every key, so that records may refer to each
//! other in any order, then their fields.

use std::collections::HashSet;

use domain::field::{self, FieldId, FieldType, Value, ids};
use domain::journal::Facts;
use domain::{Currency, Day, Instant, Kind, chain};

use super::row::Row;
use super::scan::{Desk, Scanner};
use super::typer::Problem;
use super::{AT_BEGINNING, Gathered, NONE, is_dimension};
use crate::extract::Assertion;
use crate::issue::{Refusal, Rule, Severity};
use crate::options::Phase;
use crate::plan::{FieldPlan, From, Slot, title};
use crate::profile::spec::{Duplicates, RecordSpec};
use crate::value::key::Key;

/// The local index of every row of a table of records, [`NONE`] for those that say nothing.
pub(super) struct Registered(Vec<Vec<u32>>);

/// Gives every record of a dimension its place.
pub(super) fn register(scanner: &mut Scanner<'_>, gathered: &mut Gathered) -> Result<Registered, Refusal> {
    let profile = scanner.planner.profile;
    let mut all = Vec::new();
    for spec in profile.spec.records.iter().filter(|spec| is_dimension(&spec.kind)) {
        let Some(kind) = Kind::parse(&spec.kind) else { continue };
        let mut columns = scanner.columns(&spec.table)?;
        let key = scanner.planner.own(&spec.key, &mut columns)?;
        let name =
            title(kind).and_then(|def| spec.fields.get(def.name)).filter(|_| gathered.desk.typer.names.wants(kind));
        let name = name.map(|name| scanner.planner.own(name, &mut columns)).transpose()?;
        let (mut locals, mut seen) = (Vec::new(), HashSet::new());
        scanner.rows(Phase::Dimensions, &spec.table, columns, &mut gathered.desk, &mut |desk, row| {
            let local = local_of(desk, kind, &key, row, spec.duplicates, &mut seen)?;
            // What is wrong with a name is told when the fields are read.
            if let Some((Ok(name), local)) = name.as_ref().map(|name| desk.typer.text(name, row)).zip(local) {
                desk.typer.names.add(kind, &name, local);
            }
            locals.push(local.unwrap_or(NONE));
            Ok(())
        })?;
        all.push(locals);
    }
    Ok(Registered(all))
}

/// The place of a row's record; absent where the row stays out or says nothing new.
fn local_of(
    desk: &mut Desk,
    kind: Kind,
    plan: &FieldPlan,
    row: &Row<'_>,
    duplicates: Duplicates,
    seen: &mut HashSet<u32>,
) -> Result<Option<u32>, Refusal> {
    let key = match desk.typer.key(plan, row) {
        Ok(key) => key,
        // A repeated dimension such as a region's name may well be empty.
        Err(problem) if problem.rule == Rule::MissingKey && duplicates == Duplicates::Same => return Ok(None),
        Err(problem) => {
            desk.problems.push(problem);
            desk.settle(row)?;
            return Ok(None);
        }
    };
    let local = desk.typer.keys(kind).intern(&key);
    if seen.insert(local) {
        return Ok(Some(local));
    }
    let local = match duplicates {
        Duplicates::Same => return Ok(None),
        Duplicates::Separate => Some(desk.typer.keys(kind).intern_again(&key)),
        Duplicates::Continue => Some(local),
        Duplicates::Reject => None,
    };
    desk.problems.push(duplicate(
        plan,
        &key,
        duplicates,
        local.map(|local| desk.typer.keys(kind).name(local).to_owned()),
    ));
    desk.settle(row)?;
    Ok(local)
}

/// The problem of a key that was seen before.
pub(super) fn duplicate(plan: &FieldPlan, key: &Key<'_>, policy: Duplicates, local: Option<String>) -> Problem {
    let (severity, message) = match (policy, local) {
        (Duplicates::Separate, Some(name)) => {
            let name = name.replace(domain::id::REPEAT_MARK, "#");
            (Severity::Warning, format!("the key was seen before; the row goes in as a record of its own, `{name}`"))
        }
        (Duplicates::Continue, _) => {
            (Severity::Warning, "the key was seen before; the row goes on with the same record".to_owned())
        }
        _ => (Severity::Reject, "the key was seen before".to_owned()),
    };
    Problem { rule: Rule::DuplicateKey, severity, column: plan.column.clone(), value: key.to_string(), message }
}

/// Reads the fields of every dimension.
pub(super) fn read_dimensions(
    scanner: &mut Scanner<'_>,
    gathered: &mut Gathered,
    registered: &Registered,
) -> Result<(), Refusal> {
    let profile = scanner.planner.profile;
    let specs = profile.spec.records.iter().filter(|spec| is_dimension(&spec.kind));
    for (spec, locals) in specs.zip(&registered.0) {
        let Some(kind) = Kind::parse(&spec.kind) else { continue };
        let reader = Reader::plan(scanner, kind, spec)?;
        let (mut locals, mut order) = (locals.iter(), 0);
        let out = &mut gathered.dimensions;
        scanner.rows(Phase::Dimensions, &spec.table, reader.columns, &mut gathered.desk, &mut |desk, row| {
            let Some(local) = locals.next().copied().filter(|local| *local != NONE) else { return Ok(()) };
            let (facts, at) = reader.fields.read(desk, row);
            order += 1;
            let facts = if desk.settle(row)? {
                // Others may refer to it: it stays, as a bare name.
                bare(kind, desk.typer.keys(kind).name(local))
            } else {
                facts
            };
            let effective_at = at.unwrap_or(AT_BEGINNING);
            out.push(Assertion { kind, local, effective_at, known_at: None, source_seq: order, facts });
            Ok(())
        })?;
    }
    Ok(())
}

/// A record that is known by its key alone.
pub(super) fn bare(kind: Kind, key: &str) -> Facts {
    title(kind).map_or_else(Facts::default, |def| Facts::default().with(def.id, Value::Text(key.into())))
}

/// Reads what belongs to deals.
pub(super) fn read_rest(scanner: &mut Scanner<'_>, gathered: &mut Gathered) -> Result<(), Refusal> {
    let profile = scanner.planner.profile;
    let mut specs: Vec<(Kind, &RecordSpec)> = profile
        .spec
        .records
        .iter()
        .filter(|spec| !is_dimension(&spec.kind))
        .filter_map(|spec| Some((Kind::parse(&spec.kind)?, spec)))
        .collect();
    // Along the chain: an invoice refers to its order, a payment to its invoice.
    specs.sort_by_key(|(kind, _)| *kind);
    for (kind, spec) in specs {
        let mut reader = Reader::plan(scanner, kind, spec)?;
        let key = scanner.planner.own(&spec.key, &mut reader.columns)?;
        let (mut seen, mut order) = (HashSet::new(), 0);
        let out = &mut gathered.rest;
        scanner.rows(Phase::Rest, &spec.table, reader.columns, &mut gathered.desk, &mut |desk, row| {
            let (facts, at) = reader.fields.read(desk, row);
            reader.fields.warn_of_days(desk, &facts);
            if desk.settle(row)? {
                return Ok(());
            }
            let Some(local) = local_of(desk, kind, &key, row, spec.duplicates, &mut seen)? else { return Ok(()) };
            order += 1;
            desk.typer.names.add_from(kind, &facts, local);
            let effective_at = at.unwrap_or(AT_BEGINNING);
            out.push(Assertion { kind, local, effective_at, known_at: None, source_seq: order, facts });
            Ok(())
        })?;
    }
    Ok(())
}

struct Reader<'a> {
    columns: crate::plan::Columns<'a>,
    fields: Fields,
}

impl<'a> Reader<'a> {
    fn plan(scanner: &Scanner<'a>, kind: Kind, spec: &RecordSpec) -> Result<Self, Refusal> {
        let mut columns = scanner.columns(&spec.table)?;
        let fields = scanner.planner.fields(kind, &spec.fields, &mut columns)?;
        let at = spec.at.as_ref().map(|at| scanner.planner.own(at, &mut columns)).transpose()?;
        Ok(Self { columns, fields: Fields { kind, plans: fields, at } })
    }
}

/// The fields of one kind of record.
pub(super) struct Fields {
    kind: Kind,
    plans: Vec<FieldPlan>,
    at: Option<FieldPlan>,
}

impl Fields {
    /// Fields without a moment of their own.
    pub(super) fn undated(kind: Kind, plans: Vec<FieldPlan>) -> Self {
        Self { kind, plans, at: None }
    }

    /// A row's facts and the moment from which they hold. Problems are left on the desk.
    pub(super) fn read(&self, desk: &mut Desk, row: &Row<'_>) -> (Facts, Option<Instant>) {
        let mut facts = Facts::default();
        let mut currency = desk.typer.currency;
        let (mut has_amount, mut has_currency) = (false, false);
        for plan in &self.plans {
            let said = desk.typer.fill(plan, row, currency, &mut facts, &mut desk.problems);
            match plan.slot {
                Slot::Rest(id, FieldType::Currency) if said => {
                    has_currency = true;
                    currency = currency_in(&facts, id).unwrap_or(currency);
                }
                Slot::Rest(_, FieldType::AmountMinor) => has_amount |= said,
                _ => {}
            }
        }
        if has_amount
            && !has_currency
            && let Some(def) = field::named(self.kind, "currency")
        {
            facts.put(def.id, Value::Int(i64::from(currency.code())));
        }
        let at = match &self.at {
            Some(plan) => match desk.typer.moment(plan, row) {
                Ok(stamp) => stamp.map(|stamp| desk.typer.instant(stamp)),
                Err(problem) => {
                    desk.problems.push(problem);
                    None
                }
            },
            None => self.moment_of_its_own(desk, &facts),
        };
        (facts, at)
    }

    /// An activity holds from when it happened, what belongs to the chain from its own day.
    fn moment_of_its_own(&self, desk: &mut Desk, facts: &Facts) -> Option<Instant> {
        if self.kind == Kind::Activity {
            return int_in(facts, ids::ACTIVITY_AT).map(Instant);
        }
        let day = int_in(facts, chain::day_field(self.kind)?)?;
        Some(desk.typer.start_of(Day(i32::try_from(day).ok()?)))
    }

    /// Two days of a record that stand in the wrong order: it stays, and it is told.
    fn warn_of_days(&self, desk: &mut Desk, facts: &Facts) {
        for (before, after) in chain::DAYS_IN_ORDER {
            let (Some(first), Some(last)) = (int_in(facts, before), int_in(facts, after)) else { continue };
            if last < first {
                let column = self.plans.iter().find(|plan| plan.slot == Slot::Rest(after, FieldType::Day));
                let name = |id| field::builtin(id).map_or("", |def| def.name);
                let day = |day| i32::try_from(day).map_or_else(|_| String::new(), |day| Day(day).to_string());
                desk.problems.push(Problem {
                    rule: Rule::DaysOutOfOrder,
                    severity: Severity::Warning,
                    column: column.map_or_else(|| "".into(), |plan| plan.column.clone()),
                    value: day(last),
                    message: format!("{} lies before {}, {}", name(after), name(before), day(first)),
                });
            }
        }
    }

    /// Whether the profile sets a field of its own accord.
    pub(super) fn sets(&self, id: FieldId) -> bool {
        self.plans
            .iter()
            .any(|plan| matches!(plan.slot, Slot::Rest(own, _) if own == id) && !matches!(plan.from, From::Object(_)))
    }
}

fn int_in(facts: &Facts, id: FieldId) -> Option<i64> {
    facts.rest.iter().find_map(|(field, value)| match value {
        Value::Int(number) if *field == id => Some(*number),
        _ => None,
    })
}

fn currency_in(facts: &Facts, id: FieldId) -> Option<Currency> {
    int_in(facts, id).and_then(|code| u16::try_from(code).ok()).and_then(Currency::from_code)
}
