//! Looking for duplicates, and showing them side by side.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{Instant, Kind, RecordId};
use matching::{Cluster, Evidence, Keys, Options, Pair, Part, Watch, Why, watch_duplicates};
use store::Record;

use super::keys::{keys, subject};
use super::survivorship;
use crate::answer::{Answer, Cell, Column, Terms, Unit};
use crate::records::FieldValue;
use crate::step::{self, Nobody, go_on};
use crate::{AppError, Follow, Loudou, Result, Step};

/// Clusters of a page at most.
pub(crate) const MOST: usize = 200;

/// What to look for.
#[derive(Debug, Clone)]
pub struct DuplicatesAsk {
    /// Which records.
    pub kind: Kind,
    /// The least score, 0.5 to 1.
    pub min_score: f64,
    /// Clusters of a page, at most 200.
    pub limit: usize,
    /// Clusters before the page.
    pub skip: usize,
}

/// A record of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordSeen {
    /// The record.
    pub id: RecordId,
    /// Its name, or `#` and its id.
    pub name: String,
    /// To be handed back with a merge.
    pub version: i64,
    /// When its latest change was written.
    pub changed_at: Option<Instant>,
    /// Its fields that have a value.
    pub fields: Vec<FieldValue>,
}

/// Two records that are likely one, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct PairSeen {
    /// The smaller id.
    pub a: RecordId,
    /// The other.
    pub b: RecordId,
    /// How sure it is, 0 to 1.
    pub score: f64,
    /// What agrees, the weightiest first.
    pub agrees: Vec<Evidence>,
    /// What both have and differs.
    pub differs: Vec<Why>,
}

impl From<Pair> for PairSeen {
    fn from(pair: Pair) -> Self {
        let Pair { a, b, score, agrees, differs } = pair;
        Self { a, b, score, agrees, differs }
    }
}

/// Records that are likely one.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSeen {
    /// The score of the weakest pair that holds it together.
    pub score: f64,
    /// The record that is proposed to stay: the one that tells most, of several the first made.
    pub survivor: RecordId,
    /// The records, by id.
    pub records: Vec<RecordSeen>,
    /// The pairs, by ids.
    pub pairs: Vec<PairSeen>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct DuplicatesFound {
    /// What was compared.
    pub kind: Kind,
    /// How many records were compared.
    pub compared: usize,
    /// How many clusters there are on all pages.
    pub clusters: usize,
    /// How many records would go if all were merged.
    pub superfluous: usize,
    /// The page, the surest first.
    pub page: Vec<ClusterSeen>,
}

/// What the last look found, for the next page of it.
#[derive(Debug)]
pub(crate) struct Remembered {
    kind: Kind,
    min_score: u64,
    head: i64,
    pub(super) apart: HashSet<(RecordId, RecordId)>,
    pub(crate) compared: usize,
    pub(crate) clusters: Vec<Cluster>,
}

impl Remembered {
    fn answers(&self, kind: Kind, min_score: f64, head: i64, apart: &HashSet<(RecordId, RecordId)>) -> bool {
        (self.kind, self.min_score, self.head) == (kind, min_score.to_bits(), head) && self.apart == *apart
    }

    /// How many records would go if all clusters were merged.
    pub(crate) fn superfluous(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.records.len() - 1).sum()
    }
}

impl Loudou {
    /// Looks for duplicates and shows a page of them.
    ///
    /// # Errors
    /// The asker may not merge, the score is none, or the database fails.
    pub async fn duplicates(&self, ask: &DuplicatesAsk) -> Result<DuplicatesFound> {
        self.duplicates_followed(ask, &Nobody).await
    }

    /// As [`Loudou::duplicates`], followed.
    ///
    /// # Errors
    /// As [`Loudou::duplicates`]; or it was cancelled.
    pub async fn duplicates_followed(
        &self,
        ask: &DuplicatesAsk,
        follow: &(dyn Follow + Sync),
    ) -> Result<DuplicatesFound> {
        let found = self.look(ask.kind, ask.min_score, follow).await?;
        let page = found.clusters.iter().skip(ask.skip).take(ask.limit.clamp(1, MOST));
        let page = self.show_clusters(ask.kind, page.cloned().collect()).await?;
        Ok(DuplicatesFound {
            kind: ask.kind,
            compared: found.compared,
            clusters: found.clusters.len(),
            superfluous: found.superfluous(),
            page,
        })
    }

    /// Whether [`Loudou::duplicates`] answers without a look at all records: nothing was written since the last one.
    ///
    /// # Errors
    /// The asker may not merge, the score is none, or the database fails.
    pub(crate) async fn knows_duplicates(&self, kind: Kind, min_score: f64) -> Result<bool> {
        self.may_merge()?;
        check_score(min_score)?;
        // Somebody looks just now: what for is not known.
        let Ok(memory) = self.duplicates.try_lock() else { return Ok(false) };
        let Some(known) = memory.as_ref() else { return Ok(false) };
        let (head, apart) = (self.store.head().await?, self.store.not_duplicates(kind).await?);
        Ok(known.answers(kind, min_score, head, &apart))
    }

    /// Every cluster; what was found before is given again while nothing was written.
    pub(crate) async fn look(
        &self,
        kind: Kind,
        min_score: f64,
        follow: &(dyn Follow + Sync),
    ) -> Result<Arc<Remembered>> {
        self.may_merge()?;
        check_score(min_score)?;
        // One look at a time: whoever waits finds what the other has found.
        let mut memory = self.duplicates.lock().await;
        let head = self.store.head().await?;
        let apart = self.store.not_duplicates(kind).await?;
        if let Some(known) = memory.as_ref().filter(|known| known.answers(kind, min_score, head, &apart)) {
            return Ok(Arc::clone(known));
        }
        go_on(follow, Step::Doing(step::READING))?;
        let emails = self.emails_of_customers(kind).await?;
        let mut compared: Vec<Keys> = Vec::new();
        self.store
            .for_each_record(kind, |records| compared.extend(records.iter().map(|record| keys(record, &emails))))
            .await?;
        let records = compared.len();
        let options = Options { min_score, apart: apart.clone() };
        let search = move |tell: &mut dyn FnMut(Step) -> bool| {
            let watch: Watch<'_> = &mut |part, done, total| tell(at(part, done, total));
            watch_duplicates(subject(kind), &compared, &options, watch)
        };
        let clusters = step::aside(follow, search).await?;
        let min_score = min_score.to_bits();
        let found = Arc::new(Remembered { kind, min_score, head, apart, compared: records, clusters });
        *memory = Some(Arc::clone(&found));
        Ok(found)
    }

    async fn show_clusters(&self, kind: Kind, clusters: Vec<Cluster>) -> Result<Vec<ClusterSeen>> {
        let ids: Vec<RecordId> = clusters.iter().flat_map(|cluster| cluster.records.iter().copied()).collect();
        let records: HashMap<RecordId, Record> =
            self.store.records(kind, &ids).await?.into_iter().map(|record| (record.id, record)).collect();
        let mut seen = self.show_records(kind, records.values()).await?;
        let mut out = Vec::with_capacity(clusters.len());
        for Cluster { records: ids, score, pairs } in clusters {
            let of: Vec<&Record> = ids.iter().filter_map(|id| records.get(id)).collect();
            // Somebody merged it meanwhile.
            let Some(survivor) = survivorship::propose(&of).filter(|_| of.len() == ids.len()) else { continue };
            out.push(ClusterSeen {
                score,
                survivor,
                records: ids.iter().filter_map(|id| seen.remove(id)).collect(),
                pairs: pairs.into_iter().map(PairSeen::from).collect(),
            });
        }
        Ok(out)
    }

    /// Records as they stand side by side.
    async fn show_records(
        &self,
        kind: Kind,
        records: impl Iterator<Item = &Record> + Clone,
    ) -> Result<HashMap<RecordId, RecordSeen>> {
        let fields = self.fields(kind).await?;
        let values: Vec<_> = records.clone().map(survivorship::values).collect();
        let used =
            values.iter().flat_map(|values| fields.iter().filter_map(|field| Some((field, values.get(&field.id)?))));
        let names = self.names(crate::records::referred(used)).await?;
        let changed = self.store.recorded_at(&records.clone().map(|record| record.version).collect::<Vec<_>>()).await?;
        let show = |(record, values): (&Record, std::collections::BTreeMap<_, _>)| {
            let shown = fields.iter().filter_map(|field| Some(field.show(Some(values.get(&field.id)?), &names, false)));
            let seen = RecordSeen {
                id: record.id,
                name: survivorship::name(record).map_or_else(|| format!("#{}", record.id), str::to_owned),
                version: record.version,
                changed_at: changed.get(&record.version).copied(),
                fields: shown.collect(),
            };
            (record.id, seen)
        };
        Ok(records.zip(values).map(show).collect())
    }
}

/// Where a search is.
fn at(part: Part, done: usize, total: usize) -> Step {
    let (what, unit) = match part {
        Part::Preparing => (step::PREPARING, "records"),
        Part::Comparing => (step::COMPARING, "pairs"),
        Part::Joining => (step::JOINING, "pairs"),
    };
    Step::Through { what, done: done as u64, total: total as u64, unit }
}

fn check_score(min_score: f64) -> Result<()> {
    if (0.5..=1.0).contains(&min_score) {
        return Ok(());
    }
    Err(AppError::input((
        format!("最低相似度须在 0.5 与 1 之间，而不是 {min_score}"),
        format!("the least score lies between 0.5 and 1, it cannot be {min_score}"),
    )))
}

/// Clusters as a table: a row a record, the survivor of each first.
#[must_use]
pub fn answer(found: &DuplicatesFound, min_score: f64) -> Answer {
    let columns = vec![
        Column::new("cluster", "组", "cluster", Unit::Count),
        Column::new("score", "相似度", "score", Unit::Share),
        Column::new("id", "编号", "record", Unit::Count),
        Column::new("name", "名称", "name", Unit::Text),
        Column::new("proposal", "建议", "proposal", Unit::Text),
        Column::new("agrees", "一致之处", "agrees", Unit::Text),
        Column::new("differs", "不同之处", "differs", Unit::Text),
    ];
    let terms = Terms::default().with("kind", super::word(found.kind)).with("min_score", min_score);
    let mut answer = Answer::new("重复", "Duplicates", terms, columns);
    for (at, cluster) in (1_i64..).zip(&found.page) {
        let mut records: Vec<&RecordSeen> = cluster.records.iter().collect();
        records.sort_by_key(|record| (record.id != cluster.survivor, record.id));
        for record in records {
            let stays = record.id == cluster.survivor;
            let pair = cluster.pairs.iter().find(|pair| {
                let both = [pair.a, pair.b];
                !stays && both.contains(&record.id) && both.contains(&cluster.survivor)
            });
            let words = |words: Vec<&'static str>| Cell::Text(words.join(" "));
            let (zh, en, key) = if stays { ("保留", "stays", "stays") } else { ("并入", "merge", "merge") };
            answer.push(vec![
                Cell::Int(at),
                Cell::Float(pair.map_or(cluster.score, |pair| pair.score)),
                Cell::Int(record.id),
                Cell::Text(record.name.clone()),
                Cell::Name { zh: zh.into(), en: en.into(), key: key.into() },
                words(pair.map_or_else(Vec::new, |pair| pair.agrees.iter().map(|found| found.why.as_str()).collect())),
                words(pair.map_or_else(Vec::new, |pair| pair.differs.iter().map(|why| why.as_str()).collect())),
            ]);
        }
    }
    let (clusters, superfluous) = (found.clusters, found.superfluous);
    answer.note(
        format!("比较了 {} 条记录：{clusters} 组可能重复，全部合并将减少 {superfluous} 条", found.compared),
        format!(
            "{} records compared: {clusters} clusters, merging all of them would leave {superfluous} fewer",
            found.compared
        ),
    );
    answer
}
