//! The records of a day that a question sees, with their verdicts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::field::ids;
use domain::journal::Cut;
use domain::quality::{Of, RuleBook, Verdicts};
use domain::{Day, Kind, Outcome, RecordId, Scope};
use methods::quality::score;
use methods::ratio::Ratio;
use warehouse::{Dimension, Partition, Question, Snapshot};

use super::alike::{alike_in_sight, twins_in_sight};
use super::judge::{Bench, CustomerRow, DealRow, Judged, judge};
use super::kept::Basis;
use super::past::When;
use crate::answer::Terms;
use crate::{AppError, Ask, Loudou, Result};

/// What a question sees.
pub(crate) struct Viewed {
    pub(super) snapshot: Arc<Snapshot>,
    judged: Arc<Judged>,
    /// One flag a deal, row for row.
    seen: Vec<Vec<bool>>,
    /// One flag a customer, in their order.
    customers: Vec<bool>,
    /// Deals as whoever asks may know them, where that may be less than what was judged.
    twins: HashMap<RecordId, DealRow>,
    /// Customers likewise.
    alike: HashMap<RecordId, CustomerRow>,
    pub(super) book: RuleBook,
    pub(super) day: Day,
    pub(super) terms: Terms,
    /// Teams of people, now.
    pub(super) teams: HashMap<RecordId, RecordId>,
}

/// A record of either kind.
#[derive(Clone, Copy)]
pub(super) enum Row<'v> {
    Deal(&'v DealRow),
    Customer(&'v CustomerRow),
}

impl Row<'_> {
    pub(super) const fn of(&self) -> Of {
        match self {
            Self::Deal(_) => Of::Deal,
            Self::Customer(_) => Of::Customer,
        }
    }

    pub(super) const fn id(&self) -> RecordId {
        match self {
            Self::Deal(row) => row.id,
            Self::Customer(row) => row.id,
        }
    }

    pub(super) const fn verdicts(&self) -> Verdicts {
        match self {
            Self::Deal(row) => row.verdicts,
            Self::Customer(row) => row.verdicts,
        }
    }

    pub(super) const fn import(&self) -> i64 {
        match self {
            Self::Deal(row) => row.import,
            Self::Customer(row) => row.import,
        }
    }
}

impl Viewed {
    pub(super) fn deals(&self) -> impl Iterator<Item = &DealRow> {
        let seen = deals(&self.judged, &self.seen);
        seen.map(|row| if row.twins == 0 { row } else { self.twins.get(&row.id).unwrap_or(row) })
    }

    pub(super) fn customers(&self) -> impl Iterator<Item = &CustomerRow> {
        let seen = self.judged.customers.iter().zip(&self.customers).filter(|(_, seen)| **seen).map(|(row, _)| row);
        seen.map(|row| if row.alike == 0 { row } else { self.alike.get(&row.id).unwrap_or(row) })
    }

    /// Records of a kind, or of both.
    pub(super) fn rows(&self, of: Option<Of>) -> impl Iterator<Item = Row<'_>> {
        let deals = (of != Some(Of::Customer)).then(|| self.deals().map(Row::Deal));
        let customers = (of != Some(Of::Deal)).then(|| self.customers().map(Row::Customer));
        deals.into_iter().flatten().chain(customers.into_iter().flatten())
    }

    pub(super) fn score(&self, row: Row<'_>) -> Option<Ratio> {
        let (passed, applied) = self.book.weigh(row.of(), row.verdicts());
        score(passed, applied)
    }

    /// Whose a record is: the seller, or who keeps the customer.
    pub(super) fn owner(&self, row: Row<'_>) -> Option<RecordId> {
        match row {
            Row::Deal(deal) => self.snapshot.labels.members(Dimension::Owner).get(deal.owner).map(|owner| owner.id),
            Row::Customer(customer) => customer.keeper,
        }
    }

    /// The team of a record; of a customer that of who keeps it.
    pub(super) fn team(&self, row: Row<'_>) -> Option<RecordId> {
        match row {
            Row::Deal(deal) => self.snapshot.labels.members(Dimension::Team).get(deal.team).map(|team| team.id),
            Row::Customer(customer) => customer.keeper.and_then(|keeper| self.teams.get(&keeper).copied()),
        }
    }
}

impl Loudou {
    /// The records that a question sees at its day. The handle is held: several views of it agree.
    pub(super) async fn quality_view(&self, ask: &Ask) -> Result<Viewed> {
        if !ask.by.is_empty() {
            return Err(AppError::input((
                "质量评分不按维度分组",
                "scores of quality are not grouped by dimensions of deals",
            ))
            .hint(("用 by 选择规则、人员、团队或来源", "choose by rule, person, team, source, process or class")));
        }
        let asked = self.asked(&Ask { from: None, to: None, ..ask.clone() }).await?;
        let question = asked.question;
        let snapshot = self.warehouse().await?.snapshot_known_at(question.known_at).await?;
        let judged = self.judged(&snapshot, question.as_of, question.known_at).await?;
        let seen = self.warehouse().await?.seen(question.clone()).await?;
        let customers = self.customers_seen(&judged, &snapshot, &seen, &question).await?;
        let teams = self.store.references(ids::PERSON_TEAM).await?;
        let book = self.rule_book().await?;
        // Whoever sees everything is told what was judged, and is asked for no flags.
        let in_scope = match self.who.scope {
            Scope::All => Vec::new(),
            _ => flags_in_scope(&snapshot, &self.who.scope),
        };
        Ok(Viewed {
            twins: twins_in_sight(deals(&judged, &in_scope), &book, question.as_of),
            alike: self.alike_in_scope(&judged, &snapshot, &in_scope, &book, question.as_of).await?,
            seen,
            customers,
            book,
            day: question.as_of,
            terms: asked.terms,
            teams: teams.into_iter().filter_map(|(person, team)| Some((person, team?))).collect(),
            snapshot,
            judged,
        })
    }

    /// The verdicts of everything at a day.
    async fn judged(&self, snapshot: &Arc<Snapshot>, day: Day, known_at: Option<Day>) -> Result<Arc<Judged>> {
        let basis = Basis { seq: snapshot.seq, config: self.store.mark().await?.config, day, known_at };
        if let Some(judged) = self.quality.judged(basis) {
            return Ok(judged);
        }
        let _turn = self.quality.turn.lock().await;
        if let Some(judged) = self.quality.judged(basis) {
            return Ok(judged);
        }
        let book = self.rule_book().await?;
        let fields = self.fields(Kind::Opportunity).await?;
        let end = |day: Day| self.calendar.start_of(day.plus(1));
        let cut = known_at.map_or(Cut::Everything, |day| Cut::KnownBefore(end(day)));
        let when = When { end: end(day), cut, seq: snapshot.seq };
        self.quality.past.write().await.follow(&self.store, snapshot.seq).await?;
        let past = Arc::clone(&self.quality.past).read_owned().await;
        let snapshot = Arc::clone(snapshot);
        let work = move || judge(&Bench { snapshot: &snapshot, past: &past, book: &book, fields: &fields, day, when });
        let judged = tokio::task::spawn_blocking(work).await;
        let judged = Arc::new(judged.map_err(|error| AppError::system(error.to_string()))?);
        self.quality.keep(basis, &judged);
        Ok(judged)
    }

    /// Customers that others are alike, as whoever asks may know them.
    async fn alike_in_scope(
        &self,
        judged: &Judged,
        snapshot: &Snapshot,
        in_scope: &[Vec<bool>],
        book: &RuleBook,
        day: Day,
    ) -> Result<HashMap<RecordId, CustomerRow>> {
        if judged.customers.iter().all(|row| row.alike == 0) {
            return Ok(HashMap::new());
        }
        let apart = self.store.not_duplicates(Kind::Account).await?;
        let keepers = self.keepers(&self.who.scope).await?;
        let seen = customers_in_sight(judged, snapshot, in_scope, keepers.as_ref());
        let rows = judged.customers.iter().zip(seen).filter(|(_, seen)| *seen).map(|(row, _)| row);
        Ok(alike_in_sight(rows, &apart, book, day))
    }

    /// The customers in sight: who sees everything sees all; others those with a deal in view, and those that people in
    /// their scope keep. Where the question narrows the deals otherwise than by the scope, those with such a deal.
    async fn customers_seen(
        &self,
        judged: &Judged,
        snapshot: &Snapshot,
        seen: &[Vec<bool>],
        question: &Question,
    ) -> Result<Vec<bool>> {
        let is_narrowed = question.process.is_some() || question.filter.is_some() || !question.only.is_empty();
        let keepers = if is_narrowed { Some(HashSet::new()) } else { self.keepers(&question.scope).await? };
        Ok(customers_in_sight(judged, snapshot, seen, keepers.as_ref()))
    }
}

/// The deals of a day that are flagged.
fn deals<'j>(judged: &'j Judged, flags: &'j [Vec<bool>]) -> impl Iterator<Item = &'j DealRow> {
    let flagged = judged.deals.iter().zip(flags).flat_map(|(rows, flags)| rows.iter().zip(flags));
    flagged.filter(|(_, flag)| **flag).filter_map(|(row, _)| row.as_ref())
}

/// One flag a deal: whether it is in a scope.
fn flags_in_scope(snapshot: &Snapshot, scope: &Scope) -> Vec<Vec<bool>> {
    let codes = snapshot.scope(scope);
    let flags = |partition: &Arc<Partition>| match partition.in_scope(&codes) {
        Some(flags) => flags,
        None => vec![true; partition.journeys.len()],
    };
    snapshot.partitions.iter().map(flags).collect()
}

/// One flag a customer: those of flagged deals, and those that `keepers` keep; every one where that is not asked.
fn customers_in_sight(
    judged: &Judged,
    snapshot: &Snapshot,
    flags: &[Vec<bool>],
    keepers: Option<&HashSet<RecordId>>,
) -> Vec<bool> {
    let Some(keepers) = keepers else { return vec![true; judged.customers.len()] };
    let accounts = snapshot.labels.members(Dimension::Account);
    let codes: HashSet<u32> = deals(judged, flags).map(|row| row.account).collect();
    let with_deal: HashSet<RecordId> =
        codes.into_iter().filter_map(|code| accounts.get(code).map(|account| account.id)).collect();
    let is_seen =
        |row: &CustomerRow| with_deal.contains(&row.id) || row.keeper.is_some_and(|keeper| keepers.contains(&keeper));
    judged.customers.iter().map(is_seen).collect()
}

/// Whether a deal is one of those asked for by how they stand: open ones, or the others.
pub(super) fn stands(row: Row<'_>, open: Option<bool>) -> bool {
    match row {
        Row::Deal(deal) => open.is_none_or(|open| open == (deal.outcome == Outcome::Open)),
        Row::Customer(_) => true,
    }
}
