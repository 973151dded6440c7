//! The table of deals: what each was when it began, and how it stood when it was last seen. Nothing is
//! invented between.

use domain::field::{Value, ids};
use domain::journal::Facts;
use domain::{Currency, Instant, Kind, Outcome, StageId};

use super::records::{Fields, duplicate};
use super::row::Row;
use super::scan::{Desk, Scanner};
use super::typer::Problem;
use super::{AT_BEGINNING, AT_EXPORT, Deal, Gathered, LAST_SEQ, NONE};
use crate::extract::Assertion;
use crate::issue::{Refusal, Rule, Severity};
use crate::options::Phase;
use crate::plan::{FieldPlan, Slot};
use crate::profile::spec::{DealSpec, Duplicates, StartMissing};

/// The table made ready.
struct Plans {
    key: FieldPlan,
    created: Option<FieldPlan>,
    closed: Option<FieldPlan>,
    stage: Option<FieldPlan>,
    outcome: Option<FieldPlan>,
    /// Fields, and whether they are known for the last date only.
    fields: Vec<(FieldPlan, bool)>,
    line: Option<Fields>,
    start: StageId,
    start_missing: StartMissing,
    duplicates: Duplicates,
    /// The export; absent where it is the last change.
    exported_at: Option<Instant>,
    process: Option<i64>,
}

/// What a row says.
struct Said {
    outcome: Outcome,
    created: Option<Instant>,
    closed: Option<Instant>,
    start: Facts,
    end: Facts,
    currency: Currency,
}

pub(super) fn read(scanner: &mut Scanner<'_>, gathered: &mut Gathered, spec: &DealSpec) -> Result<(), Refusal> {
    let mut columns = scanner.columns(&spec.table)?;
    let planner = &scanner.planner;
    let optional = |field: &Option<crate::profile::spec::FieldSpec>, columns: &mut _| {
        field.as_ref().map(|field| planner.own(field, columns)).transpose()
    };
    let from_start = |plan: &FieldPlan| {
        spec.from_start
            .iter()
            .any(|name| domain::field::named(Kind::Opportunity, name).is_some_and(|def| Slot::of(def) == plan.slot))
    };
    let fields = planner.fields(Kind::Opportunity, &spec.fields, &mut columns)?;
    let code = |slot, field: &Option<crate::profile::spec::FieldSpec>, columns: &mut _| {
        field.as_ref().map(|field| planner.code(slot, field, columns)).transpose()
    };
    let exported_at = planner.profile.exported_on.map(|day| gathered.desk.typer.start_of(day));
    let line = spec.line.as_ref().map(|fields| planner.fields(Kind::DealLine, fields, &mut columns)).transpose()?;
    let plans = Plans {
        key: planner.own(&spec.key, &mut columns)?,
        created: optional(&spec.created, &mut columns)?,
        closed: optional(&spec.closed, &mut columns)?,
        stage: code(Slot::Stage, &spec.stage, &mut columns)?,
        outcome: code(Slot::Outcome, &spec.outcome, &mut columns)?,
        fields: fields
            .into_iter()
            .map(|plan| (from_start(&plan), plan))
            .map(|(from_start, plan)| {
                let at_end = plan.slot.is_of_the_end() && !from_start;
                (plan, at_end)
            })
            .collect(),
        line: line.map(|plans| Fields::undated(Kind::DealLine, plans)),
        start: planner.stage(&spec.start)?,
        start_missing: spec.start_missing,
        duplicates: spec.duplicates,
        exported_at,
        process: planner.process.id.map(|id| i64::from(id.0)),
    };
    let are_told_apart = scanner.planner.profile.spec.changes.iter().any(|change| change.is_of_rows_of(spec));
    // The rows' desk is lent to the scanner while the rest of what is gathered is written to.
    let mut desk = std::mem::replace(&mut gathered.desk, super::scan::Desk::empty());
    let result = scanner.rows(Phase::Deals, &spec.table, columns, &mut desk, &mut |desk, row| {
        std::mem::swap(&mut gathered.desk, desk);
        let done = plans.row(gathered, row);
        std::mem::swap(&mut gathered.desk, desk);
        let local = done?;
        if are_told_apart {
            gathered.of_rows.push(local.unwrap_or(NONE));
        }
        Ok(())
    });
    gathered.desk = desk;
    result
}

impl Plans {
    /// Takes a row in. Returns its deal, unless it stays out.
    fn row(&self, gathered: &mut Gathered, row: &Row<'_>) -> Result<Option<u32>, Refusal> {
        let key = gathered.desk.typer.key(&self.key, row);
        let taken = key.as_ref().ok().and_then(|key| gathered.deal_with(key));
        if taken.is_some() && self.duplicates == Duplicates::Same {
            return Ok(taken);
        }
        let mut said = self.read(gathered, row);
        let line = self
            .line
            .as_ref()
            .map(|line| (line.read(&mut gathered.desk, row).0, line.sets(ids::DEAL_LINE_OPPORTUNITY)));
        let key = match key {
            Ok(key) => key,
            Err(problem) => {
                gathered.desk.problems.push(problem);
                gathered.desk.settle(row)?;
                return Ok(None);
            }
        };
        if gathered.desk.problems.iter().any(|problem| problem.severity == Severity::Reject) {
            gathered.desk.settle(row)?;
            return Ok(None);
        }
        let local = match (taken, self.duplicates) {
            (None, _) => gathered.keys(Kind::Opportunity).intern(&key),
            (Some(_), Duplicates::Separate) => gathered.keys(Kind::Opportunity).intern_again(&key),
            (Some(local), Duplicates::Continue | Duplicates::Reject | Duplicates::Same) => local,
        };
        if taken.is_some() {
            let name = gathered.keys(Kind::Opportunity).name(local).to_owned();
            gathered.desk.problems.push(duplicate(&self.key, &key, self.duplicates, Some(name)));
        }
        self.warn_of_dates(gathered, row, &mut said);
        if gathered.desk.settle(row)? {
            return Ok(None);
        }
        self.push(gathered, row, local, said)?;
        if let Some((mut facts, sets_deal)) = line {
            if !sets_deal {
                facts.put(ids::DEAL_LINE_OPPORTUNITY, Value::Ref(i64::from(local)));
            }
            let name = gathered.keys(Kind::Opportunity).name(local).to_owned();
            if let Some(key) = crate::value::key::Key::of_text(&name) {
                let local = gathered.keys(Kind::DealLine).intern(&key);
                let (kind, known_at, effective_at) = (Kind::DealLine, None, AT_BEGINNING);
                gathered.rest.push(Assertion { kind, local, effective_at, known_at, source_seq: 0, facts });
            }
        }
        Ok(Some(local))
    }

    /// What the row's cells say; problems are left on the desk.
    fn read(&self, gathered: &mut Gathered, row: &Row<'_>) -> Said {
        let desk = &mut gathered.desk;
        let mut moment = |plan: &Option<FieldPlan>| {
            let stamp = match plan.as_ref().map(|plan| desk.typer.moment(plan, row)) {
                Some(Ok(stamp)) => stamp,
                Some(Err(problem)) => {
                    desk.problems.push(problem);
                    None
                }
                None => None,
            };
            stamp.map(|stamp| desk.typer.instant(stamp))
        };
        let (created, mut closed) = (moment(&self.created), None);
        let outcome = match self.outcome.as_ref().map(|plan| desk.typer.outcome(plan, row)) {
            Some(Ok(outcome)) => outcome.unwrap_or(Outcome::Open),
            Some(Err(problem)) => {
                desk.problems.push(problem);
                Outcome::Open
            }
            None => Outcome::Open,
        };
        if outcome != Outcome::Open {
            closed = match self.closed.as_ref().map(|plan| desk.typer.moment(plan, row)) {
                Some(Ok(stamp)) => stamp.map(|stamp| desk.typer.instant(stamp)),
                Some(Err(problem)) => {
                    desk.problems.push(problem);
                    None
                }
                None => None,
            };
        }
        let (mut start, mut end) = (Facts::default(), Facts::default());
        let mut currency = desk.typer.currency;
        for (plan, at_end) in &self.fields {
            if !plan.only.is_empty() && !plan.only.contains(&outcome) {
                continue;
            }
            let facts = if *at_end { &mut end } else { &mut start };
            desk.typer.fill(plan, row, currency, facts, &mut desk.problems);
            if plan.slot == Slot::Currency {
                currency = facts.hot.currency.unwrap_or(currency);
            }
        }
        if let Some(plan) = &self.stage {
            desk.typer.fill(plan, row, currency, &mut end, &mut desk.problems);
        }
        if self.outcome.is_some() {
            end = end.outcome(outcome);
        }
        Said { outcome, created, closed, start, end, currency }
    }

    /// Contradictions between dates, each with what is made of it.
    fn warn_of_dates(&self, gathered: &mut Gathered, row: &Row<'_>, said: &mut Said) {
        let Desk { typer, problems, .. } = &mut gathered.desk;
        let mut warn = |rule, severity, plan: &Option<FieldPlan>, message: &str| {
            if let Some(plan) = plan {
                let value = row.cell(plan).text().into_owned();
                let (column, message) = (plan.column.clone(), message.to_owned());
                problems.push(Problem { rule, severity, column, value, message });
            }
        };
        let warning = Severity::Warning;
        if said.created.is_none() && self.start_missing == StartMissing::Reject {
            warn(Rule::MissingValue, Severity::Reject, &self.created, "the deal has no date of creation");
        }
        if said.outcome.is_closed() && said.closed.is_none() {
            warn(Rule::ClosedWithoutDate, warning, &self.closed, "the deal is closed, and no date tells since when");
        }
        if let (Some(created), Some(closed)) = (said.created, said.closed)
            && closed < created
        {
            if !typer.clock.is_within(closed, created) {
                warn(Rule::ClosedBeforeCreated, warning, &self.closed, "the deal closed before it was created");
            }
            said.created = Some(closed);
        }
        // A whole day has room for what happened on the day of the export.
        let after = |at: Option<Instant>| {
            let day = 86_400_000_000;
            matches!((at, self.exported_at), (Some(at), Some(exported)) if at.0 >= exported.0.saturating_add(day))
        };
        if after(said.created) {
            warn(Rule::AfterExport, warning, &self.created, "the deal was created after the export");
        }
        if after(said.closed) {
            warn(Rule::AfterExport, warning, &self.closed, "the deal closed after the export");
        }
    }

    fn push(&self, gathered: &mut Gathered, row: &Row<'_>, local: u32, said: Said) -> Result<(), Refusal> {
        let Said { outcome, created, closed, mut start, end, currency } = said;
        let kind = Kind::Opportunity;
        let exported = match (self.exported_at, created) {
            (Some(exported), Some(created)) => exported.max(created),
            (Some(exported), None) => exported,
            (None, _) => AT_EXPORT,
        };
        let end_at = if outcome == Outcome::Open { exported } else { closed.unwrap_or(exported) };
        let again = gathered.known.get(local as usize).is_some_and(Option::is_some);
        let mut place = NONE;
        if !again {
            if let Some(process) = self.process {
                start.put(ids::OPPORTUNITY_PROCESS, Value::Int(process));
            }
            gathered.desk.typer.names.add_from(kind, &start, local);
            let facts = start.stage(self.start).outcome(Outcome::Open);
            let effective_at = created.unwrap_or(AT_BEGINNING);
            place =
                gathered.push_deal(Assertion { kind, local, effective_at, known_at: None, source_seq: 0, facts })?;
        }
        let mut end_place = NONE;
        if !end.is_empty() {
            let known_at = None;
            let source_seq = if again { LAST_SEQ + 1 } else { LAST_SEQ };
            end_place = gathered.push_deal(Assertion {
                kind,
                local,
                effective_at: end_at,
                known_at,
                source_seq,
                facts: end,
            })?;
        }
        for at in [created, closed].into_iter().flatten() {
            gathered.saw(at);
        }
        let file = gathered.file(row.file);
        let deal = gathered.deal_mut(local);
        match deal {
            Some(deal) => deal.begin = deal.begin.into_iter().chain(created).min(),
            None => {
                let (begin, start, end) = (created, place, end_place);
                *deal = Some(Deal { begin, start, end, first_change: None, currency, file, row: row.number });
            }
        }
        Ok(())
    }
}
