//! The tables that analysts see, column by column.
//!
//! Names here are a promise: scripts depend on them. A column is never renamed or dropped, only added.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::error::ArrowError;
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use domain::Scope;

use super::catalogue;
use super::chain::{self, ChainColumn, ChainSource};
use super::column::{Holds as H, Items as I, Words as W};
use super::source::Seen;
use super::table::{ColumnDef, Grain, Table, spoken};
use crate::labels::Dimension as D;

const ID: &str = "id of the deal";
const PROCESS: &str = "key of the process";
const STAGE: &str = "key of the stage; null where unknown";
const ORDER: &str = "order of the stage in its source";
const OUTCOME: &str = "open, won, lost, cancelled or parked";
const AMOUNT: &str = "amount in minor units of `currency`; null where unknown";
const CURRENCY: &str = "ISO 4217";
const OWNER: &str = "seller";
const TEAM: &str = "team";
const DUE: &str = "expected close";
const PROBABILITY: &str = "the seller's own probability in millionths";

/// The columns that tell what a deal belongs to and never change.
const STATICS: [(&str, H, &str); 6] = [
    ("account", H::Name(D::Account), "buying organisation"),
    ("product", H::Name(D::Product), "primary product"),
    ("region", H::Name(D::Region), "region"),
    ("industry", H::Name(D::Industry), "industry"),
    ("channel", H::Name(D::Channel), "way it came"),
    ("campaign", H::Name(D::Campaign), "campaign it came from"),
];

fn owned(columns: &[(&str, H, &'static str)]) -> Vec<ColumnDef> {
    columns.iter().map(|(name, holds, about)| ((*name).to_owned(), *holds, *about)).collect()
}

fn opportunities(seen: &Seen) -> Vec<ColumnDef> {
    let mut columns = owned(&[
        ("opportunity_id", H::OpportunityId, ID),
        ("external_id", H::ExternalId, "its id in the system it came from"),
        ("process", H::Process, PROCESS),
        ("stage", H::Words(W::Stage), STAGE),
        ("stage_order", H::StageOrder, ORDER),
        ("outcome", H::Words(W::Outcome), OUTCOME),
        ("amount_minor", H::AmountMinor, AMOUNT),
        ("currency", H::Words(W::Currency), CURRENCY),
    ]);
    columns.extend(owned(&STATICS));
    columns.extend(owned(&[
        ("owner", H::Words(W::Of(D::Owner)), OWNER),
        ("team", H::Words(W::Of(D::Team)), TEAM),
        ("created_on", H::CreatedOn, "business day of its first entry"),
        ("closed_on", H::ClosedOn, "business day since which it is won, lost or cancelled"),
        ("expected_close_on", H::ExpectedCloseOn, DUE),
        ("probability_ppm", H::ProbabilityPpm, PROBABILITY),
        ("stage_since_on", H::StageSinceOn, "business day since which it is in its stage"),
        ("account_id", H::Id(D::Account), "record of the account"),
        ("product_id", H::Id(D::Product), "record of the product"),
        ("owner_id", H::EntryId(D::Owner), "record of the seller"),
        ("team_id", H::EntryId(D::Team), "record of the team"),
    ]));
    for (at, field) in seen.snapshot.labels.fields().iter().enumerate() {
        if columns.iter().all(|(name, ..)| *name != field.name) {
            columns.push((field.name.clone(), H::Kept(at), "field of the deal"));
        }
    }
    for (at, own) in seen.snapshot.labels.own_dimensions().iter().enumerate() {
        if columns.iter().all(|(name, ..)| *name != own.name) {
            columns.push((own.name.clone(), H::Own(at), "field of the deal's account"));
        }
    }
    columns
}

fn intervals() -> Vec<ColumnDef> {
    owned(&[
        ("opportunity_id", H::OpportunityId, ID),
        ("process", H::Process, PROCESS),
        ("stage", H::Words(W::Stage), STAGE),
        ("stage_order", H::StageOrder, ORDER),
        ("outcome", H::Words(W::Outcome), OUTCOME),
        ("amount_minor", H::AmountMinor, AMOUNT),
        ("owner", H::Words(W::Of(D::Owner)), OWNER),
        ("from_at", H::At, "instant the state began"),
        ("to_at", H::ToAt, "instant it ended; null where it holds still"),
        ("team", H::Words(W::Of(D::Team)), TEAM),
        ("currency", H::Words(W::Currency), CURRENCY),
        ("expected_close_on", H::ExpectedCloseOn, DUE),
        ("probability_ppm", H::ProbabilityPpm, PROBABILITY),
        ("from_on", H::On, "business day it began; a state holds at the end of a day from from_on until before to_on"),
        ("to_on", H::ToOn, "business day it ended"),
        ("known_on", H::KnownOn, "business day on which it was known"),
    ])
}

fn transitions() -> Vec<ColumnDef> {
    owned(&[
        ("opportunity_id", H::OpportunityId, ID),
        ("at", H::At, "instant of the move"),
        ("from_stage", H::FromStage, "key of the stage before; null at the beginning and where unknown"),
        ("to_stage", H::Words(W::Stage), "key of the stage after; null where unknown"),
        ("steps", H::Steps, "order of the stage after less that of the stage before; null where either is unknown"),
        (
            "kind",
            H::Kind,
            "new, direct, forward, skip, back, same, won, lost, cancelled, parked, resumed or reopened; null where \
             a stage became known or unknown",
        ),
        ("on", H::On, "business day of the move"),
        ("from_outcome", H::FromOutcome, "state before; null at the beginning"),
        ("to_outcome", H::Words(W::Outcome), "state after"),
        ("process", H::Process, PROCESS),
        ("amount_minor", H::AmountMinor, "amount after the move, in minor units of `currency`"),
        ("currency", H::Words(W::Currency), CURRENCY),
        ("owner", H::Words(W::Of(D::Owner)), OWNER),
        ("team", H::Words(W::Of(D::Team)), TEAM),
        ("known_on", H::KnownOn, "business day on which it was known"),
    ])
}

fn journeys() -> Vec<ColumnDef> {
    let mut columns = owned(&[
        ("opportunity_id", H::OpportunityId, ID),
        ("journey", H::Journey, "the journey, as the tally functions take it"),
        ("process", H::Process, PROCESS),
        ("process_id", H::ProcessId, "id of the version of the process"),
    ]);
    columns.extend(owned(&STATICS));
    columns.extend(owned(&[
        ("entries", H::Entries, "how many entries the lists have"),
        ("on", H::List(I::On), "business days on which states began"),
        ("at", H::List(I::At), "instants at which they began"),
        ("known_on", H::List(I::KnownOn), "business days on which they were known"),
        ("stage", H::List(I::Words(W::Stage)), "keys of stages"),
        ("stage_id", H::List(I::StageId), "ids of stages"),
        ("outcome", H::List(I::Words(W::Outcome)), "outcomes; null where the deal was deleted"),
        ("amount_minor", H::List(I::AmountMinor), "amounts in minor units"),
        ("currency", H::List(I::Words(W::Currency)), "currencies"),
        ("owner", H::List(I::Words(W::Of(D::Owner))), "sellers"),
        ("team", H::List(I::Words(W::Of(D::Team))), "teams"),
        ("expected_close_on", H::List(I::ExpectedCloseOn), "expected closes"),
        ("probability_ppm", H::List(I::ProbabilityPpm), "the seller's probabilities in millionths"),
    ]));
    columns
}

/// Every table with its name, in the order of the documentation.
pub(super) fn all(
    seen: &Arc<Seen>,
    scope: &Scope,
    chain: Option<&ChainSource>,
) -> Result<Vec<(&'static str, Arc<dyn TableProvider>)>> {
    let over = |name, grain, columns| Table::new(name, grain, columns, Arc::clone(seen));
    let large = [
        over("opportunities", Grain::Deal, opportunities(seen)),
        over("intervals", Grain::State, intervals()),
        over("transitions", Grain::Move, transitions()),
        over("journeys", Grain::Journey, journeys()),
    ];
    let processes = seen.snapshot.labels.processes();
    let small = [
        ("stages", catalogue::stages(processes)?),
        ("processes", catalogue::processes(processes)?),
        ("columns", described(&large)?),
    ];
    let mut tables: Vec<(&'static str, Arc<dyn TableProvider>)> = Vec::new();
    tables.extend(large.map(|table| (table.name, Arc::new(table) as Arc<dyn TableProvider>)));
    for table in chain::all(scope, chain) {
        tables.push((table.name, Arc::new(table)));
    }
    for (name, batch) in small {
        tables.push((name, Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?)));
    }
    Ok(tables)
}

/// The `columns` table: what the large tables hold, for whoever has nothing but a prompt.
fn described(tables: &[Table]) -> Result<RecordBatch, ArrowError> {
    let mut lines: Vec<[String; 4]> = Vec::new();
    for table in tables {
        let line = |(name, holds, about): &ColumnDef| {
            [table.name.to_owned(), name.clone(), table.type_of(*holds), (*about).to_owned()]
        };
        lines.extend(table.columns.iter().map(line));
    }
    for (table, described) in chain::described() {
        let ChainColumn { column, ty, about } = described;
        lines.push([(*table).to_owned(), column.clone(), spoken(ty), (*about).to_owned()]);
    }
    let text = |at: usize| -> ArrayRef { Arc::new(lines.iter().map(|line| Some(&line[at])).collect::<StringArray>()) };
    RecordBatch::try_from_iter_with_nullable([
        ("table", text(0), false),
        ("column", text(1), false),
        ("type", text(2), false),
        ("about", text(3), false),
    ])
}
