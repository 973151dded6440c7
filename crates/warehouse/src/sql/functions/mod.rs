//! Tally functions: every tally as an aggregate function over the `journey` column of `journeys`.
//!
//! `SELECT region, stock(journey, DATE '2026-03-31') FROM journeys GROUP BY region` answers a list of structs
//! a group, which `unnest` spreads into rows. Parameters are literals: a tally is fixed before it counts. The
//! last parameter, the key of a process, may be left out where the session names one or all deals in scope
//! live under one.
//!
//! This module must not know what a tally counts: it binds parameters, and puts words in the place of codes.

mod accumulate;
mod bind;
mod words;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, TypeSignature, Volatility,
};
use domain::Day;
use journey::Tally;

use self::accumulate::{Counting, One, state_type};
use self::bind::{Given, Parameter};
use self::words::{Layout, spoken_fields};
use super::source::Seen;

/// What tally functions count by where a query does not say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    pub(super) process: Option<String>,
    pub(super) as_of: Day,
    pub(super) parked_limit_days: i32,
}

/// A tally as a function: its name, its parameters behind `journey`, and how it is made of them.
#[derive(Debug, Clone, Copy)]
struct Def<T> {
    name: &'static str,
    parameters: &'static [Parameter],
    make: fn(&Given) -> Result<T>,
    /// Any tally of this type: its rows have the columns of all.
    sample: fn() -> T,
}

/// Every tally function.
pub(super) fn all(seen: &Arc<Seen>, terms: &Arc<Terms>) -> Vec<AggregateUDF> {
    bind::functions(seen, terms)
}

fn function<T: Tally>(def: Def<T>, seen: &Arc<Seen>, terms: &Arc<Terms>) -> AggregateUDF {
    let mut types = vec![DataType::UInt64];
    types.extend(def.parameters.iter().map(|parameter| parameter.data_type()));
    let mut with_process = types.clone();
    with_process.push(DataType::Utf8);
    let forms = vec![TypeSignature::Exact(types), TypeSignature::Exact(with_process)];
    AggregateUDF::new_from_impl(TallyFunction {
        def,
        signature: Signature::one_of(forms, Volatility::Immutable),
        seen: Arc::clone(seen),
        terms: Arc::clone(terms),
        fields: OnceLock::new(),
    })
}

struct TallyFunction<T: Tally> {
    def: Def<T>,
    signature: Signature,
    seen: Arc<Seen>,
    terms: Arc<Terms>,
    fields: OnceLock<Vec<FieldRef>>,
}

impl<T: Tally> fmt::Debug for TallyFunction<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TallyFunction").field("name", &self.def.name).finish_non_exhaustive()
    }
}

impl<T: Tally> PartialEq for TallyFunction<T> {
    fn eq(&self, other: &Self) -> bool {
        self.def.name == other.def.name && self.terms == other.terms && Arc::ptr_eq(&self.seen, &other.seen)
    }
}

impl<T: Tally> Eq for TallyFunction<T> {}

impl<T: Tally> Hash for TallyFunction<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.def.name.hash(state);
        self.terms.hash(state);
    }
}

impl<T: Tally> TallyFunction<T> {
    fn counting(&self, args: &AccumulatorArgs<'_>) -> Result<Counting<T>> {
        let name = self.def.name;
        if args.is_distinct {
            let message = format!("{name}(DISTINCT …) has no meaning: a journey counts once as it is");
            return Err(DataFusionError::Plan(message));
        }
        let given = Given::read(name, self.def.parameters, args, &self.seen)?;
        let process = given.process().or(self.terms.process.as_deref());
        let layout = Layout::new(&self.seen, process)?;
        let tally = (self.def.make)(&given)?;
        Counting::new(tally, layout, Arc::clone(&self.seen), Arc::clone(&self.terms))
    }

    fn fields(&self) -> &Vec<FieldRef> {
        self.fields.get_or_init(|| spoken_fields(&(self.def.sample)()))
    }
}

impl<T: Tally> AggregateUDFImpl for TallyFunction<T> {
    fn name(&self) -> &str {
        self.def.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        let row = DataType::Struct(self.fields().clone().into());
        Ok(DataType::List(Arc::new(Field::new("item", row, false))))
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[cells]", args.name), state_type(), false))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One::new(self.counting(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.counting(&args)?))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}
