//! What an import found and did, for people and for programs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use domain::field::ids;
use domain::process::Process;
use domain::{Currency, Kind, Outcome};
use ingest::{Counts, Extract, Issue, PreviewRow, Profile, Severity};
use serde_json::{Value, json};
use store::{Store, Undo};

use super::source::KnownBefore;
use super::write::Written;
use crate::Result;
use crate::scratch::Scratch;

/// The report of an import or a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The import's id; absent in a dry run, and where nothing was new.
    pub import_id: Option<i64>,
    /// The profile's name.
    pub profile: String,
    /// The currency of the sums.
    pub currency: Currency,
    /// The first rows of every kind, of a dry run.
    pub samples: Vec<PreviewRow>,
    deals: BTreeMap<&'static str, (u64, i128)>,
    counts: Counts,
    issues: Vec<Issue>,
    /// How many issues there were, those that are not in memory any more among them.
    issues_total: usize,
    /// The list of all rejected rows, and how many it has, where they are not in memory any more.
    rejects: Option<(Arc<Scratch>, u64)>,
    written: Option<Written>,
    known: Option<KnownBefore>,
}

impl ImportReport {
    pub(crate) fn new(profile: &Profile, extract: &Extract) -> Self {
        Self::of(profile.name(), profile.currency(), extract)
    }

    pub(crate) fn of(profile: &str, currency: Currency, extract: &Extract) -> Self {
        let mut deals: BTreeMap<&'static str, (u64, i128)> = BTreeMap::new();
        for deal in extract.standing_deals() {
            let (count, amount_minor) = deals.entry(deal.outcome.as_str()).or_default();
            *count += 1;
            if deal.currency.is_none_or(|of| of == currency) {
                *amount_minor += i128::from(deal.amount_minor.unwrap_or(0));
            }
        }
        Self {
            import_id: None,
            profile: profile.to_owned(),
            currency,
            samples: Vec::new(),
            deals,
            counts: extract.counts.clone(),
            issues: extract.issues.clone(),
            issues_total: extract.issues.len(),
            rejects: None,
            written: None,
            known: None,
        }
    }

    pub(super) fn set_known(&mut self, known: KnownBefore) {
        self.known = Some(known);
    }

    pub(crate) fn preview(&mut self, extract: &Extract, process: &Process, rows: usize) {
        self.samples = extract.preview(process, rows).rows;
    }

    /// The first rows of every kind, one a line.
    pub fn sample_lines(&self) -> impl Iterator<Item = String> {
        self.samples.iter().map(|row| {
            let fields: Vec<_> = row.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {} @ {}: {}", row.kind.as_str(), row.key, row.effective_at, fields.join(", "))
        })
    }

    /// What is wrong with rows, in the order it was found: the rejected ones, and those that went in with a warning.
    /// Of a job that has ended only the first ones.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// How many issues were found.
    #[must_use]
    pub const fn issues_total(&self) -> usize {
        self.issues_total
    }

    /// Keeps the first issues in memory; the list of all rejected rows goes into a file that goes with the report.
    pub(crate) fn set_aside(&mut self, keep: usize, folder: &Path) -> io::Result<()> {
        if self.issues.len() <= keep {
            return Ok(());
        }
        let (scratch, file) = Scratch::new(folder)?;
        let mut out = BufWriter::new(file);
        let listed = ingest::write_rejects(&mut out, &self.issues)?;
        out.flush()?;
        self.rejects = Some((Arc::new(scratch), listed));
        self.issues.truncate(keep);
        self.issues.shrink_to_fit();
        Ok(())
    }

    /// The file of the rejected rows, where they are too many for memory.
    ///
    /// # Errors
    /// It was removed, or the system's own.
    pub fn rejects_file(&self) -> io::Result<Option<File>> {
        self.rejects.as_ref().map(|(scratch, _)| scratch.open()).transpose()
    }

    /// How many issues there are of each rule: its code, whether the rows stayed out, and how many, also beyond those
    /// that are listed.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, bool, u64)> {
        let of_rule = |count: &ingest::RuleCount| (count.rule.code(), count.severity == Severity::Reject, count.count);
        self.counts.rules.iter().map(of_rule)
    }

    pub(crate) fn written(&mut self, written: Written) {
        self.import_id = written.import_id;
        self.written = Some(written);
    }

    /// Whether the database held everything already.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.written.as_ref().is_some_and(|written| written.import_id.is_none())
    }

    /// The rows that stayed out, with their reasons.
    pub fn rejects(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.severity == Severity::Reject)
    }

    /// How many rows stayed out.
    #[must_use]
    pub const fn rows_rejected(&self) -> u64 {
        self.counts.rows_rejected
    }

    /// Names and counts for people.
    #[must_use]
    pub fn summary(&self, zh: bool) -> Vec<(String, String)> {
        let pick = |a: &str, b: &str| if zh { a.to_owned() } else { b.to_owned() };
        let mut lines = Vec::new();
        if self.counts.rows_read > 0 {
            lines.push((pick("读取行数", "rows read"), self.counts.rows_read.to_string()));
        }
        let opportunities: u64 = self.deals.values().map(|(count, _)| count).sum();
        let outcomes: Vec<_> = Outcome::ALL
            .iter()
            .filter_map(|outcome| {
                let (in_zh, in_en) = crate::answers::words::outcome(*outcome);
                self.deals.get(outcome.as_str()).map(|(count, _)| format!("{} {count}", pick(in_zh, in_en)))
            })
            .collect();
        lines.push((pick("商机", "opportunities"), format!("{opportunities} ({})", outcomes.join(", "))));
        if let Some(known) = &self.known {
            lines.push((pick("其中已导入过", "known already"), known.deals.to_string()));
            if let Some((source, found, of)) = &known.elsewhere {
                let told = format!("{source} ({found} / {of})");
                lines.push((pick("编号已由另一来源导入", "ids that another source brought"), told));
            }
        }
        if let Some((_, won_minor)) = self.deals.get(Outcome::Won.as_str()) {
            let amount = format!("{} {}", self.currency.format_minor(*won_minor), self.currency);
            lines.push((pick("赢单金额", "won value"), amount));
        }
        for (kind, count) in self.counts.records.iter().filter(|(kind, _)| **kind != Kind::Opportunity) {
            lines.push((kind.table().to_owned(), count.to_string()));
        }
        for check in &self.counts.checks {
            lines.push((
                format!("{} {}", pick("检查", "check"), check.name),
                format!("{} / {}", check.held, check.rows),
            ));
        }
        if self.counts.rows_rejected > 0 {
            lines.push((pick("退回行数", "rows rejected"), self.counts.rows_rejected.to_string()));
        }
        if let Some(written) = &self.written {
            let entries = written.entries.to_string();
            lines.push((pick("写入日志条数", "journal entries written"), entries));
            lines.push((pick("无变化", "unchanged"), written.unchanged.to_string()));
        }
        lines
    }

    /// Issues by rule: the rule, how many, and the first few.
    #[must_use]
    pub fn issues_by_rule(&self, examples: usize) -> Vec<(&'static str, u64, Vec<String>)> {
        let of_rule = |count: &ingest::RuleCount| {
            let first = self.issues.iter().filter(|issue| issue.rule == count.rule && issue.severity == count.severity);
            (count.rule.code(), count.count, first.take(examples).map(ToString::to_string).collect())
        };
        self.counts.rules.iter().map(of_rule).collect()
    }

    /// One row with everything a program may want to know.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let outcomes: serde_json::Map<_, _> =
            self.deals.iter().map(|(outcome, (count, _))| ((*outcome).to_owned(), json!(count))).collect();
        let won_minor = self.deals.get(Outcome::Won.as_str()).map_or(0, |(_, minor)| *minor);
        let issues: Vec<_> = self.counts.rules.iter().map(rule_json).collect();
        let records: serde_json::Map<_, _> =
            self.counts.records.iter().map(|(kind, count)| (kind.table().to_owned(), json!(count))).collect();
        let row = json!({
            "import_id": self.import_id,
            "profile": self.profile,
            "opportunities": self.deals.values().map(|(count, _)| count).sum::<u64>(),
            "opportunities_known": self.known.as_ref().map(|known| known.deals),
            "elsewhere": self.known.as_ref().and_then(|known| known.elsewhere.as_ref()).map(
                |(source, found, of)| json!({"source": source, "found": found, "of": of}),
            ),
            "outcomes": outcomes,
            "won_amount_minor": i64::try_from(won_minor).map_or_else(|_| json!(won_minor.to_string()), |minor| json!(minor)),
            "currency": self.currency.to_string(),
            "records": records,
            "rows_read": self.counts.rows_read,
            "rows_rejected": self.counts.rows_rejected,
            "warnings": self.counts.warnings,
            "issues": issues,
            "entries": self.written.as_ref().map(|written| written.entries),
            "unchanged": self.written.as_ref().map(|written| written.unchanged),
        });
        json!({"terms": {"currency": self.currency.to_string()}, "rows": [row]})
    }
}

fn rule_json(count: &ingest::RuleCount) -> Value {
    json!({"rule": count.rule.code(), "severity": count.severity.as_str(), "count": count.count})
}

/// Writes the reject file: file, row, column, value, rule, message, hint.
///
/// # Errors
/// Those of `out`.
pub fn write_rejects(report: &ImportReport, mut out: impl io::Write) -> io::Result<u64> {
    let Some((scratch, listed)) = &report.rejects else { return ingest::write_rejects(out, &report.issues) };
    io::copy(&mut scratch.open()?, &mut out)?;
    Ok(*listed)
}

/// Whether a text begins as the list of rejected rows does: what is something else is not written over.
#[must_use]
pub fn is_reject_list(text: &[u8]) -> bool {
    ingest::is_reject_list(text)
}

/// What an undo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoReport {
    /// The import.
    pub import_id: i64,
    /// Records that are as they were before it.
    pub records: u64,
    /// Entries withdrawn.
    pub entries: u64,
    /// Records that people edited since, by kind, id and name.
    pub kept: Vec<String>,
}

impl UndoReport {
    pub(crate) async fn new(store: &Store, undo: Undo) -> Result<Self> {
        let mut kept = Vec::new();
        for survivor in &undo.survivors {
            let found = store.records(survivor.kind, &[survivor.record]).await?;
            let name = found.first().and_then(|record| record.text(name_field(survivor.kind)?)).unwrap_or_default();
            kept.push(format!("{} {} {name}", survivor.kind.as_str(), survivor.record).trim_end().to_owned());
        }
        Ok(Self { import_id: undo.import, records: undo.records.len() as u64, entries: undo.entries, kept })
    }

    /// One row.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row =
            json!({"import_id": self.import_id, "records": self.records, "entries": self.entries, "kept": self.kept});
        json!({"terms": {}, "rows": [row]})
    }
}

const fn name_field(kind: Kind) -> Option<domain::field::FieldId> {
    Some(match kind {
        Kind::Account => ids::ACCOUNT_NAME,
        Kind::Contact => ids::CONTACT_NAME,
        Kind::Product => ids::PRODUCT_NAME,
        Kind::Person => ids::PERSON_NAME,
        Kind::Team => ids::TEAM_NAME,
        Kind::Region => ids::REGION_NAME,
        Kind::Industry => ids::INDUSTRY_NAME,
        Kind::Channel => ids::CHANNEL_NAME,
        Kind::Campaign => ids::CAMPAIGN_NAME,
        Kind::Opportunity => ids::OPPORTUNITY_NAME,
        _ => return None,
    })
}
