//! What a gate asks about a deal: its fields, the actions that were done, the people who were met, the metrics.
//!
//! A fact that the registry has no field for (what a process's exit criteria name by themselves) stands in the deal's
//! `facts`, an object by name. An action is done where an activity of the deal is of its key and marked done; somebody
//! is met where the deal's `parties` name the role with a day of contact.

use std::collections::{BTreeMap, BTreeSet};

use domain::Kind;
use domain::field::{FieldId, FieldType, Value, ids, named};
use domain::journal::Hot;
use domain::process::gate::Facts;
use domain::process::{BuyingRole, ExprValue, FactType, Process};
use domain::{Day, Instant, RecordId};
use serde_json::{Map, Value as Json};

use super::fields::Field;
use super::moment::Moment;
use crate::{Loudou, Result};

/// A deal's facts.
#[derive(Debug, Default)]
pub(crate) struct DealFacts {
    fields: BTreeMap<String, ExprValue>,
    filled: BTreeSet<String>,
    done: BTreeSet<String>,
    met: BTreeSet<String>,
    tracked: BTreeSet<String>,
}

impl Facts for DealFacts {
    fn field(&self, name: &str) -> Option<ExprValue> {
        self.fields.get(name).cloned()
    }

    fn is_filled(&self, name: &str) -> bool {
        self.filled.contains(name)
    }

    fn is_done(&self, action: &str) -> bool {
        self.done.contains(action)
    }

    fn is_met(&self, role: BuyingRole) -> bool {
        self.met.contains(role.as_str())
    }

    fn is_tracked(&self, metric: &str) -> bool {
        self.tracked.contains(metric)
    }
}

/// The facts that stand in the deal's object, by name.
pub(crate) fn object(rest: &BTreeMap<FieldId, Value>, field: FieldId) -> Map<String, Json> {
    rest.get(&field).map_or_else(Map::new, as_object)
}

/// A value that holds an object; an empty one where it holds none.
pub(crate) fn as_object(value: &Value) -> Map<String, Json> {
    match value {
        Value::Json(text) | Value::Text(text) => match serde_json::from_str(text) {
            Ok(Json::Object(object)) => object,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

/// A fact that nobody describes, as it is written.
fn of_undescribed(json: &Json) -> Option<ExprValue> {
    match json {
        Json::Bool(flag) => Some(ExprValue::Flag(*flag)),
        Json::Number(number) => number.as_i64().map(ExprValue::Number),
        Json::String(text) => Some(Day::parse(text).map_or_else(|| ExprValue::Text(text.clone()), ExprValue::Day)),
        _ => None,
    }
}

/// A fact as conditions see it, by what it is; imports keep every fact as the text that stood in the file. None where
/// the text is no value of that kind.
fn of_fact(ty: FactType, json: &Json) -> Option<ExprValue> {
    let text = match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Bool(_) | Json::Number(_) => json.to_string(),
        _ => return None,
    };
    match ty {
        FactType::Text | FactType::Choice => Some(ExprValue::Text(text)),
        FactType::Number | FactType::Amount => text.parse().ok().map(ExprValue::Number),
        FactType::Day => Day::parse(&text).map(ExprValue::Day),
        FactType::Bool => domain::text::yes_or_no(&text).map(ExprValue::Flag),
    }
}

fn of_value(ty: FieldType, value: &Value) -> Option<ExprValue> {
    match (ty, value) {
        (_, Value::Bool(flag)) => Some(ExprValue::Flag(*flag)),
        (FieldType::Day, Value::Int(day)) => i32::try_from(*day).ok().map(|day| ExprValue::Day(Day(day))),
        (_, Value::Int(number) | Value::Ref(number)) => Some(ExprValue::Number(*number)),
        (_, Value::Text(text)) => Some(ExprValue::Text(text.to_string())),
        (_, Value::Json(_) | Value::Null) => None,
    }
}

/// The hot values of a deal by field.
pub(crate) fn hot_values(hot: &Hot) -> Vec<(FieldId, Value)> {
    let int = |value: Option<i64>| value.map_or(Value::Null, Value::Int);
    let reference = |value: Option<RecordId>| value.map_or(Value::Null, Value::Ref);
    vec![
        (ids::OPPORTUNITY_STAGE, Value::Int(i64::from(hot.stage.0))),
        (ids::OPPORTUNITY_OUTCOME, Value::Int(hot.outcome as i64)),
        (ids::OPPORTUNITY_AMOUNT, int(hot.amount_minor)),
        (ids::OPPORTUNITY_CURRENCY, int(hot.currency.map(|currency| i64::from(currency.code())))),
        (ids::OPPORTUNITY_OWNER, reference(hot.owner)),
        (ids::OPPORTUNITY_TEAM, reference(hot.team)),
        (ids::OPPORTUNITY_EXPECTED_CLOSE, int(hot.expected_close_on.map(|day| i64::from(day.0)))),
        (ids::OPPORTUNITY_PROBABILITY, int(hot.probability_ppm.map(i64::from))),
    ]
}

impl DealFacts {
    /// Actions that are done by the change that asks.
    pub(crate) fn done(&mut self, actions: &[String]) {
        self.done.extend(actions.iter().cloned());
    }

    /// Metrics of a stage that are tracked, in place of those of another: their keys are the stage's own.
    pub(crate) fn track(&mut self, metrics: impl IntoIterator<Item = String>) {
        self.tracked = metrics.into_iter().collect();
    }

    /// Facts out of a deal's values.
    pub(crate) fn of(fields: &[Field], process: Option<&Process>, hot: &Hot, rest: &BTreeMap<FieldId, Value>) -> Self {
        let mut facts = Self::default();
        let hot = hot_values(hot);
        for field in fields {
            let value = hot.iter().find(|(id, _)| *id == field.id).map(|(_, value)| value);
            let Some(value) = value.or_else(|| rest.get(&field.id)).filter(|value| **value != Value::Null) else {
                continue;
            };
            facts.filled.insert(field.name.clone());
            if let Some(value) = of_value(field.ty, value) {
                facts.fields.insert(field.name.clone(), value);
            }
        }
        for (name, json) in object(rest, ids::OPPORTUNITY_FACTS) {
            if json.is_null() || json == Json::String(String::new()) || named(Kind::Opportunity, &name).is_some() {
                continue;
            }
            let value = match process.and_then(|process| process.fact_type(&name)) {
                Some(ty) => of_fact(ty, &json),
                None => of_undescribed(&json),
            };
            if let Some(value) = value {
                facts.fields.insert(name.clone(), value);
            }
            facts.filled.insert(name);
        }
        if let Some(Value::Json(text)) = rest.get(&ids::OPPORTUNITY_PARTIES)
            && let Ok(Json::Array(parties)) = serde_json::from_str(text)
        {
            let met = |party: &Json| party["met_on"].as_str().and_then(Day::parse).is_some();
            let role = |party: &Json| party["role"].as_str().map(str::to_owned);
            facts.met = parties.iter().filter(|party| met(party)).filter_map(role).collect();
        }
        facts
    }
}

impl Loudou {
    /// The facts of a deal as its gate sees them at a moment; `hot` and `rest` are of that moment.
    pub(crate) async fn facts(
        &self,
        deal: RecordId,
        hot: &Hot,
        rest: &BTreeMap<FieldId, Value>,
        fields: &[Field],
        process: Option<&Process>,
        moment: Moment,
    ) -> Result<DealFacts> {
        let mut facts = DealFacts::of(fields, process, hot, rest);
        let activities = self.store.referring(ids::ACTIVITY_OPPORTUNITY, &[deal]).await?;
        for activity in self.as_told(activities, moment).await? {
            if !activity.int(ids::ACTIVITY_AT).is_none_or(|at| moment.reaches(Instant(at))) {
                continue;
            }
            if let (Some(key), Some(Value::Bool(true))) =
                (activity.text(ids::ACTIVITY_TYPE), activity.get(ids::ACTIVITY_DONE))
            {
                facts.done.insert(key.to_owned());
            }
        }
        let values = self.store.referring(ids::METRIC_VALUE_STAGE, &[i64::from(hot.stage.0)]).await?;
        for value in self.as_told(values, moment).await? {
            let on = value.int(ids::METRIC_VALUE_ON).and_then(|day| i32::try_from(day).ok()).map(Day);
            let told = on.is_none_or(|day| moment.reaches(self.calendar.start_of(day)));
            if let (true, Some(metric)) = (told, value.text(ids::METRIC_VALUE_METRIC)) {
                facts.tracked.insert(metric.to_owned());
            }
        }
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use domain::process::FactType;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_imports_keep_as_text_is_read_as_what_it_is() {
        for (ty, json, expected) in [
            (FactType::Bool, json!("否"), Some(ExprValue::Flag(false))),
            (FactType::Bool, json!(true), Some(ExprValue::Flag(true))),
            (FactType::Bool, json!("perhaps"), None),
            (FactType::Number, json!(" 12 "), Some(ExprValue::Number(12))),
            (FactType::Number, json!(0), Some(ExprValue::Number(0))),
            (FactType::Amount, json!("much"), None),
            (FactType::Day, json!("2026-11-23"), Some(ExprValue::Day(Day::parse("2026-11-23").expect("a day")))),
            (FactType::Day, json!("soon"), None),
            (FactType::Text, json!("2026-11-23"), Some(ExprValue::Text("2026-11-23".to_owned()))),
            (FactType::Choice, json!(["us"]), None),
        ] {
            assert_eq!(of_fact(ty, &json), expected, "{ty:?} {json}");
        }
        assert_eq!(of_undescribed(&json!(7)), Some(ExprValue::Number(7)));
    }

    #[test]
    fn a_metric_of_one_stage_is_not_that_of_another() {
        let mut facts = DealFacts::default();
        for (metrics, expected) in [(vec!["demo-rate"], true), (vec![], false), (vec!["demo-rate"], true)] {
            facts.track(metrics.into_iter().map(str::to_owned));
            assert_eq!(facts.is_tracked("demo-rate"), expected);
        }
    }
}
