//! SQL over hand-made journeys: goldens as text, and a second reading of every tally function.

mod fixture;
mod goldens;
mod guards;
mod moves;
mod plain;
mod scopes;
mod tallies;
