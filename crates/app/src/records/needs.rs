//! What a gate still asks for, one thing each, in words.

use domain::process::gate::GateReport;
use domain::process::{BuyingRole, Stage};

use super::fields::Field;
use crate::Words;

/// What kind of thing is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedKind {
    /// A field is empty.
    Field,
    /// An action of the stage is not done.
    Action,
    /// Nobody of a buying role was met.
    Role,
    /// A metric of the stage is not tracked.
    Metric,
    /// The condition does not hold.
    Condition,
}

impl NeedKind {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Action => "action",
            Self::Role => "role",
            Self::Metric => "metric",
            Self::Condition => "condition",
        }
    }
}

/// A thing that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What kind of thing.
    pub kind: NeedKind,
    /// Name of the field, key of the action or metric, word of the role; the condition as written.
    pub key: String,
    /// What it is called in Chinese; of a condition the whole sentence.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// The fields that a condition is about.
    pub fields: Vec<String>,
}

impl Need {
    /// It is missing, as a sentence.
    pub(crate) fn words(&self) -> Words {
        let Self { zh, en, .. } = self;
        match self.kind {
            NeedKind::Field => (format!("缺少字段“{zh}”"), format!("the field “{en}” is missing")),
            NeedKind::Action => (format!("还没有完成动作“{zh}”"), format!("the action “{en}” is not done")),
            NeedKind::Role => (format!("还没有见过{zh}"), format!("the {en} was not met")),
            NeedKind::Metric => (format!("没有记录指标“{zh}”"), format!("the metric “{en}” is not tracked")),
            NeedKind::Condition => (format!("条件不成立：{zh}"), format!("the condition does not hold: {en}")),
        }
        .into()
    }
}

/// What is missing, in the order in which one would fill it in.
pub(crate) fn needs(report: &GateReport, stage: Option<&Stage>, fields: &[Field]) -> Vec<Need> {
    let field = |key: &str| fields.iter().find(|field| field.name == key).map(|field| (&field.zh, &field.en));
    let action = |key: &str| {
        let found = stage?.actions.iter().find(|action| action.key == key)?;
        Some((&found.text.zh, &found.text.en))
    };
    let metric = |key: &str| {
        let found = stage?.metrics.iter().find(|metric| metric.key == key)?;
        Some((&found.name.zh, &found.name.en))
    };
    let need = |kind, key: &String, name: Option<(&String, &String)>| {
        let (zh, en) = name.unwrap_or((key, key));
        Need { kind, key: key.clone(), zh: zh.clone(), en: en.clone(), fields: Vec::new() }
    };
    let of_fields = report.missing_fields.iter().map(|key| need(NeedKind::Field, key, field(key)));
    let of_actions = report.missing_actions.iter().map(|key| need(NeedKind::Action, key, action(key)));
    let of_roles = report.missing_roles.iter().map(|role| {
        let (zh, en) = buyer(*role);
        let key = role.as_str().to_owned();
        Need { kind: NeedKind::Role, key, zh: zh.to_owned(), en: en.to_owned(), fields: Vec::new() }
    });
    let of_metrics = report.missing_metrics.iter().map(|key| need(NeedKind::Metric, key, metric(key)));
    let condition = report.failed_expr.as_ref().map(|failed| {
        let expr = stage.and_then(|stage| stage.exit.as_ref()).and_then(|exit| exit.expr.as_ref());
        Need {
            kind: NeedKind::Condition,
            key: failed.expr.clone(),
            zh: failed.sentence.zh.clone(),
            en: failed.sentence.en.clone(),
            fields: expr.into_iter().flat_map(|expr| expr.fields()).map(str::to_owned).collect(),
        }
    });
    of_fields.chain(of_actions).chain(of_roles).chain(of_metrics).chain(condition).collect()
}

const fn buyer(role: BuyingRole) -> (&'static str, &'static str) {
    match role {
        BuyingRole::Economic => ("经济决策人", "economic buyer"),
        BuyingRole::User => ("使用决策人", "user buyer"),
        BuyingRole::Technical => ("技术决策人", "technical buyer"),
        BuyingRole::Coach => ("内线", "coach"),
    }
}
