//! One field: where its cell is, how it is written, and where its value goes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::field::{self, FieldDef, FieldId, FieldType, ids};
use domain::process::facts::is_kept_by_moves;
use domain::process::{NamedValue, Process};
use domain::{Kind, Outcome, StageId};

use super::columns::{ColumnRef, Columns};
use crate::issue::{Fault, Refusal};
use crate::profile::Profile;
use crate::profile::spec::{Decimal, FieldSpec, MapSpec, Missing, Rounding};
use crate::value::date::Formats;

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// To the row's own use: a key, or a moment.
    Own,
    /// To the stage of a deal.
    Stage,
    /// To its outcome.
    Outcome,
    /// To its amount.
    Amount,
    /// To its currency.
    Currency,
    /// To its owner.
    Owner,
    /// To its team.
    Team,
    /// To its expected close.
    ExpectedClose,
    /// To the seller's own probability.
    Probability,
    /// To any other field.
    Rest(FieldId, FieldType),
}

impl Slot {
    pub(crate) fn of(def: &FieldDef) -> Self {
        match def.id {
            ids::OPPORTUNITY_STAGE => Self::Stage,
            ids::OPPORTUNITY_OUTCOME => Self::Outcome,
            ids::OPPORTUNITY_AMOUNT => Self::Amount,
            ids::OPPORTUNITY_CURRENCY => Self::Currency,
            ids::OPPORTUNITY_OWNER => Self::Owner,
            ids::OPPORTUNITY_TEAM => Self::Team,
            ids::OPPORTUNITY_EXPECTED_CLOSE => Self::ExpectedClose,
            ids::OPPORTUNITY_PROBABILITY => Self::Probability,
            id => Self::Rest(id, def.ty),
        }
    }

    /// Whether a source without history knows it for the last known date only, unless its profile says more.
    pub(crate) fn is_of_the_end(self) -> bool {
        match self {
            Self::Own | Self::Currency => false,
            Self::Rest(id, _) => matches!(
                id,
                ids::OPPORTUNITY_REASON
                    | ids::OPPORTUNITY_NEXT_STEP
                    | ids::OPPORTUNITY_NEXT_STEP_ON
                    | ids::OPPORTUNITY_NEXT_CONTACT_ON
                    | ids::OPPORTUNITY_FORECAST
            ),
            _ => true,
        }
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum From {
    /// A cell.
    Column(ColumnRef),
    /// The profile.
    Constant(Box<str>),
    /// Several cells, which become a JSON object.
    Object(Vec<(String, ColumnRef)>),
}

/// A field made ready.
#[derive(Debug, Clone)]
pub(crate) struct FieldPlan {
    pub(crate) slot: Slot,
    pub(crate) from: From,
    /// What messages call the column.
    pub(crate) column: Arc<str>,
    pub(crate) map: Option<HashMap<String, String>>,
    pub(crate) otherwise: Option<String>,
    pub(crate) otherwise_stage: Option<StageId>,
    /// Stages by the values of the file.
    pub(crate) stages: HashMap<String, StageId>,
    pub(crate) formats: Formats,
    pub(crate) sign: Decimal,
    pub(crate) empty: Vec<String>,
    pub(crate) zero_is_unknown: bool,
    pub(crate) times: i64,
    pub(crate) rounding: Rounding,
    pub(crate) required: bool,
    pub(crate) missing: Missing,
    pub(crate) only: Vec<Outcome>,
    pub(crate) split: Option<String>,
    pub(crate) percent: bool,
    /// The values that an own field takes; any where empty.
    pub(crate) choices: Vec<NamedValue>,
    /// Whether an own field is grouped by, and so takes no long text.
    pub(crate) is_short: bool,
}

/// The key that a column has in an object of `columns`. Among a deal's facts, names of its own fields and of what moves
/// leave there are taken: `source_` tells such a column apart, as often as it takes.
fn kept_as(slot: Slot, column: &str, columns: &[String]) -> String {
    let is_fact = matches!(slot, Slot::Rest(ids::OPPORTUNITY_FACTS, _));
    let is_taken = |name: &str| field::named(Kind::Opportunity, name).is_some() || is_kept_by_moves(name);
    let mut name = column.to_owned();
    while is_fact && (is_taken(&name) || (name != column && columns.contains(&name))) {
        name.insert_str(0, "source_");
    }
    name
}

/// Makes fields ready for one profile and process.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) process: &'a Process,
}

impl Planner<'_> {
    /// A key or a moment of the row.
    pub(crate) fn own(&self, spec: &FieldSpec, columns: &mut Columns<'_>) -> Result<FieldPlan, Refusal> {
        self.plan(Slot::Own, spec, columns)
    }

    /// The stage or the outcome of a deal.
    pub(crate) fn code(&self, slot: Slot, spec: &FieldSpec, columns: &mut Columns<'_>) -> Result<FieldPlan, Refusal> {
        self.plan(slot, spec, columns)
    }

    /// The fields of a record. Currencies come first, because amounts are counted in them.
    pub(crate) fn fields(
        &self,
        kind: Kind,
        specs: &BTreeMap<String, FieldSpec>,
        columns: &mut Columns<'_>,
    ) -> Result<Vec<FieldPlan>, Refusal> {
        let mut plans = Vec::with_capacity(specs.len());
        for (name, spec) in specs {
            let own = self.profile.own(kind, name);
            let slot = field::named(kind, name).map(Slot::of).or_else(|| own.map(|own| Slot::Rest(own.id, own.ty)));
            let slot = slot.ok_or_else(|| self.fault(format!("{} has no field `{name}`", kind.as_str())))?;
            let mut plan = self.plan(slot, spec, columns)?;
            if let Some(own) = own {
                (plan.choices, plan.is_short) = (own.choices.clone(), own.dimension);
            }
            plans.push(plan);
        }
        let is_currency = |slot: Slot| slot == Slot::Currency || matches!(slot, Slot::Rest(_, FieldType::Currency));
        plans.sort_by_key(|plan| !is_currency(plan.slot));
        Ok(plans)
    }

    /// The stage that the profile calls so; `unknown` is [`StageId::UNKNOWN`].
    pub(crate) fn stage(&self, key: &str) -> Result<StageId, Refusal> {
        if key == "unknown" {
            return Ok(StageId::UNKNOWN);
        }
        self.process.stage(key).map(|stage| stage.id).ok_or_else(|| {
            let known = self.process.stages.iter().map(|stage| stage.key.clone()).collect();
            let (profile, process) = (self.profile.name().to_owned(), self.process.key.clone());
            Fault::NoSuchStage { profile, stage: key.to_owned(), process, known }.into()
        })
    }

    fn fault(&self, message: String) -> Refusal {
        Fault::Profile { profile: self.profile.name().to_owned(), line: None, message }.into()
    }

    fn plan(&self, slot: Slot, spec: &FieldSpec, columns: &mut Columns<'_>) -> Result<FieldPlan, Refusal> {
        let (from, column) = if let Some(column) = &spec.column {
            (From::Column(columns.place(column, spec.optional)), column.clone())
        } else if let Some(constant) = &spec.constant {
            (From::Constant(constant.as_str().into()), "(constant)".to_owned())
        } else {
            let object = spec
                .columns
                .iter()
                .map(|name| (kept_as(slot, name, &spec.columns), columns.place(name, spec.optional)));
            (From::Object(object.collect()), spec.columns.join(", "))
        };
        let map = match &spec.map {
            Some(MapSpec::Named(name)) => self.profile.spec.maps.get(name),
            Some(MapSpec::Inline(map)) => Some(map),
            None => None,
        };
        let dates = spec.dates.as_ref().unwrap_or(&self.profile.spec.dates);
        let formats = Formats::new(dates)
            .map_err(|name| self.fault(format!("`{name}` is no date format: write `iso` or signs such as %d/%m/%Y")))?;
        let missing = spec.missing.unwrap_or_else(|| self.missing(slot));
        Ok(FieldPlan {
            slot,
            from,
            column: column.as_str().into(),
            stages: if slot == Slot::Stage { self.stages(map)? } else { HashMap::new() },
            map: map.map(|map| map.iter().map(|(from, to)| (from.trim().to_owned(), to.clone())).collect()),
            otherwise_stage: match &spec.otherwise {
                Some(key) if slot == Slot::Stage => Some(self.stage(key)?),
                _ => None,
            },
            otherwise: spec.otherwise.clone(),
            formats,
            sign: spec.decimal.unwrap_or(self.profile.spec.decimal),
            empty: spec.empty.clone().unwrap_or_else(|| self.profile.spec.empty.clone()),
            zero_is_unknown: spec.zero_is_unknown,
            times: spec.times.unwrap_or(1),
            rounding: spec.rounding,
            required: spec.required,
            missing,
            only: spec.only.iter().filter_map(|word| Outcome::parse(word)).collect(),
            split: spec.split.clone(),
            percent: spec.percent,
            choices: Vec::new(),
            is_short: false,
        })
    }

    /// A reference makes its record where no table does, and is reported where one should have.
    fn missing(&self, slot: Slot) -> Missing {
        let kind = match slot {
            Slot::Owner => Kind::Person,
            Slot::Team => Kind::Team,
            Slot::Rest(_, FieldType::Ref(kind)) => kind,
            _ => return Missing::Warn,
        };
        let has_table = self.profile.spec.records.iter().any(|record| record.kind == kind.as_str());
        if has_table || !may_be_made(kind) { Missing::Warn } else { Missing::Create }
    }

    /// What the file's values mean: by the map where there is one, else by the stages' keys, names and numbers.
    fn stages(&self, map: Option<&BTreeMap<String, String>>) -> Result<HashMap<String, StageId>, Refusal> {
        if let Some(map) = map {
            // A value that maps to nothing says nothing about the stage.
            let named = map.iter().filter(|(_, key)| !key.is_empty());
            return named.map(|(value, key)| Ok((value.trim().to_owned(), self.stage(key)?))).collect();
        }
        let mut stages = HashMap::from([("unknown".to_owned(), StageId::UNKNOWN)]);
        for stage in &self.process.stages {
            let orders = self.process.stages.iter().filter(|other| other.order == stage.order).count();
            if orders == 1 {
                stages.entry(stage.order.to_string()).or_insert(stage.id);
            }
        }
        for stage in &self.process.stages {
            for name in [&stage.key, &stage.name.zh, &stage.name.en] {
                stages.insert(name.trim().to_owned(), stage.id);
            }
        }
        Ok(stages)
    }
}

/// The field that says what a record of this kind is called: its name, or the number on the paper.
pub(crate) fn title(kind: Kind) -> Option<&'static FieldDef> {
    field::named(kind, "name").or_else(|| field::named(kind, "number"))
}

/// Whether a mere mention makes a record of this kind: it is called by that, and deals come by their own tables.
pub(crate) fn may_be_made(kind: Kind) -> bool {
    kind != Kind::Opportunity && title(kind).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_among_the_facts_has_a_key_that_is_nobody_elses() {
        let facts = Slot::Rest(ids::OPPORTUNITY_FACTS, FieldType::Json);
        let columns = ["name", "source_name", "Colour", "obstacle"].map(str::to_owned);
        let kept: Vec<String> = columns.iter().map(|column| kept_as(facts, column, &columns)).collect();
        assert_eq!(kept, ["source_source_name", "source_name", "Colour", "source_obstacle"]);
        assert_eq!(kept_as(Slot::Rest(ids::OPPORTUNITY_PARTIES, FieldType::Json), "name", &columns), "name");
    }
}
