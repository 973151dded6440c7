//! Which targets an answer is held against: those set for just what its deals are.
//!
//! A target names whose it is by members of dimensions. It compares with deals that are narrowed to the same members, and
//! with no others: a region's target says nothing of one product's deals in it. Must not know what is counted.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::field::{FieldId, ids};
use domain::process::Process;
use domain::{Currency, Day, Kind, RecordId, Scope};
use store::Record;
use warehouse::{Dimension, Only, Question, Snapshot};

use crate::{Ask, Loudou, Result};

/// Fields of a target that name whose it is.
pub(crate) const MEMBERS: [(&str, FieldId, Kind); 6] = [
    ("owner", ids::TARGET_PERSON, Kind::Person),
    ("team", ids::TARGET_TEAM, Kind::Team),
    ("region", ids::TARGET_REGION, Kind::Region),
    ("product", ids::TARGET_PRODUCT, Kind::Product),
    ("industry", ids::TARGET_INDUSTRY, Kind::Industry),
    ("channel", ids::TARGET_CHANNEL, Kind::Channel),
];

/// Whether targets are set for the members of a dimension.
pub(crate) fn are_set_by(dimension: &str) -> bool {
    MEMBERS.iter().any(|(name, ..)| *name == dimension)
}

impl Loudou {
    /// Targets by the words of a question's one dimension, or of the whole; none where no target is set for its groups.
    pub(crate) async fn targets_of_groups(
        &self,
        question: &Question,
        period: (Day, Day),
        process: Option<&Process>,
        currency: Option<Currency>,
    ) -> Result<HashMap<Option<String>, i128>> {
        let dimension = match question.by.as_slice() {
            [] => None,
            [one] => match MEMBERS.iter().find(|(name, ..)| name == one) {
                Some((_, field, kind)) => Some((*field, *kind)),
                None => return Ok(HashMap::new()),
            },
            _ => return Ok(HashMap::new()),
        };
        self.targets(question, &TargetView { dimension, period, process, currency }).await
    }

    /// The target of everything that a question leaves, for the quarter of its day.
    pub(super) async fn quarter_target(
        &self,
        question: &Question,
        process: Option<&Process>,
        currency: Option<Currency>,
    ) -> Result<Option<i128>> {
        let period = self.gauge_period(&Ask { as_of: Some(question.as_of), ..Ask::default() })?;
        let view = TargetView { dimension: None, period, process, currency };
        Ok(self.targets(question, &view).await?.get(&None).copied())
    }

    /// The members whose targets the scope shows: its teams, their people, and whoever owns a deal in it. Targets
    /// of the whole, of regions, products and the like are everybody's together and shown to no single team.
    /// `None`: all of them.
    pub(crate) async fn members_in_scope(
        &self,
        scope: &Scope,
        dimension: Option<(FieldId, Kind)>,
        snapshot: &Snapshot,
    ) -> Result<Option<HashSet<RecordId>>> {
        let (teams, person) = match scope {
            Scope::All => return Ok(None),
            Scope::Nothing => return Ok(Some(HashSet::new())),
            Scope::Person(person) => (BTreeSet::new(), Some(*person)),
            Scope::Teams { teams, person } => (teams.clone(), *person),
            Scope::Both(a, b) => {
                let a = Box::pin(self.members_in_scope(a, dimension, snapshot)).await?;
                let b = Box::pin(self.members_in_scope(b, dimension, snapshot)).await?;
                return Ok(match (a, b) {
                    (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
                    (one, None) | (None, one) => one,
                });
            }
        };
        match dimension.map(|(_, kind)| kind) {
            Some(Kind::Team) => Ok(Some(teams.into_iter().collect())),
            Some(Kind::Person) => {
                let mut people = owners_in_scope(scope, snapshot);
                people.extend(person);
                for record in self.store.all_records(Kind::Person).await? {
                    if record.int(ids::PERSON_TEAM).is_some_and(|team| teams.contains(&team)) {
                        people.insert(record.id);
                    }
                }
                Ok(Some(people))
            }
            _ => Ok(Some(HashSet::new())),
        }
    }

    /// Targets that compare with what a question leaves, by member name; `None` is the target of the whole.
    pub(crate) async fn targets(
        &self,
        question: &Question,
        view: &TargetView<'_>,
    ) -> Result<HashMap<Option<String>, i128>> {
        let scope = &question.scope;
        let Some(narrowed) = self.narrowed(question).await? else { return Ok(HashMap::new()) };
        let seen = self.members_in_scope(scope, view.dimension, &self.warehouse().await?.snapshot()).await?;
        let Some((_, kind)) = view.dimension else {
            let whole = match scope {
                Scope::All => self.targets_by_member(view, &narrowed, seen.as_ref()).await?.get(&None).copied(),
                part => self.target_of(part, view, &narrowed).await?,
            };
            return Ok(whole.map(|amount| (None, amount)).into_iter().collect());
        };
        let names = self.names_of(kind).await?;
        let mut out: HashMap<Option<String>, i128> = HashMap::new();
        for (member, amount) in self.targets_by_member(view, &narrowed, seen.as_ref()).await? {
            *out.entry(member.and_then(|member| names.get(&member).cloned())).or_default() += amount;
        }
        Ok(out)
    }

    /// What a question narrows its deals to, where a target can be set for just that; absent where none can: for a
    /// stage, an amount, or any other condition.
    async fn narrowed(&self, question: &Question) -> Result<Option<Narrowed>> {
        let condition = match question.filter.as_deref().map(str::trim) {
            None | Some("") => Some(Vec::new()),
            Some(condition) => warehouse::pinned(condition),
        };
        let Some(condition) = condition else { return Ok(None) };
        let mut narrowed = Vec::new();
        for Only { dimension, values } in question.only.iter().chain(&condition) {
            // Targets are compared by currency and process as they are.
            if matches!(dimension.as_str(), "currency" | "process") {
                continue;
            }
            let Some((_, field, kind)) = MEMBERS.iter().find(|(name, ..)| name == dimension) else { return Ok(None) };
            let names = self.names_of(*kind).await?;
            let is_meant = |id: &RecordId, name: &String| {
                values.iter().flatten().any(|value| value == name || *value == format!("#{id}"))
            };
            let ids = names.iter().filter(|(id, name)| is_meant(id, name)).map(|(id, _)| *id).collect();
            narrowed.push((*field, ids));
        }
        Ok(Some(narrowed))
    }

    /// The words of a dimension's members, as answers tell them.
    async fn names_of(&self, kind: Kind) -> Result<HashMap<RecordId, String>> {
        let field = Dimension::of(kind).map(Dimension::name_field);
        let records = self.store.all_records(kind).await?;
        let name = |record: &Record| field.and_then(|field| record.text(field)).map(str::to_owned);
        Ok(records
            .iter()
            .map(|record| (record.id, name(record).unwrap_or_else(|| format!("#{}", record.id))))
            .collect())
    }

    async fn targets_by_member(
        &self,
        view: &TargetView<'_>,
        narrowed: &Narrowed,
        seen: Option<&HashSet<RecordId>>,
    ) -> Result<HashMap<Option<RecordId>, i128>> {
        let versions: HashSet<i64> = self
            .processes()
            .await?
            .iter()
            .filter(|process| view.process.is_some_and(|seen| seen.key == process.key))
            .filter_map(|process| process.id.map(|id| i64::from(id.0)))
            .collect();
        let mut set: HashMap<Option<RecordId>, Vec<Set>> = HashMap::new();
        for target in self.store.all_records(Kind::Target).await? {
            let Some(one) = view.comparable(&target, &versions) else { continue };
            if let Some(member) = whose(&target, view.dimension, narrowed)
                && seen.is_none_or(|seen| member.is_some_and(|member| seen.contains(&member)))
            {
                set.entry(member).or_default().push(one);
            }
        }
        Ok(set.into_iter().map(|(member, set)| (member, counted_once(set))).collect())
    }

    /// The target of a part: of its topmost teams, each by its own target or by those of the teams below; or of
    /// the one person.
    async fn target_of(&self, scope: &Scope, view: &TargetView<'_>, narrowed: &Narrowed) -> Result<Option<i128>> {
        let (kind, seen): (Kind, HashSet<RecordId>) = match scope {
            Scope::Teams { teams, .. } => (Kind::Team, teams.iter().copied().collect()),
            Scope::Person(person) => (Kind::Person, HashSet::from([*person])),
            Scope::All | Scope::Both(..) | Scope::Nothing => return Ok(None),
        };
        let dimension = MEMBERS.iter().find(|(.., of)| *of == kind).map(|(_, field, kind)| (*field, *kind));
        let own = self.targets_by_member(&TargetView { dimension, ..*view }, narrowed, Some(&seen)).await?;
        let mut below: HashMap<Option<RecordId>, Vec<RecordId>> = HashMap::new();
        for record in self.store.all_records(kind).await?.iter().filter(|record| seen.contains(&record.id)) {
            let parent = (kind == Kind::Team).then(|| record.int(ids::TEAM_PARENT)).flatten();
            below.entry(parent.filter(|parent| seen.contains(parent))).or_default().push(record.id);
        }
        let mut todo = below.remove(&None).unwrap_or_default();
        let mut sum = None;
        while let Some(member) = todo.pop() {
            match own.get(&Some(member)) {
                Some(amount) => *sum.get_or_insert(0) += amount,
                None => todo.extend(below.remove(&Some(member)).unwrap_or_default()),
            }
        }
        Ok(sum)
    }
}

/// Which targets the dials are held against.
#[derive(Clone, Copy)]
pub(crate) struct TargetView<'a> {
    pub(crate) dimension: Option<(FieldId, Kind)>,
    pub(crate) period: (Day, Day),
    pub(crate) process: Option<&'a Process>,
    pub(crate) currency: Option<Currency>,
}

impl TargetView<'_> {
    /// A target that counts the same as the dials: inside the period, in their currency, of their process (one of
    /// `versions`) or of none. A target of one stage is no target of the money that comes out at the end.
    fn comparable(&self, target: &Record, versions: &HashSet<i64>) -> Option<Set> {
        let day = |field| target.int(field).and_then(|day| i32::try_from(day).ok()).map(Day);
        let (from, to) = (day(ids::TARGET_FROM)?, day(ids::TARGET_TO)?);
        let process = target.int(ids::TARGET_PROCESS);
        let counts = from >= self.period.0
            && to <= self.period.1
            && self.currency.is_none_or(|is| target.int(ids::TARGET_CURRENCY) == Some(i64::from(is.code())))
            && target.int(ids::TARGET_STAGE).is_none()
            && process.is_none_or(|process| versions.contains(&process));
        let amount_minor = target.int(ids::TARGET_AMOUNT).filter(|_| counts)?;
        Some(Set { of_process: process.is_some(), from, to, amount_minor: amount_minor.into() })
    }
}

/// What was set for one member.
#[derive(Debug, Clone, Copy)]
struct Set {
    of_process: bool,
    from: Day,
    to: Day,
    amount_minor: i128,
}

/// The sum of what was set for one member, each day counted once: a target of the process takes the place of those of
/// no process, and a longer one that of the shorter ones within it, as a quarter's that of its months. Targets of the
/// very same days stand beside each other and add up.
fn counted_once(mut set: Vec<Set>) -> i128 {
    if set.iter().any(|one| one.of_process) {
        set.retain(|one| one.of_process);
    }
    set.sort_by_key(|one| (one.from.since(one.to), one.from));
    let mut taken: Vec<Set> = Vec::new();
    for one in set {
        let is_apart = |other: &Set| one.to < other.from || one.from > other.to;
        let is_beside = |other: &Set| (one.from, one.to) == (other.from, other.to);
        if taken.iter().all(|other| is_apart(other) || is_beside(other)) {
            taken.push(one);
        }
    }
    taken.iter().map(|one| one.amount_minor).sum()
}

/// Owners now of the deals that the scope shows.
fn owners_in_scope(scope: &Scope, snapshot: &Snapshot) -> HashSet<RecordId> {
    let codes = snapshot.scope(scope);
    let owners = snapshot.labels.members(Dimension::Owner);
    let mut out = HashSet::new();
    for partition in &snapshot.partitions {
        let Some(flags) = partition.in_scope(&codes) else { continue };
        let shown = partition.attributes.owner.iter().zip(flags).filter(|(_, shown)| *shown);
        out.extend(shown.filter_map(|(owner, _)| owners.get(*owner)).map(|owner| owner.id));
    }
    out
}

/// Fields of a target, each with the members that it may name there: what a question narrows its deals to.
type Narrowed = Vec<(FieldId, HashSet<RecordId>)>;

/// The member that a target is for, seen along a dimension: `None` inside where it is for all that the question leaves.
/// Absent where it is for somebody else, for more or for less.
fn whose(target: &Record, dimension: Option<(FieldId, Kind)>, narrowed: &Narrowed) -> Option<Option<RecordId>> {
    let along = dimension.map(|(field, _)| field);
    let is_asked = |field: FieldId| along == Some(field) || narrowed.iter().any(|(of, _)| *of == field);
    if MEMBERS.iter().any(|(_, field, _)| target.int(*field).is_some() && !is_asked(*field)) {
        return None;
    }
    if !narrowed.iter().all(|(field, meant)| target.int(*field).is_some_and(|id| meant.contains(&id))) {
        return None;
    }
    along.map_or(Some(None), |field| target.int(field).map(Some))
}

#[cfg(test)]
mod tests {
    use domain::Day;

    use super::{Set, counted_once};

    /// Lines of `process|any from..to amount`.
    fn check(table: &str, expected: i128) {
        let read = |line: &str| {
            let mut words = line.split_whitespace();
            let of_process = words.next() == Some("process");
            let (from, to) = words.next().and_then(|days| days.split_once("..")).expect("days");
            let day = |text| Day::parse(text).expect("a day");
            let amount_minor = words.next().and_then(|amount| amount.parse().ok()).expect("an amount");
            Set { of_process, from: day(from), to: day(to), amount_minor }
        };
        let set = table.lines().map(str::trim).filter(|line| !line.is_empty()).map(read).collect();
        assert_eq!(counted_once(set), expected, "{table}");
    }

    #[test]
    fn no_day_is_held_against_two_targets() {
        check("any 2026-10-01..2026-12-31 90", 90);
        check(
            "any 2026-10-01..2026-10-31 20
             any 2026-11-01..2026-11-30 30
             any 2026-12-01..2026-12-31 40",
            90,
        );
        check(
            "any 2026-10-01..2026-10-31 20
             any 2026-10-01..2026-12-31 100
             any 2026-11-01..2026-11-30 30",
            100,
        );
        check(
            "any 2026-10-01..2026-12-31 100
             process 2026-10-01..2026-10-31 7
             process 2026-11-01..2026-11-30 8",
            15,
        );
        check(
            "any 2026-10-01..2026-12-31 100
             any 2026-10-01..2026-12-31 10",
            110,
        );
    }
}
