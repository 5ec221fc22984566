//! The contract in three languages: the same checks in Rust, Python and C give the same verdicts.

use serde_json::Value;

use crate::harness::cache;

/// The twins' buckets as a Terraform state cannot show gaps, so the guests are driven through the runtime itself.
#[test]
fn the_twins_agree_with_each_other_and_with_what_is_right() {
    let expected: Value = serde_json::from_str(plumb_guests::VERDICTS).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (language, bytes) in [
        ("rust", plumb_guests::component("twin")),
        ("python", plumb_guests::in_another_language("python")),
        ("c", plumb_guests::in_another_language("c")),
    ] {
        let verdicts = runtime.block_on(verdicts(bytes));
        assert_eq!(verdicts, expected, "{language}");
    }
}

async fn verdicts(bytes: Vec<u8>) -> Value {
    use plumb_runtime::{Context, Runtime, Settings, Stance, batch};
    let settings = Settings { cache: Some(cache().join("runtime")), ..Settings::default() };
    let plugin = Runtime::new(settings).unwrap().load(bytes).await.unwrap();
    let checks: Vec<String> = plugin.checks().await.unwrap().into_iter().map(|check| check.id).collect();
    let buckets: Vec<Value> = serde_json::from_str(plumb_guests::BUCKETS).unwrap();
    let intakes: Vec<batch::Intake> =
        buckets.iter().map(|bucket| batch::resource(rmp_serde::to_vec(bucket).unwrap()).unwrap()).collect();
    let context = Context { account: String::new(), scan_time: "2026-01-01T00:00:00Z".to_owned() };
    let outcomes = plugin
        .evaluate(&context, &checks, &intakes.iter().map(|intake| intake.bytes.as_slice()).collect::<Vec<_>>())
        .await
        .unwrap();
    let mut by_bucket = serde_json::Map::new();
    // The batch also holds a resource of another kind, about which nobody says anything.
    for (position, intake) in intakes.iter().enumerate().filter(|(_, intake)| intake.resource.kind == "aws_s3_bucket") {
        let words = checks.iter().enumerate().map(|(number, _)| {
            let outcome = outcomes.iter().find(|outcome| outcome.check == number && outcome.resource == position);
            match &outcome.expect("an outcome for each pair").stance {
                Stance::Pass => "pass".to_owned(),
                Stance::Fail(message) => format!("fail: {message}"),
                Stance::Manual(message) => format!("manual: {message}"),
                Stance::NotApplicable(message) => format!("not-applicable: {message}"),
                Stance::NotEvaluated(message) => format!("not-evaluated: {message}"),
            }
        });
        by_bucket.insert(intake.resource.id.clone(), words.collect::<Vec<String>>().into());
    }
    by_bucket.into()
}
