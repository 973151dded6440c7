//! Fields of an organisation's own: what may be configured, and what a value of one is.
//!
//! A custom field is never taken away: it is retired, and what stands in records and in the journal stays. A field of
//! deals or customers whose values are few may be a dimension: deals are then grouped and filtered by it as they are by
//! region. Must not know where fields are stored.

use crate::field::{FieldId, FieldType, named};
use crate::id::Kind;
use crate::process::NamedValue;
use crate::words::Text2;

/// A field of an organisation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    /// Its id, from [`crate::field::FIRST_CUSTOM`] on.
    pub id: FieldId,
    /// The kind of record that carries it.
    pub kind: Kind,
    /// Its name in mapping files, JSON and SQL; unique in its kind, and never changed.
    pub name: String,
    /// Its type.
    pub ty: FieldType,
    /// What people call it.
    pub label: Text2,
    /// The values that it takes; any where empty.
    pub choices: Vec<NamedValue>,
    /// Whether pages ask for it when a record is made, and do not let it be emptied.
    pub required: bool,
    /// Whether deals are grouped and filtered by it.
    pub dimension: bool,
    /// Whether it is no longer asked for; what was written stays.
    pub retired: bool,
}

/// Why a field cannot be as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadField {
    /// The name has other signs than small letters, digits and `_`, begins with none of the letters, or is too long.
    Name,
    /// The name means something else already.
    Taken,
    /// A name for people is missing or too long.
    Label,
    /// The type is none that can be chosen.
    Type,
    /// The values are those of no field of choices, twice the same, too many, or have a bad key or name.
    Choices,
    /// It cannot be a dimension.
    Dimension,
}

/// Letters of a name at most.
pub const LONGEST_NAME: usize = 40;
/// Letters of a label at most.
pub const LONGEST_LABEL: usize = 60;
/// Values of a field of choices at most.
pub const MOST_CHOICES: usize = 200;
/// Letters of a value of a dimension at most.
pub const LONGEST_MEMBER: usize = 100;
/// Fields of an organisation's own at most: pages, forms and tables hold them all.
pub const MOST_FIELDS: usize = 300;

/// Stands before the name of a customer's field where deals are grouped by it.
pub const OF_ACCOUNT: &str = "account_";

/// What is no field of deals, and yet a word in groups, filters, mappings and SQL.
const RESERVED: [&str; 31] = [
    "account_id",
    "amount",
    "amount_class",
    "closed",
    "closed_at",
    "closed_on",
    "created",
    "created_at",
    "created_month",
    "created_on",
    "days_in_stage",
    "deal",
    "entries",
    "external_id",
    "id",
    "industry_top",
    "journey",
    "opportunity_id",
    "owner_id",
    "probability",
    "process_id",
    "product_id",
    "region_top",
    "rest",
    "stage_id",
    "stage_order",
    "stage_since_on",
    "team_id",
    "team_top",
    "version",
    "none",
];

impl CustomField {
    /// The name by which deals are grouped and filtered: a customer's field says whose it is.
    #[must_use]
    pub fn dimension_name(&self) -> String {
        if self.kind == Kind::Account { format!("{OF_ACCOUNT}{}", self.name) } else { self.name.clone() }
    }

    /// Whether deals are grouped and filtered by it now.
    #[must_use]
    pub const fn is_dimension(&self) -> bool {
        self.dimension && !self.retired
    }

    /// The key of the choice that somebody wrote: by its key, or by its name in either language. What has no choices
    /// takes any text.
    #[must_use]
    pub fn choice<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        choice(&self.choices, text)
    }

    /// Holds a field against what can be.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn check(&self) -> Result<(), BadField> {
        let named_well = |name: &str| {
            name.len() <= LONGEST_NAME
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        if !named_well(&self.name) {
            return Err(BadField::Name);
        }
        let of_account = self.kind == Kind::Opportunity && self.name.starts_with(OF_ACCOUNT);
        if named(self.kind, &self.name).is_some() || RESERVED.contains(&self.name.as_str()) || of_account {
            return Err(BadField::Taken);
        }
        let reads = |text: &str| {
            let length = text.trim().chars().count();
            (1..=LONGEST_LABEL).contains(&length) && !text.contains(char::is_control)
        };
        if !reads(&self.label.zh) || !reads(&self.label.en) {
            return Err(BadField::Label);
        }
        if !may_be_chosen(self.ty) {
            return Err(BadField::Type);
        }
        let mut keys: Vec<&str> = self.choices.iter().map(|choice| choice.key.as_str()).collect();
        keys.sort_unstable();
        let apart = keys.windows(2).all(|pair| pair[0] != pair[1]);
        let each = |choice: &NamedValue| {
            reads(&choice.key)
                && choice.key.trim() == choice.key
                && !choice.key.starts_with('#')
                && reads(&choice.name.zh)
                && reads(&choice.name.en)
        };
        let of_text = self.choices.is_empty() || self.ty == FieldType::Text;
        if !of_text || !apart || self.choices.len() > MOST_CHOICES || !self.choices.iter().all(each) {
            return Err(BadField::Choices);
        }
        if self.dimension && !may_be_dimension(self.kind, self.ty) {
            return Err(BadField::Dimension);
        }
        Ok(())
    }
}

/// The key of the choice that somebody wrote: by its key, or by its name in either language, whatever the case of its
/// letters. Without choices, the text.
#[must_use]
pub fn choice<'a>(choices: &'a [NamedValue], text: &'a str) -> Option<&'a str> {
    if choices.is_empty() {
        return Some(text);
    }
    let exact = choices.iter().find(|choice| choice.key == text);
    let wanted = text.trim().to_lowercase();
    let named = |choice: &&NamedValue| {
        [&choice.key, &choice.name.zh, &choice.name.en].into_iter().any(|name| name.trim().to_lowercase() == wanted)
    };
    exact.or_else(|| choices.iter().find(named)).map(|choice| choice.key.as_str())
}

/// Whether a field of an organisation's own may have this type.
#[must_use]
pub const fn may_be_chosen(ty: FieldType) -> bool {
    matches!(
        ty,
        FieldType::Text
            | FieldType::Int
            | FieldType::AmountMinor
            | FieldType::Day
            | FieldType::Bool
            | FieldType::Ref(
                Kind::Account
                    | Kind::Product
                    | Kind::Person
                    | Kind::Team
                    | Kind::Region
                    | Kind::Industry
                    | Kind::Channel
                    | Kind::Campaign
            )
    )
}

/// Whether deals may be grouped by a field: one of deals or customers, of texts or of records that deals are grouped by.
#[must_use]
pub const fn may_be_dimension(kind: Kind, ty: FieldType) -> bool {
    matches!(kind, Kind::Opportunity | Kind::Account)
        && matches!(ty, FieldType::Text | FieldType::Ref(_))
        && may_be_chosen(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, ty: FieldType) -> CustomField {
        CustomField {
            id: FieldId(1000),
            kind: Kind::Opportunity,
            name: name.to_owned(),
            ty,
            label: Text2::new("档次", "Tier"),
            choices: Vec::new(),
            required: false,
            dimension: false,
            retired: false,
        }
    }

    fn named_value(key: &str, zh: &str, en: &str) -> NamedValue {
        NamedValue { key: key.to_owned(), name: Text2::new(zh, en) }
    }

    #[test]
    fn names_are_plain_and_nobody_elses() {
        for (name, expected) in [
            ("tier", Ok(())),
            ("tier_2", Ok(())),
            ("", Err(BadField::Name)),
            ("Tier", Err(BadField::Name)),
            ("2tier", Err(BadField::Name)),
            ("档次", Err(BadField::Name)),
            ("a-b", Err(BadField::Name)),
            ("region", Err(BadField::Taken)),
            ("created_month", Err(BadField::Taken)),
            ("account_tier", Err(BadField::Taken)),
        ] {
            assert_eq!(field(name, FieldType::Text).check(), expected, "{name}");
        }
        assert_eq!(field(&"a".repeat(41), FieldType::Text).check(), Err(BadField::Name));
        assert_eq!(
            CustomField { kind: Kind::Account, ..field("tier", FieldType::Text) }.dimension_name(),
            "account_tier"
        );
    }

    #[test]
    fn choices_belong_to_texts_and_differ() {
        let with = |choices: Vec<NamedValue>, ty| CustomField { choices, ..field("tier", ty) }.check();
        let (a, b) = (named_value("a", "甲", "A"), named_value("b", "乙", "B"));
        assert_eq!(with(vec![a.clone(), b.clone()], FieldType::Text), Ok(()));
        assert_eq!(with(vec![a.clone(), a.clone()], FieldType::Text), Err(BadField::Choices));
        assert_eq!(with(vec![a], FieldType::Int), Err(BadField::Choices));
        assert_eq!(with(vec![named_value("#1", "甲", "A")], FieldType::Text), Err(BadField::Choices));
        assert_eq!(with(vec![named_value("x", "", "A")], FieldType::Text), Err(BadField::Choices));
    }

    #[test]
    fn a_choice_is_found_by_key_or_name() {
        let tier = CustomField {
            choices: vec![named_value("gold", "金", "Gold"), named_value("Silver", "银", "gold plated")],
            ..field("tier", FieldType::Text)
        };
        for (written, key) in [
            ("gold", Some("gold")),
            ("金", Some("gold")),
            (" GOLD ", Some("gold")),
            ("Gold Plated", Some("Silver")),
            ("tin", None),
        ] {
            assert_eq!(tier.choice(written), key, "{written}");
        }
        assert_eq!(field("note", FieldType::Text).choice("anything"), Some("anything"));
    }

    #[test]
    fn only_texts_and_references_of_deals_and_customers_are_dimensions() {
        assert!(may_be_dimension(Kind::Account, FieldType::Text));
        assert!(may_be_dimension(Kind::Opportunity, FieldType::Ref(Kind::Region)));
        assert!(!may_be_dimension(Kind::Opportunity, FieldType::Int));
        assert!(!may_be_dimension(Kind::Contact, FieldType::Text));
        assert!(!may_be_chosen(FieldType::Ref(Kind::Contact)) && !may_be_chosen(FieldType::Json));
        let wrong = CustomField { dimension: true, ..field("since", FieldType::Day) };
        assert_eq!(wrong.check(), Err(BadField::Dimension));
    }
}
