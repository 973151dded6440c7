//! The analyses: each asks one question of `app` and shows the answer.

use app::Result;
use app::answers::{BridgeAsk, ConversionAsk, GaugesAsk, MigrationAsk, TrendAsk, WinrateAsk};
use domain::calendar::Grain;

use super::open;
use crate::args::{BridgeArgs, ConversionArgs, Every, GaugesArgs, MigrationArgs, TrendArgs, WinrateArgs};
use crate::context::Context;

const fn grain(every: Every) -> Grain {
    match every {
        Every::Week => Grain::Week,
        Every::Month => Grain::Month,
        Every::Quarter => Grain::Quarter,
        Every::Year => Grain::Year,
    }
}

pub(crate) async fn funnel(context: &Context) -> Result<()> {
    let ask = context.ask()?;
    context.show(&open(context).await?.funnel(&ask).await?)
}

pub(crate) async fn trend(context: &Context, args: &TrendArgs) -> Result<()> {
    let ask = TrendAsk { common: context.ask()?, every: grain(args.every), points: args.points };
    context.show(&open(context).await?.trend(&ask).await?)
}

pub(crate) async fn migration(context: &Context, args: &MigrationArgs) -> Result<()> {
    let ask = MigrationAsk { common: context.ask()?, weeks: args.weeks, into: args.into.clone() };
    context.show(&open(context).await?.migration(&ask).await?)
}

pub(crate) async fn bridge(context: &Context, args: &BridgeArgs) -> Result<()> {
    let due = match (
        context.day("--due-from", args.due_from.as_deref())?,
        context.day("--due-to", args.due_to.as_deref())?,
    ) {
        (Some(from), Some(to)) => Some((from, to)),
        _ => None,
    };
    let ask = BridgeAsk { common: context.ask()?, due, path: args.path };
    context.show(&open(context).await?.bridge(&ask).await?)
}

pub(crate) async fn conversion(context: &Context, args: &ConversionArgs) -> Result<()> {
    let ask = ConversionAsk { common: context.ask()?, horizon_days: args.horizon };
    context.show(&open(context).await?.conversion(&ask).await?)
}

pub(crate) async fn dwell(context: &Context) -> Result<()> {
    let ask = context.ask()?;
    context.show(&open(context).await?.dwell(&ask).await?)
}

pub(crate) async fn winrate(context: &Context, args: &WinrateArgs) -> Result<()> {
    let ask = WinrateAsk { common: context.ask()?, every: args.every.map(grain), by_created: args.by_created };
    context.show(&open(context).await?.winrate(&ask).await?)
}

pub(crate) async fn gauges(context: &Context, args: &GaugesArgs) -> Result<()> {
    let ask = GaugesAsk { common: context.ask()?, worst: args.worst };
    context.show(&open(context).await?.gauges(&ask).await?)
}

pub(crate) async fn customer_funnel(context: &Context) -> Result<()> {
    let ask = context.ask()?;
    let answer = open(context).await?.customer_funnel(&ask).await?;
    if context.common.json {
        return context.show_json(&answer.to_json());
    }
    context.show(&answer.steps)?;
    // The terms are those of the steps.
    for part in answer.groups.iter().chain([&answer.leads, &answer.amounts]) {
        context.print("\n")?;
        context.show(&part.untold())?;
    }
    Ok(())
}
