//! A table of deals that is a log of events: a row an event, several of one deal, as XES has it and as many systems
//! export their history.

use std::collections::HashMap;

use domain::words::Text2;

use super::content::Content;
use super::stages::MOST_STAGES;
use super::tables::CHANGED_AT;
use super::{Suggestion, Table, columns, headings, words};
use crate::mapping::{History, MappedField, Mapping};

/// Headings of the case that an event belongs to, beside those of a deal's id.
const CASE: &str = "caseid case caseconceptname traceid 案例 案例编号 案件编号 流程编号 实例编号";
/// Headings of what happened, beside those of a stage.
const ACTIVITY: &str = "activity activityname event eventname conceptname task taskname action step 活动 活动名称 事件 事件名称 \
    环节 环节名称 节点 节点名称";
/// Headings of the moment, beside those of a change.
const HAPPENED_AT: &str = "timetimestamp timestamp eventtime eventdate completetime completedate starttime startdate occurredat \
    发生时间 发生日期 完成时间 开始时间 开始日期";
/// Rows a deal has in a log at the least, on average, in tenths.
const EVENTS_IN_TENTHS: usize = 13;

/// The columns that make a table a log of events.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventLog<'t> {
    pub(super) case: &'t Content<'t>,
    pub(super) activity: &'t Content<'t>,
    pub(super) at: &'t Content<'t>,
}

/// The log of events that a table is, if it is one.
pub(super) fn event_log<'t>(table: &'t Table<'t>) -> Option<EventLog<'t>> {
    let is_called = |content: &Content<'_>, words: &str| {
        let heading = words::folded(&content.column.name);
        words.split_whitespace().any(|word| word == heading)
    };
    let usable = || table.contents.iter().filter(|content| content.fill() >= 0.99);
    let comes_again = |content: &&Content<'_>| {
        let different = content.filled - content.repeated;
        different >= 2 && content.filled * 10 >= different * EVENTS_IN_TENTHS
    };
    let case = usable()
        .filter(|content| !content.is_date())
        .filter(comes_again)
        .find(|content| is_called(content, CASE) || headings::score("id", &content.column.name) >= columns::PLAIN)?;
    let at = usable().filter(|content| content.is_date()).find(|content| {
        is_called(content, HAPPENED_AT) || CHANGED_AT.contains(&words::folded(&content.column.name).as_str())
    })?;
    let is_activity = |content: &&Content<'_>| {
        let is_named = is_called(content, ACTIVITY) || headings::score("stage", &content.column.name) >= columns::PLAIN;
        is_named && content.is_few(MOST_STAGES) && varies(case, content)
    };
    let activity = usable().filter(|content| content.column.name != case.column.name).find(is_activity)?;
    Some(EventLog { case, activity, at })
}

/// Whether a case has more than one value of a column.
fn varies(case: &Content<'_>, content: &Content<'_>) -> bool {
    let mut first: HashMap<&str, &str> = HashMap::new();
    let mut pairs = case.column.values().zip(content.column.values()).filter(|(_, value)| !value.is_empty());
    pairs.any(|(case, value)| *first.entry(case).or_insert(value) != value)
}

impl EventLog<'_> {
    /// What the log's own columns say, in the place of what their headings say of a table with a row a deal.
    pub(super) fn take(&self, table: &Table<'_>, mapping: &mut Mapping, suggestions: &mut Vec<Suggestion>) {
        let own = [self.case, self.activity, self.at].map(|content| content.column.name.clone());
        // A date that differs among the events of a deal is one of theirs.
        let is_of_event = |field: &str, column: &str| {
            columns::is_date_field(field) && table.content(column).is_some_and(|content| varies(self.case, content))
        };
        mapping.fields.retain(|name, field| !own.contains(&field.column) && !is_of_event(name, &field.column));
        suggestions.retain(|found| mapping.fields.contains_key(&found.field));
        mapping.key = vec![own[0].clone()];
        mapping.fields.insert("stage".to_owned(), MappedField { column: own[1].clone(), ..MappedField::default() });
        let mut say = |column: &str, field: &str, why: Text2| {
            suggestions.push(Suggestion { column: column.to_owned(), field: field.to_owned(), score: 0.9, why });
        };
        say(
            &own[0],
            "id",
            Text2::new("一行是一个事件，同一编号的行是同一个商机", "a row is an event; rows with one id are one deal"),
        );
        say(&own[1], "stage", Text2::new("事件的名称，同一个商机有多个", "what happened; a deal has several"));
    }

    /// The log as the history of its deals: the stage, the outcome where it is read from the stage, and whatever else
    /// differs among the events of a deal.
    pub(super) fn history(&self, table: &Table<'_>, mapping: &Mapping) -> History {
        let is_told = |name: &str, field: &MappedField| {
            field.column == self.activity.column.name
                || table.content(&field.column).is_some_and(|content| varies(self.case, content))
                    && !columns::is_date_field(name)
        };
        let told = mapping.fields.iter().filter(|(name, field)| is_told(name, field));
        History {
            table: None,
            deal: self.case.column.name.clone(),
            at: self.at.column.name.clone(),
            fields: told.map(|(name, field)| (name.clone(), field.clone())).collect(),
        }
    }
}
