//! Why a move is not legal, with the facts that a person or a form needs to mend it.

use thiserror::Error;

use crate::calendar::{Day, Instant};
use crate::id::{Outcome, StageId};
use crate::people::Role;
use crate::process::gate::GateReport;
use crate::process::{Process, ReasonBook, ReasonMove};

/// Why a move was refused. Stages are given by key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The stage is none of the process version.
    #[error("stage {} is not part of process {process}", stage.0)]
    NotOfProcess {
        /// The stage.
        stage: StageId,
        /// The process's key.
        process: String,
    },
    /// The source told no stage; only [`super::State::move_to`] an open stage mends that.
    #[error("the deal's stage is not known; put it into one first")]
    StageUnknown,
    /// The deal does not stand so that this move could be made.
    #[error("cannot {tried} a deal that is {}; first {first}", outcome.as_str())]
    WrongStanding {
        /// The move.
        tried: &'static str,
        /// How it stands.
        outcome: Outcome,
        /// What must be done before.
        first: &'static str,
    },
    /// The deal is there already.
    #[error("the deal is in {stage} already")]
    AlreadyThere {
        /// The stage.
        stage: String,
    },
    /// A deal that stands so cannot be in that stage.
    #[error("{to} is a stage of kind {kind}: a deal that is {} cannot move there", outcome.as_str())]
    WrongKind {
        /// The stage.
        to: String,
        /// Its kind.
        kind: &'static str,
        /// How the deal stands.
        outcome: Outcome,
    },
    /// The move does not lead that way.
    #[error("{tried} leads from {from} not to {to}")]
    WrongWay {
        /// The move.
        tried: &'static str,
        /// The present stage.
        from: String,
        /// The stage asked for.
        to: String,
    },
    /// There is nothing after this stage.
    #[error("{from} is the last stage")]
    NoNext {
        /// The present stage.
        from: String,
    },
    /// The process has no stage of kind won.
    #[error("process {process} has no stage for a won deal")]
    NoWonStage {
        /// The process's key.
        process: String,
    },
    /// To reopen a deal, a stage must be named.
    #[error("name the open stage in which the deal goes on")]
    StageNeeded,
    /// The exit criteria do not hold.
    #[error("{from} cannot be left yet; missing: {report}")]
    GateClosed {
        /// The present stage.
        from: String,
        /// What is missing.
        report: Box<GateReport>,
    },
    /// Only a manager may let a deal through.
    #[error("{} may not override the gate of {from}; missing: {report}", role.as_str())]
    MayNotOverride {
        /// Who tried.
        role: Role,
        /// The present stage.
        from: String,
        /// What is missing.
        report: Box<GateReport>,
    },
    /// An override without a reason.
    #[error("say why the gate of {from} is overridden; missing: {report}")]
    OverrideNeedsReason {
        /// The present stage.
        from: String,
        /// What is missing.
        report: Box<GateReport>,
    },
    /// The move needs a reason code.
    #[error("to {tried} needs a reason: one of {}", allowed.join(", "))]
    ReasonNeeded {
        /// The move.
        tried: ReasonMove,
        /// Codes that explain it.
        allowed: Vec<String>,
    },
    /// The code does not exist, or explains another move.
    #[error("{code:?} is no reason to {tried}: use one of {}", allowed.join(", "))]
    WrongReason {
        /// The code given.
        code: String,
        /// The move.
        tried: ReasonMove,
        /// Codes that explain it.
        allowed: Vec<String>,
    },
    /// The reason asks for the competitor's name.
    #[error("{code} needs the competitor's name")]
    CompetitorNeeded {
        /// The reason.
        code: String,
    },
    /// The reason asks for an obstacle.
    #[error("{code} needs the obstacle: one of {}", allowed.join(", "))]
    ObstacleNeeded {
        /// The reason.
        code: String,
        /// Codes of obstacles.
        allowed: Vec<String>,
    },
    /// Parking needs a day to be in touch again.
    #[error("say on which day somebody will be in touch again")]
    NextContactNeeded,
    /// That day is over.
    #[error("the next contact {next_contact_on} does not lie after today, {today}")]
    NextContactPast {
        /// The day given.
        next_contact_on: Day,
        /// Today.
        today: Day,
    },
    /// The move lies before the last change.
    #[error("the move at {at} lies before the last change, at {last}")]
    BeforeLastChange {
        /// When the deal last moved.
        last: Instant,
        /// When it should move.
        at: Instant,
    },
}

impl Refusal {
    /// The same in Chinese, with the names of the process's stages and reasons. What a gate lacks is not listed: the
    /// report of the refusal has it.
    #[must_use]
    pub fn zh(&self, process: &Process, reasons: &ReasonBook) -> String {
        let name = |key: &str| process.stage(key).map_or_else(|| key.to_owned(), |stage| stage.name.zh.clone());
        let reason = |code: &str| {
            let found = reasons.reasons.iter().find(|reason| reason.code == code);
            found.map_or_else(|| code.to_owned(), |reason| reason.name.zh.clone())
        };
        let listed = |codes: &[String]| codes.iter().map(|code| reason(code)).collect::<Vec<_>>().join("、");
        match self {
            Self::NotOfProcess { process, .. } => format!("这个阶段不属于流程“{process}”"),
            Self::StageUnknown => "商机的阶段不明；请先把它放入一个阶段".to_owned(),
            Self::WrongStanding { outcome, .. } => format!("商机{}，不能这样做", stands(*outcome)),
            Self::AlreadyThere { stage } => format!("商机已在“{}”", name(stage)),
            Self::WrongKind { to, outcome, .. } => format!("商机{}，不能移到“{}”", stands(*outcome), name(to)),
            Self::WrongWay { from, to, .. } => format!("从“{}”不能这样移到“{}”", name(from), name(to)),
            Self::NoNext { from } => format!("“{}”已是最后一个阶段", name(from)),
            Self::NoWonStage { process } => format!("流程“{process}”没有赢单阶段"),
            Self::StageNeeded => "请指明商机在哪个进行中的阶段继续".to_owned(),
            Self::GateClosed { from, .. } => format!("还不能离开“{}”：准出标准未满足", name(from)),
            Self::MayNotOverride { from, .. } => {
                format!("“{}”的准出标准未满足，只有经理可以放行", name(from))
            }
            Self::OverrideNeedsReason { from, .. } => format!("请说明为何不满足“{}”的准出标准也放行", name(from)),
            Self::ReasonNeeded { tried, allowed } => format!("{}须有原因，可选：{}", doing(*tried), listed(allowed)),
            Self::WrongReason { code, tried, allowed } => {
                format!("“{}”不是{}的原因，可选：{}", reason(code), doing(*tried), listed(allowed))
            }
            Self::CompetitorNeeded { code } => format!("原因“{}”须写明竞争对手", reason(code)),
            Self::ObstacleNeeded { code, allowed } => {
                format!("原因“{}”须选择障碍，可选：{}", reason(code), listed(allowed))
            }
            Self::NextContactNeeded => "请写明下次联系的日期".to_owned(),
            Self::NextContactPast { next_contact_on, today } => {
                format!("下次联系日期 {next_contact_on} 须晚于今天（{today}）")
            }
            Self::BeforeLastChange { last, at } => format!("这一步发生于 {at}，早于上次变动（{last}）"),
        }
    }
}

const fn stands(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "仍在进行",
        Outcome::Won => "已赢单",
        Outcome::Lost => "已丢单",
        Outcome::Cancelled => "已取消",
        Outcome::Parked => "正在培育",
    }
}

const fn doing(tried: ReasonMove) -> &'static str {
    match tried {
        ReasonMove::Lose => "丢单",
        ReasonMove::Cancel => "取消",
        ReasonMove::Skip => "跳阶段",
        ReasonMove::Back => "退回阶段",
    }
}
