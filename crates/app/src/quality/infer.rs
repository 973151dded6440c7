//! Industries of customers, inferred for somebody to confirm.
//!
//! Nothing is written unless asked for, and what is written is marked: it stands in a field of its own, which no
//! analysis reads, until somebody confirms it. What was rejected is never proposed again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::field::{Value, ids};
use domain::journal::{Cut, Facts};
use domain::people::May;
use domain::{Kind, RecordId};
use journey::NONE;
use warehouse::{Dimension, Snapshot};

use super::kept::{Basis, Wanted};
use super::learn::{Learnt, PARTS, TooLittle, Traits, learn, words};
use super::past::{Past, Told, When};
use super::view::Viewed;
use crate::answer::Label;
use crate::records::Member;
use crate::step::{self, Nobody, go_on};
use crate::{AppError, Ask, Follow, Loudou, Result, Step, Words};

/// Customers with an industry that there must be to learn from.
pub const LEAST_EXAMPLES: usize = 50;
/// Customers between two words to whoever follows, and of one statement.
const PORTION: usize = 2_000;
/// Proposals shown at a time.
const MOST: usize = 500;

/// How well the classifier does, and on what.
#[derive(Debug, Clone, PartialEq)]
pub struct InferenceState {
    /// Customers in sight with an industry; what is learnt is learnt from all.
    pub known: u64,
    /// Customers in sight without one.
    pub unknown: u64,
    /// The share of answers that is to be right.
    pub wanted: f64,
    /// Of customers whose industry is known and was held back: how many there were, how many were answered, how many of
    /// these rightly. Absent where nothing was learnt, and to whom some of them are out of sight.
    pub tested: Option<(u64, u64, u64)>,
    /// The bounds of the share of right answers, 95 %; absent as the counts are.
    pub bounds: Option<(f64, f64)>,
    /// Why nothing was learnt.
    pub too_little: Option<Words>,
}

/// An inferred industry of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    /// The customer.
    pub account: Member,
    /// Its version.
    pub version: i64,
    /// The industry.
    pub industry: Member,
    /// How often such an answer was right, in millionths.
    pub confidence_ppm: i64,
    /// Whether it is written with the customer; otherwise it is only proposed here.
    pub written: bool,
}

/// Industries to confirm.
#[derive(Debug, Clone, PartialEq)]
pub struct InferredList {
    /// How far the classifier's word goes.
    pub state: InferenceState,
    /// The surest first, at most 500.
    pub rows: Vec<Inferred>,
    /// How many there are.
    pub proposals: u64,
}

/// What the classifier says of every customer in sight without an industry.
#[derive(Debug)]
pub(crate) struct Proposed {
    state: InferenceState,
    proposals: Vec<Proposal>,
}

/// A customer without an industry and what is proposed for it.
#[derive(Debug)]
struct Proposal {
    account: RecordId,
    /// What is inferred now.
    found: Option<(RecordId, i64)>,
    /// What is written, unless it was rejected.
    written: Option<(RecordId, i64)>,
}

impl Loudou {
    /// Industries inferred for customers in sight that have none. Nothing is written.
    ///
    /// # Errors
    /// A share that is none, a role that may not, or the data cannot be read.
    pub async fn inferred(&self, wanted: f64) -> Result<InferredList> {
        self.inferred_followed(wanted, &Nobody).await
    }

    /// As [`Loudou::inferred`], followed.
    ///
    /// # Errors
    /// As [`Loudou::inferred`]; or it was cancelled.
    pub async fn inferred_followed(&self, wanted: f64, follow: &(dyn Follow + Sync)) -> Result<InferredList> {
        self.who.require(May::Analyse)?;
        let here = self.held().await?;
        let proposed = here.propose(wanted, follow).await?;
        let mut shown: Vec<(RecordId, RecordId, i64, bool)> = Vec::new();
        for one in &proposed.proposals {
            let is_written = one.written.is_some();
            if let Some((industry, confidence)) = one.written.or(one.found) {
                shown.push((one.account, industry, confidence, is_written));
            }
        }
        shown.sort_by_key(|(account, _, confidence, _)| (std::cmp::Reverse(*confidence), *account));
        let proposals = shown.len() as u64;
        shown.truncate(MOST);
        let ids: Vec<RecordId> = shown.iter().map(|(account, ..)| *account).collect();
        let records = here.store.records(Kind::Account, &ids).await?;
        let by_id: HashMap<RecordId, &store::Record> = records.iter().map(|record| (record.id, record)).collect();
        let snapshot = here.warehouse().await?.snapshot();
        let industries = snapshot.labels.members(Dimension::Industry);
        let names: HashMap<RecordId, u32> = industries.iter().map(|(code, member)| (member.id, code)).collect();
        let row = |(account, industry, confidence_ppm, written): (RecordId, RecordId, i64, bool)| {
            let record = by_id.get(&account)?;
            let name = record.text(ids::ACCOUNT_NAME).map_or_else(|| format!("#{account}"), str::to_owned);
            let called = names.get(&industry).and_then(|code| industries.label(*code));
            let industry = Member { id: industry, name: called.unwrap_or_else(|| format!("#{industry}")) };
            let account = Member { id: account, name };
            Some(Inferred { account, version: record.version, industry, confidence_ppm, written })
        };
        let state = proposed.state.clone();
        Ok(InferredList { state, rows: shown.into_iter().filter_map(row).collect(), proposals })
    }

    /// Whether [`Loudou::inferred`] answers without learning: nothing was written since it did.
    ///
    /// # Errors
    /// As [`Loudou::inferred`].
    pub(crate) async fn knows_inferred(&self, wanted: f64) -> Result<bool> {
        self.who.require(May::Analyse)?;
        check_share(wanted)?;
        let view = self.quality_view(&Ask::default()).await?;
        Ok(self.quality.proposed(&self.wanted(&view, wanted).await?).is_some())
    }

    /// Writes what is inferred for customers in sight, marked as inferred, and takes back what is inferred no longer, in
    /// one transaction. Returns how many customers were changed.
    ///
    /// # Errors
    /// As [`Loudou::inferred`]; a role that may not change customers; too little to learn from; it was cancelled.
    pub async fn apply_inferred(&self, wanted: f64, follow: &(dyn Follow + Sync)) -> Result<u64> {
        self.who.require(May::EditCustomers)?;
        let here = self.held().await?;
        let proposed = here.propose(wanted, follow).await?;
        if let Some(why) = proposed.state.too_little.clone() {
            return Err(
                AppError::input(why).hint(("先为更多客户填写行业", "tell the industries of more customers first"))
            );
        }
        let changed: Vec<&Proposal> = proposed.proposals.iter().filter(|one| one.found != one.written).collect();
        if changed.is_empty() {
            return Ok(0);
        }
        go_on(follow, Step::Doing(step::WAITING))?;
        let mut writer = self.store.begin().await?;
        let (mut done, total) = (0, changed.len() as u64);
        let mut written = 0;
        for portion in changed.chunks(PORTION) {
            go_on(follow, Step::Writing { done, total })?;
            // Nobody else writes now: somebody may have told an industry since the journal was read.
            let accounts: Vec<RecordId> = portion.iter().map(|one| one.account).collect();
            let open = self.store.records(Kind::Account, &accounts).await?;
            let open: BTreeSet<RecordId> =
                open.iter().filter(|it| it.int(ids::ACCOUNT_INDUSTRY).is_none()).map(|it| it.id).collect();
            let drafts: Vec<store::Draft> =
                portion.iter().filter(|one| open.contains(&one.account)).map(|one| self.inference(one)).collect();
            written += drafts.len() as u64;
            writer.append(drafts, self.now).await?;
            done += portion.len() as u64;
        }
        go_on(follow, Step::Doing(step::COMMITTING))?;
        writer.commit().await?;
        Ok(written)
    }

    /// An inferred industry as it is written, or that none is inferred any more.
    fn inference(&self, one: &Proposal) -> store::Draft {
        let (industry, confidence) =
            one.found.map_or((Value::Null, Value::Null), |(id, ppm)| (Value::Ref(id), Value::Int(ppm)));
        let facts = Facts::default()
            .with(ids::ACCOUNT_INDUSTRY_INFERRED, industry)
            .with(ids::ACCOUNT_INDUSTRY_CONFIDENCE, confidence);
        self.draft(Kind::Account, one.account, facts)
    }

    /// Confirms an industry inferred for a customer, or rejects it for good, on the version that was read.
    ///
    /// # Errors
    /// No such customer in sight; it has an industry by now; a change meanwhile; a role that may not.
    pub async fn decide_inferred(
        &self,
        account: RecordId,
        version: i64,
        industry: RecordId,
        confirm: bool,
    ) -> Result<()> {
        self.who.require(May::EditCustomers)?;
        let record = self.seen_customer(account).await?;
        if record.int(ids::ACCOUNT_INDUSTRY).is_some() {
            return Err(AppError::of(
                crate::Fault::Conflict,
                ("这个客户已有行业", "the customer has an industry by now"),
            ));
        }
        if self.store.records(Kind::Industry, &[industry]).await?.is_empty() {
            return Err(AppError::input((format!("没有行业 {industry}"), format!("there is no industry {industry}"))));
        }
        let facts = if confirm {
            Facts::default()
                .with(ids::ACCOUNT_INDUSTRY, Value::Ref(industry))
                .with(ids::ACCOUNT_INDUSTRY_INFERRED, Value::Null)
                .with(ids::ACCOUNT_INDUSTRY_CONFIDENCE, Value::Null)
        } else {
            // A confidence of nothing beside the industry is what remembers the answer.
            Facts::default()
                .with(ids::ACCOUNT_INDUSTRY_INFERRED, Value::Ref(industry))
                .with(ids::ACCOUNT_INDUSTRY_CONFIDENCE, Value::Int(0))
        };
        let mut writer = self.store.begin().await?;
        writer.expect_version(Kind::Account, account, version).await?;
        writer.append(vec![self.draft(Kind::Account, account, facts)], self.now).await?;
        writer.commit().await?;
        Ok(())
    }

    /// What the answer depends on.
    async fn wanted(&self, view: &Viewed, share: f64) -> Result<Wanted> {
        let config = self.store.mark().await?.config;
        let basis = Basis { seq: view.snapshot.seq, config, day: view.day, known_at: None };
        Ok(Wanted { basis, scope: self.who.scope.clone(), share: share.to_bits() })
    }

    async fn propose(&self, share: f64, follow: &(dyn Follow + Sync)) -> Result<Arc<Proposed>> {
        check_share(share)?;
        go_on(follow, Step::Doing(step::READING))?;
        let view = self.quality_view(&Ask::default()).await?;
        let wanted = self.wanted(&view, share).await?;
        if let Some(known) = self.quality.proposed(&wanted) {
            return Ok(known);
        }
        let seen: BTreeSet<RecordId> = view.customers().map(|row| row.id).collect();
        let past = Arc::clone(&self.quality.past).read_owned().await;
        let end = self.calendar.start_of(view.day.plus(1));
        let when = When { end, cut: Cut::Everything, seq: view.snapshot.seq };
        let snapshot = Arc::clone(&view.snapshot);
        let work = move |tell: Tell<'_>| proposals(&past, &snapshot, when, &seen, share, tell);
        let proposed = Arc::new(step::aside(follow, work).await?);
        self.quality.keep_proposed(wanted, &proposed);
        Ok(proposed)
    }
}

fn check_share(wanted: f64) -> Result<()> {
    if (0.5..=0.99).contains(&wanted) {
        return Ok(());
    }
    Err(AppError::input(("答对的比例须在 0.5 到 0.99 之间", "the share of right answers must be from 0.5 to 0.99")))
}

/// Says where the work is, and hears whether it is still wanted.
type Tell<'a> = &'a mut dyn FnMut(Step) -> bool;

fn through(what: Label, done: usize, total: usize, unit: &'static str) -> Step {
    Step::Through { what, done: done as u64, total: total as u64, unit }
}

fn proposals(
    past: &Past,
    snapshot: &Snapshot,
    when: When,
    seen: &BTreeSet<RecordId>,
    wanted: f64,
    tell: Tell<'_>,
) -> Option<Proposed> {
    let products = products(snapshot);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut in_sight = 0;
    let accounts = past.of(Kind::Account);
    for (at, account) in accounts.iter().enumerate() {
        if at % PORTION == 0 && !tell(through(step::NAMING, at, accounts.len(), "records")) {
            return None;
        }
        let Some(told) = past.at(*account, when) else { continue };
        let traits = Traits {
            name: told.text(ids::ACCOUNT_NAME).unwrap_or_default(),
            products: products.get(account).map_or_else(Vec::new, |all| all.iter().copied().collect()),
            region: told.int(ids::ACCOUNT_REGION),
            country: told.text(ids::ACCOUNT_COUNTRY),
            segment: told.text(ids::ACCOUNT_SEGMENT),
        };
        match told.int(ids::ACCOUNT_INDUSTRY) {
            Some(industry) => {
                in_sight += u64::from(seen.contains(account));
                known.push((words(&traits), industry));
            }
            None if seen.contains(account) => unknown.push((*account, words(&traits), written(&told))),
            None => {}
        }
    }
    let mut go_on = |part: u32| tell(through(step::LEARNING, part as usize, PARTS as usize, "parts"));
    let learnt = learn(&known, LEAST_EXAMPLES, wanted, &mut go_on)?;
    let state = state(&learnt, (known.len() as u64, in_sight), unknown.len() as u64, wanted);
    let proposal = |(account, words, written): (RecordId, &[String], Option<(RecordId, i64)>)| {
        let rejected = past.pairs(account, ids::ACCOUNT_INDUSTRY_INFERRED, ids::ACCOUNT_INDUSTRY_CONFIDENCE);
        let is_rejected = |industry: RecordId| rejected.contains(&(industry, 0));
        let found = learnt.as_ref().ok().and_then(|learnt| learnt.infer(words));
        #[allow(clippy::cast_possible_truncation, reason = "a share in millionths is small")]
        let found = found.map(|(industry, confidence)| (industry, (confidence * 1e6).round() as i64));
        Proposal { account, found: found.filter(|(industry, _)| !is_rejected(*industry)), written }
    };
    let mut proposals = Vec::with_capacity(unknown.len());
    for (at, (account, words, written)) in unknown.iter().enumerate() {
        if at % PORTION == 0 && !tell(through(step::INFERRING, at, unknown.len(), "records")) {
            return None;
        }
        proposals.push(proposal((*account, words, *written)));
    }
    Some(Proposed { state, proposals })
}

/// What is written and was not rejected.
fn written(told: &Told<'_>) -> Option<(RecordId, i64)> {
    let both = told.int(ids::ACCOUNT_INDUSTRY_INFERRED).zip(told.int(ids::ACCOUNT_INDUSTRY_CONFIDENCE));
    both.filter(|(_, confidence)| *confidence > 0)
}

/// The products of each customer's deals.
fn products(snapshot: &Snapshot) -> BTreeMap<RecordId, BTreeSet<RecordId>> {
    let (accounts, products) =
        (snapshot.labels.members(Dimension::Account), snapshot.labels.members(Dimension::Product));
    let mut of: BTreeMap<RecordId, BTreeSet<RecordId>> = BTreeMap::new();
    for partition in &snapshot.partitions {
        let journeys = &partition.journeys;
        for (account, product) in journeys.account.iter().zip(journeys.product.iter()) {
            if *account == NONE || *product == NONE {
                continue;
            }
            if let (Some(account), Some(product)) = (accounts.get(*account), products.get(*product)) {
                of.entry(account.id).or_default().insert(product.id);
            }
        }
    }
    of
}

/// The state, of `known` customers of which `in_sight` are in sight: where those are not all, how many the others are is
/// told by no number.
fn state(
    learnt: &std::result::Result<Learnt, TooLittle>,
    (known, in_sight): (u64, u64),
    unknown: u64,
    wanted: f64,
) -> InferenceState {
    let sees_all = known == in_sight;
    let said = learnt.as_ref().ok().filter(|_| sees_all).map(|learnt| &learnt.calibrated);
    let too_little = learnt.as_ref().err().map(|why| match why {
        _ if !sees_all => Words::from((
            "数据太少，或说明不了行业，因此不作推断".to_owned(),
            "too little data, or data that do not tell the industry: nothing is inferred".to_owned(),
        )),
        TooLittle::Examples => Words::from((
            format!("数据太少：有行业的客户 {known} 个，每个行业至少 5 个、合计至少 {LEAST_EXAMPLES} 个才能学习"),
            format!(
                "too little data: {known} customers have an industry; to learn takes {LEAST_EXAMPLES} in industries of at least 5"
            ),
        )),
        TooLittle::Classes => Words::from((
            "数据太少：只有一个行业有至少 5 个客户，无从区分".to_owned(),
            "too little data: only one industry has 5 customers, and there is nothing to tell apart".to_owned(),
        )),
        TooLittle::Accuracy => Words::from((
            format!("名称与产品说明不了行业：达不到 {:.0} % 的准确率，因此不作推断", wanted * 100.0),
            format!("names and products do not tell the industry: no answers would be right in {:.0} %", wanted * 100.0),
        )),
    });
    InferenceState {
        known: in_sight,
        unknown,
        wanted,
        tested: said.map(|said| (said.asked, said.answered, said.right)),
        bounds: said.and_then(|said| said.bounds).map(|bounds| (bounds.lower, bounds.upper)),
        too_little,
    }
}
