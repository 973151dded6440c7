//! TOML text → checked process.
//!
//! A file is read in one go, so its shape gives one issue; conditions are looked at before, each on
//! its own, and the rules of [`super::checks`] after it, so that an author sees all of those at once.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::checks;
use super::expr::Expr;
use super::issue::{Findings, Place, ProcessIssue, Rule};
use super::{Process, ReasonBook};

/// Reads and checks a process.
///
/// # Errors
/// Everything that is wrong with it, by place.
pub fn load(text: &str) -> Result<Process, Vec<ProcessIssue>> {
    let mut table: Table = shape(text)?;
    let mut found = Findings::default();
    take_bad_conditions(&mut table, &mut found);
    // Only reading the text itself tells the line of a fault.
    let process: Process = if found.0.is_empty() {
        shape(text)?
    } else {
        match table.try_into() {
            Ok(process) => process,
            Err(error) => {
                found.0.push(format_issue(text, &error));
                return Err(found.0);
            }
        }
    };
    checks::all(&process, ReasonBook::common(), &mut found);
    found.into_result(process)
}

/// Reads any of the files of this module into its type.
pub(super) fn shape<T: DeserializeOwned>(text: &str) -> Result<T, Vec<ProcessIssue>> {
    toml::from_str(text).map_err(|error| vec![format_issue(text, &error)])
}

fn format_issue(text: &str, error: &toml::de::Error) -> ProcessIssue {
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    let stage = line.and_then(|line| stage_at(text, line));
    ProcessIssue {
        place: Place { line, stage, field: String::new() },
        rule: Rule::Format,
        why: error.message().trim().to_owned(),
        advice: "compare with a ready-made process, and with the description of the format".to_owned(),
    }
}

/// The key of the stage whose part of the file a line lies in.
fn stage_at(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().take(line).rposition(|line| line.trim() == "[[stages]]")?;
    let key = lines[begin + 1..]
        .iter()
        .take_while(|line| !line.trim_start().starts_with('['))
        .find_map(|line| line.trim().strip_prefix("key")?.trim_start().strip_prefix('='))?;
    Some(key.trim().trim_matches('"').to_owned())
}

/// Conditions that cannot be read are noted and taken out.
fn take_bad_conditions(table: &mut Table, found: &mut Findings) {
    let Some(Value::Array(stages)) = table.get_mut("stages") else { return };
    for stage in stages.iter_mut().filter_map(Value::as_table_mut) {
        let key = stage.get("key").and_then(Value::as_str).unwrap_or("?").to_owned();
        let Some(Value::Table(exit)) = stage.get_mut("exit") else { continue };
        let Some(Value::String(source)) = exit.get("expr") else { continue };
        let Err(error) = Expr::parse(source) else { continue };
        found.add(
            Place::stage(&key, "exit.expr"),
            Rule::Expr,
            format!("{source:?} is no condition: {error}"),
            "write comparisons of fields such as `amount_minor > 0`, joined by and, or, not",
        );
        exit.remove("expr");
    }
}
