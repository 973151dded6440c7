//! A file as a table of the engine: its rows as texts, streamed, with the number of each.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, UInt64Array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use ingest::{Fault, Look, Options};

use crate::numbers::Book;
use crate::run::{Limits, Watch};

/// The column with the row's number in its file. It goes along with every row as long as it is one of the file's.
pub(crate) const ROW: &str = ingest::ROW_COLUMN;
/// Rows of the files of one table: those of each are numbered behind those of the ones before.
pub(crate) const FILE_ROWS: u64 = 1 << 30;
/// Batches that wait to be taken.
const AHEAD: usize = 4;

/// A table of a file.
#[derive(Debug)]
pub(crate) struct Input {
    path: PathBuf,
    look: Look,
    options: Options,
    /// Rows that are read; all where absent.
    most: Option<usize>,
    /// The file's place among those of its table.
    place: u64,
    watch: Watch,
    book: Book,
    schema: SchemaRef,
}

impl Input {
    pub(crate) fn new(path: PathBuf, look: Look, limits: &Limits, most: Option<usize>, place: u64, book: Book) -> Self {
        let names = look.headings().map(|name| Field::new(name, DataType::Utf8, true));
        let row = Field::new(ROW, DataType::UInt64, false);
        let schema = Arc::new(Schema::new(names.chain([row]).collect::<Vec<_>>()));
        Self { path, look, options: limits.reading.clone(), most, place, watch: limits.watch.clone(), book, schema }
    }
}

impl PartitionStream for Input {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (send, receive) = tokio::sync::mpsc::channel(AHEAD);
        let (path, look, options) = (self.path.clone(), self.look.clone(), self.options.clone());
        let (schema, most) = (Arc::clone(&self.schema), self.most);
        let (place, watch, book) = (self.place, self.watch.clone(), self.book.clone());
        let behind = place * FILE_ROWS;
        // Reading a file keeps a thread busy.
        tokio::task::spawn_blocking(move || {
            let mut left = most.unwrap_or(usize::MAX);
            let mut bytes_before = 0;
            let read = ingest::texts(&path, &look, &options, &mut |texts| {
                watch.read(texts.rows.len() as u64, texts.bytes_done.saturating_sub(bytes_before));
                bytes_before = texts.bytes_done;
                if watch.is_stopped() {
                    return Err(Fault::Stopped.into());
                }
                let mut sound = vec![true; texts.rows.len()];
                for (at, fields) in &texts.ragged {
                    let file = usize::try_from(place).unwrap_or(usize::MAX);
                    book.leave_out(&path, &look, file, texts.rows[*at], *fields);
                    sound[*at] = false;
                }
                let rows = UInt64Array::from_iter_values(texts.rows.into_iter().map(|row| row + behind));
                let columns = texts.columns.into_iter().map(|column| Arc::new(column) as ArrayRef);
                let batch =
                    RecordBatch::try_new(Arc::clone(&schema), columns.chain([Arc::new(rows) as ArrayRef]).collect());
                let batch = match texts.ragged.is_empty() {
                    true => batch,
                    false => batch.and_then(|batch| filter_record_batch(&batch, &BooleanArray::from(sound))),
                };
                let batch = batch.map_err(|error| stopped(&look.file, error.to_string()))?;
                let batch = batch.slice(0, batch.num_rows().min(left));
                left -= batch.num_rows();
                // Nobody waits any more where the plan was given up or has enough.
                let is_wanted = send.blocking_send(Ok(batch)).is_ok();
                if is_wanted && left > 0 { Ok(()) } else { Err(stopped(&look.file, String::new())) }
            });
            if let Err(refusal) = read
                && !is_stop(&refusal)
            {
                // Likewise.
                let _ = send.blocking_send(Err(DataFusionError::External(Box::new(refusal))));
            }
        });
        let stream = futures::stream::unfold(receive, |mut receive| async {
            let batch = receive.recv().await?;
            Some((batch, receive))
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), stream))
    }
}

fn stopped(file: &str, message: String) -> ingest::Refusal {
    Fault::Unreadable { file: file.to_owned(), message }.into()
}

fn is_stop(refusal: &ingest::Refusal) -> bool {
    matches!(refusal.faults.as_slice(), [Fault::Unreadable { message, .. }] if message.is_empty())
}
