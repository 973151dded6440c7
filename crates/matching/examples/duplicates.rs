//! How well and how fast duplicates are found: `cargo run --profile demo --example duplicates [COUNT]`.

#[path = "../tests/customers/mod.rs"]
mod customers;

use std::time::Instant;

use matching::{Keys, Options, Subject, find_duplicates, value_clusters};

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock and its arguments")]
fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let wrong: usize = std::env::args().nth(2).and_then(|count| count.parse().ok()).unwrap_or(0);
    let customers = customers::customers(count, 20_260_101);
    let records: Vec<Keys> = customers.iter().map(|customer| customer.keys.clone()).collect();
    for min_score in [0.7, 0.75, 0.8, 0.85, 0.9, 0.95] {
        let start = Instant::now();
        let found = find_duplicates(Subject::Organisation, &records, &Options { min_score, ..Options::default() });
        let seconds = start.elapsed().as_secs_f64();
        let quality = customers::quality(&customers, &found);
        println!(
            "{count} customers, least score {min_score}: {seconds:.2} s, {} clusters, {} pairs found of {}, precision {:.4}, recall {:.4}",
            found.len(),
            quality.found,
            quality.there,
            quality.precision(),
            quality.recall()
        );
        if (min_score - 0.8).abs() < 1e-9 && wrong > 0 {
            show(&customers, &found, wrong);
        }
    }
    let names: Vec<(String, u64)> = {
        let mut names: Vec<String> = records.iter().flat_map(|keys| keys.names.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| (name, 1)).collect()
    };
    let start = Instant::now();
    let clusters = value_clusters(&names);
    println!("{} distinct values: {:.2} s, {} clusters", names.len(), start.elapsed().as_secs_f64(), clusters.len());
}

/// Prints pairs that were joined wrongly, and some that were missed.
fn show(customers: &[customers::Labelled], found: &[matching::Cluster], many: usize) {
    let of = |id: i64| &customers[usize::try_from(id - 1).expect("an id")];
    let mut cluster_of = std::collections::HashMap::new();
    for (at, cluster) in found.iter().enumerate() {
        for id in &cluster.records {
            cluster_of.insert(*id, at);
        }
    }
    let pairs = found.iter().flat_map(|cluster| &cluster.pairs);
    for pair in pairs.filter(|pair| of(pair.a).entity != of(pair.b).entity).take(many) {
        println!(
            "WRONG {:.3} {:?} {:?}\n   {:?}\n   {:?}",
            pair.score,
            pair.agrees,
            pair.differs,
            of(pair.a).keys,
            of(pair.b).keys
        );
    }
    let mut first = std::collections::HashMap::new();
    let mut missed = 0;
    for customer in customers {
        let known = first.entry(customer.entity).or_insert(customer.keys.id);
        let apart = cluster_of.get(known).is_none_or(|at| cluster_of.get(&customer.keys.id) != Some(at));
        if *known != customer.keys.id && apart && missed < many {
            missed += 1;
            let pair = matching::score(Subject::Organisation, &of(*known).keys, &customer.keys);
            println!(
                "MISSED {:.3} {:?} {:?}\n   {:?}\n   {:?}",
                pair.score,
                pair.agrees,
                pair.differs,
                of(*known).keys,
                customer.keys
            );
        }
    }
}
