//! The moves themselves, one method each.

use super::{Gate, Loss, MoveKind, Moved, Occasion, Overridden, Refusal, Standing, State, Transition};
use crate::calendar::Day;
use crate::id::{Outcome, StageId};
use crate::process::gate;
use crate::process::{ReasonMove, ReasonNeed, Stage, StageKind};

impl<'a> Occasion<'a> {
    fn stage(&self, id: StageId) -> Result<&'a Stage, Refusal> {
        self.process
            .stage_by_id(id)
            .ok_or_else(|| Refusal::NotOfProcess { stage: id, process: self.process.key.clone() })
    }

    /// The code, if it exists and explains the move.
    fn reason(&self, tried: ReasonMove, code: &str) -> Result<String, Refusal> {
        let allowed = || self.reasons.for_move(tried).map(|reason| reason.code.clone()).collect();
        if code.trim().is_empty() {
            return Err(Refusal::ReasonNeeded { tried, allowed: allowed() });
        }
        match self.reasons.get(code) {
            Some(reason) if self.reasons.explains(reason, tried) => Ok(reason.code.clone()),
            _ => Err(Refusal::WrongReason { code: code.to_owned(), tried, allowed: allowed() }),
        }
    }

    /// Passes the gate of `stage`, by its criteria or by a manager's word.
    fn pass(&self, stage: &Stage, gate: Gate<'_>) -> Result<Option<Overridden>, Refusal> {
        let report = gate::check(stage, gate.facts, self.today);
        if report.is_open() {
            return Ok(None);
        }
        let from = stage.key.clone();
        let Some(reason) = gate.overriding else {
            return Err(Refusal::GateClosed { from, report: Box::new(report) });
        };
        if !self.role.may_override_gate() {
            return Err(Refusal::MayNotOverride { role: self.role, from, report: Box::new(report) });
        }
        if reason.trim().is_empty() {
            return Err(Refusal::OverrideNeedsReason { from, report: Box::new(report) });
        }
        Ok(Some(Overridden { reason: reason.trim().to_owned(), report }))
    }

    /// The keys of open stages strictly between two stages.
    fn skipped(&self, from: &Stage, to: &Stage) -> Vec<StageId> {
        self.process
            .path()
            .filter(|stage| stage.order > from.order && stage.order < to.order)
            .map(|stage| stage.id)
            .collect()
    }

    /// What happened, with nothing but the stages told.
    fn transition(&self, kind: MoveKind, from: Option<StageId>, to: StageId) -> Transition {
        let order = |id| self.process.order_of(id);
        let steps = from.and_then(order).zip(order(to)).map_or(0, |(from, to)| to - from);
        Transition {
            kind,
            from,
            to,
            steps,
            skipped: Vec::new(),
            reason: None,
            overridden: None,
            by: self.person,
            at: self.at,
        }
    }
}

impl State {
    /// Begins a deal: in the first open stage as new, in a later one directly, without a reason.
    ///
    /// # Errors
    /// A stage that is not one of the process, or not open.
    pub fn begin(occasion: &Occasion<'_>, stage: StageId) -> Result<Moved, Refusal> {
        let to = occasion.stage(stage)?;
        open_only(to, Outcome::Open)?;
        let first = occasion.process.first_of(StageKind::Open).map(|first| first.id);
        let kind = if first == Some(to.id) { MoveKind::New } else { MoveKind::Direct };
        let state =
            Self { stage: to.id, standing: Standing::Open, entered_at: occasion.at, standing_since: occasion.at };
        Ok(Moved { state, transition: occasion.transition(kind, None, to.id) })
    }

    /// The outcome alone.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.standing.outcome()
    }

    /// Moves to the next stage on the way; to the won stage it is a win, and from there on the deal
    /// stays won.
    ///
    /// # Errors
    /// A gate that does not hold; no next stage; a deal that is neither open nor won.
    pub fn advance(&self, occasion: &Occasion<'_>, gate: Gate<'_>) -> Result<Moved, Refusal> {
        let from = self.on_path("advance", occasion)?;
        let next = occasion
            .process
            .path()
            .find(|stage| stage.order > from.order)
            .ok_or_else(|| Refusal::NoNext { from: from.key.clone() })?;
        self.onwards(occasion, from, next, None, gate)
    }

    /// Moves further on than the next stage. The gate of the stage that is left must hold; the
    /// stages left out are explained by the reason.
    ///
    /// # Errors
    /// As [`State::advance`]; a stage that is not further on than the next; no fitting reason.
    pub fn skip(&self, occasion: &Occasion<'_>, to: StageId, reason: &str, gate: Gate<'_>) -> Result<Moved, Refusal> {
        let from = self.on_path("skip", occasion)?;
        let to = occasion.stage(to)?;
        if to.order <= from.order || occasion.skipped(from, to).is_empty() {
            return Err(wrong_way("skip", from, to));
        }
        self.onwards(occasion, from, to, Some(reason), gate)
    }

    /// Moves to an earlier stage; no gate keeps a deal from that.
    ///
    /// # Errors
    /// A stage that is not earlier; no fitting reason; a deal that is neither open nor won; a won
    /// deal back before the win, which must be reopened.
    pub fn back(&self, occasion: &Occasion<'_>, to: StageId, reason: &str) -> Result<Moved, Refusal> {
        let from = self.on_path("move back", occasion)?;
        let to = occasion.stage(to)?;
        if to.order >= from.order {
            return Err(wrong_way("back", from, to));
        }
        if to.kind.outcome() != self.outcome() {
            return Err(wrong_kind(to, self.outcome()));
        }
        let reason = occasion.reason(ReasonMove::Back, reason)?;
        let mut moved = self.moved(occasion, MoveKind::Back, to, self.standing.clone());
        moved.transition.reason = Some(reason);
        Ok(moved)
    }

    /// Moves to a stage, whichever way it lies: what a drag on a board means. A deal whose stage is
    /// unknown is put into it directly.
    ///
    /// # Errors
    /// Those of [`State::advance`], [`State::skip`] or [`State::back`]; a missing reason names the
    /// codes.
    pub fn move_to(
        &self,
        occasion: &Occasion<'_>,
        to: StageId,
        reason: Option<&str>,
        gate: Gate<'_>,
    ) -> Result<Moved, Refusal> {
        let target = occasion.stage(to)?;
        if self.stage == StageId::UNKNOWN && self.outcome() == Outcome::Open {
            open_only(target, Outcome::Open)?;
            self.not_before(occasion)?;
            return Ok(self.moved(occasion, MoveKind::Direct, target, Standing::Open));
        }
        let from = self.on_path("move", occasion)?;
        if target.id == from.id {
            return Err(Refusal::AlreadyThere { stage: from.key.clone() });
        }
        if target.order < from.order {
            self.back(occasion, to, reason.unwrap_or_default())
        } else {
            self.onwards(occasion, from, target, reason, gate)
        }
    }

    /// Wins the deal: moves it to the won stage. Winning out of an early stage skips the stages
    /// between and needs a reason like any skip.
    ///
    /// # Errors
    /// A gate that does not hold; a skip without a reason; a deal that is not open; a process
    /// without a won stage.
    pub fn win(&self, occasion: &Occasion<'_>, skip_reason: Option<&str>, gate: Gate<'_>) -> Result<Moved, Refusal> {
        self.must_be(&[Outcome::Open], "win", "resume or reopen it")?;
        let from = self.on_path("win", occasion)?;
        let won = occasion
            .process
            .first_of(StageKind::Won)
            .ok_or_else(|| Refusal::NoWonStage { process: occasion.process.key.clone() })?;
        self.onwards(occasion, from, won, skip_reason, gate)
    }

    /// Loses the deal, open or parked.
    ///
    /// # Errors
    /// No fitting reason; what the reason asks for (competitor, obstacle); a deal that is over.
    pub fn lose(&self, occasion: &Occasion<'_>, loss: Loss<'_>) -> Result<Moved, Refusal> {
        self.must_be(&[Outcome::Open, Outcome::Parked], "lose", "reopen it")?;
        self.not_before(occasion)?;
        let code = occasion.reason(ReasonMove::Lose, loss.reason)?;
        let filled = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (competitor, obstacle) = (filled(loss.competitor), filled(loss.obstacle));
        let needs = occasion.reasons.get(&code).and_then(|reason| reason.needs);
        if needs == Some(ReasonNeed::Competitor) && competitor.is_none() {
            return Err(Refusal::CompetitorNeeded { code });
        }
        // An obstacle is checked wherever one is told, and asked for where the reason wants it.
        let known = |code: &String| occasion.reasons.of_group("obstacle").any(|r| r.code == *code);
        if !obstacle.as_ref().map_or(needs != Some(ReasonNeed::Obstacle), known) {
            let allowed = occasion.reasons.of_group("obstacle").map(|r| r.code.clone()).collect();
            return Err(Refusal::ObstacleNeeded { code, allowed });
        }
        let standing = Standing::Lost { reason: Some(code.clone()), competitor, obstacle };
        Ok(self.ended(occasion, MoveKind::Lost, standing, Some(code)))
    }

    /// Ends the deal, open or parked, without a decision for anybody.
    ///
    /// # Errors
    /// No fitting reason; a deal that is over.
    pub fn cancel(&self, occasion: &Occasion<'_>, reason: &str) -> Result<Moved, Refusal> {
        self.must_be(&[Outcome::Open, Outcome::Parked], "cancel", "reopen it")?;
        self.not_before(occasion)?;
        let code = occasion.reason(ReasonMove::Cancel, reason)?;
        let standing = Standing::Cancelled { reason: Some(code.clone()) };
        Ok(self.ended(occasion, MoveKind::Cancelled, standing, Some(code)))
    }

    /// Puts an open deal into nurture until somebody is in touch again.
    ///
    /// # Errors
    /// No day of next contact, or one that is not after today; a deal that is not open.
    pub fn park(&self, occasion: &Occasion<'_>, next_contact_on: Option<Day>) -> Result<Moved, Refusal> {
        self.must_be(&[Outcome::Open], "park", "resume or reopen it")?;
        self.not_before(occasion)?;
        let Some(next_contact_on) = next_contact_on else {
            return Err(Refusal::NextContactNeeded);
        };
        if next_contact_on <= occasion.today {
            return Err(Refusal::NextContactPast { next_contact_on, today: occasion.today });
        }
        let standing = Standing::Parked { next_contact_on: Some(next_contact_on) };
        Ok(self.ended(occasion, MoveKind::Parked, standing, None))
    }

    /// Takes a deal out of nurture, into the stage where it was; a stage that only means parked is
    /// no place to go on in, so then `to` must be named.
    ///
    /// # Errors
    /// A deal that is not parked; no open stage to go on in.
    pub fn resume(&self, occasion: &Occasion<'_>, to: Option<StageId>) -> Result<Moved, Refusal> {
        self.must_be(&[Outcome::Parked], "resume", "park it")?;
        self.again(occasion, MoveKind::Resumed, to)
    }

    /// Opens a deal that was over: in the stage named, else in the one where it ended if that is
    /// an open one.
    ///
    /// # Errors
    /// A deal that is not over; no open stage to go on in.
    pub fn reopen(&self, occasion: &Occasion<'_>, to: Option<StageId>) -> Result<Moved, Refusal> {
        let closed = [Outcome::Won, Outcome::Lost, Outcome::Cancelled];
        self.must_be(&closed, "reopen", "win, lose or cancel it")?;
        self.again(occasion, MoveKind::Reopened, to)
    }

    /// Forward, skip or win, as the target says.
    fn onwards(
        &self,
        occasion: &Occasion<'_>,
        from: &Stage,
        to: &Stage,
        reason: Option<&str>,
        gate: Gate<'_>,
    ) -> Result<Moved, Refusal> {
        let won = self.outcome() == Outcome::Won;
        let legal = match to.kind {
            StageKind::Open => !won,
            StageKind::Won => true,
            // What comes after the sale needs the sale.
            StageKind::Post => won,
            StageKind::Lost | StageKind::Cancelled | StageKind::Parked => false,
        };
        if !legal {
            return Err(wrong_kind(to, self.outcome()));
        }
        if to.order <= from.order {
            return Err(wrong_way("forward", from, to));
        }
        let skipped = occasion.skipped(from, to);
        let code = if skipped.is_empty() {
            None
        } else {
            Some(occasion.reason(ReasonMove::Skip, reason.unwrap_or_default())?)
        };
        let overridden = occasion.pass(from, gate)?;
        let (kind, standing) = match to.kind {
            StageKind::Won if !won => (MoveKind::Won, Standing::Won),
            _ if skipped.is_empty() => (MoveKind::Forward, self.standing.clone()),
            _ => (MoveKind::Skip, self.standing.clone()),
        };
        let mut moved = self.moved(occasion, kind, to, standing);
        moved.transition.skipped = skipped;
        moved.transition.reason = code;
        moved.transition.overridden = overridden;
        Ok(moved)
    }

    /// Into an end or into nurture: to the process's stage for it, else the deal stays where it is.
    fn ended(&self, occasion: &Occasion<'_>, kind: MoveKind, standing: Standing, reason: Option<String>) -> Moved {
        let stage_kind = match kind {
            MoveKind::Lost => StageKind::Lost,
            MoveKind::Cancelled => StageKind::Cancelled,
            _ => StageKind::Parked,
        };
        let to = occasion.process.first_of(stage_kind).map_or(self.stage, |stage| stage.id);
        let entered_at = if to == self.stage { self.entered_at } else { occasion.at };
        let mut transition = occasion.transition(kind, Some(self.stage), to);
        transition.reason = reason;
        let state = Self { stage: to, standing, entered_at, standing_since: occasion.at };
        Moved { state, transition }
    }

    /// Open again.
    fn again(&self, occasion: &Occasion<'_>, kind: MoveKind, to: Option<StageId>) -> Result<Moved, Refusal> {
        self.not_before(occasion)?;
        if to.is_none() && self.stage == StageId::UNKNOWN {
            // The stage was not known before and is not now; the deal is open all the same.
            let transition = occasion.transition(kind, Some(self.stage), self.stage);
            let state = Self {
                stage: self.stage,
                standing: Standing::Open,
                entered_at: occasion.at,
                standing_since: occasion.at,
            };
            return Ok(Moved { state, transition });
        }
        let stage = match to {
            Some(to) => {
                let stage = occasion.stage(to)?;
                open_only(stage, Outcome::Open)?;
                stage
            }
            None => {
                let stage = occasion.stage(self.stage)?;
                if stage.kind != StageKind::Open {
                    return Err(Refusal::StageNeeded);
                }
                stage
            }
        };
        Ok(self.moved(occasion, kind, stage, Standing::Open))
    }

    /// A new visit of `to`.
    fn moved(&self, occasion: &Occasion<'_>, kind: MoveKind, to: &Stage, standing: Standing) -> Moved {
        let standing_since = if standing == self.standing { self.standing_since } else { occasion.at };
        let state = Self { stage: to.id, standing, entered_at: occasion.at, standing_since };
        Moved { state, transition: occasion.transition(kind, Some(self.stage), to.id) }
    }

    /// The present stage, for moves along the way: of an open deal, or of a won one after the sale.
    fn on_path<'p>(&self, tried: &'static str, occasion: &Occasion<'p>) -> Result<&'p Stage, Refusal> {
        self.must_be(&[Outcome::Open, Outcome::Won], tried, "resume or reopen it")?;
        self.not_before(occasion)?;
        if self.stage == StageId::UNKNOWN {
            return Err(Refusal::StageUnknown);
        }
        occasion.stage(self.stage)
    }

    fn must_be(&self, outcomes: &[Outcome], tried: &'static str, first: &'static str) -> Result<(), Refusal> {
        let outcome = self.outcome();
        if outcomes.contains(&outcome) { Ok(()) } else { Err(Refusal::WrongStanding { tried, outcome, first }) }
    }

    /// A move at the same instant is legal: several changes of one instant keep their order.
    fn not_before(&self, occasion: &Occasion<'_>) -> Result<(), Refusal> {
        let last = self.entered_at.max(self.standing_since);
        if occasion.at < last {
            return Err(Refusal::BeforeLastChange { last, at: occasion.at });
        }
        Ok(())
    }
}

fn open_only(stage: &Stage, outcome: Outcome) -> Result<(), Refusal> {
    if stage.kind == StageKind::Open { Ok(()) } else { Err(wrong_kind(stage, outcome)) }
}

fn wrong_kind(stage: &Stage, outcome: Outcome) -> Refusal {
    Refusal::WrongKind { to: stage.key.clone(), kind: stage.kind.as_str(), outcome }
}

fn wrong_way(tried: &'static str, from: &Stage, to: &Stage) -> Refusal {
    Refusal::WrongWay { tried, from: from.key.clone(), to: to.key.clone() }
}
