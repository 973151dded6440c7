//! Data quality: what rules find, what scores come to, whose records one sees, what mending does.

mod figures;
mod house;
mod infer;
mod rules;
mod whole;
