//! Moving a deal: the asked move becomes one of the lifecycle's, and what it leads to an entry of the journal.

use domain::field::{Value, ids};
use domain::journal::{Facts, State as Entry};
use domain::lifecycle::{Gate, Loss, Moved, Occasion, Refusal, Standing, State};
use domain::people::{May, Role};
use domain::process::facts::{OBSTACLE, OVERRIDES};
use domain::process::gate::GateReport;
use domain::process::{Process, ReasonBook, StageKind};
use domain::{Day, Kind, Outcome, RecordId};
use serde_json::{Map, Value as Json, json};

use super::deal::Folded;
use super::edit::{EditError, Edited, FieldIssue};
use super::facts::object;
use super::fields::{Field, fact_fields};
use super::moment::Moment;
use super::names::Names;
use super::needs::{Need, needs};
use crate::{AppError, Fault, Loudou, Words};

/// A move that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoveAsk {
    /// Key of a stage, or `won`, `lost`, `cancelled`, `parked`, or `open` again.
    pub to: String,
    /// Code of the reason, where the move asks for one.
    pub reason: Option<String>,
    /// Why the gate is to be passed although something is missing.
    pub override_reason: Option<String>,
    /// Who got the deal.
    pub competitor: Option<String>,
    /// Code of the obstacle on which it failed.
    pub obstacle: Option<String>,
    /// When somebody will be in touch again with a parked deal.
    pub next_contact_on: Option<Day>,
    /// Changes that go with the move, as [`Loudou::edit_deal`] takes them: both are made, or neither.
    pub values: Map<String, Json>,
}

impl Loudou {
    pub(crate) fn occasion<'a>(&self, process: &'a Process, reasons: &'a ReasonBook) -> Occasion<'a> {
        // Whoever has several roles acts as the one that may most here.
        let manager = self.who.roles.iter().copied().find(|role| role.may_override_gate());
        let role = manager.or_else(|| self.who.roles.first().copied()).unwrap_or(Role::Operations);
        Occasion { process, reasons, person: self.who.actor, role, at: self.now, today: self.today() }
    }

    /// Moves a deal in scope, on the version that was read.
    ///
    /// # Errors
    /// [`Fault::Gate`] with what is missing; what the lifecycle refuses, by field; no such deal in scope; a change
    /// meanwhile; a role that may not.
    pub async fn move_deal(&self, id: RecordId, version: i64, ask: &MoveAsk) -> Edited<()> {
        self.who.require(May::EditDeals)?;
        let mut folded = self.folded(id, None, None).await?;
        let names = self.names(std::collections::HashSet::new()).await?;
        let fields = self.fields(Kind::Opportunity).await?;
        let draw = self.draw_deal(&folded, &ask.values, &fields, &names).await?;
        folded.assert(&draw.facts);
        let Some(process) = folded.process(&names) else {
            let words = (format!("商机 {id} 不属于任何流程"), format!("the deal {id} lives under no process"));
            return Err(AppError::of(Fault::Conflict, words)
                .hint(("请连同流程一起导入", "import it with its process"))
                .into());
        };
        let mut facts = self.facts(id, folded.hot(), folded.rest(), &fields, Some(process), Moment::default()).await?;
        facts.done(&draw.done);
        let reasons = ReasonBook::of(process);
        let occasion = self.occasion(process, &reasons);
        let gate = Gate { facts: &facts, overriding: ask.override_reason.as_deref() };
        let state = standing(&folded, process, &names);
        let moved = moved(&state, &occasion, ask, gate).map_err(|no| match no {
            NoMove::NoStage(keys) => no_stage(&keys),
            NoMove::Refused(refusal) => refused(&refusal, &occasion, &fields),
        })?;
        let facts = written(&folded, process, ask, &moved);
        let mut writer = self.store.begin().await?;
        writer.expect_version(Kind::Opportunity, id, version).await?;
        let mut drafts = self.drafts(&mut writer, id, draw);
        drafts.push(self.draft(Kind::Opportunity, id, facts));
        writer.append(drafts, self.now).await?;
        writer.commit().await?;
        Ok(())
    }
}

/// Where a deal stands, as the lifecycle sees it: its stage as one of the process version it lives under.
fn standing(folded: &Folded, process: &Process, names: &Names) -> State {
    let hot = folded.hot();
    let states = &folded.timeline.states;
    let since = |same: &dyn Fn(&Entry) -> bool| {
        let run = states.iter().rev().take_while(|state| same(state)).last();
        run.map_or(folded.state.effective_at, |state| state.effective_at)
    };
    let text = |field| match folded.rest().get(&field) {
        Some(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let day = |field| match folded.rest().get(&field) {
        Some(Value::Int(day)) => i32::try_from(*day).ok().map(Day),
        _ => None,
    };
    let standing = match hot.outcome {
        Outcome::Open => Standing::Open,
        Outcome::Parked => Standing::Parked { next_contact_on: day(ids::OPPORTUNITY_NEXT_CONTACT_ON) },
        Outcome::Won => Standing::Won,
        Outcome::Lost => Standing::Lost { reason: text(ids::OPPORTUNITY_REASON), competitor: None, obstacle: None },
        Outcome::Cancelled => Standing::Cancelled { reason: text(ids::OPPORTUNITY_REASON) },
    };
    let own = names.stage(hot.stage).and_then(|(_, stage)| process.stage(&stage.key));
    State {
        stage: own.map_or(hot.stage, |stage| stage.id),
        standing,
        entered_at: since(&|state| state.hot.stage == hot.stage && state.hot.outcome == hot.outcome),
        standing_since: since(&|state| state.hot.outcome == hot.outcome),
    }
}

/// The move that is meant, out of the state that is there.
fn moved(state: &State, occasion: &Occasion<'_>, ask: &MoveAsk, gate: Gate<'_>) -> std::result::Result<Moved, NoMove> {
    let reason = ask.reason.as_deref();
    let told = reason.unwrap_or_default();
    let by_word = match ask.to.as_str() {
        "won" => Some(state.win(occasion, reason, gate)),
        "lost" => {
            let (competitor, obstacle) = (ask.competitor.as_deref(), ask.obstacle.as_deref());
            Some(state.lose(occasion, Loss { reason: told, competitor, obstacle }))
        }
        "cancelled" => Some(state.cancel(occasion, told)),
        "parked" => Some(state.park(occasion, ask.next_contact_on)),
        "open" if state.outcome() == Outcome::Parked => Some(state.resume(occasion, None)),
        "open" => Some(state.reopen(occasion, None)),
        _ => None,
    };
    if let Some(moved) = by_word {
        return moved.map_err(NoMove::Refused);
    }
    let Some(stage) = occasion.process.stage(&ask.to) else {
        return Err(NoMove::NoStage(occasion.process.stages.iter().map(|stage| stage.key.clone()).collect()));
    };
    let moved = match (state.outcome(), stage.kind) {
        (Outcome::Parked, StageKind::Open) => state.resume(occasion, Some(stage.id)),
        (Outcome::Won | Outcome::Lost | Outcome::Cancelled, StageKind::Open) => state.reopen(occasion, Some(stage.id)),
        _ => state.move_to(occasion, stage.id, reason, gate),
    };
    moved.map_err(NoMove::Refused)
}

enum NoMove {
    NoStage(Vec<String>),
    Refused(Refusal),
}

fn no_stage(keys: &[String]) -> EditError {
    let words = ["won", "lost", "cancelled", "parked", "open"];
    let en = format!("must be one of {}, or {}", keys.join(", "), words.join(", "));
    let zh = format!("须为其中之一：{}，或 {}", keys.join("、"), words.join("、"));
    EditError::Fields(vec![FieldIssue::new("to", (zh, en))])
}

/// A refusal as an error: at the field that mends it, where there is one.
fn refused(refusal: &Refusal, occasion: &Occasion<'_>, fields: &[Field]) -> EditError {
    let words = || Words::from((refusal.zh(occasion.process, occasion.reasons), refusal.to_string()));
    let at = |field: &str| EditError::Fields(vec![FieldIssue::new(field, words())]);
    match refusal {
        Refusal::GateClosed { from, report } | Refusal::MayNotOverride { from, report, .. } => {
            closed(from, report, occasion, fields)
        }
        Refusal::OverrideNeedsReason { .. } => at("override_reason"),
        Refusal::ReasonNeeded { .. } | Refusal::WrongReason { .. } => at("reason"),
        Refusal::CompetitorNeeded { .. } => at("competitor"),
        Refusal::ObstacleNeeded { .. } => at("obstacle"),
        Refusal::NextContactNeeded | Refusal::NextContactPast { .. } => at("next_contact_on"),
        Refusal::BeforeLastChange { .. } => AppError::of(Fault::Conflict, words()).into(),
        _ => at("to"),
    }
}

/// What keeps a deal in its stage, one sentence a thing.
fn closed(from: &str, report: &GateReport, occasion: &Occasion<'_>, fields: &[Field]) -> EditError {
    let stage = occasion.process.stage(from);
    let mut fields = fields.to_vec();
    fields.extend(fact_fields(Some(occasion.process), stage.and_then(|stage| stage.exit.as_ref()), &Map::new()));
    let (zh, en) = stage.map_or((from, from), |stage| (&stage.name.zh, &stage.name.en));
    let words = (format!("商机还不能离开“{zh}”"), format!("the deal cannot leave {en} yet"));
    let hint = (
        "请补全所缺内容；经理可以说明原因后放行",
        "fill in what is missing; a manager may pass the gate with a reason",
    );
    let error = AppError::of(Fault::Gate, words);
    needs(report, stage, &fields).iter().map(Need::words).fold(error, AppError::and).hint(hint).into()
}

/// What a move asserts.
fn written(folded: &Folded, process: &Process, ask: &MoveAsk, moved: &Moved) -> Facts {
    let transition = &moved.transition;
    let mut facts = Facts::default().stage(moved.state.stage).outcome(moved.state.outcome());
    let reason = transition.reason.as_ref().map_or(Value::Null, |code| Value::Text(code.as_str().into()));
    if reason != Value::Null || folded.rest().contains_key(&ids::OPPORTUNITY_REASON) {
        facts.put(ids::OPPORTUNITY_REASON, reason);
    }
    match &moved.state.standing {
        Standing::Parked { next_contact_on: Some(day) } => {
            facts.put(ids::OPPORTUNITY_NEXT_CONTACT_ON, Value::Int(i64::from(day.0)));
        }
        Standing::Lost { competitor: Some(name), .. } => {
            let mut all = match folded.rest().get(&ids::OPPORTUNITY_COMPETITORS) {
                Some(Value::Json(text)) => serde_json::from_str::<Vec<Json>>(text).unwrap_or_default(),
                _ => Vec::new(),
            };
            if !all.contains(&json!(name)) {
                all.push(json!(name));
            }
            facts.put(ids::OPPORTUNITY_COMPETITORS, Value::Json(Json::Array(all).to_string().into()));
        }
        _ => {}
    }
    let mut others = object(folded.rest(), ids::OPPORTUNITY_FACTS);
    let mut more = false;
    if let Standing::Lost { obstacle: Some(code), .. } = &moved.state.standing {
        others.insert(OBSTACLE.to_owned(), json!(code));
        more = true;
    }
    if let Some(overridden) = &transition.overridden {
        let from = transition.from.and_then(|id| process.stage_by_id(id)).map(|stage| stage.key.clone());
        let one = json!({
            "stage": from, "to": ask.to, "reason": overridden.reason, "by": transition.by.to_string(),
            "at": transition.at.to_string(), "missing": overridden.report.to_string(),
        });
        match others.get_mut(OVERRIDES) {
            Some(Json::Array(all)) => all.push(one),
            _ => drop(others.insert(OVERRIDES.to_owned(), Json::Array(vec![one]))),
        }
        more = true;
    }
    if more {
        facts.put(ids::OPPORTUNITY_FACTS, Value::Json(Json::Object(others).to_string().into()));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_stage_names_those_there_are() {
        let EditError::Fields(issues) = no_stage(&["lead".to_owned()]) else { panic!("by field") };
        assert_eq!(issues[0].field, "to");
        assert!(issues[0].message.contains("lead, or won, lost"), "{}", issues[0].message);
    }
}
