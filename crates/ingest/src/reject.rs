//! The reject file: what stayed out and why, as a table that opens in a spreadsheet.

use std::io;

use crate::issue::{Issue, Severity};

const HEAD: [&str; 9] = ["file", "row", "column", "value", "rule", "message", "hint", "原因", "建议"];
/// What a list has begun with so far, in every version.
const BEGINNING: &str = "file,row,column,value,rule,message,hint";

/// Whether a text begins as a reject file does.
#[must_use]
pub fn is_reject_list(text: &[u8]) -> bool {
    // A spreadsheet that has saved the list has marked it as UTF-8.
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).starts_with(BEGINNING.as_bytes())
}

/// Writes the rows that stayed out as CSV (file, row, column, value, rule, message, hint, and the last two in Chinese), in
/// the order they were found. Returns how many lines were written.
///
/// Cells that a spreadsheet would run as a formula are written with a leading apostrophe.
///
/// # Errors
/// Those of `out`.
pub fn write_rejects<W: io::Write>(out: W, issues: &[Issue]) -> io::Result<u64> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEAD)?;
    let mut written = 0;
    for issue in issues.iter().filter(|issue| issue.severity == Severity::Reject) {
        writer.write_record([
            inert(&issue.file).as_ref(),
            &issue.row.to_string(),
            inert(&issue.column).as_ref(),
            inert(&issue.value).as_ref(),
            issue.rule.code(),
            inert(&issue.message).as_ref(),
            issue.hint(),
            issue.rule.meaning_zh(),
            issue.rule.remedy_zh(),
        ])?;
        written += 1;
    }
    writer.flush()?;
    Ok(written)
}

fn inert(text: &str) -> std::borrow::Cow<'_, str> {
    match text.as_bytes().first() {
        Some(b'=' | b'+' | b'@' | b'\t' | b'\r') => format!("'{text}").into(),
        // A negative number is no formula.
        Some(b'-') if !text[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => format!("'{text}").into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::Rule;

    #[test]
    fn rejected_rows_are_written_and_formulas_made_inert() {
        let issue = |value: &str, severity| Issue {
            file: "a.csv".into(),
            row: 3,
            column: "Amount".into(),
            value: value.into(),
            rule: Rule::NotANumber,
            severity,
            message: "`x` is not a number".into(),
        };
        let issues =
            [issue("=1+1", Severity::Reject), issue("fine", Severity::Warning), issue("-5,\"x\"", Severity::Reject)];
        let mut out = Vec::new();
        assert_eq!(write_rejects(&mut out, &issues).expect("memory takes it"), 2);
        let text = String::from_utf8(out).expect("text");
        assert!(is_reject_list(text.as_bytes()) && is_reject_list(BEGINNING.as_bytes()) && !is_reject_list(b"Id,Name"));
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("file,row,column,value,rule,message,hint,原因,建议"));
        assert!(lines.next().expect("a line").starts_with("a.csv,3,Amount,'=1+1,not-a-number,"));
        assert!(text.contains("不是数字"), "{text}");
        assert!(lines.next().expect("a line").starts_with("a.csv,3,Amount,\"'-5,\"\"x\"\"\",not-a-number,"));
    }
}
