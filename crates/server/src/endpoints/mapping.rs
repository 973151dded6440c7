//! The shape of a mapping, for the document: requests are read as [`app::import::Mapping`] itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Both;

/// Where a table is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableChoice {
    /// The file's name in the upload.
    file: String,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    /// The row of the headings, from 1 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    header_row: Option<u32>,
    /// The encoding, where it is not found by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    /// The sign between fields, where it is not found by itself.
    #[schema(min_length = 1, max_length = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// What is done to the table before its rows are read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Step>, max_items = 200)]
    steps: Vec<serde_json::Value>,
}

/// A step: `do` says what it does, and what else it takes (docs/steps.md); `name` is for people.
#[derive(ToSchema)]
#[schema(value_type = Object, example = json!({"do": "trim"}))]
#[expect(dead_code, reason = "it stands in the document alone")]
pub(crate) struct Step(serde_json::Map<String, serde_json::Value>);

/// The column of a field, and how it is written where that is not plain.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedField {
    /// The heading; of deals also `account.Heading`, that of the record which their field `account` refers to (see
    /// `aliases`).
    column: String,
    /// What amounts are counted in: 10000 for 万.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<i64>,
    /// Probabilities are written 0 to 100.
    #[serde(default)]
    percent: bool,
    /// A zero means that nobody knows.
    #[serde(default)]
    zero_is_unknown: bool,
    /// Outcomes for which the column says this; all where empty.
    #[serde(default)]
    only: Vec<String>,
    /// How its dates are written, where not as the mapping says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dates: Vec<String>,
}

/// A table whose rows are records of a kind other than deals.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedRecords {
    /// What they are: the word of a kind, such as `payment`.
    kind: String,
    table: TableChoice,
    /// The columns that together tell one record from another.
    key: Vec<String>,
    /// A record may stand on several rows, the first of which tells what it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    repeats: bool,
    /// Fields of the kind, and their columns. References name keys, or what the records are called.
    fields: BTreeMap<String, MappedField>,
}

/// Rows each of which is a change of a deal.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    /// The table they stand in; that of the deals itself where absent, which is then a log of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<TableChoice>,
    /// Its column with the key of the deal.
    deal: String,
    /// Its column with the moment of the change.
    at: String,
    /// Fields that a change sets, and their columns.
    fields: BTreeMap<String, MappedField>,
}

/// A column of dates on which deals came to a stage, to an outcome, or both.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Milestone {
    /// The heading. A deal whose cell is empty has not come so far.
    column: String,
    /// The stage, a key of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// The outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

/// What it means to stand in a stage.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MappedKind {
    Open,
    Won,
    Lost,
    Cancelled,
    Parked,
    Post,
}

/// Early or late.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MappedLevel {
    Low,
    High,
}

/// The part that a stage plays for the dials.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MappedRole {
    None,
    Intent,
    Commit,
}

/// A stage of a process of the mapping's own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedStage {
    /// Small letters, digits, `-` and `_`.
    key: String,
    name: Both,
    kind: MappedKind,
    level: MappedLevel,
    /// The part it plays, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = MappedRole, required = false)]
    role: Option<MappedRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability_percent: Option<u32>,
}

/// A process of the mapping's own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnProcess {
    key: String,
    name: Both,
    /// In their order.
    stages: Vec<MappedStage>,
}

/// The key of a process that is there, or a process of the mapping's own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum MappedProcess {
    Key(String),
    Own(OwnProcess),
}

/// What a person says about their own table.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The name of the source: later files under the same name are of the same records.
    name: String,
    /// The table of deals, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<TableChoice>,
    /// The columns that together tell one deal from another.
    key: Vec<String>,
    /// What a second row with the same key is: `separate` for a deal of its own, `continue` for the same deal; absent,
    /// it stays out.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicates: Option<String>,
    /// Fields of the deals and their columns.
    fields: BTreeMap<String, MappedField>,
    /// Columns kept with the deal as they are.
    #[serde(default)]
    keep: Vec<String>,
    process: MappedProcess,
    /// Values of the stage's column and the stages they mean; empty for one that says nothing.
    stages: BTreeMap<String, String>,
    /// Values of the outcome's column and the outcomes they mean.
    outcomes: BTreeMap<String, String>,
    /// The outcome that any other value means.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_outcome: Option<String>,
    /// How dates are written: `iso`, or signs such as `%d/%m/%Y`, in the order they are tried.
    dates: Vec<String>,
    /// Whether a comma parts whole and fraction.
    decimal_comma: bool,
    /// Texts that mean nothing.
    empty: Vec<String>,
    currency: String,
    zone: String,
    /// The day on which open deals stood as the file says, `import` for that of the import, or `last-change`.
    exported_on: String,
    /// Tables of other records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    records: Vec<MappedRecords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<History>,
    /// Columns of dates that each tell when a deal came to a stage or an outcome, in the order in which that happens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    milestones: Vec<Milestone>,
    /// Further tables, by the names under which steps bring them in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tables: BTreeMap<String, TableChoice>,
    /// What stands before the dot in `account.Heading`, by the field that refers, where it is not the field's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    aliases: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use app::import as a;
    use domain::process::{Level, StageKind, StageRole};
    use domain::words::Text2;

    use super::*;

    #[test]
    fn the_document_describes_the_mapping_that_is_read() {
        let table = a::TableChoice {
            file: "f".into(),
            sheet: Some("s".into()),
            header_row: Some(2),
            encoding: Some("e".into()),
            delimiter: Some(';'),
            steps: vec![serde_json::from_value(serde_json::json!({"do": "trim"})).expect("a step")],
        };
        let field = a::MappedField {
            column: "c".into(),
            times: Some(2),
            percent: true,
            zero_is_unknown: true,
            only: vec!["open".into()],
            dates: vec!["month".into()],
        };
        let stage = a::MappedStage {
            key: "k".into(),
            name: Text2::new("甲", "A"),
            kind: StageKind::Open,
            level: Level::High,
            role: StageRole::Intent,
            probability_percent: Some(5),
        };
        let own = a::OwnProcess { key: "k".into(), name: Text2::new("甲", "A"), stages: vec![stage] };
        let text = |text: &str| text.to_owned();
        let full = a::Mapping {
            name: text("n"),
            table: Some(table.clone()),
            key: vec![text("c")],
            duplicates: Some(text("continue")),
            fields: [(text("name"), field.clone())].into(),
            keep: vec![text("d")],
            process: a::MappedProcess::Own(own),
            stages: [(text("v"), text("k"))].into(),
            outcomes: [(text("v"), text("won"))].into(),
            other_outcome: Some(text("open")),
            dates: vec![text("iso")],
            decimal_comma: true,
            empty: vec![text("-")],
            currency: text("CNY"),
            zone: text("UTC"),
            exported_on: text("last-change"),
            records: vec![a::MappedRecords {
                kind: text("account"),
                table: table.clone(),
                key: vec![text("k")],
                repeats: true,
                fields: [(text("name"), field.clone())].into(),
            }],
            tables: [(text("regions"), table.clone())].into(),
            aliases: [(text("account"), text("account2"))].into(),
            milestones: vec![a::Milestone { column: text("d"), stage: Some(text("k")), outcome: Some(text("won")) }],
            history: Some(a::History {
                table: Some(table),
                deal: text("d"),
                at: text("t"),
                fields: [(text("stage"), field)].into(),
            }),
        };
        let json = serde_json::to_value(&full).expect("JSON");
        let described: Mapping = serde_json::from_value(json.clone()).expect("the document knows every key");
        assert_eq!(serde_json::to_value(&described).expect("JSON"), json);
        let by_key = a::Mapping { process: a::MappedProcess::Key(text("basic-five")), ..full };
        let json = serde_json::to_value(&by_key).expect("JSON");
        assert!(serde_json::from_value::<Mapping>(json).is_ok());
    }
}
