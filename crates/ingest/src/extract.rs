//! What an extraction hands on: keys, assertions, issues and counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::field::{self, FieldId, FieldType, Value};
use domain::journal::{Facts, Hot, HotSet};
use domain::process::Process;
use domain::{Currency, CustomField, Instant, Kind};

use crate::issue::{Issue, Rule, Severity};

/// Facts about one record that hold from an instant on.
///
/// References to other records (owner, team, [`Value::Ref`]) hold the target's *local index*: its place in
/// [`Extract::keys`] of the target's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// What the record is.
    pub kind: Kind,
    /// Its place in [`Extract::keys`] of its kind.
    pub local: u32,
    /// When it was true.
    pub effective_at: Instant,
    /// When the source knew it; `None` is the time of the import.
    pub known_at: Option<Instant>,
    /// The source's order among assertions of one instant.
    pub source_seq: i64,
    /// What is asserted.
    pub facts: Facts,
}

/// The outcome of an extraction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    /// The namespace of the external keys.
    pub source: String,
    /// External keys by local index, in the order of their first appearance.
    pub keys: BTreeMap<Kind, Vec<String>>,
    /// Dimensions, then deals, then changes in the source's order, then what belongs to deals.
    pub assertions: Vec<Assertion>,
    /// What was wrong, in the order it was found.
    pub issues: Vec<Issue>,
    /// How much of everything.
    pub counts: Counts,
    /// The fields of the organisation's own that assertions may set.
    pub own: Vec<CustomField>,
}

/// How much was read and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Data rows of every file; a file read for several purposes counts once.
    pub rows_read: u64,
    /// Rows that stayed out.
    pub rows_rejected: u64,
    /// Issues that did not keep their row out.
    pub warnings: u64,
    /// Files, in the order they were read.
    pub files: Vec<FileCount>,
    /// Records by kind.
    pub records: BTreeMap<Kind, u64>,
    /// Assertions that came from change tables.
    pub changes: u64,
    /// Issues by rule and severity.
    pub rules: Vec<RuleCount>,
    /// Consistency checks of the profile.
    pub checks: Vec<CheckCount>,
}

/// Rows of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileCount {
    /// The table in the profile.
    pub table: String,
    /// The file's name.
    pub file: String,
    /// How it was read: `csv, utf-8, delimiter ,`.
    pub format: String,
    /// Data rows.
    pub rows: u64,
}

/// Issues of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: Rule,
    /// What became of the rows.
    pub severity: Severity,
    /// How many, also beyond those kept in [`Extract::issues`].
    pub count: u64,
}

/// A consistency check of the profile over the rows it applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckCount {
    /// The check's name.
    pub name: String,
    /// Rows it was applied to.
    pub rows: u64,
    /// Rows it held on.
    pub held: u64,
}

/// A look at an extraction before anything is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The first assertions, as text.
    pub rows: Vec<PreviewRow>,
    /// The first issues of every rule.
    pub issues: Vec<Issue>,
    /// How much of everything.
    pub counts: Counts,
}

/// One assertion in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// What the record is.
    pub kind: Kind,
    /// Its external key.
    pub key: String,
    /// When it was true.
    pub effective_at: Instant,
    /// Field names and values, as people write them.
    pub fields: Vec<(String, String)>,
}

impl Extract {
    /// Adds what whoever made the tables ready found wrong, before all else. `counts` are all there were, by rule, those
    /// that were not kept among them.
    pub fn found_before(&mut self, issues: Vec<Issue>, counts: &[(Rule, Severity, u64)]) {
        for (rule, severity, count) in counts {
            match severity {
                Severity::Warning => self.counts.warnings += count,
                Severity::Reject => {
                    self.counts.rows_rejected += count;
                    self.counts.rows_read += count;
                }
            }
            let is_same = |known: &&mut RuleCount| known.rule == *rule && known.severity == *severity;
            match self.counts.rules.iter_mut().find(is_same) {
                Some(known) => known.count += count,
                None => self.counts.rules.push(RuleCount { rule: *rule, severity: *severity, count: *count }),
            }
        }
        self.issues.splice(0..0, issues);
    }

    /// Whether any row stayed out.
    #[must_use]
    pub const fn has_rejects(&self) -> bool {
        self.counts.rows_rejected > 0
    }

    /// The first `n` assertions about each kind and the first `n` issues of every rule, with the counts.
    #[must_use]
    pub fn preview(&self, process: &Process, n: usize) -> Preview {
        let mut shown: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut rows = Vec::new();
        for assertion in &self.assertions {
            let count = shown.entry(assertion.kind).or_default();
            if *count < n {
                *count += 1;
                rows.push(self.preview_row(assertion, process));
            }
        }
        let mut by_rule: BTreeMap<(Rule, Severity), usize> = BTreeMap::new();
        let issues = self.issues.iter().filter(|issue| {
            let count = by_rule.entry((issue.rule, issue.severity)).or_default();
            *count += 1;
            *count <= n
        });
        Preview { rows, issues: issues.cloned().collect(), counts: self.counts.clone() }
    }

    /// How every deal that the files tell of stands after all assertions, by local index: the values of the latest
    /// assertion that set them, in the order (effective instant, source's sequence, place).
    #[must_use]
    pub fn standing_deals(&self) -> Vec<Hot> {
        let deals = self.keys.get(&Kind::Opportunity).map_or(0, Vec::len);
        let mut order: Vec<&Assertion> =
            self.assertions.iter().filter(|assertion| assertion.kind == Kind::Opportunity).collect();
        order.sort_by_key(|assertion| (assertion.effective_at, assertion.source_seq));
        let mut standing = vec![None; deals];
        for assertion in order {
            if let Some(state) = standing.get_mut(assertion.local as usize) {
                assertion.facts.apply(state.get_or_insert_with(Hot::default));
            }
        }
        standing.into_iter().flatten().collect()
    }

    fn preview_row(&self, assertion: &Assertion, process: &Process) -> PreviewRow {
        let Assertion { kind, local, effective_at, facts, .. } = assertion;
        let mut fields = Vec::new();
        if *kind == Kind::Opportunity {
            self.preview_hot(facts, process, &mut fields);
        }
        for (id, value) in &facts.rest {
            if let Some((name, ty)) = self.field(*id) {
                let currency = facts.hot.currency;
                fields.push((name.to_owned(), self.written(ty, value, currency, process)));
            }
        }
        PreviewRow { kind: *kind, key: self.key(*kind, i64::from(*local)), effective_at: *effective_at, fields }
    }

    /// The name and the type of a field.
    #[must_use]
    pub fn field(&self, id: FieldId) -> Option<(&str, FieldType)> {
        let own = || self.own.iter().find(|own| own.id == id).map(|own| (own.name.as_str(), own.ty));
        field::builtin(id).map(|def| (def.name, def.ty)).or_else(own)
    }

    fn preview_hot(&self, facts: &Facts, process: &Process, out: &mut Vec<(String, String)>) {
        let mut fields: Vec<(&str, String)> = Vec::new();
        let (set, hot) = (facts.set, &facts.hot);
        let absent = || "–".to_owned();
        if set.has(HotSet::STAGE) {
            fields.push(("stage", stage_key(process, hot.stage.0)));
        }
        if set.has(HotSet::OUTCOME) {
            fields.push(("outcome", hot.outcome.as_str().to_owned()));
        }
        if set.has(HotSet::AMOUNT) {
            fields.push(("amount", hot.amount_minor.map_or_else(absent, |minor| written_amount(minor, hot.currency))));
        }
        if set.has(HotSet::OWNER) {
            fields.push(("owner", hot.owner.map_or_else(absent, |local| self.key(Kind::Person, local))));
        }
        if set.has(HotSet::TEAM) {
            fields.push(("team", hot.team.map_or_else(absent, |local| self.key(Kind::Team, local))));
        }
        if set.has(HotSet::EXPECTED_CLOSE) {
            fields.push(("expected_close_on", hot.expected_close_on.map_or_else(absent, |day| day.to_string())));
        }
        if set.has(HotSet::PROBABILITY) {
            fields.push(("probability_ppm", hot.probability_ppm.map_or_else(absent, |ppm| ppm.to_string())));
        }
        out.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }

    fn key(&self, kind: Kind, local: i64) -> String {
        let keys = self.keys.get(&kind);
        let key = usize::try_from(local).ok().and_then(|local| keys.and_then(|keys| keys.get(local)));
        key.map(|key| key.replace(domain::id::REPEAT_MARK, "#")).unwrap_or_default()
    }

    fn written(&self, ty: FieldType, value: &Value, currency: Option<Currency>, process: &Process) -> String {
        match (value, ty) {
            (Value::Null, _) => "–".to_owned(),
            (Value::Bool(yes), _) => yes.to_string(),
            (Value::Text(text) | Value::Json(text), _) => text.to_string(),
            (Value::Ref(local), FieldType::Ref(kind)) => self.key(kind, *local),
            (Value::Ref(local), _) => local.to_string(),
            (Value::Int(minor), FieldType::AmountMinor) => written_amount(*minor, currency),
            (Value::Int(day), FieldType::Day) => domain::Day(i32::try_from(*day).unwrap_or(i32::MAX)).to_string(),
            (Value::Int(micros), FieldType::At) => Instant(*micros).to_string(),
            (Value::Int(_), FieldType::Process) => process.key.clone(),
            (Value::Int(code), FieldType::Currency) => u16::try_from(*code)
                .ok()
                .and_then(Currency::from_code)
                .map_or_else(|| code.to_string(), |currency| currency.to_string()),
            (Value::Int(number), _) => number.to_string(),
        }
    }
}

fn stage_key(process: &Process, id: u32) -> String {
    process.stages.iter().find(|stage| stage.id.0 == id).map_or_else(|| "unknown".to_owned(), |stage| stage.key.clone())
}

fn written_amount(minor: i64, currency: Option<Currency>) -> String {
    let mut text = String::new();
    match currency {
        Some(currency) => {
            let _ = write!(text, "{} {currency}", currency.format_minor(i128::from(minor)));
        }
        None => {
            let _ = write!(text, "{minor} minor units");
        }
    }
    text
}
