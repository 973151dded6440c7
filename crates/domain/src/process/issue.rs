//! What is wrong with a process file, said so that its author can mend it.

use std::fmt;

use serde::Serialize;

/// The rule that was broken; its word is stable, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The text is no TOML, or not of the format.
    Format,
    /// A key is written wrongly.
    Key,
    /// A key, code or role occurs twice.
    Duplicate,
    /// Something names what does not exist.
    Reference,
    /// The order of stages or roles is wrong.
    Order,
    /// Low and high stages do not fit the roles.
    Level,
    /// A probability is impossible, or wrong for its kind of stage.
    Probability,
    /// A number is impossible.
    Number,
    /// A text is missing in a language.
    Text,
    /// A full process lacks something.
    Missing,
    /// A condition cannot be read.
    Expr,
}

impl Rule {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Key => "key",
            Self::Duplicate => "duplicate",
            Self::Reference => "reference",
            Self::Order => "order",
            Self::Level => "level",
            Self::Probability => "probability",
            Self::Number => "number",
            Self::Text => "text",
            Self::Missing => "missing",
            Self::Expr => "expr",
        }
    }
}

/// Where in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The key of the stage, unless the whole process is meant.
    pub stage: Option<String>,
    /// The field, as a path inside the stage or the process (`exit.expr`, `actions.propose`).
    pub field: String,
}

impl Place {
    /// A field of the process itself.
    pub(super) fn process(field: impl Into<String>) -> Self {
        Self { line: None, stage: None, field: field.into() }
    }

    /// A field of a stage.
    pub(super) fn stage(key: &str, field: impl Into<String>) -> Self {
        Self { line: None, stage: Some(key.to_owned()), field: field.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.line.map(|line| format!("line {line}")),
            self.stage.as_ref().map(|stage| format!("stage {stage}")),
            (!self.field.is_empty()).then(|| self.field.clone()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        out.write_str(&parts.join(", "))
    }
}

/// One thing that is wrong with a process: where, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessIssue {
    /// Where.
    pub place: Place,
    /// The rule that was broken.
    pub rule: Rule,
    /// Why it is wrong.
    pub why: String,
    /// What to do about it.
    pub advice: String,
}

impl fmt::Display for ProcessIssue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} ({}); {}", self.place, self.why, self.rule.as_str(), self.advice)
    }
}

impl std::error::Error for ProcessIssue {}

/// Collects issues.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<ProcessIssue>);

impl Findings {
    pub(super) fn add(&mut self, place: Place, rule: Rule, why: impl Into<String>, advice: impl Into<String>) {
        self.0.push(ProcessIssue { place, rule, why: why.into(), advice: advice.into() });
    }

    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<ProcessIssue>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}
