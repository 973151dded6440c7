//! What codes stand for: members of dimensions, stages, processes, kept fields.
//!
//! Journeys carry codes; words are put on at the end. Codes are interned in the order in which records are
//! met and never change their meaning, so an answer counted before a rename is still right after it.
//! This module must not know journeys, nor who may see which label: whoever shows one has counted a deal
//! with it first.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use arrow::array::StringArray;
use arrow::datatypes::{DataType, TimeUnit};
use domain::field::{FieldId, FieldType, ids};
use domain::id::Kind;
use domain::process::{Process, Stage};
use domain::{CustomField, ProcessId, RecordId, StageId};
use journey::NONE;

/// A dimension whose members are records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// The buying organisation.
    Account,
    /// The primary product.
    Product,
    /// The region, the account's where the deal has none.
    Region,
    /// The trade, the account's where the deal has none.
    Industry,
    /// The way it came.
    Channel,
    /// The campaign it came from.
    Campaign,
    /// The seller; changes.
    Owner,
    /// The team; changes.
    Team,
}

impl Dimension {
    /// Every dimension, in the order of [`Labels`].
    pub const ALL: [Self; 8] = [
        Self::Account,
        Self::Product,
        Self::Region,
        Self::Industry,
        Self::Channel,
        Self::Campaign,
        Self::Owner,
        Self::Team,
    ];

    /// The word in `by`, filters and SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Product => "product",
            Self::Region => "region",
            Self::Industry => "industry",
            Self::Channel => "channel",
            Self::Campaign => "campaign",
            Self::Owner => "owner",
            Self::Team => "team",
        }
    }

    /// The kind of its records.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Account => Kind::Account,
            Self::Product => Kind::Product,
            Self::Region => Kind::Region,
            Self::Industry => Kind::Industry,
            Self::Channel => Kind::Channel,
            Self::Campaign => Kind::Campaign,
            Self::Owner => Kind::Person,
            Self::Team => Kind::Team,
        }
    }

    /// The dimension whose members are records of `kind`.
    #[must_use]
    pub fn of(kind: Kind) -> Option<Self> {
        Self::ALL.into_iter().find(|dimension| dimension.kind() == kind)
    }

    /// The field that holds the member's name.
    #[must_use]
    pub const fn name_field(self) -> FieldId {
        match self {
            Self::Account => ids::ACCOUNT_NAME,
            Self::Product => ids::PRODUCT_NAME,
            Self::Region => ids::REGION_NAME,
            Self::Industry => ids::INDUSTRY_NAME,
            Self::Channel => ids::CHANNEL_NAME,
            Self::Campaign => ids::CAMPAIGN_NAME,
            Self::Owner => ids::PERSON_NAME,
            Self::Team => ids::TEAM_NAME,
        }
    }

    /// The field that holds the member above it, where members form a tree.
    #[must_use]
    pub const fn parent_field(self) -> Option<FieldId> {
        match self {
            Self::Account => Some(ids::ACCOUNT_PARENT),
            Self::Region => Some(ids::REGION_PARENT),
            Self::Industry => Some(ids::INDUSTRY_PARENT),
            Self::Owner => Some(ids::PERSON_MANAGER),
            Self::Team => Some(ids::TEAM_PARENT),
            Self::Product | Self::Channel | Self::Campaign => None,
        }
    }
}

/// A member of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its record.
    pub id: RecordId,
    /// Its name; absent where the record has none or its text was erased.
    pub name: Option<Arc<str>>,
    /// The record above it.
    pub parent: Option<RecordId>,
    /// Code of the account's region.
    pub region: u32,
    /// Code of the account's industry.
    pub industry: u32,
    /// Who keeps the account.
    pub keeper: Option<RecordId>,
    /// Whether its record stands: it was told of, and neither deleted, merged nor withdrawn.
    pub stands: bool,
    /// The record it was merged into: its deals are that one's.
    pub merged_into: Option<RecordId>,
    /// Codes of the account's own dimensions, by ascending field.
    pub own: Vec<(FieldId, u32)>,
}

impl Member {
    /// A member of which nothing is known but its id.
    #[must_use]
    pub const fn unnamed(id: RecordId) -> Self {
        Self {
            id,
            name: None,
            parent: None,
            region: NONE,
            industry: NONE,
            keeper: None,
            stands: false,
            merged_into: None,
            own: Vec::new(),
        }
    }
}

const PAGE: usize = 1024;

/// The members of one dimension by code. Pages are shared between versions, so that a change copies one.
#[derive(Debug, Clone, Default)]
pub struct Members {
    pages: Vec<Arc<Vec<Member>>>,
    len: usize,
    version: u64,
    /// Changes where a member goes below another one.
    tree_version: u64,
    labels: OnceLock<Arc<StringArray>>,
    tops: OnceLock<Arc<Tree>>,
}

impl Members {
    /// Codes in use: members have `1..=len()`.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Changes with every change of a member.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The member of a code; absent for [`NONE`].
    #[must_use]
    pub fn get(&self, code: u32) -> Option<&Member> {
        let at = (code as usize).checked_sub(1)?;
        self.pages.get(at / PAGE)?.get(at % PAGE)
    }

    /// The record that stands at the end of the merges that lead on from a record; itself where none does.
    #[must_use]
    pub fn end(&self, id: RecordId) -> RecordId {
        let merged: HashMap<RecordId, RecordId> =
            self.iter().filter_map(|(_, member)| Some((member.id, member.merged_into?))).collect();
        let mut at = id;
        for _ in 0..merged.len() {
            match merged.get(&at) {
                Some(next) => at = *next,
                None => break,
            }
        }
        at
    }

    /// Every member with its code.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Member)> {
        (1_u32..).zip(self.pages.iter().flat_map(|page| page.iter()))
    }

    /// The word of a code: the name, or `#` and the record's id where there is none. Absent for [`NONE`].
    #[must_use]
    pub fn label(&self, code: u32) -> Option<String> {
        self.get(code).map(word)
    }

    /// The words by code: place 0 is null, place `code` the word of `code`. Fit to be the values of a
    /// dictionary array whose keys are codes.
    #[must_use]
    pub fn labels(&self) -> Arc<StringArray> {
        let build = || {
            let words = self.iter().map(|(_, member)| Some(word(member)));
            Arc::new(std::iter::once(None).chain(words).collect::<StringArray>())
        };
        Arc::clone(self.labels.get_or_init(build))
    }

    /// Changes with every change of what lies below what.
    pub(crate) const fn tree_version(&self) -> u64 {
        self.tree_version
    }

    /// What lies below what.
    pub(crate) fn tree(&self) -> &Arc<Tree> {
        self.tops.get_or_init(|| Arc::new(Tree::of(self)))
    }

    pub(crate) fn push(&mut self, member: Member) -> u32 {
        if self.len.is_multiple_of(PAGE) {
            self.pages.push(Arc::default());
        }
        if let Some(page) = self.pages.last_mut() {
            Arc::make_mut(page).push(member);
        }
        self.len += 1;
        self.touched();
        u32::try_from(self.len).unwrap_or(u32::MAX)
    }

    /// Replaces the member of a code; `false` where nothing changed.
    pub(crate) fn replace(&mut self, code: u32, member: Member) -> bool {
        let Some(at) = (code as usize).checked_sub(1).filter(|at| *at < self.len) else { return false };
        let page = &mut self.pages[at / PAGE];
        if page[at % PAGE] == member {
            return false;
        }
        if page[at % PAGE].parent != member.parent {
            self.tree_version += 1;
        }
        Arc::make_mut(page)[at % PAGE] = member;
        self.touched();
        true
    }

    fn touched(&mut self) {
        self.version += 1;
        (self.labels, self.tops) = (OnceLock::new(), OnceLock::new());
    }
}

fn word(member: &Member) -> String {
    member.name.as_deref().map_or_else(|| format!("#{}", member.id), str::to_owned)
}

/// Members as a tree, by code.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The code above; [`NONE`] at the top.
    above: Vec<u32>,
    /// The code at the top of each; of a top itself its own.
    top: Vec<u32>,
}

impl Tree {
    /// A circle, which nobody can want, is cut where it is met first: at its lowest code.
    fn of(members: &Members) -> Self {
        let codes: HashMap<RecordId, u32> = members.iter().map(|(code, member)| (member.id, code)).collect();
        let mut above = vec![NONE; members.len() + 1];
        for (code, member) in members.iter() {
            above[code as usize] = member.parent.and_then(|parent| codes.get(&parent)).copied().unwrap_or(NONE);
        }
        let mut top = vec![NONE; above.len()];
        let mut walked = Vec::new();
        for code in 1..above.len() {
            let mut at = code;
            while top[at] == NONE {
                if above[at] == NONE || walked.contains(&above[at]) || above[at] as usize == at {
                    above[at] = NONE;
                    top[at] = u32::try_from(at).unwrap_or(NONE);
                    break;
                }
                walked.push(u32::try_from(at).unwrap_or(NONE));
                at = above[at] as usize;
            }
            let found = top[at];
            walked.drain(..).for_each(|code| top[code as usize] = found);
        }
        Self { above, top }
    }

    /// The code at the top of a code's branch.
    pub(crate) fn top(&self, code: u32) -> u32 {
        self.top.get(code as usize).copied().unwrap_or(NONE)
    }

    /// The codes above a code, the nearest first.
    pub(crate) fn above(&self, code: u32) -> impl Iterator<Item = u32> + '_ {
        let next = |code: &u32| self.above.get(*code as usize).copied().filter(|above| *above != NONE);
        std::iter::successors(next(&code), next)
    }
}

/// A field of the organisation's own that deals are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnDimension {
    /// The field.
    pub field: CustomField,
    /// Its name in `by` and filters.
    pub name: String,
    /// The dimension whose members its values are; absent where they are texts of its own.
    pub of: Option<Dimension>,
}

impl OwnDimension {
    fn new(field: &CustomField) -> Self {
        let of = if let FieldType::Ref(kind) = field.ty { Dimension::of(kind) } else { None };
        Self { name: field.dimension_name(), of, field: field.clone() }
    }

    /// Whether the deal's customer has it, rather than the deal.
    #[must_use]
    pub fn is_of_account(&self) -> bool {
        self.field.kind == Kind::Account
    }
}

/// A field of deals that is kept beside the journeys, for lists, filters and SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptField {
    /// Its id.
    pub id: FieldId,
    /// Its column name.
    pub name: String,
    /// Its type.
    pub ty: FieldType,
}

impl KeptField {
    /// The Arrow type of its column.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        match self.ty {
            FieldType::Text | FieldType::Json | FieldType::Personal => DataType::Utf8,
            FieldType::Bool => DataType::Boolean,
            FieldType::Day => DataType::Date32,
            FieldType::At => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
            _ => DataType::Int64,
        }
    }
}

/// The built-in fields that are kept. Long texts and lists stay in the store.
pub(crate) const KEPT: [FieldId; 11] = [
    ids::OPPORTUNITY_NAME,
    ids::OPPORTUNITY_INVESTMENT,
    ids::OPPORTUNITY_AMOUNT_SOURCE,
    ids::OPPORTUNITY_TAX_INCLUDED,
    ids::OPPORTUNITY_REASON,
    ids::OPPORTUNITY_NEXT_STEP,
    ids::OPPORTUNITY_NEXT_STEP_ON,
    ids::OPPORTUNITY_NEXT_CONTACT_ON,
    ids::OPPORTUNITY_FORECAST,
    ids::OPPORTUNITY_SOURCE_CHANNEL,
    ids::OPPORTUNITY_BUDGET_RANGE,
];

/// The built-in kept fields with their names and types, by ascending id.
pub(crate) fn kept_builtin() -> Vec<KeptField> {
    let known = KEPT.iter().filter_map(|id| domain::field::builtin(*id));
    known.map(|def| KeptField { id: def.id, name: def.name.to_owned(), ty: def.ty }).collect()
}

/// Everything that turns codes into words.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    members: [Arc<Members>; 8],
    processes: Arc<Vec<Process>>,
    stages: Arc<HashMap<StageId, (usize, usize)>>,
    fields: Arc<Vec<KeptField>>,
    own: Arc<Vec<OwnDimension>>,
    words: HashMap<FieldId, Arc<Members>>,
}

impl Labels {
    /// The members of a dimension.
    #[must_use]
    pub fn members(&self, dimension: Dimension) -> &Members {
        &self.members[dimension as usize]
    }

    pub(crate) fn shared(&self, dimension: Dimension) -> &Arc<Members> {
        &self.members[dimension as usize]
    }

    pub(crate) fn members_mut(&mut self, dimension: Dimension) -> &mut Members {
        Arc::make_mut(&mut self.members[dimension as usize])
    }

    /// Every process version, by id.
    #[must_use]
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// A process version.
    #[must_use]
    pub fn process(&self, id: ProcessId) -> Option<&Process> {
        self.processes.iter().find(|process| process.id == Some(id))
    }

    /// A stage and the process version it belongs to; absent for [`StageId::UNKNOWN`].
    #[must_use]
    pub fn stage(&self, id: StageId) -> Option<(&Process, &Stage)> {
        let (process, stage) = self.stages.get(&id)?;
        let process = &self.processes[*process];
        Some((process, &process.stages[*stage]))
    }

    pub(crate) fn set_processes(&mut self, mut processes: Vec<Process>) {
        processes.sort_by_key(|process| process.id);
        let mut stages = HashMap::new();
        for (at, process) in processes.iter().enumerate() {
            for (place, stage) in process.stages.iter().enumerate() {
                stages.insert(stage.id, (at, place));
            }
        }
        stages.remove(&StageId::UNKNOWN);
        (self.processes, self.stages) = (Arc::new(processes), Arc::new(stages));
    }

    /// The fields kept beside the journeys: built-in ones, then custom ones, by ascending id.
    #[must_use]
    pub fn fields(&self) -> &[KeptField] {
        &self.fields
    }

    /// The fields of the organisation's own that deals are grouped by, by ascending id.
    #[must_use]
    pub fn own_dimensions(&self) -> &[OwnDimension] {
        &self.own
    }

    /// The field of the organisation's own that deals are grouped by under this name.
    #[must_use]
    pub fn own_dimension(&self, name: &str) -> Option<&OwnDimension> {
        self.own.iter().find(|own| own.name == name)
    }

    /// The values of an own dimension: those of its field, or the members that it refers to.
    #[must_use]
    pub fn values(&self, field: FieldId) -> &Members {
        static NOTHING: LazyLock<Members> = LazyLock::new(Members::default);
        match self.own.iter().find(|own| own.field.id == field).and_then(|own| own.of) {
            Some(dimension) => self.members(dimension),
            None => self.words.get(&field).map_or(&*NOTHING, |words| words),
        }
    }

    /// Versions of everything that a filter may read the words of.
    pub(crate) fn versions(&self) -> Vec<u64> {
        let own = self.own.iter().flat_map(|own| [own.field.id.0.into(), self.values(own.field.id).version()]);
        self.members.iter().map(|members| members.version()).chain(own).collect()
    }

    /// The words of own dimensions, by field.
    pub(crate) const fn words(&self) -> &HashMap<FieldId, Arc<Members>> {
        &self.words
    }

    pub(crate) fn words_mut(&mut self, field: FieldId) -> &mut Members {
        Arc::make_mut(self.words.entry(field).or_default())
    }

    /// Takes the built-in kept fields and these custom ones. Personal text and lists are not kept, and a
    /// name that is a column already keeps its first meaning.
    pub(crate) fn set_custom_fields(&mut self, custom: &[CustomField]) {
        self.own = Arc::new(custom.iter().filter(|field| field.is_dimension()).map(OwnDimension::new).collect());
        let mut fields = kept_builtin();
        let of_deals = custom.iter().filter(|field| field.kind == Kind::Opportunity);
        for field in of_deals.map(|field| KeptField { id: field.id, name: field.name.clone(), ty: field.ty }) {
            let plain = !matches!(field.ty, FieldType::Personal | FieldType::Json);
            if plain && fields.iter().all(|known| known.name != field.name) {
                fields.push(field);
            }
        }
        fields.sort_by_key(|field| field.id);
        self.fields = Arc::new(fields);
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;

    use super::*;

    #[test]
    fn codes_begin_at_one_and_labels_follow_renames() {
        let mut members = Members::default();
        for id in 1..=3000 {
            assert_eq!(i64::from(members.push(Member::unnamed(id))), id);
        }
        let before = members.clone();
        let renamed = Member { name: Some("Acme".into()), ..Member::unnamed(2000) };
        assert!(members.replace(2000, renamed.clone()));
        assert!(!members.replace(2000, renamed));
        let labels = members.labels();
        assert_eq!((labels.len(), labels.is_null(0), labels.value(2000)), (3001, true, "Acme"));
        assert_eq!(before.labels().value(2000), "#2000");
        assert_eq!(members.label(0), None);
        assert!(members.version() > before.version());
    }

    #[test]
    fn tops_and_branches_follow_parents_and_circles_end() {
        let mut members = Members::default();
        // 1 ← 2 ← 3, 4 alone, 5 ↔ 6, 7 → 7, 8 below what is no member.
        for (id, parent) in
            [(1, None), (2, Some(1)), (3, Some(2)), (4, None), (5, Some(6)), (6, Some(5)), (7, Some(7)), (8, Some(99))]
        {
            members.push(Member { parent, ..Member::unnamed(id) });
        }
        let tree = members.tree();
        assert_eq!((1..=4).map(|code| tree.top(code)).collect::<Vec<_>>(), [1, 1, 1, 4]);
        assert_eq!(tree.above(3).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(tree.top(5), tree.top(6), "a circle has one top");
        assert!(tree.above(5).count() + tree.above(6).count() <= 1, "and an end");
        assert_eq!((tree.top(7), tree.top(8), tree.top(0)), (7, 8, NONE));
        let before = members.tree_version();
        members.replace(4, Member { name: Some("Four".into()), ..Member::unnamed(4) });
        assert_eq!(members.tree_version(), before, "a name moves nothing");
        members.replace(4, Member { parent: Some(1), ..Member::unnamed(4) });
        assert!(members.tree_version() > before);
        assert_eq!(members.tree().top(4), 1);
    }

    #[test]
    fn kept_fields_are_deal_fields_with_plain_values() {
        let kept = kept_builtin();
        assert_eq!(kept.len(), KEPT.len());
        assert!(kept.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(kept.iter().all(|field| !matches!(field.ty, FieldType::Personal | FieldType::Json)));
    }
}
