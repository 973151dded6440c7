//! Mappings as they were kept before: tables of records were named by the field of the deals that refers to them, and a
//! log of events named the deals' table a second time.

use domain::Kind;
use domain::field::{self, FieldType};
use serde_json::Value;

use super::Mapping;

impl Mapping {
    /// Reads a mapping that was kept with an import, in today's shape or in that of before.
    ///
    /// # Errors
    /// It is none.
    pub fn from_kept(mut kept: Value) -> serde_json::Result<Self> {
        if let Some(Value::Object(lookups)) = kept.as_object_mut().and_then(|kept| kept.remove("lookups")) {
            kept["records"] = lookups.into_iter().filter_map(|(field, lookup)| records(&field, lookup)).collect();
        }
        let mut mapping: Self = serde_json::from_value(kept)?;
        let of_deals = mapping.table.as_ref().map(|table| (&table.file, &table.sheet));
        if let Some(history) = &mut mapping.history
            && history.table.as_ref().map(|table| (&table.file, &table.sheet)) == of_deals
        {
            history.table = None;
        }
        Ok(mapping)
    }
}

fn records(field: &str, mut lookup: Value) -> Option<Value> {
    let Some(FieldType::Ref(kind)) = field::named(Kind::Opportunity, field).map(|def| def.ty) else { return None };
    lookup["kind"] = kind.as_str().into();
    lookup["key"] = Value::Array(vec![lookup["key"].take()]);
    for column in lookup["fields"].as_object_mut()?.values_mut() {
        *column = serde_json::json!({"column": column.take()});
    }
    Some(lookup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_of_before_reads_with_its_tables_as_records() {
        let kept = serde_json::json!({
            "name": "crm", "table": {"file": "deals.csv"}, "key": ["Id"], "fields": {"account": {"column": "Customer"}},
            "process": "basic-five", "stages": {}, "outcomes": {}, "dates": ["iso"], "decimal_comma": false, "empty": [],
            "currency": "CNY", "zone": "UTC", "exported_on": "import",
            "lookups": {"account": {"table": {"file": "c.csv"}, "key": "No", "fields": {"name": "Name"}}},
        });
        let mapping = Mapping::from_kept(kept).expect("it reads");
        let [records] = mapping.records.as_slice() else { panic!("{mapping:?}") };
        assert_eq!(
            (records.kind.as_str(), records.table.file.as_str(), records.key.join("+")),
            ("account", "c.csv", "No".into())
        );
        assert_eq!(records.fields["name"].column, "Name");
        assert_eq!(mapping.table.as_ref().map(|table| table.file.as_str()), Some("deals.csv"));
        let again = serde_json::to_value(&mapping).expect("JSON");
        assert_eq!(Mapping::from_kept(again).expect("it reads"), mapping);
    }

    #[test]
    fn a_history_of_before_in_the_table_of_the_deals_is_a_log_of_events() {
        let kept = |deals: Value, history: Value| {
            let kept = serde_json::json!({
                "name": "log", "table": deals, "key": ["Case"], "fields": {}, "process": "basic-five", "currency": "CNY",
                "zone": "UTC", "exported_on": "import",
                "history": {"table": history, "deal": "Case", "at": "At", "fields": {"stage": {"column": "Activity"}}},
            });
            let mapping = Mapping::from_kept(kept).expect("it reads");
            let text = mapping.to_toml().expect("it is sound");
            (mapping.is_event_log(), text.contains("duplicates = \"same\""), text.contains("[tables.changes]"))
        };
        let log = || serde_json::json!({"file": "log.csv", "sheet": "S"});
        let cleaned = serde_json::json!({"file": "log.csv", "sheet": "S", "header_row": 1, "steps": [{"do": "trim"}]});
        assert_eq!(kept(log(), log()), (true, true, false));
        // Only the deals' table was told its steps.
        assert_eq!(kept(cleaned, log()), (true, true, false));
        assert_eq!(kept(log(), serde_json::json!({"file": "log.csv", "sheet": "T"})), (false, false, true));
        assert_eq!(kept(log(), serde_json::json!({"file": "changes.csv"})), (false, false, true));
    }
}
