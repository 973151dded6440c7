//! The fields that a column of a table may be mapped to.

use domain::Kind;
use domain::field::{self, FieldDef, FieldType, ids};
use domain::words::Text2;

/// A field to choose for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetField {
    /// Its name in [`super::Mapping::fields`]; `id` stands for [`super::Mapping::key`].
    pub name: &'static str,
    /// Its name for people: Chinese, English.
    pub label: (&'static str, &'static str),
    /// What its values are: `key`, `text`, `amount`, `date`, `share`, `currency`, `stage`, `outcome` or `reference`.
    pub kind: &'static str,
    /// Whether nothing can be imported without it.
    pub is_required: bool,
}

impl TargetField {
    /// Its name for people.
    #[must_use]
    pub fn text(&self) -> Text2 {
        Text2::new(self.label.0, self.label.1)
    }
}

/// The fields that a column of a table of deals may be mapped to, in the order people read them.
#[must_use]
pub const fn target_fields() -> &'static [TargetField] {
    FIELDS
}

/// The fields of a kind other than deals that a column may be mapped to, beside its key. The process and its
/// stages are those of the mapping as a whole; lists are for profiles, and what is inferred is nobody's to say.
pub fn mappable(kind: Kind) -> impl Iterator<Item = &'static FieldDef> {
    let is_said = |def: &&FieldDef| {
        !matches!(def.ty, FieldType::Process | FieldType::Stage | FieldType::Json | FieldType::Outcome)
            && !matches!(def.id, ids::ACCOUNT_INDUSTRY_INFERRED | ids::ACCOUNT_INDUSTRY_CONFIDENCE)
    };
    field::of(kind).filter(is_said)
}

/// What the values of a field are, in the words of [`TargetField::kind`]; also `number` and `yes_no`.
#[must_use]
pub const fn value_word(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text | FieldType::Personal | FieldType::Json => "text",
        FieldType::Int => "number",
        FieldType::AmountMinor => "amount",
        FieldType::Ppm => "share",
        FieldType::Day | FieldType::At => "date",
        FieldType::Bool => "yes_no",
        FieldType::Ref(_) | FieldType::Process => "reference",
        FieldType::Stage => "stage",
        FieldType::Outcome => "outcome",
        FieldType::Currency => "currency",
    }
}

const fn field(name: &'static str, zh: &'static str, en: &'static str, kind: &'static str) -> TargetField {
    TargetField { name, label: (zh, en), kind, is_required: false }
}

const FIELDS: &[TargetField] = &[
    TargetField { name: "id", label: ("编号", "Id"), kind: "key", is_required: true },
    field("name", "商机名称", "Name", "text"),
    field("account", "客户", "Customer", "reference"),
    field("amount_minor", "金额", "Amount", "amount"),
    field("currency", "币种", "Currency", "currency"),
    field("stage", "阶段", "Stage", "stage"),
    field("outcome", "结果", "Outcome", "outcome"),
    field("created", "创建日期", "Created", "date"),
    field("closed", "关闭日期", "Closed", "date"),
    field("expected_close_on", "预计成交日期", "Expected close", "date"),
    field("owner", "负责人", "Owner", "reference"),
    field("team", "团队", "Team", "reference"),
    field("region", "区域", "Region", "reference"),
    field("industry", "行业", "Industry", "reference"),
    field("product", "产品", "Product", "reference"),
    field("channel", "渠道", "Channel", "reference"),
    field("campaign", "市场活动", "Campaign", "reference"),
    field("probability_ppm", "赢率", "Probability", "share"),
    field("reason", "原因", "Reason", "text"),
    field("next_step", "下一步", "Next step", "text"),
    field("next_step_on", "下一步日期", "Next step on", "date"),
    field("next_contact_on", "下次联系日期", "Next contact on", "date"),
    field("forecast_category", "预测类别", "Forecast category", "text"),
];
