//! Statistics and decisions on small results.
//!
//! Everything the product calls a number is defined here once, so that the web, the command line,
//! the API and the reports cannot disagree. Tallies count; this crate turns the counts into rates,
//! intervals, curves, gauges and shares. It must not know Arrow, storage, time zones or any other
//! crate of the workspace: all input is plain integers (counts, whole days, money in minor units)
//! and every function is pure. Clock and randomness never appear, except that [`simulate`] takes a
//! generator as a parameter.
//!
//! House rules, kept by every module:
//! * **Undefined is `None`**, never zero and never `NaN`: an empty denominator has no rate.
//! * **Sums are exact.** Money and counts stay integers ([`ratio::Ratio`] keeps both sides of a
//!   quotient); floats appear only in results.
//! * **Wrong input is an error with facts**, one enum per module; a missing value is not an error.
//! * Each formula names its published source; `docs/metrics/` explains each number to its readers.
//!
//! | asked | module |
//! |---|---|
//! | how sure is a share, is a difference real | [`interval`], [`odds`], [`shrinkage`] |
//! | how long, how likely by day h, with open deals | [`survival`], [`conversion`], [`probability`], [`chain`] |
//! | attainment, step conversion, win rate, speed | [`ratio`], [`win_rate`], [`velocity`] |
//! | weighted forecast, gauges, inflow, ideal counts | [`volume`], [`dials`], [`movement`], [`ideal`] |
//! | how good were the probabilities | [`calibration`], [`distribution`] |
//! | how good are the records | [`quality`] |
//! | what is a text likely about | [`classify`] |
//! | why did a rate change | [`decomposition`] |
//! | does an estimator tell the truth | [`simulate`] |

pub mod calibration;
pub mod chain;
pub mod classify;
pub mod conversion;
pub mod decomposition;
pub mod diagnosis;
pub mod dials;
pub mod distribution;
pub mod ideal;
pub mod interval;
pub mod movement;
pub mod odds;
pub mod probability;
pub mod quality;
pub mod ratio;
mod root;
pub mod shrinkage;
pub mod simulate;
pub mod survival;
pub mod velocity;
pub mod volume;
pub mod win_rate;
