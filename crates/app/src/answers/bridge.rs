//! Bridge: from the opening to the closing pipeline, line by line.

use domain::Day;
use journey::{Bridge, Events, Line};

use super::Asked;
use super::frame::Frame;
use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::{Ask, Loudou, Result};

/// A question for a bridge.
#[derive(Debug, Clone)]
pub struct BridgeAsk {
    /// What every question has.
    pub common: Ask,
    /// Only deals expected to close from the first to the second day.
    pub due: Option<(Day, Day)>,
    /// Every event on the way instead of the two ends.
    pub path: bool,
}

impl Loudou {
    /// What made the pipeline of one day into that of another.
    ///
    /// # Errors
    /// The question is wrong, or the data cannot be read.
    pub async fn bridge(&self, ask: &BridgeAsk) -> Result<Answer> {
        let mut asked = self.asked(&ask.common).await?;
        let from = asked.opening();
        let tally = tally(&asked, from, ask.due, ask.path);
        let reply = self.warehouse().await?.ask(&asked.question, &tally).await?;
        Ok(answer(asked.terms, &Frame::of(&reply, &ask.common.by), &tally))
    }
}

/// The answer from a bridge's lines.
pub(super) fn answer(terms: Terms, frame: &Frame, tally: &Bridge) -> Answer {
    let Bridge { from, due, events, .. } = tally;
    let path = *events == Events::Path;
    let population = if due.is_some() {
        ("进行中、在范围内、预计在期内成交的商机", "open, in scope, expected to close inside the period that is due")
    } else {
        ("进行中、在范围内的商机", "open, in scope")
    };
    let terms = terms
        .with_words("opening", &format!("{from} 日终存量"), format!("stock at the end of {from}"))
        .with_words("population", population.0, population.1)
        .with("due_from", due.map(|(from, _)| from.to_string()))
        .with("due_to", due.map(|(_, to)| to.to_string()))
        .with_words("mode", if path { "逐事件" } else { "首尾比较" }, if path { "path" } else { "endpoint" });
    let columns = vec![
        Column::new("line", "项目", "line", Unit::Text),
        Column::new("sign", "符号", "sign", Unit::Number),
        Column::new("deals", "商机数", "deals", Unit::Count),
        Column::new("amount_minor", "金额", "amount", Unit::AmountMinor),
    ];
    let mut answer = frame.answer(("漏斗变动桥", "Pipeline bridge"), terms, columns);
    let rows = &frame.rows;
    for row in 0..rows.len() {
        let Some(line) = Line::from_code(rows.byte("line", row)) else { continue };
        let mut cells = frame.group_cells(rows.group(row));
        cells.extend([
            Cell::Name { zh: zh(line).to_owned(), en: line.as_str().replace('_', " "), key: line.as_str().to_owned() },
            Cell::Text(sign(line).to_owned()),
            Cell::Int(rows.count("deals", row)),
            Cell::Minor(rows.money("amount_minor", row)),
        ]);
        answer.push(cells);
    }
    answer.note(
        "带 + 与 − 的各行加上期初等于期末，精确到分；↔ 进来又出去，△ 仅作说明。",
        "begin and the lines marked + and − add up to end exactly; ↔ came and left, △ is told beside.",
    );
    answer
}

/// What a bridge counts.
pub(crate) fn tally(asked: &Asked, from: Day, due: Option<(Day, Day)>, path: bool) -> Bridge {
    Bridge { from, to: asked.to, due, events: if path { Events::Path } else { Events::Endpoints } }
}

/// How the line enters the sum, for the eye.
fn sign(line: Line) -> &'static str {
    match (line, line.amount_sign()) {
        (Line::Begin | Line::End, _) => "=",
        (Line::CreatedWon | Line::CreatedLost, _) => "↔",
        (_, 1) => "+",
        (_, -1) => "−",
        _ => "△",
    }
}

const fn zh(line: Line) -> &'static str {
    match line {
        Line::Begin => "期初",
        Line::New => "新增",
        Line::CreatedWon => "期内新增并赢单",
        Line::CreatedLost => "期内新增并丢单",
        Line::Reopened => "重新打开",
        Line::Resumed => "恢复",
        Line::TransferredIn => "转入",
        Line::PulledIn => "提前",
        Line::PushedIn => "推迟至本期",
        Line::Grown => "金额增加",
        Line::Shrunk => "金额减少",
        Line::RateEffect => "汇率影响",
        Line::Won => "赢单",
        Line::WonRevaluation => "赢单调整",
        Line::Lost => "丢单",
        Line::Cancelled => "取消",
        Line::Parked => "培育",
        Line::TransferredOut => "转出",
        Line::PushedOut => "推迟",
        Line::PulledOut => "提前至本期前",
        Line::Deleted => "删除",
        Line::End => "期末",
    }
}
