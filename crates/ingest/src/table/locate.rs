//! Which files of the input are a table's.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::workbook::Kind;
use super::{Layout, Source};
use crate::issue::{Fault, Refusal};
use crate::profile::spec::{Format, TableSpec};

/// The files of a table, by name; none where it is optional and absent.
///
/// `input` is a folder or a single file, and `called` what messages say instead of its path. A single file is the table of a profile that has no other, whatever it
/// is called (`only`).
pub(crate) fn locate(
    name: &str,
    spec: &TableSpec,
    (input, called): (&Path, &str),
    only: bool,
    sheet: Option<&str>,
) -> Result<Vec<Source>, Refusal> {
    let folder = if input.is_dir() { input } else { input.parent().unwrap_or(Path::new(".")) };
    let unreadable = |error: std::io::Error| Fault::Unreadable { file: called.to_owned(), message: error.to_string() };
    let mut names = Vec::new();
    if input.is_dir() {
        for entry in fs::read_dir(input).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.path().is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    } else {
        names.extend(input.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    let any_name = only && !input.is_dir();
    for pattern in &spec.files {
        let matching: Vec<&String> = names.iter().filter(|name| any_name || matches(pattern, name)).collect();
        if !matching.is_empty() {
            return matching.into_iter().map(|name| source(spec, folder.join(name), name, sheet)).collect();
        }
    }
    if spec.optional {
        return Ok(Vec::new());
    }
    let (table, patterns, folder) = (name.to_owned(), spec.files.clone(), called.to_owned());
    Err(Fault::MissingFile { table, patterns, folder }.into())
}

fn source(spec: &TableSpec, path: PathBuf, name: &str, sheet: Option<&str>) -> Result<Source, Refusal> {
    let unreadable = |error: std::io::Error| Fault::Unreadable { file: name.to_owned(), message: error.to_string() };
    let bytes = fs::metadata(&path).map_err(unreadable)?.len();
    let format = match spec.format {
        Some(format) => format,
        None => found_format(&path, name).map_err(unreadable)?,
    };
    let book = |kind| Layout::Workbook { kind, sheet: sheet.map(str::to_owned).or_else(|| spec.sheet.clone()) };
    let layout = match format {
        Format::Csv => Layout::Delimited {
            delimiter: spec.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()),
            encoding: spec.encoding.clone(),
        },
        Format::Xlsx => book(Kind::Xlsx),
        Format::Xls => book(Kind::Xls),
        Format::Ods => book(Kind::Ods),
        Format::Parquet => Layout::Parquet,
        Format::Json => Layout::Json,
        Format::Xes => Layout::Xes,
    };
    Ok(Source { path, name: name.into(), bytes, header_row: u64::from(spec.header_row.unwrap_or(1)), layout })
}

/// One file by itself, read as its ending and its beginning tell.
pub(crate) fn single(path: &Path, name: &str, sheet: Option<&str>) -> Result<Source, Refusal> {
    source(&TableSpec::default(), path.to_owned(), name, sheet)
}

/// By the file's ending; by its first bytes where the ending says nothing.
fn found_format(path: &Path, name: &str) -> std::io::Result<Format> {
    let name = name.to_ascii_lowercase();
    let ending = name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.').map_or("", |(_, ending)| ending);
    Ok(match ending {
        "csv" | "tsv" | "tab" | "txt" => Format::Csv,
        "xlsx" | "xlsm" => Format::Xlsx,
        "xls" => Format::Xls,
        "ods" => Format::Ods,
        "parquet" | "pq" => Format::Parquet,
        "json" | "ndjson" | "jsonl" => Format::Json,
        "xes" => Format::Xes,
        _ => {
            let mut first = [0; 4];
            let read = fs::File::open(path)?.read(&mut first)?;
            match &first[..read] {
                b"PK\x03\x04" => Format::Xlsx,
                b"\xd0\xcf\x11\xe0" => Format::Xls,
                b"PAR1" => Format::Parquet,
                _ => Format::Csv,
            }
        }
    })
}

/// Whether `name` is what `pattern` says; `*` stands for anything, letters' case does not matter.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names() {
        for (pattern, name, yes) in [
            ("a.csv", "A.CSV", true),
            ("a.csv", "aa.csv", false),
            ("a.csv", "a.csv.bak", false),
            ("deals*.parquet", "deals.parquet", true),
            ("deals*.parquet", "deals-01.parquet", true),
            ("deals*.parquet", "deals-01.csv", false),
            ("*", "anything", true),
            ("*-x-*.csv", "a-x-b.csv", true),
            ("*-x-*.csv", "a-y-b.csv", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), yes, "{pattern} against {name}");
        }
    }
}
