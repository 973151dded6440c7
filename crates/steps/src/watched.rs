//! Steps that can be stopped. A join, a sort or a list taken apart may make rows for a long time of what was read long
//! ago: between any two batches of them it is looked whether somebody stopped it, and others get their turn.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

use crate::error::StepsError;
use crate::run::Watch;

/// What may make many batches of one: parts of the names that the engine has for it.
const MAKERS: [&str; 4] = ["Join", "Sort", "Unnest", "Aggregate"];

/// Looks at the watch wherever many rows can be made.
#[derive(Debug)]
pub(crate) struct Watching(pub(crate) Watch);

impl PhysicalOptimizerRule for Watching {
    fn name(&self) -> &'static str {
        "watching"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let watched = plan.transform_up(|plan| {
            Ok(if MAKERS.iter().any(|maker| plan.name().contains(maker)) {
                Transformed::yes(Arc::new(Watched { input: plan, watch: self.0.clone() }) as Arc<dyn ExecutionPlan>)
            } else {
                Transformed::no(plan)
            })
        })?;
        Ok(watched.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A plan whose batches come as they are until it is stopped.
#[derive(Debug)]
struct Watched {
    input: Arc<dyn ExecutionPlan>,
    watch: Watch,
}

impl DisplayAs for Watched {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl ExecutionPlan for Watched {
    fn name(&self) -> &'static str {
        "Watched"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(match children.pop() {
            Some(input) => Arc::new(Self { input, watch: self.watch.clone() }),
            None => self,
        })
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batches = self.input.execute(partition, context)?;
        let (schema, watch) = (batches.schema(), self.watch.clone());
        let looked_at = batches.map(move |batch| {
            if watch.is_stopped() {
                return Err(DataFusionError::External(Box::new(StepsError::Stopped)));
            }
            batch
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(schema, looked_at))))
    }
}
