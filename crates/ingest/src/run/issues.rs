//! Issues as they are found, counted by rule and bounded in number.

use std::collections::BTreeMap;

use super::row::Row;
use super::typer::Problem;
use crate::extract::RuleCount;
use crate::issue::{Fault, Issue, Refusal, Rule, Severity};
use crate::options::Options;

#[derive(Debug)]
pub(crate) struct Issues {
    pub(crate) list: Vec<Issue>,
    counts: BTreeMap<(Rule, Severity), u64>,
    pub(crate) rows_rejected: u64,
    pub(crate) warnings: u64,
    max_rejects: u64,
    max_warnings: usize,
    kept_warnings: usize,
}

impl Issues {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            list: Vec::new(),
            counts: BTreeMap::new(),
            rows_rejected: 0,
            warnings: 0,
            max_rejects: options.max_rejects,
            max_warnings: options.max_warnings,
            kept_warnings: 0,
        }
    }

    /// Notes the problems of a row and empties the list. Returns whether the row stays out.
    ///
    /// # Errors
    /// [`Fault::TooManyRejects`].
    pub(crate) fn take(&mut self, row: &Row<'_>, problems: &mut Vec<Problem>) -> Result<bool, Refusal> {
        let rejected = problems.iter().any(|problem| problem.severity == Severity::Reject);
        for problem in problems.drain(..) {
            self.note(row.file, row.number, problem);
        }
        if rejected {
            self.rows_rejected += 1;
            if self.rows_rejected > self.max_rejects {
                let first = self.list.iter().find(|issue| issue.severity == Severity::Reject);
                let first = first.map(ToString::to_string).unwrap_or_default();
                return Err(Fault::TooManyRejects { limit: self.max_rejects, first }.into());
            }
        }
        Ok(rejected)
    }

    /// Notes a problem that leaves its row in place.
    pub(crate) fn note(&mut self, file: &std::sync::Arc<str>, row: u64, problem: Problem) {
        let Problem { rule, severity, column, value, message } = problem;
        *self.counts.entry((rule, severity)).or_default() += 1;
        if severity == Severity::Warning {
            self.warnings += 1;
            if self.kept_warnings >= self.max_warnings {
                return;
            }
            self.kept_warnings += 1;
        }
        self.list.push(Issue {
            file: std::sync::Arc::clone(file),
            row,
            column,
            value: value.into(),
            rule,
            severity,
            message: message.into(),
        });
    }

    pub(crate) fn rules(&self) -> Vec<RuleCount> {
        let rule = |((rule, severity), count): (&(Rule, Severity), &u64)| RuleCount {
            rule: *rule,
            severity: *severity,
            count: *count,
        };
        self.counts.iter().map(rule).collect()
    }
}
