//! How dates are written, and the day that a file of deals speaks of.

use domain::words::Text2;

use super::content::{self, Content};
use super::{Circumstances, Table, columns};
use crate::mapping::Mapping;
use crate::profile::OF_IMPORT;
use crate::value::date::{Clock, Formats};

/// Days after which a file is taken to be of the past, and not of today.
const STALE_DAYS: i32 = 45;

/// The writings of all dates that are read.
pub(super) fn dates(table: &Table<'_>, others: &[Table<'_>], mapping: &mut Mapping, notes: &mut Vec<Text2>) {
    let dates = mapping.fields.iter().filter(|(name, _)| columns::is_date_field(name));
    let own = dates.filter_map(|(_, field)| table.content(&field.column));
    let history = mapping.history.as_ref();
    let other = history.and_then(|history| {
        let Some(changes) = &history.table else { return table.content(&history.at) };
        others.iter().find(|other| other.choice() == *changes)?.content(&history.at)
    });
    let milestones = mapping.milestones.iter().filter_map(|milestone| table.content(&milestone.column));
    let mut read: Vec<&Content<'_>> = own.chain(other).chain(milestones).collect();
    read.dedup_by_key(|content| content.column.name.as_str());
    mapping.dates = written(&read, mapping.currency == "USD", notes);
    if mapping.dates.is_empty() {
        mapping.dates = vec!["iso".to_owned()];
    }
}

/// How the dates of some columns are written; what cannot be told is noted.
pub(super) fn written(read: &[&Content<'_>], month_first: bool, notes: &mut Vec<Text2>) -> Vec<String> {
    let ambiguous = read.iter().any(|content| content.date_forms.len() > 1)
        && !read.iter().any(|content| content.date_forms.len() == 1 && content.date_forms[0] >= 4);
    let forms = content::common_forms(read, month_first);
    if let Some(form) = forms.first().filter(|_| ambiguous) {
        notes.push(Text2::new(
            format!("日期里日和月分不清，暂按 {form} 读：请核对"),
            format!("day and month cannot be told apart in the dates; they are read as {form}: check that"),
        ));
    }
    forms
}

/// The day of the export: that of the import, unless the newest deals are older than some weeks.
pub(super) fn exported_on(
    table: &Table<'_>,
    mapping: &Mapping,
    around: &Circumstances<'_>,
    notes: &mut Vec<Text2>,
) -> String {
    let today = OF_IMPORT.to_owned();
    let Ok(formats) = Formats::new(&mapping.dates) else { return today };
    let Some(created) = mapping.fields.get("created").and_then(|field| table.content(&field.column)) else {
        return today;
    };
    let clock = Clock::new(domain::Calendar::new(around.zone));
    let days = created.values.iter().filter_map(|(value, _)| formats.read(crate::table::Cell::Text(value)).ok());
    let latest = days.map(|stamp| clock.day(stamp)).max();
    match latest {
        Some(latest) if around.today.since(latest) > STALE_DAYS && !has_future_closes(table, mapping, around) => {
            notes.push(Text2::new(
                format!(
                    "最新的创建日期是 {latest}：未结束的商机按文件里最新的一天看待。若文件是之后导出的，请填写导出日期"
                ),
                format!(
                    "the newest deal was created on {latest}: open deals are taken to stand as of the newest day in \
                     the file; if it was exported later, give that day"
                ),
            ));
            "last-change".to_owned()
        }
        _ => today,
    }
}

/// Whether a deal is said to have closed after today: then the last change is no day of the past.
fn has_future_closes(table: &Table<'_>, mapping: &Mapping, around: &Circumstances<'_>) -> bool {
    let content = |field: &str| mapping.fields.get(field).and_then(|field| table.content(&field.column));
    let (Some(closed), Some(outcome)) = (content("closed"), content("outcome")) else { return false };
    let Ok(formats) = Formats::new(&mapping.dates) else { return false };
    let clock = Clock::new(domain::Calendar::new(around.zone));
    closed.column.values().zip(outcome.column.values()).any(|(closed, outcome)| {
        let meaning = mapping.outcomes.get(outcome).or(mapping.other_outcome.as_ref());
        meaning.is_some_and(|word| word != "open")
            && formats.read(crate::table::Cell::Text(closed)).is_ok_and(|stamp| clock.day(stamp) > around.today)
    })
}
