//! Resources of plans: what will be, and what nobody can know yet.

use plumbline::serde_json::{Value as Json, from_str, json};

use crate::files::{Planned, find, gaps, ids, plan, read, read_all, reason};

const PLAN: &str = include_str!("../../fixtures/plan.json");
const REFERENCES: &str = include_str!("../../fixtures/plan_references/plan.json");
const UNKNOWN: &str = "known only after apply";

#[test]
fn what_is_removed_is_not_reported() {
    let expected = ["aws_instance.web", "aws_s3_bucket.logs", "aws_s3_bucket.old", "aws_security_group.open"];
    assert_eq!(ids(&read_all(PLAN)), expected);
}

#[test]
fn what_is_unknown_is_a_gap_at_its_path() {
    let resources = read_all(PLAN);
    let web = find(&resources, "aws_instance.web");
    let expected =
        ["arn", "ebs_block_device.encrypted", "ebs_block_device.kms_key_id", "metadata_options", "tags", "user_data"];
    assert_eq!(gaps(web), expected);
    assert_eq!(reason(web, "metadata_options"), UNKNOWN);
    assert_eq!(reason(web, "user_data"), "sensitive value, not kept");
    let open = find(&resources, "aws_security_group.open");
    assert_eq!(gaps(open), ["ingress.cidr_blocks"]);
}

#[test]
fn what_nobody_wrote_has_its_documented_default_while_the_resource_is_made() {
    let resources = read_all(PLAN);
    assert_eq!(find(&resources, "aws_instance.web").config["monitoring"], json!(false));
    let logs = find(&resources, "aws_s3_bucket.logs");
    assert_eq!(logs.config["versioning"], json!([{"enabled": false, "mfa_delete": false}]));
    // Written, so it is not the default.
    assert_eq!(gaps(logs), ["arn", "bucket", "logging"]);
    assert!(!logs.config.contains_key("policy"));
    assert_eq!(find(&resources, "aws_security_group.open").config["egress"], json!([]));
    // Only updated: somebody may have set it by hand.
    assert_eq!(gaps(find(&resources, "aws_s3_bucket.old")), ["logging"]);
}

#[test]
fn the_region_comes_from_the_provider_where_nothing_else_tells_it() {
    assert_eq!(find(&read_all(PLAN), "aws_instance.web").region, "eu-north-1");
}

#[test]
fn satellites_follow_references_through_modules_counts_and_keys() {
    let resources = read_all(REFERENCES);
    let enabled = json!([{"enabled": true, "mfa_delete": false}]);
    for key in ["one", "two.dots", "q\\\"uote"] {
        let bucket = find(&resources, &format!("aws_s3_bucket.many[\"{key}\"]"));
        assert_eq!(bucket.config["versioning"], enabled);
    }
    assert_eq!(find(&resources, "aws_s3_bucket.counted[1]").config["versioning"], enabled);
    // Two satellites contradict each other.
    let first = find(&resources, "aws_s3_bucket.counted[0]");
    assert!(!first.config.contains_key("versioning"));
    assert!(reason(first, "versioning").contains("both set it"));
    // Through the argument of a module, and through two.
    let bucket = find(&resources, "aws_s3_bucket.a");
    assert_eq!(bucket.config["logging"][0]["target_bucket"], "logs");
    assert_eq!(reason(bucket, "policy"), UNKNOWN);
    let inner = find(&resources, "module.m[\"p\"].aws_s3_bucket.inner");
    assert_eq!(inner.config["acl"], "private");
    let rule = &inner.config["server_side_encryption_configuration"][0]["rule"][0];
    assert_eq!(rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"], "aws:kms");
    // Known by name, with one policy that is not known.
    let admin = find(&resources, "aws_iam_role.r");
    assert_eq!(admin.config["attached_policy_arns"], json!(["arn:aws:iam::aws:policy/AdministratorAccess"]));
    assert_eq!(reason(admin, "attached_policy_arns"), UNKNOWN);
    let group = find(&resources, "aws_security_group.sg");
    assert_eq!(group.config["ingress"].as_array().unwrap().len(), 2);
    assert!(!resources.iter().any(|found| found.kind.starts_with("aws_s3_bucket_")), "{:?}", ids(&resources));
}

fn bucket(address: &'static str) -> Planned {
    let unknown = json!({"bucket": true, "id": true, "versioning": true, "policy": true});
    Planned { address, values: json!({}), unknown, written: json!({}) }
}

fn versioning(address: &'static str, references: &[&str]) -> Planned {
    Planned {
        address,
        values: json!({"versioning_configuration": [{"status": "Enabled"}]}),
        unknown: json!({"bucket": true, "id": true, "versioning_configuration": [{"mfa_delete": true}]}),
        written: json!({"bucket": {"references": references}, "versioning_configuration": [{"status": {}}]}),
    }
}

#[test]
fn a_satellite_that_cannot_be_followed_makes_a_gap_on_every_bucket() {
    for references in [&["local.bucket"][..], &["random_id.x.hex", "random_id.x"], &["data.aws_s3_bucket.b.id"], &[]] {
        let satellite = versioning("aws_s3_bucket_versioning.v", references);
        let resources = read_all(plan(&[bucket("aws_s3_bucket.a"), bucket("aws_s3_bucket.b"), satellite]).to_string());
        for id in ["aws_s3_bucket.a", "aws_s3_bucket.b"] {
            let reason = reason(find(&resources, id), "versioning");
            assert!(reason.contains("aws_s3_bucket_versioning.v may set it"), "{references:?}: {reason}");
            // Another attribute is as sure as ever.
            assert!(!gaps(find(&resources, id)).contains(&"policy"));
        }
        assert!(ids(&resources).contains(&"aws_s3_bucket_versioning.v"));
    }
}

#[test]
fn a_satellite_that_may_belong_to_one_of_two_makes_a_gap_on_these_alone() {
    let references = ["aws_s3_bucket.a.id", "aws_s3_bucket.a", "aws_s3_bucket.b.id", "aws_s3_bucket.b"];
    let satellite = versioning("aws_s3_bucket_versioning.v", &references);
    let buckets = ["aws_s3_bucket.a", "aws_s3_bucket.b", "aws_s3_bucket.c"];
    let resources =
        read_all(plan(&[bucket(buckets[0]), bucket(buckets[1]), bucket(buckets[2]), satellite]).to_string());
    let unsure = buckets.map(|id| gaps(find(&resources, id)).contains(&"versioning"));
    assert_eq!(unsure, [true, true, false]);
}

#[test]
fn counts_are_matched_by_index_only_where_there_are_as_many_of_both() {
    let references = ["aws_s3_bucket.a", "count.index"];
    let both = [
        bucket("aws_s3_bucket.a[0]"),
        bucket("aws_s3_bucket.a[1]"),
        versioning("aws_s3_bucket_versioning.v[0]", &references),
        versioning("aws_s3_bucket_versioning.v[1]", &references),
    ];
    let resources = read_all(plan(&both).to_string());
    assert_eq!(find(&resources, "aws_s3_bucket.a[1]").config["versioning"][0]["enabled"], true);
    // `aws_s3_bucket.a[count.index + 1]` looks the same, so one satellite for two buckets proves nothing.
    let resources = read_all(plan(&both[..3]).to_string());
    for id in ["aws_s3_bucket.a[0]", "aws_s3_bucket.a[1]"] {
        assert!(reason(find(&resources, id), "versioning").contains("may set it"));
    }
}

#[test]
fn a_satellite_leads_on_to_the_bucket_of_another_one() {
    let access = Planned {
        address: "aws_s3_bucket_public_access_block.p",
        values: json!({"block_public_acls": true}),
        unknown: json!({"bucket": true}),
        written: json!({"bucket": {"references": ["aws_s3_bucket_versioning.v.bucket", "aws_s3_bucket_versioning.v"]}}),
    };
    let satellite = versioning("aws_s3_bucket_versioning.v", &["aws_s3_bucket.a.id", "aws_s3_bucket.a"]);
    let resources =
        read_all(plan(&[bucket("aws_s3_bucket.a"), bucket("aws_s3_bucket.b"), satellite, access]).to_string());
    assert_eq!(find(&resources, "aws_s3_bucket.a").config["public_access_block"], json!([{"block_public_acls": true}]));
    assert!(!find(&resources, "aws_s3_bucket.b").config.contains_key("public_access_block"));
}

#[test]
fn outputs_of_modules_lead_into_them() {
    let mut document = plan(&[
        versioning("aws_s3_bucket_versioning.v", &["module.s.bucket_id", "module.s"]),
        bucket("aws_s3_bucket.other"),
    ]);
    let inner = plan(&[bucket("module.s.aws_s3_bucket.this[0]")]);
    let child = json!([{"address": "module.s", "resources": inner["planned_values"]["root_module"]["resources"]}]);
    document["planned_values"]["root_module"]["child_modules"] = child;
    let change = inner["resource_changes"][0].clone();
    document["resource_changes"].as_array_mut().unwrap().push(change);
    document["configuration"]["root_module"]["module_calls"] = json!({"s": {"module": {
        "resources": inner["configuration"]["root_module"]["resources"],
        "outputs": {"bucket_id": {"expression": {"references": ["aws_s3_bucket.this[0].id", "aws_s3_bucket.this[0]", "aws_s3_bucket.this"]}}},
    }}});
    let resources = read_all(document.to_string());
    assert_eq!(find(&resources, "module.s.aws_s3_bucket.this[0]").config["versioning"][0]["enabled"], true);
    assert_eq!(find(&resources, "aws_s3_bucket.other").config["versioning"][0]["enabled"], false);
}

#[test]
fn an_arn_put_together_by_hand_finds_its_parent_by_name() {
    let topic = Planned {
        address: "aws_sns_topic.t",
        values: json!({"name": "t"}),
        unknown: json!({"arn": true, "id": true, "policy": true}),
        written: json!({"name": {}}),
    };
    let policy = Planned {
        address: "aws_sns_topic_policy.p",
        values: json!({"arn": "arn:aws:sns:eu-west-1:123456789012:t", "policy": "{\"Statement\":[]}"}),
        unknown: json!({"id": true}),
        written: json!({"arn": {}, "policy": {}}),
    };
    let resources = read_all(plan(&[topic, policy]).to_string());
    assert_eq!(find(&resources, "aws_sns_topic.t").config["policy"], json!({"Statement": []}));
}

fn group_and(changes: &Json, planned_rules: &Json) -> String {
    let ingress =
        json!([{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0", "10.0.0.0/8"]}]);
    let mut resources =
        vec![json!({"address": "aws_security_group.g", "mode": "managed", "type": "aws_security_group",
        "name": "g", "values": {"id": "sg-1", "ingress": ingress}})];
    resources.extend(planned_rules.as_array().unwrap().iter().cloned());
    json!({"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}, "resource_changes": changes})
        .to_string()
}

#[test]
fn a_rule_that_the_plan_removes_or_changes_no_longer_counts() {
    let rule = |cidr: &str| {
        json!({"type": "ingress", "security_group_id": "sg-1", "from_port": 22, "to_port": 22, "protocol": "tcp",
               "cidr_blocks": [cidr]})
    };
    let change = |actions: Json, after: Json| {
        json!([{"address": "aws_security_group_rule.r", "mode": "managed", "type": "aws_security_group_rule", "name": "r",
                "change": {"actions": actions, "before": rule("0.0.0.0/0"), "after": after, "after_unknown": {}}}])
    };
    let cidrs = |text: String| -> Vec<String> {
        let resources = read_all(text);
        let rules = find(&resources, "aws_security_group.g").config["ingress"].as_array().unwrap().clone();
        let lists = rules.iter().flat_map(|rule| rule["cidr_blocks"].as_array().unwrap().clone());
        lists.map(|cidr| cidr.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(cidrs(group_and(&change(json!(["delete"]), json!(null)), &json!([]))), ["10.0.0.0/8"]);
    let planned = json!([{"address": "aws_security_group_rule.r", "mode": "managed", "type": "aws_security_group_rule",
                          "name": "r", "values": rule("192.168.0.0/16")}]);
    let text = group_and(&change(json!(["update"]), rule("192.168.0.0/16")), &planned);
    assert_eq!(cidrs(text), ["10.0.0.0/8", "192.168.0.0/16"]);
    let text = group_and(&change(json!(["no-op"]), rule("0.0.0.0/0")), &json!([]));
    assert_eq!(cidrs(text), ["0.0.0.0/0", "10.0.0.0/8"]);
}

#[test]
fn a_policy_that_the_plan_removes_leaves_a_gap() {
    let text = json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{"address": "aws_s3_bucket.b", "mode": "managed",
            "type": "aws_s3_bucket", "name": "b", "values": {"bucket": "b", "policy": "{\"Statement\":[]}"}}]}},
        "resource_changes": [{"address": "aws_s3_bucket_policy.p", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "p",
            "change": {"actions": ["delete"], "before": {"bucket": "b", "policy": "{\"Statement\":[]}"}, "after": null}}],
    });
    let resources = read_all(text.to_string());
    assert!(!resources[0].config.contains_key("policy"));
    assert!(reason(&resources[0], "policy").contains("aws_s3_bucket_policy.p is removed"));
}

#[test]
fn a_plan_that_is_not_whole_says_so() {
    let mut document: Json = from_str(PLAN).unwrap();
    document["errored"] = json!(true);
    let (collected, result) = read(document.to_string());
    result.unwrap();
    assert!(collected.gaps[0].reason.contains("planning failed"));
    document["errored"] = json!(false);
    document["complete"] = json!(false);
    assert!(read(document.to_string()).0.gaps[0].reason.contains("-target"));
    document["complete"] = json!(true);
    assert!(read(document.to_string()).0.gaps.is_empty());
}

#[test]
fn a_plan_without_a_version_is_read() {
    let text = json!({"planned_values": {"root_module": {"resources": [
        {"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v", "values": {"cidr_block": "10.0.0.0/16"}}]}}});
    assert_eq!(read_all(text.to_string())[0].config["cidr_block"], "10.0.0.0/16");
}

#[test]
fn a_plan_whose_keys_were_sorted_reads_the_same() {
    let sorted: Json = from_str(REFERENCES).unwrap();
    let by_id = |text: &str| {
        let mut resources = read_all(text);
        resources.sort_by(|one, other| one.id.cmp(&other.id));
        resources
    };
    assert_eq!(by_id(&sorted.to_string()), by_id(REFERENCES));
}
