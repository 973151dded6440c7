//! Every deal and customer of one day, held against the rules.
//!
//! A pass over all of them and not a tally: a verdict needs words, dates and other records beside a journey. What it
//! leaves is two words of bits a record, from which all scores and lists are made; whoever asks sees those in their
//! scope.

use std::collections::HashMap;
use std::sync::Arc;

use domain::field::ids;
use domain::process::Process;
use domain::quality::{Of, RuleBook, Sight, Verdicts, tax_number_is_sound};
use domain::{Currency, Day, Kind, Outcome, ProcessId, RecordId, StageId};
use journey::{Journey, NO_AMOUNT, NO_CURRENCY, STATE_DELETED};
use warehouse::{Dimension, Partition, Snapshot};

use super::alike::{Crowd, Likeness, Twins};
use super::evidence::Evidence;
use super::history;
use super::past::{Led, Past, Told, When};
use super::sight::{CustomerSight, DealSight};
use crate::records::fields::Field;

/// A deal of a day.
#[derive(Debug, Clone)]
pub(crate) struct DealRow {
    pub(crate) id: RecordId,
    pub(crate) owner: u32,
    pub(crate) team: u32,
    /// Code of its customer.
    pub(crate) account: u32,
    /// Id of its process version; 0 where none is known.
    pub(crate) process: u32,
    pub(crate) stage: StageId,
    pub(crate) outcome: Outcome,
    pub(crate) amount_minor: Option<i64>,
    pub(crate) currency: Option<Currency>,
    /// The import that brought it; 0 where it was entered here.
    pub(crate) import: i64,
    /// The group of open deals that are alike it; 0 where there is no other.
    pub(crate) twins: u32,
    pub(crate) verdicts: Verdicts,
}

/// A customer of a day.
#[derive(Debug, Clone)]
pub(crate) struct CustomerRow {
    pub(crate) id: RecordId,
    pub(crate) keeper: Option<RecordId>,
    pub(crate) import: i64,
    pub(crate) likeness: Likeness,
    /// How many others are alike it, over everything.
    pub(crate) alike: i64,
    pub(crate) verdicts: Verdicts,
}

/// The records of a day with their verdicts.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Row for row as the partitions of the snapshot; absent where the deal did not stand.
    pub(crate) deals: Vec<Vec<Option<DealRow>>>,
    /// By the order in which they were first told of.
    pub(crate) customers: Vec<CustomerRow>,
}

/// What is judged by.
pub(crate) struct Bench<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) past: &'a Past,
    pub(crate) book: &'a RuleBook,
    pub(crate) fields: &'a [Field],
    pub(crate) day: Day,
    pub(crate) when: When,
}

/// What is known of the whole before a record is judged.
pub(super) struct Whole {
    pub(super) historical: HashMap<StageId, i64>,
    pub(super) evidence: Evidence,
    /// Where merged records lead.
    pub(super) led: Led,
    /// The last day on which something was done about a deal.
    pub(super) done_on: HashMap<RecordId, i32>,
    /// Open deals that are alike.
    pub(super) twins: Twins,
}

pub(crate) fn judge(bench: &Bench<'_>) -> Judged {
    let led = bench.past.survivors(bench.when);
    let whole = Whole {
        historical: history::of_stages(bench.snapshot, bench.day),
        evidence: Evidence::of(bench, &led),
        done_on: done_on(bench, &led),
        twins: Twins::of(bench, &led),
        led,
    };
    let deals = in_parallel(&bench.snapshot.partitions, |partition| deals(bench, &whole, partition));
    let mut open: HashMap<u32, i64> = HashMap::new();
    for row in deals.iter().flatten().flatten().filter(|row| row.outcome == Outcome::Open) {
        *open.entry(row.account).or_default() += 1;
    }
    let accounts = bench.snapshot.labels.members(Dimension::Account);
    let open = open.into_iter().filter_map(|(code, deals)| Some((accounts.get(code)?.id, deals))).collect();
    Judged { customers: customers(bench, &whole.led, &open), deals }
}

/// The work for each of the partitions on as many threads as there are cores, the results in order.
fn in_parallel<R: Send>(partitions: &[Arc<Partition>], work: impl Fn(&Partition) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(partitions.len()).max(1);
    let each = partitions.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> = partitions
            .chunks(each)
            .map(|part| scope.spawn(move || part.iter().map(|partition| work(partition)).collect::<Vec<R>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// The place of the entry that holds at the day, of a deal that stands then.
pub(super) fn standing(journey: Journey<'_>, day: Day) -> Option<usize> {
    journey.at(day).filter(|place| journey.journeys.entries.state[*place] != STATE_DELETED)
}

fn done_on(bench: &Bench<'_>, led: &Led) -> HashMap<RecordId, i32> {
    let mut days: HashMap<RecordId, i32> = HashMap::new();
    for activity in bench.past.of(Kind::Activity) {
        let Some(told) = bench.past.at(*activity, bench.when) else { continue };
        if told.flag(ids::ACTIVITY_DONE) == Some(false) {
            continue;
        }
        let at = told.int(ids::ACTIVITY_AT).map(domain::Instant).filter(|at| *at < bench.when.end);
        if let Some((deal, at)) = told.int(ids::ACTIVITY_OPPORTUNITY).zip(at) {
            let day = bench.snapshot.calendar.day(at).0;
            days.entry(led.on(deal)).and_modify(|last| *last = day.max(*last)).or_insert(day);
        }
    }
    days
}

fn deals(bench: &Bench<'_>, whole: &Whole, partition: &Partition) -> Vec<Option<DealRow>> {
    let mut asked: HashMap<(u32, u8), u64> = HashMap::new();
    let journeys = partition.journeys.iter();
    journeys
        .map(|journey| standing(journey, bench.day).map(|place| deal(bench, whole, journey, place, &mut asked)))
        .collect()
}

fn deal(
    bench: &Bench<'_>,
    whole: &Whole,
    journey: Journey<'_>,
    place: usize,
    asked: &mut HashMap<(u32, u8), u64>,
) -> DealRow {
    let (journeys, entries) = (journey.journeys, &journey.journeys.entries);
    let (stage, state) = (entries.stage[place], entries.state[place]);
    let outcome = Outcome::from_code(state).unwrap_or(Outcome::Cancelled);
    let labels = &bench.snapshot.labels;
    let at = labels.stage(StageId(stage));
    let candidates = *asked.entry((stage, state)).or_insert_with(|| bench.book.candidates(outcome, at));
    let told = bench.past.at(journey.deal(), bench.when).unwrap_or_default();
    let process: Option<&Process> = labels.process(ProcessId(journeys.process[journey.index]));
    let import = told.import;
    let alike = match outcome {
        Outcome::Open => whole.twins.of_deal(&whole.led, &told, entries.amount_minor[place], entries.currency[place]),
        _ => None,
    };
    let sight = DealSight { bench, whole, journey, place, process, stage: at, told };
    let verdicts = match candidates {
        0 => Verdicts::default(),
        some => bench.book.judge(Of::Deal, some, &sight, bench.day),
    };
    DealRow {
        id: journey.deal(),
        owner: entries.owner[place],
        team: entries.team[place],
        account: journeys.account[journey.index],
        process: journeys.process[journey.index],
        stage: StageId(stage),
        outcome,
        amount_minor: (entries.amount_minor[place] != NO_AMOUNT).then_some(entries.amount_minor[place]),
        currency: Some(entries.currency[place]).filter(|code| *code != NO_CURRENCY).and_then(Currency::from_code),
        import,
        twins: alike.filter(|(_, others)| *others > 0).map_or(0, |(group, _)| group),
        verdicts,
    }
}

/// Contacts of a customer that can be reached, and those of them with an impossible e-mail or phone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reachable {
    pub(super) all: i64,
    pub(super) unsound: i64,
}

fn contacts(bench: &Bench<'_>, led: &Led) -> HashMap<RecordId, Reachable> {
    let mut of: HashMap<RecordId, Reachable> = HashMap::new();
    for contact in bench.past.of(Kind::Contact) {
        let Some(told) = bench.past.at(*contact, bench.when) else { continue };
        let ways = [told.flag(ids::CONTACT_PHONE), told.flag(ids::CONTACT_EMAIL)];
        if let (Some(account), true) = (told.int(ids::CONTACT_ACCOUNT), ways.iter().any(Option::is_some)) {
            let reachable = of.entry(led.on(account)).or_default();
            reachable.all += 1;
            reachable.unsound += i64::from(ways.contains(&Some(false)));
        }
    }
    of
}

fn customers(bench: &Bench<'_>, led: &Led, open: &HashMap<RecordId, i64>) -> Vec<CustomerRow> {
    let contacts = contacts(bench, led);
    let asked = bench.book.of_customers();
    let standing = bench.past.of(Kind::Account).iter();
    let each = |id: &RecordId| {
        let told = bench.past.at(*id, bench.when)?;
        Some((*id, Likeness::of(&told), told))
    };
    let standing: Vec<_> = standing.filter_map(each).collect();
    let crowd = Crowd::of(standing.iter().map(|(_, likeness, _)| *likeness));
    let row = |(id, likeness, told): (RecordId, Likeness, Told<'_>)| {
        let alike = crowd.others(likeness);
        let (keeper, import) = (told.int(ids::ACCOUNT_OWNER), told.import);
        let tax_number_sound = told
            .text(ids::ACCOUNT_TAX_NUMBER)
            .map(|number| tax_number_is_sound(number, told.text(ids::ACCOUNT_COUNTRY)));
        let sight = CustomerSight {
            told,
            tax_number_sound,
            contacts: contacts.get(&id).copied().unwrap_or_default(),
            open_deals: open.get(&id).copied().unwrap_or_default(),
            alike,
        };
        let verdicts = bench.book.judge(Of::Customer, asked, &sight as &dyn Sight, bench.day);
        CustomerRow { id, keeper, import, likeness, alike: alike.unwrap_or_default(), verdicts }
    };
    standing.into_iter().map(row).collect()
}
