//! A mapping where some of its tables are not there: a later month of a few tables only.

use domain::Kind;

use super::compile::{CHANGES, DEALS, reference};
use super::{MappedRecords, Mapping};

impl Mapping {
    /// The mapping without some of its tables, by the names that the profile has for them; what only those tell goes
    /// with them. What refers to their records still does: they may be there from before.
    #[must_use]
    pub fn without(mut self, missing: &[String]) -> Self {
        let is_missing = |name: &str| missing.iter().any(|missing| missing == name);
        if is_missing(DEALS) {
            self.table = None;
            self.history = None;
            for columns in [&mut self.key, &mut self.keep] {
                columns.clear();
            }
            for words in [&mut self.stages, &mut self.outcomes, &mut self.aliases] {
                words.clear();
            }
            (self.other_outcome, self.duplicates, self.milestones) = (None, None, Vec::new());
            self.fields.clear();
        } else if is_missing(CHANGES) {
            self.history = None;
        }
        let names = self.record_names();
        // Columns of a table that is gone, `account.Industry`: of a kind it is the first with one column as its key.
        let gone: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| {
                let joined = |records: &MappedRecords| records.kind == kind.as_str() && records.key.len() == 1;
                self.records.iter().position(joined).is_some_and(|at| is_missing(&names[at]))
            })
            .collect();
        let mut names = names.iter();
        self.records.retain(|_| names.next().is_none_or(|name| !is_missing(name)));
        self.tables.retain(|name, _| !is_missing(name));
        let prefixes: Vec<String> = self
            .fields
            .keys()
            .filter(|name| reference(name).is_some_and(|kind| gone.contains(&kind)))
            .map(|name| format!("{}.", self.aliases.get(name).unwrap_or(name)))
            .collect();
        let stays = |column: &str| prefixes.iter().all(|prefix| !column.starts_with(prefix));
        self.fields.retain(|_, field| stays(&field.column));
        self.keep.retain(|column| stays(column));
        self.milestones.retain(|milestone| stays(&milestone.column));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping() -> Mapping {
        let kept = serde_json::json!({
            "name": "crm", "table": {"file": "deals.csv"}, "key": ["Id"],
            "fields": {
                "account": {"column": "Customer"}, "industry": {"column": "account.Industry"},
                "stage": {"column": "Stage"}, "owner": {"column": "Rep"},
            },
            "keep": ["account.Site", "Note"], "process": "basic-five", "stages": {"New": "lead"},
            "currency": "CNY", "zone": "UTC", "exported_on": "import",
            "records": [
                {"kind": "account", "table": {"file": "customers.csv"}, "key": ["No"], "fields": {"name": {"column": "Name"}}},
                {"kind": "payment", "table": {"file": "june.csv"}, "key": ["Id"], "fields": {"amount_minor": {"column": "Sum"}}},
                {"kind": "payment", "table": {"file": "july.csv"}, "key": ["Id"], "fields": {"amount_minor": {"column": "Sum"}}},
            ],
            "history": {"table": {"file": "changes.csv"}, "deal": "Id", "at": "At", "fields": {"stage": {"column": "To"}}},
        });
        Mapping::from_kept(kept).expect("a mapping")
    }

    fn without(missing: &[&str]) -> Mapping {
        let missing: Vec<String> = missing.iter().map(|name| (*name).to_owned()).collect();
        let rest = mapping().without(&missing);
        rest.to_profile().expect("the rest is sound");
        rest
    }

    #[test]
    fn deals_without_their_customers_keep_the_reference_and_lose_the_customers_columns() {
        let rest = without(&["account"]);
        let fields: Vec<&str> = rest.fields.keys().map(String::as_str).collect();
        assert_eq!((fields, rest.keep), (vec!["account", "owner", "stage"], vec!["Note".to_owned()]));
        assert_eq!(rest.records.len(), 2);
    }

    #[test]
    fn of_two_tables_of_a_kind_the_one_that_is_there_stays() {
        let rest = without(&["payment", "changes"]);
        let files: Vec<&str> = rest.records.iter().map(|records| records.table.file.as_str()).collect();
        assert_eq!((files, rest.history), (vec!["customers.csv", "july.csv"], None));
    }

    #[test]
    fn without_its_deals_a_mapping_is_that_of_the_other_records() {
        let rest = without(&["deals", "changes", "account", "payment_2"]);
        assert!(rest.table.is_none() && rest.fields.is_empty() && rest.keep.is_empty() && rest.stages.is_empty());
        assert_eq!(rest.records.len(), 1);
    }
}
