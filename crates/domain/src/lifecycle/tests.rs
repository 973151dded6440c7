//! Dense tables: state and action on the left, the result on the right.

use super::*;
use crate::process::{BuyingRole, ExprValue, load, ready_made};

/// Facts that fill everything, or nothing.
struct All(bool);

impl Facts for All {
    fn field(&self, name: &str) -> Option<ExprValue> {
        self.0.then(|| match name {
            "signed_with" => ExprValue::Text("us".to_owned()),
            "blocking_obstacles" => ExprValue::Number(0),
            "expected_close_on" => ExprValue::Day(day("2026-07-01")),
            _ => ExprValue::Number(1),
        })
    }

    fn is_done(&self, _: &str) -> bool {
        self.0
    }

    fn is_met(&self, _: BuyingRole) -> bool {
        self.0
    }

    fn is_tracked(&self, _: &str) -> bool {
        self.0
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A foreign process that has stages for every end.
const FOREIGN: &str = r#"
key = "foreign"
detail = "lean"
name = { zh = "外来", en = "Foreign" }
stages = [
  { key = "new", order = 10, kind = "open", name = { zh = "新", en = "New" } },
  { key = "talks", order = 20, kind = "open", name = { zh = "谈", en = "Talks" } },
  { key = "rest", order = 25, kind = "parked", name = { zh = "歇", en = "Rest" } },
  { key = "won", order = 30, kind = "won", probability_percent = 100, name = { zh = "赢", en = "Won" } },
  { key = "lost", order = 40, kind = "lost", name = { zh = "输", en = "Lost" } },
  { key = "gone", order = 50, kind = "cancelled", name = { zh = "消", en = "Gone" } },
]
"#;

const FIRST_STAGE: StageId = StageId(11);

fn process(key: &str) -> Process {
    let ready = ready_made().iter().find(|ready| ready.key == key);
    let text = ready.map_or(FOREIGN, |ready| ready.toml);
    load(text).unwrap().with_ids(crate::id::ProcessId(1), FIRST_STAGE)
}

fn stage_of(process: &Process, key: &str) -> StageId {
    match key {
        "?" => StageId::UNKNOWN,
        "other" => StageId(99),
        _ => process.stage(key).unwrap_or_else(|| panic!("no stage {key}")).id,
    }
}

fn key_of(process: &Process, id: StageId) -> String {
    process.stage_by_id(id).map_or("?", |stage| &stage.key).to_owned()
}

fn standing(word: &str) -> Standing {
    match word {
        "open" => Standing::Open,
        "won" => Standing::Won,
        "lost" => Standing::Lost { reason: None, competitor: None, obstacle: None },
        "cancelled" => Standing::Cancelled { reason: None },
        "parked" => Standing::Parked { next_contact_on: None },
        _ => panic!("no standing {word}"),
    }
}

const ENTERED: Instant = Instant(1_000);
const NOW: Instant = Instant(5_000);

/// One line: `outcome stage | [modifiers] action arguments`. Modifiers: `bare` (no facts),
/// `manager`, `override=reason`, `early` (before the last change).
fn run(process: &Process, state: &str, action: &str) -> Result<Moved, Refusal> {
    let reasons = ReasonBook::of(process);
    let mut words: Vec<&str> = action.split_whitespace().collect();
    let mut occasion =
        Occasion { process, reasons: &reasons, person: 7, role: Role::Rep, at: NOW, today: day("2026-06-01") };
    let mut facts = All(true);
    let mut overriding = None;
    while let Some(&word) = words.first() {
        match (word, word.strip_prefix("override=")) {
            ("bare", _) => facts = All(false),
            ("manager", _) => occasion.role = Role::Manager,
            ("early", _) => occasion.at = Instant(999),
            (_, Some(reason)) => overriding = Some(reason),
            _ => break,
        }
        words.remove(0);
    }
    let gate = Gate { facts: &facts, overriding };
    let argument = |at: usize| words.get(at).copied();
    let named = |name: &str| words.iter().find_map(|w| w.strip_prefix(name)?.strip_prefix('='));
    let stage = |at: usize| stage_of(process, argument(at).unwrap());
    if words[0] == "begin" {
        return State::begin(&occasion, stage(1));
    }
    let (word, key) = state.trim().split_once(' ').unwrap();
    let state = State {
        stage: stage_of(process, key.trim()),
        standing: standing(word),
        entered_at: ENTERED,
        standing_since: ENTERED,
    };
    match words[0] {
        "advance" => state.advance(&occasion, gate),
        "move" => state.move_to(&occasion, stage(1), argument(2), gate),
        "skip" => state.skip(&occasion, stage(1), argument(2).unwrap_or_default(), gate),
        "back" => state.back(&occasion, stage(1), argument(2).unwrap_or_default()),
        "win" => state.win(&occasion, argument(1), gate),
        "lose" => state.lose(
            &occasion,
            Loss {
                reason: argument(1).unwrap_or_default(),
                competitor: named("competitor"),
                obstacle: named("obstacle"),
            },
        ),
        "cancel" => state.cancel(&occasion, argument(1).unwrap_or_default()),
        "park" => state.park(&occasion, argument(1).map(day)),
        "resume" => state.resume(&occasion, argument(1).map(|_| stage(1))),
        "reopen" => state.reopen(&occasion, argument(1).map(|_| stage(1))),
        other => panic!("no action {other}"),
    }
}

/// `outcome stage: kind steps [left out …] [reason] [overridden (reason): missing]`.
fn told(process: &Process, result: Result<Moved, Refusal>) -> String {
    let Moved { state, transition } = match result {
        Ok(moved) => moved,
        Err(refusal) => return format!("no: {refusal}"),
    };
    assert_eq!(transition.to, state.stage);
    assert_eq!((transition.by, transition.at), (7, NOW));
    let mut told = format!(
        "{} {}: {} {:+}",
        state.outcome().as_str(),
        key_of(process, state.stage),
        transition.kind.as_str(),
        transition.steps
    );
    if !transition.skipped.is_empty() {
        let keys: Vec<String> = transition.skipped.iter().map(|&id| key_of(process, id)).collect();
        told += &format!(", left out {}", keys.join(" "));
    }
    if let Some(reason) = transition.reason {
        told += &format!(", {reason}");
    }
    if let Some(overridden) = transition.overridden {
        told += &format!(", overridden ({}): {}", overridden.reason, overridden.report);
    }
    told
}

fn table(process: &Process, text: &str) {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (state, rest) = line.split_once('|').unwrap();
        let (action, expected) = rest.split_once("=>").unwrap();
        assert_eq!(told(process, run(process, state, action)), expected.trim(), "{line}");
    }
}

#[test]
fn along_the_way() {
    table(
        &process("b2b-seven"),
        "
        -             | begin lead                    => open lead: new +0
        -             | begin solution                => open solution: direct +0
        -             | begin won                     => no: won is a stage of kind won: a deal that is open cannot move there
        -             | begin other                   => no: stage 99 is not part of process b2b-seven
        -             | begin ?                       => no: stage 0 is not part of process b2b-seven
        open lead     | advance                       => open contact: forward +1
        open needs    | advance                       => open solution: forward +1
        open decision | advance                       => won won: won +1
        won won       | advance                       => no: won is the last stage
        lost needs    | advance                       => no: cannot advance a deal that is lost; first resume or reopen it
        parked needs  | advance                       => no: cannot advance a deal that is parked; first resume or reopen it
        open needs    | early advance                 => no: the move at 1970-01-01T00:00:00.000999Z lies before the last change, at 1970-01-01T00:00:00.001Z
        open needs    | skip proof skip.repeat        => open proof: skip +2, left out solution, skip.repeat
        open lead     | skip decision skip.customer   => open decision: skip +5, left out contact needs solution proof, skip.customer
        open needs    | skip proof                    => no: to skip needs a reason: one of skip.repeat, skip.customer
        open needs    | skip proof back.people        => no: \"back.people\" is no reason to skip: use one of skip.repeat, skip.customer
        open needs    | skip proof because            => no: \"because\" is no reason to skip: use one of skip.repeat, skip.customer
        open needs    | skip solution skip.repeat     => no: skip leads from needs not to solution
        open needs    | skip lead skip.repeat         => no: skip leads from needs not to lead
        open proof    | back needs back.people        => open needs: back -2, back.people
        open proof    | bare back lead back.evidence  => open lead: back -4, back.evidence
        open proof    | back needs                    => no: to back needs a reason: one of back.needs, back.people, back.evidence
        open proof    | back needs lost.price         => no: \"lost.price\" is no reason to back: use one of back.needs, back.people, back.evidence
        open proof    | back decision back.needs      => no: back leads from proof not to decision
        open proof    | back proof back.needs         => no: back leads from proof not to proof
        won won       | back needs back.people        => no: needs is a stage of kind open: a deal that is won cannot move there
        open needs    | move solution                 => open solution: forward +1
        open needs    | move decision skip.customer   => open decision: skip +3, left out solution proof, skip.customer
        open needs    | move decision                 => no: to skip needs a reason: one of skip.repeat, skip.customer
        open needs    | move lead back.people         => open lead: back -2, back.people
        open needs    | move lead                     => no: to back needs a reason: one of back.needs, back.people, back.evidence
        open needs    | move needs                    => no: the deal is in needs already
        open needs    | move other                    => no: stage 99 is not part of process b2b-seven
        open ?        | bare move proof               => open proof: direct +0
        open ?        | move won                      => no: won is a stage of kind won: a deal that is open cannot move there
        open ?        | advance                       => no: the deal's stage is not known; put it into one first
        open ?        | win                           => no: the deal's stage is not known; put it into one first
        open other    | advance                       => no: stage 99 is not part of process b2b-seven
        ",
    );
}

#[test]
fn through_the_gate() {
    table(
        &process("b2b-seven"),
        "
        open lead     | bare advance                          => no: lead cannot be left yet; missing: fields source_channel, account, contact; actions verify_lead, first_contact
        open proof    | bare advance                          => no: proof cannot be left yet; missing: fields poc_result, negotiation_obstacles; actions settle_terms; roles economic; condition blocking_obstacles = 0
        open lead     | bare override=hurry advance           => no: rep may not override the gate of lead; missing: fields source_channel, account, contact; actions verify_lead, first_contact
        open lead     | bare manager override= advance        => no: say why the gate of lead is overridden; missing: fields source_channel, account, contact; actions verify_lead, first_contact
        open lead     | bare manager advance                  => no: lead cannot be left yet; missing: fields source_channel, account, contact; actions verify_lead, first_contact
        open contact  | bare manager override=hurry advance   => open needs: forward +1, overridden (hurry): fields business_owner, next_step, next_step_on; actions intro_meeting
        open contact  | manager override=hurry advance        => open needs: forward +1
        open contact  | bare skip proof skip.repeat           => no: contact cannot be left yet; missing: fields business_owner, next_step, next_step_on; actions intro_meeting
        open contact  | bare manager override=hurry skip solution skip.repeat => open solution: skip +2, left out needs, skip.repeat, overridden (hurry): fields business_owner, next_step, next_step_on; actions intro_meeting
        open decision | bare win                              => no: decision cannot be left yet; missing: fields contract_no, signed_on, signed_with; actions contract_approval; condition signed_with = 'us'
        ",
    );
}

#[test]
fn ends_and_beginnings_again() {
    table(
        &process("b2b-seven"),
        "
        open decision | win                                     => won won: won +1
        open needs    | win                                     => no: to skip needs a reason: one of skip.repeat, skip.customer
        open needs    | win skip.customer                       => won won: won +4, left out solution proof decision, skip.customer
        won won       | win                                     => no: cannot win a deal that is won; first resume or reopen it
        parked needs  | win                                     => no: cannot win a deal that is parked; first resume or reopen it
        open needs    | lose lost.price                         => lost needs: lost +0, lost.price
        parked needs  | lose abandon.refused                    => lost needs: lost +0, abandon.refused
        open ?        | lose lost.price                         => lost ?: lost +0, lost.price
        open needs    | lose                                    => no: to lose needs a reason: one of lost.price, lost.product, lost.relation, lost.competitor, lost.late, lost.terms, abandon.refused, abandon.unreachable, abandon.unsuitable, abandon.bought_other
        open needs    | lose lost.competitor                    => no: lost.competitor needs the competitor's name
        open needs    | lose lost.competitor competitor=        => no: lost.competitor needs the competitor's name
        open needs    | lose lost.competitor competitor=Rival   => lost needs: lost +0, lost.competitor
        open proof    | lose lost.terms obstacle=obstacle.legal => lost proof: lost +0, lost.terms
        open proof    | lose lost.terms                         => no: lost.terms needs the obstacle: one of obstacle.payment, obstacle.credit, obstacle.delivery, obstacle.lc, obstacle.legal, obstacle.price, obstacle.origin, obstacle.certification, obstacle.permit
        open proof    | lose lost.price obstacle=rain           => no: lost.price needs the obstacle: one of obstacle.payment, obstacle.credit, obstacle.delivery, obstacle.lc, obstacle.legal, obstacle.price, obstacle.origin, obstacle.certification, obstacle.permit
        won won       | lose lost.price                         => no: cannot lose a deal that is won; first reopen it
        lost needs    | lose lost.price                         => no: cannot lose a deal that is lost; first reopen it
        open needs    | early lose lost.price                   => no: the move at 1970-01-01T00:00:00.000999Z lies before the last change, at 1970-01-01T00:00:00.001Z
        open needs    | cancel cancelled.budget                 => cancelled needs: cancelled +0, cancelled.budget
        parked proof  | cancel abandon.unreachable              => cancelled proof: cancelled +0, abandon.unreachable
        open needs    | cancel lost.price                       => no: \"lost.price\" is no reason to cancel: use one of cancelled.budget, cancelled.project, cancelled.internal, cancelled.unfit, abandon.refused, abandon.unreachable, abandon.unsuitable, abandon.bought_other
        cancelled needs | cancel cancelled.budget               => no: cannot cancel a deal that is cancelled; first reopen it
        open needs    | park 2026-06-02                         => parked needs: parked +0
        open needs    | park                                    => no: say on which day somebody will be in touch again
        open needs    | park 2026-06-01                         => no: the next contact 2026-06-01 does not lie after today, 2026-06-01
        parked needs  | park 2026-06-02                         => no: cannot park a deal that is parked; first resume or reopen it
        won won       | park 2026-06-02                         => no: cannot park a deal that is won; first resume or reopen it
        parked needs  | resume                                  => open needs: resumed +0
        parked needs  | resume contact                          => open contact: resumed -1
        parked ?      | resume                                  => open ?: resumed +0
        open needs    | resume                                  => no: cannot resume a deal that is open; first park it
        lost needs    | resume                                  => no: cannot resume a deal that is lost; first park it
        lost needs    | reopen                                  => open needs: reopened +0
        lost needs    | reopen lead                             => open lead: reopened -2
        cancelled proof | reopen                                => open proof: reopened +0
        won won       | reopen                                  => no: name the open stage in which the deal goes on
        won won       | reopen decision                         => open decision: reopened -1
        won won       | reopen won                              => no: won is a stage of kind won: a deal that is open cannot move there
        open needs    | reopen                                  => no: cannot reopen a deal that is open; first win, lose or cancel it
        parked needs  | reopen                                  => no: cannot reopen a deal that is parked; first win, lose or cancel it
        lost needs    | early reopen                            => no: the move at 1970-01-01T00:00:00.000999Z lies before the last change, at 1970-01-01T00:00:00.001Z
        ",
    );
}

#[test]
fn after_the_sale() {
    table(
        &process("ecommerce"),
        "
        won complete    | advance                         => won repurchase: forward +1
        won complete    | bare advance                    => no: complete cannot be left yet; missing: fields order_no
        won complete    | skip referral skip.customer     => won referral: skip +2, left out repurchase, skip.customer
        won referral    | back complete back.evidence     => won complete: back -2, back.evidence
        won referral    | back pay back.evidence          => no: pay is a stage of kind open: a deal that is won cannot move there
        won referral    | advance                         => no: referral is the last stage
        open pay        | move repurchase skip.repeat     => no: repurchase is a stage of kind post: a deal that is open cannot move there
        won repurchase  | reopen pay                      => open pay: reopened -2
        won repurchase  | reopen                          => no: name the open stage in which the deal goes on
        ",
    );
}

#[test]
fn where_the_process_has_stages_for_the_ends() {
    table(
        &process("foreign"),
        "
        open new       | bare advance             => open talks: forward +10
        open talks     | advance                  => won won: won +10
        open talks     | lose lost.price          => lost lost: lost +20, lost.price
        open talks     | cancel cancelled.project => cancelled gone: cancelled +30, cancelled.project
        open talks     | park 2027-01-01          => parked rest: parked +5
        open talks     | move lost                => no: lost is a stage of kind lost: a deal that is open cannot move there
        parked rest    | resume                   => no: name the open stage in which the deal goes on
        parked rest    | resume talks             => open talks: resumed -5
        lost lost      | reopen talks             => open talks: reopened -20
        lost lost      | reopen                   => no: name the open stage in which the deal goes on
        ",
    );
}

#[test]
fn a_process_that_nobody_wins() {
    let mut process = process("foreign");
    process.stages.retain(|stage| stage.key != "won");
    table(
        &process,
        "
        open talks | win     => no: process foreign has no stage for a won deal
        open talks | advance => no: talks is the last stage
        ",
    );
}

#[test]
fn visits_and_standings_keep_their_time() {
    let process = process("b2b-seven");
    let times = |state: &str, action: &str| {
        let state = run(&process, state, action).unwrap().state;
        (state.entered_at, state.standing_since)
    };
    assert_eq!(times("open needs", "advance"), (NOW, ENTERED), "still open since it began");
    assert_eq!(times("open decision", "win"), (NOW, NOW));
    assert_eq!(times("open needs", "lose lost.price"), (ENTERED, NOW), "it ended in that visit");
    assert_eq!(times("open needs", "park 2026-07-01"), (ENTERED, NOW));
    assert_eq!(times("parked needs", "resume"), (NOW, NOW), "a new visit");
    assert_eq!(times("lost needs", "reopen"), (NOW, NOW), "a new visit");
}

#[test]
fn what_an_end_remembers() {
    let process = process("b2b-seven");
    let standing = |action: &str| run(&process, "open proof", action).unwrap().state.standing;
    assert_eq!(
        standing("lose lost.competitor competitor=Rival"),
        Standing::Lost {
            reason: Some("lost.competitor".to_owned()),
            competitor: Some("Rival".to_owned()),
            obstacle: None,
        }
    );
    assert_eq!(standing("park 2026-07-01"), Standing::Parked { next_contact_on: Some(day("2026-07-01")) });
}

/// Whatever is tried, in whatever state: the deal's stage is always one of the process, a closed
/// deal leaves its end only by `reopen` or to a stage after the sale, and the move tells the truth
/// about where it came from.
#[test]
fn no_move_breaks_the_rules() {
    let process = process("ecommerce");
    let keys: Vec<String> = process.stages.iter().map(|stage| stage.key.clone()).collect();
    let mut actions: Vec<String> = ["advance", "win skip.repeat", "lose lost.price", "resume", "reopen"]
        .into_iter()
        .chain(["cancel cancelled.unfit", "park 2027-01-01"])
        .map(str::to_owned)
        .collect();
    for key in &keys {
        for action in ["skip KEY skip.repeat", "back KEY back.needs", "move KEY skip.repeat", "reopen KEY"] {
            actions.push(action.replace("KEY", key));
        }
    }
    let mut legal = 0;
    for outcome in Outcome::ALL {
        for key in &keys {
            for action in &actions {
                let Ok(moved) = run(&process, &format!("{} {key}", outcome.as_str()), action) else {
                    continue;
                };
                legal += 1;
                let line = format!("{} {key} | {action}", outcome.as_str());
                let to = process.stage_by_id(moved.state.stage).expect(&line);
                assert_eq!(moved.transition.from, Some(stage_of(&process, key)), "{line}");
                let from = process.stage(key).unwrap();
                assert_eq!(moved.transition.steps, to.order - from.order, "{line}");
                let after = moved.state.outcome();
                match moved.transition.kind {
                    MoveKind::Reopened | MoveKind::Resumed => assert_eq!(after, Outcome::Open, "{line}"),
                    _ if outcome.is_closed() => assert_eq!(after, outcome, "{line}"),
                    _ => {}
                }
                if after == Outcome::Open && outcome.is_closed() {
                    assert!(action.starts_with("reopen"), "{line}");
                }
            }
        }
    }
    assert!(legal > 100, "{legal}");
}
