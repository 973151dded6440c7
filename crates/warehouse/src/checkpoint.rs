//! The checkpoint: the journeys as they stand, in Parquet, so that opening does not read the journal.
//!
//! Three files: journeys with what is kept beside them (a row group a partition), members of dimensions, and
//! a manifest that names the other two with their length and checksum and says which journal they are of. The
//! manifest is written last and renamed into place, so there is a whole checkpoint or none. Anything that
//! does not fit (torn, changed, of another database, of another zone or format, or ahead of the journal) is
//! told by a [`Stale`], and the caller rebuilds. Names of people are not written: they may have to be
//! forgotten. Must not know the store.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, UInt8Array, UInt32Array,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, UInt8Type, UInt32Type};
use arrow::error::ArrowError;
use bytes::Bytes;
use domain::field::FieldId;
use journey::Journeys;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::labels::{Dimension, Labels, Member};
use crate::snapshot::{Attributes, PARTITION_DEALS, Snapshot};

/// The layout of the files. A reader of another number rebuilds.
const FORMAT: u32 = 3;
const MANIFEST: &str = "checkpoint.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    file: String,
    bytes: u64,
    crc32: u32,
    rows: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    database_id: String,
    seq: i64,
    zone: String,
    /// Fields of the own dimensions.
    own: Vec<u16>,
    entries: u64,
    journeys: Part,
    members: Part,
}

/// Why a checkpoint is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Stale {
    /// There is none.
    #[error("there is no checkpoint yet")]
    Missing,
    /// It cannot be read whole.
    #[error("the checkpoint is damaged ({0})")]
    Damaged(String),
    /// It was written in another layout.
    #[error("the checkpoint has format {found}, this program writes {FORMAT}")]
    Format {
        /// Its format.
        found: u32,
    },
    /// It is of another database, or of the one from before a restore.
    #[error("the checkpoint belongs to another database, or to this one before it was restored")]
    Foreign,
    /// It is ahead of the journal.
    #[error("the checkpoint holds the journal up to entry {found}, the journal ends at {head}")]
    Ahead {
        /// Its last entry.
        found: i64,
        /// The journal's last entry.
        head: i64,
    },
    /// Its business days were cut in another zone.
    #[error("the checkpoint's days are those of {found}, the organisation's are those of {wanted}")]
    Zone {
        /// Its zone.
        found: String,
        /// The organisation's zone.
        wanted: String,
    },
    /// Other custom fields were dimensions then.
    #[error("the checkpoint was written with other custom dimensions")]
    Dimensions,
}

/// Why a checkpoint could not be written.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// The file system refused.
    #[error("cannot write the checkpoint {}: {source}; check that the directory exists, may be written to and has room", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Its reason.
        source: std::io::Error,
    },
    /// The columns could not be encoded.
    #[error("cannot encode the checkpoint: {0}")]
    Encode(#[from] ParquetError),
    /// The columns could not be put together.
    #[error("cannot encode the checkpoint: {0}")]
    Columns(#[from] ArrowError),
}

/// What a checkpoint is expected to be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected<'a> {
    pub(crate) database_id: &'a str,
    pub(crate) zone: &'a str,
    pub(crate) head: i64,
    pub(crate) own: &'a [u16],
}

/// A partition as it was written.
pub(crate) type Restored = (Arc<Journeys>, Arc<Attributes>);

/// A checkpoint that was read.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) seq: i64,
    pub(crate) labels: Labels,
    pub(crate) partitions: Vec<Restored>,
}

/// Writes a snapshot. Older files go once the new ones are in place.
pub(crate) fn write(dir: &Path, snapshot: &Snapshot) -> Result<(), CheckpointError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| CheckpointError::Io { path, source }
    };
    fs::create_dir_all(dir).map_err(io(dir))?;
    let mut entries = 0;
    let batches = snapshot.partitions.iter().map(|partition| {
        entries += partition.journeys.entries.day.len() as u64;
        partition_batch(snapshot, &partition.journeys, &partition.attributes)
    });
    let (encoded, rows) = encode(&journeys_schema(snapshot), batches)?;
    let journeys = put(dir, &format!("journeys-{}.parquet", snapshot.seq), &encoded, rows)?;
    drop(encoded);
    let members = members_batch(&snapshot.labels)?;
    let (encoded, rows) = encode(&members.schema(), std::iter::once(Ok(members)))?;
    let members = put(dir, &format!("members-{}.parquet", snapshot.seq), &encoded, rows)?;
    let manifest = Manifest {
        format: FORMAT,
        database_id: snapshot.database_id.clone(),
        seq: snapshot.seq,
        zone: snapshot.calendar.zone.name().to_owned(),
        own: snapshot.labels.own_dimensions().iter().map(|own| own.field.id.0).collect(),
        entries,
        journeys,
        members,
    };
    let body = serde_json::to_string(&manifest).map_err(|error| ParquetError::External(Box::new(error)))?;
    let text = format!("{:08x}\n{body}\n", crc32fast::hash(body.as_bytes()));
    put(dir, MANIFEST, text.as_bytes(), 0)?;
    sync_dir(dir);
    remove_others(dir, &[MANIFEST, &manifest.journeys.file, &manifest.members.file]);
    Ok(())
}

/// Writes a file beside its place, forces it to disk, renames it.
fn put(dir: &Path, name: &str, content: &[u8], rows: u64) -> Result<Part, CheckpointError> {
    let (path, beside) = (dir.join(name), dir.join(format!("{name}.tmp")));
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(content)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, &path)
    };
    write().map_err(|source| CheckpointError::Io { path: path.clone(), source })?;
    Ok(Part { file: name.to_owned(), bytes: content.len() as u64, crc32: crc32fast::hash(content), rows })
}

/// Makes the renames last. Not every system lets a directory be opened; then the names may be lost with the
/// power, and the next opening rebuilds.
fn sync_dir(dir: &Path) {
    if let Ok(handle) = File::open(dir) {
        let _ = handle.sync_all();
    }
}

/// Files of earlier checkpoints. One that cannot go now goes another time.
fn remove_others(dir: &Path, keep: &[&str]) {
    let Ok(found) = fs::read_dir(dir) else { return };
    for entry in found.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with("journeys-") || name.starts_with("members-") || name.ends_with(".tmp");
        if ours && !keep.contains(&&*name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn encode(
    schema: &Arc<Schema>,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<(Vec<u8>, u64), CheckpointError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(schema), Some(properties))?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?;
        writer.flush()?;
    }
    Ok((writer.into_inner()?, rows))
}

fn field_column(id: FieldId) -> String {
    format!("field_{}", id.0)
}

fn own_column(id: FieldId) -> String {
    format!("own_{}", id.0)
}

fn journeys_schema(snapshot: &Snapshot) -> Arc<Schema> {
    let mut fields: Vec<Field> = Journeys::schema().fields().iter().map(|field| Field::clone(field)).collect();
    fields.extend([
        Field::new("owner_now", DataType::UInt32, false),
        Field::new("team_now", DataType::UInt32, false),
        Field::new("inherited", DataType::UInt8, false),
        Field::new("external_id", DataType::Utf8, true),
    ]);
    let own = snapshot.labels.own_dimensions().iter();
    fields.extend(own.map(|own| Field::new(own_column(own.field.id), DataType::UInt32, false)));
    let kept = snapshot.labels.fields().iter();
    fields.extend(kept.map(|field| Field::new(field_column(field.id), field.data_type(), true)));
    Arc::new(Schema::new(fields))
}

fn partition_batch(
    snapshot: &Snapshot,
    journeys: &Journeys,
    attributes: &Attributes,
) -> Result<RecordBatch, ArrowError> {
    let mut columns: Vec<ArrayRef> = journeys.to_batch().columns().to_vec();
    columns.extend([
        Arc::new(UInt32Array::new(attributes.owner.clone(), None)) as ArrayRef,
        Arc::new(UInt32Array::new(attributes.team.clone(), None)),
        Arc::new(UInt8Array::new(attributes.inherited.clone(), None)),
        Arc::new(attributes.external_id.clone()),
    ]);
    let own = snapshot.labels.own_dimensions().iter().map(|own| attributes.own(own.field.id));
    columns.extend(own.map(|codes| Arc::new(UInt32Array::new(codes, None)) as ArrayRef));
    columns.extend(snapshot.labels.fields().iter().map(|field| attributes.column(field)));
    RecordBatch::try_new(journeys_schema(snapshot), columns)
}

/// Stands for a dimension where a row is a word of an own one.
const WORD: u8 = u8::MAX;

fn members_batch(labels: &Labels) -> Result<RecordBatch, ArrowError> {
    let members =
        |dimension: Dimension| labels.members(dimension).iter().map(move |(_, member)| (dimension as u8, member));
    let mut all: Vec<(u8, &Member)> = Dimension::ALL.into_iter().flat_map(members).collect();
    // Words of own dimensions are members of none; their field stands in the place of the parent.
    let words: Vec<Member> = labels
        .words()
        .iter()
        .flat_map(|(field, words)| words.iter().map(move |(_, word)| (field, word)))
        .map(|(field, word)| Member { parent: Some(i64::from(field.0)), ..word.clone() })
        .collect();
    all.extend(words.iter().map(|word| (WORD, word)));
    let name = |(dimension, member): &(u8, &Member)| {
        // Names of people stay in the vault.
        if *dimension == Dimension::Owner as u8 { None } else { member.name.clone() }
    };
    let own = |(_, member): &(u8, &Member)| {
        let codes = member.own.iter().map(|(field, code)| format!("{}:{code}", field.0));
        (!member.own.is_empty()).then(|| codes.collect::<Vec<_>>().join(","))
    };
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("dimension", Arc::new(all.iter().map(|(dimension, _)| Some(*dimension)).collect::<UInt8Array>()), false),
        ("id", Arc::new(all.iter().map(|(_, member)| Some(member.id)).collect::<Int64Array>()), false),
        ("name", Arc::new(all.iter().map(name).collect::<StringArray>()), true),
        ("parent", Arc::new(all.iter().map(|(_, member)| member.parent).collect::<Int64Array>()), true),
        ("region", Arc::new(all.iter().map(|(_, member)| Some(member.region)).collect::<UInt32Array>()), false),
        ("industry", Arc::new(all.iter().map(|(_, member)| Some(member.industry)).collect::<UInt32Array>()), false),
        ("keeper", Arc::new(all.iter().map(|(_, member)| member.keeper).collect::<Int64Array>()), true),
        ("merged_into", Arc::new(all.iter().map(|(_, member)| member.merged_into).collect::<Int64Array>()), true),
        ("stands", Arc::new(all.iter().map(|(_, member)| Some(member.stands)).collect::<BooleanArray>()), false),
        ("own", Arc::new(all.iter().map(own).collect::<StringArray>()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns)
}

/// Reads the checkpoint of a directory.
pub(crate) fn read(dir: &Path, expected: &Expected<'_>) -> Result<Checkpoint, Stale> {
    let manifest = manifest(dir)?;
    if manifest.format != FORMAT {
        return Err(Stale::Format { found: manifest.format });
    }
    if manifest.database_id != expected.database_id {
        return Err(Stale::Foreign);
    }
    if manifest.zone != expected.zone {
        return Err(Stale::Zone { found: manifest.zone, wanted: expected.zone.to_owned() });
    }
    if manifest.own != expected.own {
        return Err(Stale::Dimensions);
    }
    if manifest.seq > expected.head {
        return Err(Stale::Ahead { found: manifest.seq, head: expected.head });
    }
    let damaged = |what: String| Stale::Damaged(what);
    let members = decode(&content(dir, &manifest.members)?).map_err(|error| damaged(error.to_string()))?;
    let labels = members.iter().try_fold(Labels::default(), add_members);
    let labels = labels.map_err(|error| damaged(error.to_string()))?;
    let journeys = decode(&content(dir, &manifest.journeys)?).map_err(|error| damaged(error.to_string()))?;
    let partitions: Vec<Restored> = journeys
        .into_par_iter()
        .map(|batch| restore(&batch))
        .collect::<Result<_, ArrowError>>()
        .map_err(|error| damaged(error.to_string()))?;
    let rows: usize = partitions.iter().map(|(journeys, _)| journeys.len()).sum();
    let entries: usize = partitions.iter().map(|(journeys, _)| journeys.entries.day.len()).sum();
    let whole = partitions.iter().rev().skip(1).all(|(journeys, _)| journeys.len() == PARTITION_DEALS);
    if rows as u64 != manifest.journeys.rows || entries as u64 != manifest.entries || !whole {
        return Err(damaged(format!("{rows} deals with {entries} entries are not what was written")));
    }
    Ok(Checkpoint { seq: manifest.seq, labels, partitions })
}

fn manifest(dir: &Path) -> Result<Manifest, Stale> {
    let text = match fs::read(dir.join(MANIFEST)) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| Stale::Damaged("the manifest is no text".to_owned()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Stale::Missing),
        Err(error) => return Err(Stale::Damaged(error.to_string())),
    };
    let torn = || Stale::Damaged("the manifest is torn".to_owned());
    let (sum, body) = text.strip_suffix('\n').and_then(|text| text.split_once('\n')).ok_or_else(torn)?;
    if format!("{:08x}", crc32fast::hash(body.as_bytes())) != sum {
        return Err(torn());
    }
    serde_json::from_str(body).map_err(|error| Stale::Damaged(error.to_string()))
}

fn content(dir: &Path, part: &Part) -> Result<Bytes, Stale> {
    let bytes = fs::read(dir.join(&part.file)).map_err(|error| Stale::Damaged(format!("{}: {error}", part.file)))?;
    if bytes.len() as u64 != part.bytes || crc32fast::hash(&bytes) != part.crc32 {
        return Err(Stale::Damaged(format!("{} is not what was written", part.file)));
    }
    Ok(bytes.into())
}

/// Every row group as a batch, decoded in parallel.
fn decode(bytes: &Bytes) -> Result<Vec<RecordBatch>, ParquetError> {
    let metadata = ArrowReaderMetadata::load(bytes, ArrowReaderOptions::new())?;
    (0..metadata.metadata().num_row_groups())
        .into_par_iter()
        .map(|group| {
            let rows = usize::try_from(metadata.metadata().row_group(group).num_rows()).unwrap_or(0);
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone())
                .with_row_groups(vec![group])
                .with_batch_size(rows.max(1))
                .build()?;
            let batches = reader.collect::<Result<Vec<_>, ArrowError>>()?;
            match <[RecordBatch; 1]>::try_from(batches) {
                Ok([batch]) => Ok(batch),
                Err(batches) => Ok(concat_batches(metadata.schema(), &batches)?),
            }
        })
        .collect()
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    let missing = || ArrowError::SchemaError(format!("column `{name}` is missing"));
    batch.column_by_name(name).ok_or_else(missing)
}

fn wrong(name: &str) -> ArrowError {
    ArrowError::SchemaError(format!("column `{name}` has another type"))
}

fn add_members(mut labels: Labels, batch: &RecordBatch) -> Result<Labels, ArrowError> {
    let of = |name| column(batch, name);
    let dimensions = of("dimension")?.as_primitive_opt::<UInt8Type>().ok_or_else(|| wrong("dimension"))?;
    let ids = of("id")?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong("id"))?;
    let names = of("name")?.as_string_opt::<i32>().ok_or_else(|| wrong("name"))?;
    let parents = of("parent")?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong("parent"))?;
    let regions = of("region")?.as_primitive_opt::<UInt32Type>().ok_or_else(|| wrong("region"))?;
    let industries = of("industry")?.as_primitive_opt::<UInt32Type>().ok_or_else(|| wrong("industry"))?;
    let keepers = of("keeper")?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong("keeper"))?;
    let merged = of("merged_into")?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong("merged_into"))?;
    let stands = of("stands")?.as_boolean_opt().ok_or_else(|| wrong("stands"))?;
    let own = of("own")?.as_string_opt::<i32>().ok_or_else(|| wrong("own"))?;
    let codes = |text: &str| -> Option<Vec<(FieldId, u32)>> {
        let code = |part: &str| {
            part.split_once(':').and_then(|(id, code)| Some((FieldId(id.parse().ok()?), code.parse().ok()?)))
        };
        text.split(',').map(code).collect()
    };
    for row in 0..batch.num_rows() {
        if dimensions.value(row) == WORD {
            let field = parents.is_valid(row).then(|| u16::try_from(parents.value(row)).ok()).flatten();
            let words = labels.words_mut(FieldId(field.ok_or_else(|| wrong("parent"))?));
            let name = names.is_valid(row).then(|| Arc::from(names.value(row)));
            words.push(Member { name, ..Member::unnamed(ids.value(row)) });
            continue;
        }
        let dimension = Dimension::ALL.get(usize::from(dimensions.value(row))).ok_or_else(|| wrong("dimension"))?;
        labels.members_mut(*dimension).push(Member {
            id: ids.value(row),
            name: names.is_valid(row).then(|| Arc::from(names.value(row))),
            parent: parents.is_valid(row).then(|| parents.value(row)),
            region: regions.value(row),
            industry: industries.value(row),
            keeper: keepers.is_valid(row).then(|| keepers.value(row)),
            stands: stands.value(row),
            merged_into: merged.is_valid(row).then(|| merged.value(row)),
            own: if own.is_valid(row) { codes(own.value(row)).ok_or_else(|| wrong("own"))? } else { Vec::new() },
        });
    }
    Ok(labels)
}

fn restore(batch: &RecordBatch) -> Result<Restored, ArrowError> {
    let journeys = Journeys::from_batch(batch)?;
    let codes = |name: &str| -> Result<_, ArrowError> {
        Ok(column(batch, name)?.as_primitive_opt::<UInt32Type>().ok_or_else(|| wrong(name))?.values().clone())
    };
    let inherited = column(batch, "inherited")?.as_primitive_opt::<UInt8Type>().ok_or_else(|| wrong("inherited"))?;
    let external = column(batch, "external_id")?.as_string_opt::<i32>().ok_or_else(|| wrong("external_id"))?;
    let schema = batch.schema();
    let kept = schema.fields().iter().zip(batch.columns()).filter_map(|(field, column)| {
        let id: u16 = field.name().strip_prefix("field_")?.parse().ok()?;
        let held = column.null_count() < column.len();
        held.then(|| (FieldId(id), Arc::clone(column)))
    });
    let mut columns: Vec<(FieldId, ArrayRef)> = kept.collect();
    columns.sort_by_key(|(id, _)| *id);
    let fields = schema.fields().iter().filter_map(|field| field.name().strip_prefix("own_")?.parse().ok());
    let own = fields.map(|id: u16| Ok((FieldId(id), codes(&own_column(FieldId(id)))?)));
    let own = own.collect::<Result<Vec<_>, ArrowError>>()?;
    let attributes = Attributes {
        owner: codes("owner_now")?,
        team: codes("team_now")?,
        inherited: inherited.values().clone(),
        external_id: external.clone(),
        columns,
        own,
    };
    Ok((Arc::new(journeys), Arc::new(attributes)))
}
