use super::fixture::{Bench, bucket, function, notification};

/// Of an account as a whole: looks at all buckets for the copies of each.
const COPIES: &str = "s3_bucket_cross_region_replication";
/// Judges buckets with what notifies of them in their account.
const EVENTS: &str = "s3_bucket_event_notifications_enabled";
/// Of single resources.
const VERSIONING: &str = "s3_bucket_object_versioning";
/// Depends on the time: ruby3.3 is deprecated from 2027-03-31 on.
const RUNTIME: &str = "awslambda_function_using_supported_runtimes";
const LETTERS: &str = "awslambda_function_no_dead_letter_queue";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_asked_about_again_when_one_of_its_resources_has_changed() {
    let bench = Bench::new().await;
    let write = |owner: &str| {
        let buckets = [("aws_s3_bucket", "a", bucket("a", "x")), ("aws_s3_bucket", "b", bucket("b", owner))];
        bench.write("main.tfstate", &buckets);
    };
    write("x");
    let first = bench.scan(&[COPIES]).await;
    assert_eq!((first.evaluated, first.reused), (2, 0));
    let again = bench.scan(&[COPIES]).await;
    assert_eq!((again.evaluated, again.reused), (0, 2));
    write("y");
    let changed = bench.scan(&[COPIES]).await;
    assert_eq!((changed.evaluated, changed.reused), (2, 0));
    write("x");
    let back = bench.scan(&[COPIES]).await;
    assert_eq!(back.findings, first.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_is_judged_with_its_account_again_when_it_or_what_stands_beside_it_has_changed() {
    let bench = Bench::new().await;
    let write = |owner: &str, told: &[&str]| {
        let buckets = [("a", "x"), ("b", owner)].map(|(name, owner)| ("aws_s3_bucket", name, bucket(name, owner)));
        let told = told.iter().map(|name| ("aws_s3_bucket_notification", *name, notification(name)));
        bench.write("main.tfstate", &buckets.into_iter().chain(told).collect::<Vec<_>>());
    };
    write("x", &[]);
    let first = bench.scan(&[EVENTS]).await;
    assert_eq!((first.evaluated, first.reused), (2, 0));
    let again = bench.scan(&[EVENTS]).await;
    assert_eq!((again.evaluated, again.reused), (0, 2));
    write("y", &[]);
    let changed = bench.scan(&[EVENTS]).await;
    assert_eq!((changed.evaluated, changed.reused), (1, 1));
    let kept = bench.scan(&[EVENTS]).await;
    assert_eq!((kept.evaluated, kept.reused), (0, 2));
    // Of a bucket that is not there: it stands beside the others, where one of these would be made part of its bucket.
    write("y", &["c"]);
    let beside = bench.scan(&[EVENTS]).await;
    assert_eq!((beside.evaluated, beside.reused), (2, 0));
    write("x", &[]);
    let back = bench.scan(&[EVENTS]).await;
    assert_eq!(back.findings, first.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_not_asked_about_again_because_of_kinds_that_the_check_does_not_see() {
    let bench = Bench::new().await;
    let bucket = ("aws_s3_bucket", "a", bucket("a", "x"));
    // A function names its account, which a check of accounts is told; a bucket does not.
    let first = ("aws_lambda_function", "f", function("f"));
    bench.write("main.tfstate", &[bucket.clone(), first.clone()]);
    bench.scan(&[EVENTS, LETTERS]).await;
    bench.write("main.tfstate", &[bucket, first, ("aws_lambda_function", "g", function("g"))]);
    let more = bench.scan(&[EVENTS, LETTERS]).await;
    assert_eq!((more.evaluated, more.reused), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_on_an_account_does_not_outlive_what_it_rests_on() {
    let bench = Bench::new().await;
    let buckets = ("aws_s3_bucket", "a", bucket("a", "x"));
    let told = ("aws_s3_bucket_notification", "a", notification("a"));
    bench.write("main.tfstate", &[buckets.clone(), told]);
    let first = bench.scan(&[EVENTS]).await;
    assert_eq!(first.verdict_of(EVENTS), "pass");
    // A gap: nobody knows any more what else notifies of the bucket.
    bench.write_text("other.tfstate", "{\"version\": 4, \"resources\": [");
    let gap = bench.scan(&[EVENTS]).await;
    assert_eq!(gap.verdict_of(EVENTS), "not-evaluated");
    bench.write("other.tfstate", &[]);
    bench.write("main.tfstate", &[buckets]);
    let gone = bench.scan(&[EVENTS]).await;
    assert_ne!(gone.verdict_of(EVENTS), "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_depends_on_the_time_holds_for_its_day() {
    let bench = Bench::new().await;
    bench.write("main.tfstate", &[("aws_lambda_function", "f", function("f"))]);
    let checks = [RUNTIME, LETTERS];
    bench.set_clock("2027-03-30T08:00:00Z");
    let first = bench.scan(&checks).await;
    assert_eq!((first.verdict_of(RUNTIME).as_str(), first.evaluated), ("pass", 2));
    bench.set_clock("2027-03-30T23:59:59.9Z");
    let evening = bench.scan(&checks).await;
    assert_eq!((evening.evaluated, evening.reused), (0, 2));
    bench.set_clock("2027-03-31T00:00:00Z");
    let next = bench.scan(&checks).await;
    assert_eq!((next.verdict_of(RUNTIME).as_str(), next.evaluated, next.reused), ("fail", 1, 1));
    bench.set_clock("2027-03-30T08:00:00Z");
    assert_eq!(bench.scan(&checks).await.verdict_of(RUNTIME), "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrower_scan_leaves_the_verdicts_of_the_others_alone() {
    let bench = Bench::new().await;
    bench.write("main.tfstate", &[("aws_lambda_function", "f", function("f"))]);
    bench.scan(&[RUNTIME, LETTERS]).await;
    bench.set_clock("2026-11-22T10:00:00Z");
    bench.scan(&[RUNTIME]).await;
    let both = bench.scan(&[RUNTIME, LETTERS]).await;
    assert_eq!((both.evaluated, both.reused), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_the_same_follows_from_the_same_and_another_does_not() {
    let bench = Bench::new().await;
    bench.write("a.tfstate", &[("aws_s3_bucket", "a", bucket("a", "x"))]);
    bench.write("b.tfstate", &[("aws_s3_bucket", "b", bucket("b", "x"))]);
    let first = bench.scan(&[VERSIONING]).await;
    assert!(first.sources.iter().all(Option::is_some), "{:?}", first.sources);
    bench.write("b.tfstate", &[("aws_s3_bucket", "b", bucket("b", "y")), ("aws_s3_bucket", "c", bucket("c", "y"))]);
    let second = bench.scan(&[VERSIONING]).await;
    assert_eq!(second.sources[0], first.sources[0]);
    assert_ne!(second.sources[1], first.sources[1]);
    assert_eq!((second.evaluated, second.reused), (2, 1));
    bench.set_clock("2026-11-22T10:00:00Z");
    let tomorrow = bench.scan(&[VERSIONING]).await;
    assert_ne!(tomorrow.sources[0], first.sources[0]);
    assert_eq!((tomorrow.evaluated, tomorrow.reused), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_updated_plugin_is_asked_about_resources_that_are_not_collected_again() {
    let mut bench = Bench::new().await;
    bench.write("a.tfstate", &[("aws_s3_bucket", "a", bucket("a", "x")), ("aws_lambda_function", "f", function("f"))]);
    let first = bench.scan(&[VERSIONING, EVENTS, RUNTIME]).await;
    bench.update_checks().await;
    let updated = bench.scan(&[VERSIONING, EVENTS, RUNTIME]).await;
    assert_eq!(updated.sources, first.sources);
    assert_eq!((updated.evaluated, updated.reused), (3, 0));
    assert_eq!(updated.findings, first.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_target_takes_over_its_own_tasks_in_whatever_order_the_targets_are_named() {
    let bench = Bench::new().await;
    bench.write("a/main.tfstate", &[("aws_s3_bucket", "a", bucket("a", "x"))]);
    bench.write(
        "b/main.tfstate",
        &[("aws_s3_bucket", "b", bucket("b", "x")), ("aws_lambda_function", "f", function("f"))],
    );
    let checks = [VERSIONING, EVENTS, LETTERS];
    let first = bench.scan_folders(&["a", "b"], &checks).await;
    let turned = bench.scan_folders(&["b", "a"], &checks).await;
    assert_eq!(turned.findings, first.findings);
    assert_eq!((turned.evaluated, turned.reused), (0, first.evaluated));
    assert_eq!([turned.sources[1], turned.sources[0]], [first.sources[0], first.sources[1]]);
    // The targets change places: what was found in one must not be taken for the other's.
    bench.write("b/main.tfstate", &[("aws_s3_bucket", "a", bucket("a", "x"))]);
    bench.write(
        "a/main.tfstate",
        &[("aws_s3_bucket", "b", bucket("b", "x")), ("aws_lambda_function", "f", function("f"))],
    );
    let swapped = bench.scan_folders(&["a", "b"], &checks).await;
    assert!(swapped.sources.iter().flatten().all(|source| !first.sources.contains(&Some(*source))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_over_stays_when_the_scan_it_came_from_is_gone() {
    let bench = Bench::new().await;
    bench.write("main.tfstate", &[("aws_s3_bucket", "a", bucket("a", "x"))]);
    let first = bench.scan(&[VERSIONING, EVENTS]).await;
    let again = bench.scan(&[VERSIONING, EVENTS]).await;
    assert_eq!((again.evaluated, again.sources), (0, first.sources.clone()));
    bench.forget(&first);
    let third = bench.scan(&[VERSIONING, EVENTS]).await;
    assert_eq!((third.evaluated, third.sources), (0, first.sources));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_from_the_same_bytes_is_taken_over_from_a_file_that_has_changed() {
    let bench = Bench::new().await;
    let buckets = |count: usize, changed: Option<usize>| -> Vec<(&'static str, String, serde_json::Value)> {
        let owner = |number: usize| if changed == Some(number) { "y" } else { "x" };
        (0..count).map(|n| ("aws_s3_bucket", format!("b{n}"), bucket(&format!("b{n}"), owner(n)))).collect()
    };
    let write = |resources: &[(&'static str, String, serde_json::Value)]| {
        let resources: Vec<_> =
            resources.iter().map(|(kind, name, attributes)| (*kind, name.as_str(), attributes.clone())).collect();
        bench.write("main.tfstate", &resources);
    };
    // More than a block of the ledger's, and more than a chunk.
    write(&buckets(300, None));
    let first = bench.scan(&[VERSIONING]).await;
    let sources = bench.made_from(&first);
    assert_eq!(sources.len(), 300);
    write(&buckets(300, Some(7)));
    let second = bench.scan(&[VERSIONING]).await;
    assert_eq!((second.evaluated, second.reused), (1, 299));
    assert_eq!(bench.made_from(&second).intersection(&sources).count(), 299);
    // In another order, with one less and one more, on another day.
    let mut others = buckets(301, Some(7));
    others.reverse();
    others.remove(100);
    write(&others);
    bench.set_clock("2026-11-22T10:00:00Z");
    let third = bench.scan(&[VERSIONING]).await;
    assert_eq!((third.evaluated, third.reused), (1, 299));
    bench.forget(&first);
    bench.forget(&second);
    write(&buckets(301, None));
    let fourth = bench.scan(&[VERSIONING]).await;
    assert_eq!(fourth.evaluated + fourth.reused, 301);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_of_its_own_that_has_changed_reaches_a_bucket_that_has_not() {
    let bench = Bench::new().await;
    let write = |status: &str| {
        let versioning = serde_json::json!({"bucket": "a", "versioning_configuration": [{"status": status}]});
        let bucket = serde_json::json!({"id": "a", "bucket": "a", "arn": "arn:aws:s3:::a"});
        bench.write("main.tfstate", &[("aws_s3_bucket", "a", bucket), ("aws_s3_bucket_versioning", "v", versioning)]);
    };
    write("Suspended");
    assert_eq!(bench.scan(&[VERSIONING]).await.verdict_of(VERSIONING), "fail");
    write("Enabled");
    assert_eq!(bench.scan(&[VERSIONING]).await.verdict_of(VERSIONING), "pass");
}
