//! Mappings as they were kept before: tables of records were named by the field of the deals that refers to them.

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
        serde_json::from_value(kept)
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
}
