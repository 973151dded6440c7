//! Batches that no tally wrote are refused, and say why.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, ListArray, RecordBatch, UInt8Array, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use domain::Day;
use journey::{Cells, CellsError, Grid, Journeys, Layout, Spells, Stock, Sum, Tally, TooLarge, run, travel};
use testkit::{Table, Terms, journeys};

fn one() -> RecordBatch {
    let mut grid = Grid::<Sum>::default();
    grid.shape(Layout::new(2, 2));
    grid.add(7, 1, &Sum::one(Some(5)));
    grid.to_batch()
}

fn with(name: &str, column: ArrayRef) -> RecordBatch {
    let batch = one();
    let at = batch.schema().index_of(name).expect("a column");
    let mut columns = batch.columns().to_vec();
    let mut fields: Vec<Field> = batch.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    fields[at] = Field::new(name, column.data_type().clone(), column.null_count() > 0);
    columns[at] = column;
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("a batch")
}

fn refused(batch: &RecordBatch) -> String {
    Grid::<Sum>::from_batch(batch).expect_err("nonsense").to_string()
}

#[test]
fn cells_refuse_what_they_did_not_write() {
    assert!(Grid::<Sum>::from_batch(&one()).is_ok());
    assert!(refused(&RecordBatch::new_empty(Arc::new(Schema::empty()))).contains("`part` is missing"));
    assert!(refused(&with("part", Arc::new(UInt8Array::from(vec![1])))).contains("names a part"));
    assert!(refused(&with("place", Arc::new(UInt32Array::from(vec![2])))).contains("past the last place"));
    assert!(refused(&with("stride", Arc::new(UInt32Array::from(vec![0])))).contains("past the last place"));
    assert!(refused(&with("cause", Arc::new(UInt8Array::from(vec![99])))).contains("names a cause"));
    assert!(refused(&with("cause", Arc::new(UInt8Array::from(vec![3])))).contains("counts a spell"));
    assert!(refused(&with("entry_days", Arc::new(UInt32Array::from(vec![3])))).contains("before it is seen"));
    assert!(refused(&with("group", Arc::new(UInt32Array::from(vec![7])))).contains("another type"));
    assert!(refused(&with("group", Arc::new(UInt64Array::from(vec![None::<u64>])))).contains("holds nulls"));
    let item = Arc::new(Field::new("item", DataType::Int32, true));
    let offsets = arrow::buffer::OffsetBuffer::from_lengths([1]);
    let wrong_items = ListArray::new(item, offsets, Arc::new(Int32Array::from(vec![1])), None);
    assert!(refused(&with("values", Arc::new(wrong_items))).contains("another item type"));
    assert_eq!(
        Spells::from_batch(&one()),
        Err(CellsError::Row { row: 0, what: "holds other numbers than a count of spells" })
    );
    assert_eq!(Grid::<Sum>::from_batch(&RecordBatch::new_empty(travel::schema())), Ok(Grid::default()));
}

#[test]
#[should_panic(expected = "one layout")]
fn cells_of_two_questions_do_not_merge() {
    let mut grid = Grid::<Sum>::default();
    grid.shape(Layout::new(3, 3));
    grid.merge(Grid::from_batch(&one()).expect("cells"));
}

#[test]
fn journeys_refuse_entries_out_of_order_and_give_back_what_they_were() {
    let text = "D1 a b | 01-05 x 1 due:03-01 | 01-06 won\nD2 - - | merged\nD3 - - | 02-05 x none";
    let table = Table::read(&["x"], text).expect("a table");
    let batch = table.journeys().to_batch();
    let again = Journeys::from_batch(&batch).expect("journeys");
    assert_eq!(again.to_batch(), batch);
    let tail = Journeys::from_batch(&batch.slice(1, 2)).expect("a slice").to_batch();
    assert_eq!(tail, journeys(&table.deals[1..]).to_batch());
    let mut deals = table.deals.clone();
    deals[0].entries.swap(0, 1);
    let error = Journeys::from_batch(&journeys(&deals).to_batch()).expect_err("out of order");
    assert!(error.to_string().contains("deal 1 are not by time"), "{error}");
    let missing = batch.project(&[0, 1, 2]).expect("three columns");
    assert!(Journeys::from_batch(&missing).is_err());
}

#[test]
fn a_question_that_outgrows_its_memory_is_refused() {
    let table = Table::read(&["x"], "D1 - - | 01-05 x 1").expect("a table");
    let laid = Terms::all(table.stage_ids(), Day(40_000)).lay(table.journeys());
    let ask = Stock::on(Day(30_000));
    let count = |limit_bytes| run::count_each(&ask, &[vec![laid.view()]], false, limit_bytes);
    assert_eq!(count(8), Err(TooLarge { limit_bytes: 8 }));
    let cells = count(1 << 20).expect("room");
    assert_eq!(run::merge_all(&ask, cells.clone(), 8), Err(TooLarge { limit_bytes: 8 }));
    let cells = run::merge_all(&ask, cells, 1 << 20).expect("room");
    assert_eq!(ask.finish(&cells).num_rows(), 1);
}

#[test]
fn many_groups_cost_what_they_fill() {
    let mut grid = Grid::<Sum>::default();
    grid.shape(Layout::new(10, 200));
    for group in 0..24_000 {
        grid.add(group, 3, &Sum::one(Some(1)));
    }
    let cells = grid.rows();
    assert_eq!(cells.len(), 24_000);
    assert!(cells.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(grid.bytes() < 8 << 20, "{} bytes", grid.bytes());
    assert_eq!(Grid::from_batch(&grid.to_batch()), Ok(grid));
}

#[test]
fn packed_cells_hold_less_and_count_on() {
    let mut grid = Grid::<Sum>::default();
    grid.shape(Layout::new(10, 200));
    for group in [0, 80, 9_000_000] {
        grid.add(group, 3, &Sum::one(Some(1)));
    }
    let loose = grid.clone();
    grid.pack();
    assert!(grid.bytes() * 100 < loose.bytes(), "{} of {} bytes", grid.bytes(), loose.bytes());
    assert_eq!((&grid, grid.get(80, 3)), (&loose, loose.get(80, 3)));
    let mut both = grid.clone();
    both.merge(loose.clone());
    let mut other_way = loose.clone();
    other_way.merge(grid.clone());
    assert_eq!(both, other_way);
    for group in [0, 80, 9_000_000] {
        grid.add(group, 3, &Sum::one(Some(1)));
    }
    assert_eq!(grid, both);
}
