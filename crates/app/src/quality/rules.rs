//! The rules as the organisation has them, and changing them.

use domain::people::May;
use domain::quality::{Rule, RuleBook, Settings, SettingsIssue};

use crate::{AppError, Loudou, Result};

/// Where changes of rules stand among the settings.
const KEY: &str = "quality.rules";

/// A rule as it counts, beside how it is built in.
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// As the organisation has it.
    pub rule: Rule,
    /// The weight that it comes with.
    pub built_in_weight: u32,
    /// The threshold that it comes with.
    pub built_in_threshold: Option<i64>,
}

impl Loudou {
    pub(super) async fn quality_settings(&self) -> Result<Settings> {
        let Some(json) = self.store.setting(KEY).await? else { return Ok(Settings::default()) };
        // What a newer program has written otherwise is no reason to judge nothing.
        Ok(serde_json::from_str(&json).unwrap_or_default())
    }

    /// The rules with what the organisation made of them.
    pub(super) async fn rule_book(&self) -> Result<RuleBook> {
        Ok(RuleBook::built_in().with(&self.quality_settings().await?))
    }

    /// Every rule, as the organisation has it.
    ///
    /// # Errors
    /// The role may not, or the database cannot be read.
    pub async fn quality_rules(&self) -> Result<Vec<RuleSetting>> {
        self.who.require(May::Analyse)?;
        let book = self.rule_book().await?;
        let built_in = RuleBook::built_in().iter();
        let both = |(rule, built_in): (&Rule, &Rule)| RuleSetting {
            rule: rule.clone(),
            built_in_weight: built_in.weight,
            built_in_threshold: built_in.threshold.map(|threshold| threshold.value),
        };
        Ok(book.iter().zip(built_in).map(both).collect())
    }

    /// Sets what the organisation makes of rules; those not named are as they are built in.
    ///
    /// # Errors
    /// A change that fits no rule, or a role that may not configure.
    pub async fn set_quality_rules(&self, settings: &Settings) -> Result<()> {
        self.who.require(May::Configure)?;
        RuleBook::built_in().check(settings).map_err(|issue| told(&issue))?;
        let json = serde_json::to_string(settings).map_err(|error| AppError::system(error.to_string()))?;
        let mut writer = self.store.begin().await?;
        writer.configure(KEY, &json).await?;
        writer.commit().await?;
        Ok(())
    }
}

fn told(issue: &SettingsIssue) -> AppError {
    match issue {
        SettingsIssue::Unknown(rule) => unknown(rule),
        SettingsIssue::Weight { rule, most } => AppError::input((
            format!("规则“{rule}”的权重须在 0 到 {most} 之间"),
            format!("the weight of the rule `{rule}` must be from 0 to {most}"),
        )),
        SettingsIssue::Threshold { rule, most } => AppError::input((
            format!("规则“{rule}”的阈值须在 0 到 {most} 之间"),
            format!("the threshold of the rule `{rule}` must be from 0 to {most}"),
        )),
        SettingsIssue::NoThreshold(rule) => {
            AppError::input((format!("规则“{rule}”没有阈值"), format!("the rule `{rule}` has no threshold")))
        }
    }
    .hint(("没有改动任何规则", "no rule was changed"))
}

/// A rule that there is not.
pub(super) fn unknown(rule: &str) -> AppError {
    let keys: Vec<&str> = RuleBook::built_in().iter().map(|rule| rule.key.as_str()).collect();
    let near = warehouse::similar(rule, keys.iter().copied());
    let shown = if near.is_empty() { keys.join(", ") } else { near.join(", ") };
    AppError::input((format!("没有规则“{rule}”"), format!("there is no rule `{rule}`")))
        .hint((format!("有：{shown}"), format!("there is {shown}")))
}
