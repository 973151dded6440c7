//! A rule as it is written, and the checks that a book of them passes when it is read.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::verdict::{LIMIT_DAYS, THRESHOLD, values_of};
use crate::field::named;
use crate::id::{Kind, Outcome};
use crate::process::{Expr, Level, Process, Stage, StageRole, ValueKind};
use crate::words::Text2;

/// Rules of one kind of record at most: verdicts are bits of one word.
pub const MOST_RULES: usize = 64;
/// The largest weight.
pub(super) const MOST_WEIGHT: u32 = 100;
/// The largest threshold.
pub(super) const MOST_THRESHOLD: i64 = 1_000_000_000;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// What has to be there is there.
    Completeness,
    /// What is there can be true.
    Validity,
    /// It is of these days.
    Freshness,
    /// It is there once.
    Uniqueness,
    /// It agrees with what else is known.
    Consistency,
    /// There is something to show for it.
    Evidence,
}

impl Class {
    /// Every class, in the order in which pages show them.
    pub const ALL: [Self; 6] =
        [Self::Completeness, Self::Validity, Self::Freshness, Self::Uniqueness, Self::Consistency, Self::Evidence];

    /// The word in files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Validity => "validity",
            Self::Freshness => "freshness",
            Self::Uniqueness => "uniqueness",
            Self::Consistency => "consistency",
            Self::Evidence => "evidence",
        }
    }
}

/// Which records a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// Deals.
    Deal,
    /// Customers.
    Customer,
}

impl Of {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Deal, Self::Customer];

    /// The word in files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deal => "deal",
            Self::Customer => "customer",
        }
    }

    /// What is written as `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == word)
    }

    /// The kind of record.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Deal => Kind::Opportunity,
            Self::Customer => Kind::Account,
        }
    }
}

/// What a threshold counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Days; 0 stands for the standard stay of the stage.
    Days,
    /// Per cent.
    Percent,
    /// Millionths.
    Ppm,
}

impl Unit {
    /// The word in files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Percent => "percent",
            Self::Ppm => "ppm",
        }
    }
}

/// A number that an organisation may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The number.
    pub value: i64,
    /// What it counts in.
    pub unit: Unit,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name for settings, addresses and programs: a promise.
    pub key: String,
    /// Which records it is about.
    pub of: Of,
    /// What it is about.
    pub class: Class,
    /// How much it counts in a record's score.
    pub weight: u32,
    /// How a deal stands that is asked; customers have none.
    #[serde(default)]
    pub states: Vec<Outcome>,
    /// Keys of the processes that it is for; all where there is none.
    #[serde(default)]
    pub processes: Vec<String>,
    /// Only deals in stages of this level.
    #[serde(default)]
    pub level: Option<Level>,
    /// Only deals in the stage of this role.
    #[serde(default)]
    pub role: Option<StageRole>,
    /// Only deals in the stage of this role or a later one.
    #[serde(default)]
    pub from_role: Option<StageRole>,
    /// Only records for which this holds.
    #[serde(default)]
    pub when: Option<Expr>,
    /// What must be filled.
    #[serde(default)]
    pub filled: Vec<String>,
    /// What must hold, where it can be told.
    #[serde(default)]
    pub holds: Option<Expr>,
    /// What conditions know as `threshold`.
    #[serde(default)]
    pub threshold: Option<Threshold>,
    /// The field that mends it, where one does.
    #[serde(default)]
    pub field: Option<String>,
    /// What fails, for people.
    pub name: Text2,
    /// What to do about it.
    pub advice: Text2,
    /// The organisation has switched it off.
    #[serde(skip)]
    pub off: bool,
}

impl Rule {
    /// Whether a deal of this state, process and stage may be asked at all.
    #[must_use]
    pub fn may_ask(&self, state: Outcome, place: Option<(&Process, &Stage)>) -> bool {
        let of_process = |key: &str| self.processes.iter().any(|wanted| wanted == key);
        self.states.contains(&state)
            && (self.processes.is_empty() || place.is_some_and(|(process, _)| of_process(&process.key)))
            && self.level.is_none_or(|level| place.is_some_and(|(_, stage)| stage.level == level))
            && self.role.is_none_or(|role| place.is_some_and(|(_, stage)| stage.role == role))
            && self.from_role.is_none_or(|role| {
                place.is_some_and(|(process, stage)| {
                    process.stage_of_role(role).is_some_and(|from| stage.order >= from.order)
                })
            })
    }
}

/// What is wrong with a file of rules: the rule, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleIssue {
    /// Key of the rule; empty where the whole file is meant.
    pub rule: String,
    /// Why it is wrong and what stands there instead.
    pub why: String,
}

impl fmt::Display for RuleIssue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rule.is_empty() { out.write_str(&self.why) } else { write!(out, "{}: {}", self.rule, self.why) }
    }
}

/// The rules, those of each kind of record in an order that verdicts count by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleBook {
    pub(super) deals: Vec<Rule>,
    pub(super) customers: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<Rule>,
}

static BUILT_IN: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::load(include_str!("../../../../processes/quality.toml"))
        .expect("a test reads the rules that are built in")
});

impl RuleBook {
    /// The rules that come with the program.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads and checks a file of rules.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(text: &str) -> Result<Self, Vec<RuleIssue>> {
        let file: File = toml::from_str(text)
            .map_err(|error| vec![RuleIssue { rule: String::new(), why: error.to_string().trim().to_owned() }])?;
        let mut issues = Vec::new();
        let mut keys = BTreeSet::new();
        for rule in &file.rules {
            let mut add = |why: String| issues.push(RuleIssue { rule: rule.key.clone(), why });
            if !keys.insert(&rule.key) {
                add("the key stands twice".to_owned());
            }
            check(rule, &mut add);
        }
        let (deals, customers): (Vec<_>, Vec<_>) = file.rules.into_iter().partition(|rule| rule.of == Of::Deal);
        if deals.len().max(customers.len()) > MOST_RULES {
            issues.push(RuleIssue { rule: String::new(), why: format!("more than {MOST_RULES} rules of one kind") });
        }
        if issues.is_empty() { Ok(Self { deals, customers }) } else { Err(issues) }
    }

    /// The rules about a kind of record, in the order of their bits.
    #[must_use]
    pub fn rules(&self, of: Of) -> &[Rule] {
        match of {
            Of::Deal => &self.deals,
            Of::Customer => &self.customers,
        }
    }

    /// The rule of a key, with its bit.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<(usize, &Rule)> {
        Of::ALL.into_iter().find_map(|of| self.rules(of).iter().enumerate().find(|(_, rule)| rule.key == key))
    }

    /// Every rule.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.deals.iter().chain(&self.customers)
    }
}

fn check(rule: &Rule, add: &mut dyn FnMut(String)) {
    let word =
        |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !word(&rule.key) {
        add("a key is of small letters, digits and underscores".to_owned());
    }
    for (text, what) in [(&rule.name, "name"), (&rule.advice, "advice")] {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            add(format!("the {what} is missing in a language"));
        }
    }
    if rule.weight > MOST_WEIGHT {
        add(format!("the weight {} is above {MOST_WEIGHT}", rule.weight));
    }
    if rule.threshold.is_some_and(|threshold| !(0..=MOST_THRESHOLD).contains(&threshold.value)) {
        add(format!("the threshold is not from 0 to {MOST_THRESHOLD}"));
    }
    if rule.filled.is_empty() == rule.holds.is_none() {
        add("a rule has either `filled` or `holds`".to_owned());
    }
    let of_stages = rule.level.is_some() || rule.role.is_some() || rule.from_role.is_some();
    match rule.of {
        Of::Deal if rule.states.is_empty() => add("a rule about deals names their `states`".to_owned()),
        Of::Customer if !rule.states.is_empty() || !rule.processes.is_empty() || of_stages => {
            add("customers have neither states nor stages".to_owned());
        }
        _ => {}
    }
    check_values(rule, add);
    if let Some(field) = rule.field.as_deref().filter(|field| named(rule.of.kind(), field).is_none()) {
        add(format!("`{field}` is no field that could mend it"));
    }
}

/// Whether conditions ask for what a record can tell.
fn check_values(rule: &Rule, add: &mut dyn FnMut(String)) {
    let of_threshold = |name: &str| [THRESHOLD, LIMIT_DAYS].contains(&name) && rule.threshold.is_some();
    let kind = |name: &str| -> Option<ValueKind> {
        if of_threshold(name) {
            return Some(ValueKind::Number);
        }
        values_of(rule.of).iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    };
    for name in rule.filled.iter().filter(|name| kind(name).is_none()) {
        add(format!("`{name}` is nothing that a {} tells", rule.of.as_str()));
    }
    for condition in [&rule.when, &rule.holds].into_iter().flatten() {
        if let Some(fault) = condition.fault(&kind) {
            add(format!("`{condition}`: {fault}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        [[rules]]
        key = "a"
        of = "deal"
        class = "validity"
        weight = 1
        states = ["open"]
        holds = "amount_minor > 0"
        name.zh = "甲"
        name.en = "A"
        advice.zh = "做"
        advice.en = "Do"
    "#;

    fn issues(from: &str, to: &str) -> Vec<String> {
        assert!(SOUND.contains(from), "{from}");
        let found = RuleBook::load(&SOUND.replace(from, to)).err().unwrap_or_default();
        found.iter().map(RuleIssue::to_string).collect()
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_told() {
        assert_eq!(issues("key", "key"), Vec::<String>::new());
        for (from, to, expected) in [
            ("\"a\"", "\"A\"", "small letters"),
            ("weight = 1", "weight = 101", "above 100"),
            ("states = [\"open\"]", "", "names their `states`"),
            ("holds = \"amount_minor > 0\"", "", "either `filled` or `holds`"),
            ("amount_minor > 0", "amount_minor > 'x'", "makes no sense"),
            ("amount_minor > 0", "amount > 0", "cannot use what stands in amount"),
            ("amount_minor > 0", "amount_minor > threshold", "threshold"),
            ("advice.en = \"Do\"", "advice.en = \" \"", "advice is missing"),
            ("of = \"deal\"", "of = \"customer\"", "neither states nor stages"),
            ("weight = 1", "weight = 1\nfield = \"amount\"", "no field that could mend"),
            ("weight = 1", "weights = 1", "weights"),
        ] {
            let found = issues(from, to);
            assert!(found.iter().any(|issue| issue.contains(expected)), "{to}: {found:?}");
        }
        let twice = RuleBook::load(&format!("{SOUND}{SOUND}")).expect_err("the key stands twice");
        assert!(twice[0].why.contains("twice"));
    }

    #[test]
    fn the_built_in_rules_are_sound_and_cover_every_class() {
        let book = RuleBook::load(include_str!("../../../../processes/quality.toml")).expect("they are sound");
        let classes: BTreeSet<Class> = book.iter().map(|rule| rule.class).collect();
        assert_eq!(classes.len(), Class::ALL.len());
        assert!(book.find("close_past").is_some_and(|(_, rule)| rule.of == Of::Deal));
    }
}
