//! Three checks of buckets, as plain as they can be. The guests in Python and C give the same verdicts in the same
//! words.

use plumbline::document::Shape;
use plumbline::prelude::*;

const KINDS: &[&str] = &["aws_s3_bucket"];

const FLAGS: [&str; 4] = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

pub const VERSIONING: Check = Check {
    id: "twin_bucket_versioning",
    title: "Buckets keep old versions",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["versioning.enabled"],
    rule: Rule::Resource(|bucket| pass_if(bucket.flag("versioning.enabled")?, "versioning is not enabled")),
    ..Check::BLANK
};

pub const PUBLIC_ACCESS: Check = Check {
    id: "twin_bucket_public_access",
    title: "Buckets block public access",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["public_access_block"],
    rule: Rule::Resource(public_access),
    ..Check::BLANK
};

pub const POLICY: Check = Check {
    id: "twin_bucket_policy",
    title: "Bucket policies do not let everybody in",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["policy"],
    rule: Rule::Resource(policy),
    ..Check::BLANK
};

fn public_access(bucket: &Resource<'_>) -> Outcome {
    let block = bucket.get("public_access_block")?;
    if block.is_empty() {
        return fail("no public access block is configured");
    }
    let mut off = Vec::new();
    for flag in FLAGS {
        if !block.flag(flag)? {
            off.push(flag);
        }
    }
    pass_if(off.is_empty(), format!("the public access block leaves out {}", off.join(", ")))
}

fn policy(bucket: &Resource<'_>) -> Outcome {
    let policy = bucket.get("policy")?;
    if policy.complete()?.is_empty() {
        return not_applicable("the bucket has no policy");
    }
    let mut conditional = None;
    for (number, statement) in (1..).zip(policy.list("Statement")?) {
        if statement.text("Effect")? != Some("Allow") || !is_everybody(&statement.get("Principal")?)? {
            continue;
        }
        if !statement.has("Condition")? {
            let actions = statement.texts("Action")?.join(", ");
            return fail(format!("statement {number} allows everybody {actions}"));
        }
        conditional = conditional.or(Some(number));
    }
    match conditional {
        Some(number) => manual(format!("statement {number} allows everybody under a condition")),
        None => pass(),
    }
}

fn is_everybody(principal: &Node<'_>) -> Result<bool, Unread> {
    match principal.shape() {
        Shape::Text => Ok(principal.as_text()? == Some("*")),
        Shape::Map => Ok(principal.texts("AWS")?.contains(&"*")),
        _ => Ok(false),
    }
}

plumbline::checks!(&[&VERSIONING, &PUBLIC_ACCESS, &POLICY]);

#[cfg(test)]
mod tests {
    use super::*;
    use plumbline::testing::resources;

    fn word(outcome: Outcome) -> String {
        match outcome {
            Ok(Verdict::Pass) => "pass".to_owned(),
            Ok(Verdict::Fail(message)) => format!("fail: {message}"),
            Ok(Verdict::Manual(message)) => format!("manual: {message}"),
            Ok(Verdict::NotApplicable(message)) => format!("not-applicable: {message}"),
            Err(unread) => format!("not-evaluated: {unread}"),
        }
    }

    #[test]
    fn every_bucket_gets_the_verdicts_that_are_written_down_for_it() {
        let expected: plumbline::serde_json::Value =
            plumbline::serde_json::from_str(include_str!("../../verdicts.json")).unwrap();
        let context = Context::default();
        let all = resources(include_str!("../../buckets.json"));
        let buckets: Vec<_> =
            all.iter().map(|bucket| bucket.view()).filter(|bucket| KINDS.contains(&bucket.kind)).collect();
        assert_eq!(buckets.len(), expected.as_object().unwrap().len());
        for bucket in buckets {
            let verdicts = [VERSIONING, PUBLIC_ACCESS, POLICY].map(|check| word(check.on(&bucket, &context)));
            assert_eq!(plumbline::serde_json::json!(verdicts), expected[bucket.id], "{}", bucket.id);
        }
    }
}
