//! The arithmetic of deltas over a long history of a folder that changes at random: what is added up must come out, whatever happens.

use std::collections::BTreeMap;

use super::fixture::{Bench, Seen, bucket};

const CHECKS: [&str; 2] = ["s3_bucket_object_versioning", "s3_bucket_event_notifications_enabled"];
/// Scans of the history.
const SCANS: u64 = 40;
/// Files of the folder, and buckets that each may have.
const FILES: u64 = 3;
const BUCKETS: u64 = 5;

/// Xorshift: the same history each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A file at random: broken once in a while, else of buckets of which some are versioned. Says whether it can be read.
fn change(bench: &Bench, file: u64, random: &mut Random) -> bool {
    let name = format!("{file}.tfstate");
    if random.below(6) == 0 {
        bench.write_text(&name, "{\"version\": 4, \"resources\": [");
        return false;
    }
    let mut resources = Vec::new();
    for number in 0..BUCKETS {
        if random.below(3) == 0 {
            continue;
        }
        let id = format!("b{file}-{number}");
        let mut attributes = bucket(&id, "x");
        attributes["versioning"][0]["enabled"] = (random.below(2) == 0).into();
        resources.push((id, attributes));
    }
    let resources: Vec<_> =
        resources.iter().map(|(id, attributes)| ("aws_s3_bucket", id.as_str(), attributes.clone())).collect();
    bench.write(&name, &resources);
    true
}

/// Failures that nobody accepted, as the findings have them.
fn violations(seen: &Seen) -> u64 {
    seen.findings.iter().filter(|finding| finding.ends_with("\tfail")).count() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn new_and_unchanged_are_the_violations_and_resolved_and_unchanged_those_before() {
    let bench = Bench::new().await;
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut readable: BTreeMap<u64, bool> = (0..FILES).map(|file| (file, change(&bench, file, &mut random))).collect();
    let mut previous: Option<Seen> = None;
    let mut met = [0_u64; 4];
    for number in 0..SCANS {
        let seen = bench.scan(&CHECKS).await;
        let (figures, total) = (&seen.summary, violations(&seen));
        assert_eq!(figures.violations_by_severity.values().sum::<u64>(), total, "scan {number}");
        let signatures = figures.signatures.unwrap();
        assert_eq!(
            signatures.delta.new + signatures.delta.unchanged,
            signatures.violations,
            "scan {number}: {signatures:?}"
        );
        if let Some(previous) = &previous {
            let delta = figures.delta.unwrap();
            assert_eq!(delta.new + delta.unchanged, total, "scan {number}: {delta:?}");
            assert_eq!(
                delta.resolved + delta.unchanged + delta.incomparable,
                violations(previous),
                "scan {number}: {delta:?}"
            );
            let before = previous.summary.signatures.unwrap();
            let told = signatures.delta.resolved + signatures.delta.unchanged + signatures.delta.incomparable;
            assert_eq!(told, before.violations, "scan {number}: {signatures:?}");
            if readable.values().all(|readable| *readable) {
                assert_eq!(
                    (delta.incomparable, signatures.delta.incomparable),
                    (0, 0),
                    "scan {number}: everything was seen"
                );
                assert_eq!(
                    previous.summary.violations_by_severity.values().sum::<u64>(),
                    delta.resolved + delta.unchanged
                );
            }
            for (count, part) in met.iter_mut().zip([delta.new, delta.unchanged, delta.resolved, delta.incomparable]) {
                *count += part;
            }
        } else {
            assert_eq!(
                (figures.delta, signatures.delta.unchanged, signatures.delta.resolved),
                (None, 0, 0),
                "everything is new"
            );
        }
        // A scan of which nothing could be read has failed, and nobody is compared with it.
        if readable.values().any(|readable| *readable) {
            previous = Some(seen);
        }
        for _ in 0..=random.below(2) {
            let file = random.below(FILES);
            readable.insert(file, change(&bench, file, &mut random));
        }
        while !readable.values().any(|readable| *readable) {
            readable.insert(0, change(&bench, 0, &mut random));
        }
    }
    assert!(met.iter().all(|count| *count > 0), "the history has met every kind of delta: {met:?}");
}
