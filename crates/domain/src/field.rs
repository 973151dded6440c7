//! The registry of fields: what each kind of record may carry, of which type, and where it is kept.
//!
//! Built-in fields have ids below [`FIRST_CUSTOM`]; ids are stored, so the table is only appended to.
//! Custom fields are registered per database and take ids from there on.

use serde::{Deserialize, Serialize};

use crate::id::{Kind, RecordId};
use crate::money::MOST_MINOR;

/// A field's id, unique over all kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldId(pub u16);

/// The first id of custom fields.
pub const FIRST_CUSTOM: u16 = 1000;

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Any text.
    Text,
    /// Text about a person: kept in the vault, so that it can be erased.
    Personal,
    /// A whole number.
    Int,
    /// Money in minor units of the record's currency.
    AmountMinor,
    /// A share in millionths.
    Ppm,
    /// A business date, as days since 1970-01-01.
    Day,
    /// An instant, in microseconds since 1970-01-01T00:00:00Z.
    At,
    /// Yes or no.
    Bool,
    /// Another record.
    Ref(Kind),
    /// A version of a process.
    Process,
    /// A stage.
    Stage,
    /// An [`crate::Outcome`] by code.
    Outcome,
    /// A packed [`crate::Currency`].
    Currency,
    /// A list or an object.
    Json,
}

/// A value as the journal holds it. Dates, amounts, codes and shares are whole numbers; the field's type
/// says which.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Asserted to be empty.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number, date, instant, amount, share or code.
    Int(i64),
    /// A text.
    Text(Box<str>),
    /// Another record.
    Ref(RecordId),
    /// JSON, in its written form.
    Json(Box<str>),
}

/// A field of one kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDef {
    /// Its id.
    pub id: FieldId,
    /// The kind of record that carries it.
    pub kind: Kind,
    /// Its name in mapping files, JSON and SQL.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
}

macro_rules! fields {
    ($($id:literal $kind:ident $const:ident $name:literal $ty:expr;)*) => {
        /// Ids of the built-in fields, named `KIND_FIELD`.
        pub mod ids {
            use super::FieldId;
            $(#[doc = concat!("`", $name, "` of ", stringify!($kind), ".")] pub const $const: FieldId = FieldId($id);)*
        }
        /// Every built-in field, by ascending id.
        pub const BUILTIN: &[FieldDef] = &[
            $(FieldDef { id: FieldId($id), kind: Kind::$kind, name: $name, ty: $ty },)*
        ];
    };
}

use FieldType as T;
fields! {
    1 Opportunity OPPORTUNITY_STAGE "stage" T::Stage;
    2 Opportunity OPPORTUNITY_OUTCOME "outcome" T::Outcome;
    3 Opportunity OPPORTUNITY_AMOUNT "amount_minor" T::AmountMinor;
    4 Opportunity OPPORTUNITY_CURRENCY "currency" T::Currency;
    5 Opportunity OPPORTUNITY_OWNER "owner" T::Ref(Kind::Person);
    6 Opportunity OPPORTUNITY_TEAM "team" T::Ref(Kind::Team);
    7 Opportunity OPPORTUNITY_EXPECTED_CLOSE "expected_close_on" T::Day;
    8 Opportunity OPPORTUNITY_PROBABILITY "probability_ppm" T::Ppm;
    20 Opportunity OPPORTUNITY_NAME "name" T::Text;
    21 Opportunity OPPORTUNITY_PROCESS "process" T::Process;
    22 Opportunity OPPORTUNITY_ACCOUNT "account" T::Ref(Kind::Account);
    23 Opportunity OPPORTUNITY_PRODUCT "product" T::Ref(Kind::Product);
    24 Opportunity OPPORTUNITY_REGION "region" T::Ref(Kind::Region);
    25 Opportunity OPPORTUNITY_INDUSTRY "industry" T::Ref(Kind::Industry);
    26 Opportunity OPPORTUNITY_CHANNEL "channel" T::Ref(Kind::Channel);
    27 Opportunity OPPORTUNITY_CAMPAIGN "campaign" T::Ref(Kind::Campaign);
    28 Opportunity OPPORTUNITY_CONTACT "contact" T::Ref(Kind::Contact);
    29 Opportunity OPPORTUNITY_INVESTMENT "investment_minor" T::AmountMinor;
    30 Opportunity OPPORTUNITY_AMOUNT_SOURCE "amount_source" T::Text;
    31 Opportunity OPPORTUNITY_TAX_INCLUDED "tax_included" T::Bool;
    32 Opportunity OPPORTUNITY_PARTIES "parties" T::Json;
    33 Opportunity OPPORTUNITY_SUPPLY_LIST "supply_list" T::Json;
    34 Opportunity OPPORTUNITY_REASON "reason" T::Text;
    35 Opportunity OPPORTUNITY_COMPETITORS "competitors" T::Json;
    36 Opportunity OPPORTUNITY_NEXT_STEP "next_step" T::Text;
    37 Opportunity OPPORTUNITY_NEXT_STEP_ON "next_step_on" T::Day;
    38 Opportunity OPPORTUNITY_NEXT_CONTACT_ON "next_contact_on" T::Day;
    39 Opportunity OPPORTUNITY_FORECAST "forecast_category" T::Text;
    40 Opportunity OPPORTUNITY_SOURCE_CHANNEL "source_channel" T::Text;
    41 Opportunity OPPORTUNITY_BUSINESS_OWNER "business_owner" T::Text;
    42 Opportunity OPPORTUNITY_PAIN "pain" T::Text;
    43 Opportunity OPPORTUNITY_BUDGET_RANGE "budget_range" T::Text;
    44 Opportunity OPPORTUNITY_SALES_COST_BUDGET "sales_cost_budget_minor" T::AmountMinor;
    45 Opportunity OPPORTUNITY_FACTS "facts" T::Json;

    100 Account ACCOUNT_NAME "name" T::Text;
    101 Account ACCOUNT_ALIASES "aliases" T::Json;
    102 Account ACCOUNT_INDUSTRY "industry" T::Ref(Kind::Industry);
    103 Account ACCOUNT_REGION "region" T::Ref(Kind::Region);
    104 Account ACCOUNT_COUNTRY "country" T::Text;
    105 Account ACCOUNT_OWNER "owner" T::Ref(Kind::Person);
    106 Account ACCOUNT_GRADE "grade" T::Text;
    107 Account ACCOUNT_TAX_NUMBER "tax_number" T::Text;
    108 Account ACCOUNT_EMPLOYEES "employees" T::Int;
    109 Account ACCOUNT_REVENUE "revenue_minor" T::AmountMinor;
    110 Account ACCOUNT_CURRENCY "currency" T::Currency;
    111 Account ACCOUNT_PARENT "parent" T::Ref(Kind::Account);
    112 Account ACCOUNT_DOMAIN "domain" T::Text;
    113 Account ACCOUNT_PHONE "phone" T::Personal;
    114 Account ACCOUNT_ADDRESS "address" T::Personal;
    115 Account ACCOUNT_SEGMENT "segment" T::Text;
    116 Account ACCOUNT_INDUSTRY_INFERRED "industry_inferred" T::Ref(Kind::Industry);
    117 Account ACCOUNT_INDUSTRY_CONFIDENCE "industry_confidence_ppm" T::Ppm;

    150 Contact CONTACT_NAME "name" T::Personal;
    151 Contact CONTACT_PHONE "phone" T::Personal;
    152 Contact CONTACT_EMAIL "email" T::Personal;
    153 Contact CONTACT_POST "post" T::Text;
    154 Contact CONTACT_ACCOUNT "account" T::Ref(Kind::Account);
    155 Contact CONTACT_ROLE "role" T::Text;

    200 Product PRODUCT_NAME "name" T::Text;
    201 Product PRODUCT_CODE "code" T::Text;
    202 Product PRODUCT_CATEGORY "category" T::Text;
    203 Product PRODUCT_PRICE "price_minor" T::AmountMinor;
    204 Product PRODUCT_CURRENCY "currency" T::Currency;

    250 Person PERSON_NAME "name" T::Personal;
    251 Person PERSON_EMAIL "email" T::Personal;
    252 Person PERSON_TEAM "team" T::Ref(Kind::Team);
    253 Person PERSON_MANAGER "manager" T::Ref(Kind::Person);
    254 Person PERSON_ROLE "role" T::Text;
    255 Person PERSON_ACTIVE "active" T::Bool;

    300 Team TEAM_NAME "name" T::Text;
    301 Team TEAM_PARENT "parent" T::Ref(Kind::Team);

    320 Region REGION_NAME "name" T::Text;
    321 Region REGION_PARENT "parent" T::Ref(Kind::Region);
    322 Region REGION_COUNTRY "country" T::Text;

    340 Industry INDUSTRY_NAME "name" T::Text;
    341 Industry INDUSTRY_PARENT "parent" T::Ref(Kind::Industry);

    360 Channel CHANNEL_NAME "name" T::Text;
    361 Channel CHANNEL_TRUSTED "trusted" T::Bool;
    362 Channel CHANNEL_TYPE "type" T::Text;

    380 Campaign CAMPAIGN_NAME "name" T::Text;
    381 Campaign CAMPAIGN_TYPE "type" T::Text;
    382 Campaign CAMPAIGN_CHANNEL "channel" T::Ref(Kind::Channel);
    383 Campaign CAMPAIGN_COST "cost_minor" T::AmountMinor;
    384 Campaign CAMPAIGN_CURRENCY "currency" T::Currency;

    400 DealLine DEAL_LINE_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    401 DealLine DEAL_LINE_PRODUCT "product" T::Ref(Kind::Product);
    402 DealLine DEAL_LINE_AMOUNT "amount_minor" T::AmountMinor;
    403 DealLine DEAL_LINE_CURRENCY "currency" T::Currency;
    404 DealLine DEAL_LINE_QUANTITY "quantity_milli" T::Int;
    405 DealLine DEAL_LINE_PRIMARY "is_primary" T::Bool;

    430 Activity ACTIVITY_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    431 Activity ACTIVITY_ACCOUNT "account" T::Ref(Kind::Account);
    432 Activity ACTIVITY_CONTACT "contact" T::Ref(Kind::Contact);
    433 Activity ACTIVITY_PERSON "person" T::Ref(Kind::Person);
    434 Activity ACTIVITY_TYPE "type" T::Text;
    435 Activity ACTIVITY_AT "at" T::At;
    436 Activity ACTIVITY_DONE "done" T::Bool;
    437 Activity ACTIVITY_NOTE "note" T::Text;

    460 Expense EXPENSE_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    461 Expense EXPENSE_ACCOUNT "account" T::Ref(Kind::Account);
    462 Expense EXPENSE_PERSON "person" T::Ref(Kind::Person);
    463 Expense EXPENSE_TYPE "type" T::Text;
    464 Expense EXPENSE_AMOUNT "amount_minor" T::AmountMinor;
    465 Expense EXPENSE_CURRENCY "currency" T::Currency;
    466 Expense EXPENSE_ON "spent_on" T::Day;
    467 Expense EXPENSE_CAMPAIGN "campaign" T::Ref(Kind::Campaign);
    468 Expense EXPENSE_CHANNEL "channel" T::Ref(Kind::Channel);

    490 MetricValue METRIC_VALUE_METRIC "metric" T::Text;
    491 MetricValue METRIC_VALUE_ON "measured_on" T::Day;
    492 MetricValue METRIC_VALUE_PROCESS "process" T::Process;
    493 MetricValue METRIC_VALUE_STAGE "stage" T::Stage;
    494 MetricValue METRIC_VALUE_CHANNEL "channel" T::Ref(Kind::Channel);
    495 MetricValue METRIC_VALUE_CAMPAIGN "campaign" T::Ref(Kind::Campaign);
    496 MetricValue METRIC_VALUE_PRODUCT "product" T::Ref(Kind::Product);
    497 MetricValue METRIC_VALUE_VALUE "value_milli" T::Int;
    498 MetricValue METRIC_VALUE_TARGET "target_milli" T::Int;
    499 MetricValue METRIC_VALUE_ORIGIN "origin" T::Text;

    520 Target TARGET_FROM "from_on" T::Day;
    521 Target TARGET_TO "to_on" T::Day;
    522 Target TARGET_PROCESS "process" T::Process;
    523 Target TARGET_STAGE "stage" T::Stage;
    524 Target TARGET_PERSON "person" T::Ref(Kind::Person);
    525 Target TARGET_TEAM "team" T::Ref(Kind::Team);
    526 Target TARGET_REGION "region" T::Ref(Kind::Region);
    527 Target TARGET_PRODUCT "product" T::Ref(Kind::Product);
    528 Target TARGET_INDUSTRY "industry" T::Ref(Kind::Industry);
    529 Target TARGET_CHANNEL "channel" T::Ref(Kind::Channel);
    530 Target TARGET_AMOUNT "amount_minor" T::AmountMinor;
    531 Target TARGET_CURRENCY "currency" T::Currency;
    532 Target TARGET_COUNT "deals" T::Int;

    550 Lead LEAD_NAME "name" T::Personal;
    551 Lead LEAD_COMPANY "company" T::Text;
    552 Lead LEAD_STATUS "status" T::Text;
    553 Lead LEAD_CHANNEL "channel" T::Ref(Kind::Channel);
    554 Lead LEAD_CAMPAIGN "campaign" T::Ref(Kind::Campaign);
    555 Lead LEAD_ACCOUNT "account" T::Ref(Kind::Account);
    556 Lead LEAD_CONTACT "contact" T::Ref(Kind::Contact);
    557 Lead LEAD_OWNER "owner" T::Ref(Kind::Person);
    558 Lead LEAD_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    559 Lead LEAD_FIRST_CONTACT_ON "first_contact_on" T::Day;
    560 Lead LEAD_VERIFIED_ON "verified_on" T::Day;
    561 Lead LEAD_CLOSED_ON "closed_on" T::Day;
    562 Lead LEAD_REASON "reason" T::Text;
    563 Lead LEAD_PHONE "phone" T::Personal;
    564 Lead LEAD_EMAIL "email" T::Personal;
    565 Lead LEAD_REGION "region" T::Ref(Kind::Region);
    566 Lead LEAD_INDUSTRY "industry" T::Ref(Kind::Industry);

    580 Contract CONTRACT_NUMBER "number" T::Text;
    581 Contract CONTRACT_ACCOUNT "account" T::Ref(Kind::Account);
    582 Contract CONTRACT_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    583 Contract CONTRACT_AMOUNT "amount_minor" T::AmountMinor;
    584 Contract CONTRACT_CURRENCY "currency" T::Currency;
    585 Contract CONTRACT_SIGNED_ON "signed_on" T::Day;
    586 Contract CONTRACT_BEGINS_ON "begins_on" T::Day;
    587 Contract CONTRACT_ENDS_ON "ends_on" T::Day;
    588 Contract CONTRACT_STATUS "status" T::Text;
    589 Contract CONTRACT_SIGNED_WITH "signed_with" T::Text;

    600 Order ORDER_NUMBER "number" T::Text;
    601 Order ORDER_ACCOUNT "account" T::Ref(Kind::Account);
    602 Order ORDER_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    603 Order ORDER_CONTRACT "contract" T::Ref(Kind::Contract);
    604 Order ORDER_ORDERED_ON "ordered_on" T::Day;
    605 Order ORDER_AMOUNT "amount_minor" T::AmountMinor;
    606 Order ORDER_FREIGHT "freight_minor" T::AmountMinor;
    607 Order ORDER_TAX "tax_minor" T::AmountMinor;
    608 Order ORDER_CURRENCY "currency" T::Currency;
    609 Order ORDER_STATUS "status" T::Text;
    610 Order ORDER_PROMISED_ON "promised_on" T::Day;
    611 Order ORDER_DELIVERED_ON "delivered_on" T::Day;

    620 OrderLine ORDER_LINE_ORDER "order" T::Ref(Kind::Order);
    621 OrderLine ORDER_LINE_PRODUCT "product" T::Ref(Kind::Product);
    622 OrderLine ORDER_LINE_ACCOUNT "account" T::Ref(Kind::Account);
    623 OrderLine ORDER_LINE_AMOUNT "amount_minor" T::AmountMinor;
    624 OrderLine ORDER_LINE_FREIGHT "freight_minor" T::AmountMinor;
    625 OrderLine ORDER_LINE_CURRENCY "currency" T::Currency;
    626 OrderLine ORDER_LINE_QUANTITY "quantity_milli" T::Int;

    630 Invoice INVOICE_NUMBER "number" T::Text;
    631 Invoice INVOICE_ACCOUNT "account" T::Ref(Kind::Account);
    632 Invoice INVOICE_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    633 Invoice INVOICE_CONTRACT "contract" T::Ref(Kind::Contract);
    634 Invoice INVOICE_ORDER "order" T::Ref(Kind::Order);
    635 Invoice INVOICE_ISSUED_ON "issued_on" T::Day;
    636 Invoice INVOICE_DUE_ON "due_on" T::Day;
    637 Invoice INVOICE_AMOUNT "amount_minor" T::AmountMinor;
    638 Invoice INVOICE_CURRENCY "currency" T::Currency;
    639 Invoice INVOICE_STATUS "status" T::Text;

    650 Payment PAYMENT_NUMBER "number" T::Text;
    651 Payment PAYMENT_ACCOUNT "account" T::Ref(Kind::Account);
    652 Payment PAYMENT_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    653 Payment PAYMENT_CONTRACT "contract" T::Ref(Kind::Contract);
    654 Payment PAYMENT_ORDER "order" T::Ref(Kind::Order);
    655 Payment PAYMENT_INVOICE "invoice" T::Ref(Kind::Invoice);
    656 Payment PAYMENT_PAID_ON "paid_on" T::Day;
    657 Payment PAYMENT_AMOUNT "amount_minor" T::AmountMinor;
    658 Payment PAYMENT_CURRENCY "currency" T::Currency;
    659 Payment PAYMENT_METHOD "method" T::Text;
    660 Payment PAYMENT_INSTALLMENTS "installments" T::Int;

    670 ServiceRequest SERVICE_REQUEST_NUMBER "number" T::Text;
    671 ServiceRequest SERVICE_REQUEST_ACCOUNT "account" T::Ref(Kind::Account);
    672 ServiceRequest SERVICE_REQUEST_CONTACT "contact" T::Ref(Kind::Contact);
    673 ServiceRequest SERVICE_REQUEST_OPPORTUNITY "opportunity" T::Ref(Kind::Opportunity);
    674 ServiceRequest SERVICE_REQUEST_ORDER "order" T::Ref(Kind::Order);
    675 ServiceRequest SERVICE_REQUEST_TYPE "type" T::Text;
    676 ServiceRequest SERVICE_REQUEST_SUBJECT "subject" T::Text;
    677 ServiceRequest SERVICE_REQUEST_STATUS "status" T::Text;
    678 ServiceRequest SERVICE_REQUEST_OPENED_ON "opened_on" T::Day;
    679 ServiceRequest SERVICE_REQUEST_CLOSED_ON "closed_on" T::Day;
    680 ServiceRequest SERVICE_REQUEST_PERSON "person" T::Ref(Kind::Person);
    681 ServiceRequest SERVICE_REQUEST_SATISFACTION "satisfaction" T::Int;
}

/// Why an amount cannot stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadAmount {
    /// It lies beyond [`MOST_MINOR`].
    TooLarge,
    /// What the field tells cannot be less than nothing.
    Negative,
}

/// Holds an amount, in minor units, against what can stand in a field. Money may flow back from an expense and a custom
/// field may be a loss; what a deal is worth, what is invested in it and what is aimed at does not fall below nothing.
///
/// # Errors
/// Why it cannot.
pub const fn check_amount(field: FieldId, minor: i64) -> Result<(), BadAmount> {
    if minor.unsigned_abs() > MOST_MINOR.unsigned_abs() {
        return Err(BadAmount::TooLarge);
    }
    if minor < 0 && is_never_negative(field) { Err(BadAmount::Negative) } else { Ok(()) }
}

/// Whether what an amount's field tells cannot be less than nothing.
#[must_use]
pub const fn is_never_negative(field: FieldId) -> bool {
    matches!(
        field,
        ids::OPPORTUNITY_AMOUNT
            | ids::OPPORTUNITY_INVESTMENT
            | ids::OPPORTUNITY_SALES_COST_BUDGET
            | ids::PRODUCT_PRICE
            | ids::TARGET_AMOUNT
            | ids::CONTRACT_AMOUNT
    )
}

/// The built-in field with this id.
#[must_use]
pub fn builtin(id: FieldId) -> Option<&'static FieldDef> {
    BUILTIN.binary_search_by_key(&id, |def| def.id).ok().map(|at| &BUILTIN[at])
}

/// The built-in field of `kind` called `name`.
#[must_use]
pub fn named(kind: Kind, name: &str) -> Option<&'static FieldDef> {
    BUILTIN.iter().find(|def| def.kind == kind && def.name == name)
}

/// The built-in fields of a kind, by ascending id.
pub fn of(kind: Kind) -> impl Iterator<Item = &'static FieldDef> {
    BUILTIN.iter().filter(move |def| def.kind == kind)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_ascend_and_names_are_unique_within_a_kind() {
        assert!(BUILTIN.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(BUILTIN.iter().all(|def| def.id.0 < FIRST_CUSTOM));
        let names: HashSet<_> = BUILTIN.iter().map(|def| (def.kind, def.name)).collect();
        assert_eq!(names.len(), BUILTIN.len());
    }

    #[test]
    fn amounts_are_bounded_and_only_some_may_be_negative() {
        let amount = ids::OPPORTUNITY_AMOUNT;
        assert_eq!((check_amount(amount, 0), check_amount(amount, MOST_MINOR)), (Ok(()), Ok(())));
        assert_eq!(check_amount(amount, MOST_MINOR + 1), Err(BadAmount::TooLarge));
        assert_eq!(check_amount(amount, -1), Err(BadAmount::Negative));
        assert_eq!(check_amount(ids::EXPENSE_AMOUNT, -1), Ok(()));
        assert_eq!(check_amount(FieldId(FIRST_CUSTOM), -MOST_MINOR), Ok(()));
        assert_eq!(check_amount(FieldId(FIRST_CUSTOM), i64::MIN), Err(BadAmount::TooLarge));
    }

    #[test]
    fn every_kind_has_fields_and_finds_them_by_name() {
        for kind in Kind::ALL {
            assert!(of(kind).next().is_some(), "{kind:?}");
        }
        assert_eq!(named(Kind::Account, "name").map(|def| def.id), Some(ids::ACCOUNT_NAME));
        assert_eq!(builtin(ids::TARGET_COUNT).map(|def| def.name), Some("deals"));
        assert_eq!(builtin(FieldId(999)), None);
    }
}
