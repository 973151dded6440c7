//! A file as a table of the engine: its rows as texts, streamed, with the number of each.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use ingest::{Fault, Look, Options};

/// The column with the row's number in its file. It goes along with every row as long as it is one of the file's.
pub(crate) const ROW: &str = "\u{1}row";
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
    schema: SchemaRef,
}

impl Input {
    pub(crate) fn new(path: PathBuf, look: Look, options: Options, most: Option<usize>) -> Self {
        let names = look.readable().map(|name| Field::new(name, DataType::Utf8, true));
        let row = Field::new(ROW, DataType::UInt64, false);
        let schema = Arc::new(Schema::new(names.chain([row]).collect::<Vec<_>>()));
        Self { path, look, options, most, schema }
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
        // Reading a file keeps a thread busy.
        tokio::task::spawn_blocking(move || {
            let mut left = most.unwrap_or(usize::MAX);
            let read = ingest::texts(&path, &look, &options, &mut |texts| {
                let rows = UInt64Array::from(texts.rows);
                let columns = texts.columns.into_iter().map(|column| Arc::new(column) as ArrayRef);
                let batch =
                    RecordBatch::try_new(Arc::clone(&schema), columns.chain([Arc::new(rows) as ArrayRef]).collect());
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
