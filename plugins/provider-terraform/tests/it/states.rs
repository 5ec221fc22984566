//! Resources of states.

use plumbline::provider::{Collected, Error, encode_found};
use plumbline::serde_json::{Value as Json, json};
use provider_terraform::collect::collect;
use provider_terraform::planning::Settings;
use provider_terraform::source::{Entry, Source};

use crate::files::{Memory, find, gaps, ids, read, read_all, reason, refusal, state};

const STATE: &str = include_str!("../../fixtures/state.tfstate");

#[test]
fn addresses_have_modules_counts_quoted_keys_and_deposed_objects() {
    let resources = read_all(STATE);
    let expected = [
        "aws_sqs_queue.jobs[0]",
        "aws_sqs_queue.jobs[1]",
        "module.data[\"a.b\"].module.inner.aws_db_instance.main[\"blue \\\"x\\\"\"]",
        "module.data[\"a.b\"].module.inner.aws_db_instance.main[\"blue \\\"x\\\"\"] (deposed 4f2a91c0)",
    ];
    assert_eq!(ids(&resources), expected);
}

#[test]
fn a_data_source_is_no_resource_even_where_one_has_its_name() {
    let resource = |mode: &str, module: &str, key: &Json, name: &str| {
        json!({"module": module, "mode": mode, "type": "aws_s3_bucket", "name": "logs", "provider": "aws",
               "instances": [{"index_key": key, "attributes": {"bucket": name}}]})
    };
    let module = "module.a[\"x.y\"].module.b[2]";
    let text = json!({"version": 4, "serial": 1, "lineage": "x", "resources": [
        resource("data", "", &json!(null), "theirs"), resource("managed", "", &json!(null), "ours"),
        resource("data", module, &json!("k"), "theirs"), resource("managed", module, &json!("k"), "ours"),
    ]});
    let resources = read_all(text.to_string());
    let expected = ["aws_s3_bucket.logs", "module.a[\"x.y\"].module.b[2].aws_s3_bucket.logs[\"k\"]"];
    assert_eq!(ids(&resources), expected);
    assert!(resources.iter().all(|found| found.config["bucket"] == "ours"));
}

#[test]
fn account_region_name_and_tags_are_filled_in() {
    let resources = read_all(STATE);
    let queue = &resources[0];
    let told = (queue.kind.as_str(), queue.name.as_str(), queue.account.as_str(), queue.region.as_str());
    assert_eq!(told, ("aws_sqs_queue", "jobs-0", "123456789012", "eu-west-1"));
    assert_eq!(queue.tags, [("a", "1"), ("team", "x")].map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    assert_eq!((resources[2].name.as_str(), resources[2].region.as_str()), ("main-blue", "us-east-1"));
}

#[test]
fn embedded_documents_become_structure() {
    let resources = read_all(STATE);
    assert_eq!(resources[0].config["policy"], json!({"Version": "2012-10-17", "Statement": []}));
    assert_eq!(resources[0].config["redrive_policy"], json!(""));
}

#[test]
fn secrets_are_left_out_and_listed_but_what_is_not_set_is_no_secret() {
    let resources = read_all(STATE);
    let database = &resources[2];
    assert_eq!(gaps(database), ["password", "tags", "username"]);
    assert_eq!(reason(database, "password"), "sensitive value, not kept");
    assert!(!plumbline::serde_json::to_string(&database.config).unwrap().contains("hunter2"));
    assert_eq!(database.config["domain"], json!(null));
    assert_eq!(database.config["publicly_accessible"], json!(true));
    // A path through a name with a dot ends above it, and the tag goes with the gap.
    assert!(!database.config.contains_key("tags") && database.tags.is_empty());
    assert_eq!(gaps(&resources[3]), [""; 0]);
}

#[test]
fn flat_attributes_of_old_states_regain_their_structure() {
    let resources = read_all(include_str!("../../fixtures/state_0.11.tfstate"));
    let rules = json!([{"cidr_blocks": ["0.0.0.0/0"], "from_port": "22", "to_port": "22", "protocol": "tcp"}]);
    assert_eq!(resources[0].config["ingress"], rules);
    assert_eq!(resources[0].config["egress"], json!([]));
    assert_eq!(resources[0].tags["Name"], "web.server");
}

#[test]
fn a_state_whose_keys_were_sorted_reads_the_same() {
    // The JSON library sorts keys, so that instances stand before the names that they share.
    let sorted: plumbline::serde_json::Value = plumbline::serde_json::from_str(STATE).unwrap();
    let text = plumbline::serde_json::to_string_pretty(&sorted).unwrap();
    assert!(text.find("\"instances\"") < text.find("\"mode\""));
    assert_eq!(read_all(text), read_all(STATE));
}

#[test]
fn what_terraform_shows_of_a_state_is_read_through_all_modules() {
    let resources = read_all(include_str!("../../fixtures/show_state.json"));
    let expected = [
        "aws_ssm_parameter.p[\"k\"]",
        "module.a[0].aws_mq_broker.b",
        "module.a[0].module.b.aws_sns_topic.t (deposed 00112233)",
    ];
    assert_eq!(ids(&resources), expected);
    assert_eq!(gaps(&resources[0]), ["value"]);
    assert!(!resources[0].config.contains_key("value"));
    assert_eq!(gaps(&resources[1]), ["user.password"]);
    assert_eq!(resources[1].config["user"], json!([{"username": "u"}]));
}

#[test]
fn resources_of_child_modules_without_their_module_get_it_from_the_module() {
    let child = json!({"resources": [{"address": "null_resource.a", "mode": "managed", "type": "null_resource", "name": "a",
                                      "values": {}}], "address": "module.foo"});
    let root =
        json!({"address": "null_resource.a", "mode": "managed", "type": "null_resource", "name": "a", "values": {}});
    // Written by hand, because the module's address must stand after its resources.
    let text = format!(
        r#"{{"format_version":"0.1","values":{{"root_module":{{"resources":[{root}],"child_modules":[{{"resources":{},"address":"module.foo"}}]}}}}}}"#,
        child["resources"]
    );
    assert_eq!(ids(&read_all(text)), ["null_resource.a", "module.foo.null_resource.a"]);
}

#[test]
fn ids_begin_with_the_file_where_there_may_be_several() {
    let mut collected = Collected::default();
    let settings = Settings { qualify: true, explicit: Vec::new() };
    let source = Memory::of(&[("live/a.tfstate", state(&[("aws_sns_topic.t", json!({"name": "t"}))]))]);
    collect(&source, "live/a.tfstate", &settings, &[], &mut collected).unwrap();
    assert_eq!(ids(&collected.resources), ["live/a.tfstate#aws_sns_topic.t"]);
}

#[test]
fn a_chosen_region_leaves_out_others_but_not_what_has_none() {
    let topic = |region: &str| json!({"name": "t", "arn": format!("arn:aws:sns:{region}:123456789012:t")});
    let text = state(&[
        ("aws_sns_topic.here", topic("eu-west-1")),
        ("aws_sns_topic.there", topic("us-east-1")),
        ("aws_iam_user.all", json!({"name": "u"})),
    ]);
    let mut collected = Collected::default();
    let source = Memory::of(&[("file", text)]);
    collect(&source, "file", &Settings::default(), &["eu-west-1".to_owned()], &mut collected).unwrap();
    assert_eq!(ids(&collected.resources), ["aws_sns_topic.here", "aws_iam_user.all"]);
}

#[test]
fn the_same_file_gives_the_same_bytes() {
    let bytes = || {
        let mut out = Vec::new();
        for found in read_all(include_str!("../../fixtures/plan_references/plan.json")) {
            encode_found(&found, &mut out);
        }
        out
    };
    assert_eq!(bytes(), bytes());
}

/// A file that reads otherwise from its third walk on.
struct Rewritten {
    files: [Memory; 2],
    walks: std::cell::Cell<usize>,
}

impl Source for Rewritten {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        self.files[0].entries()
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        // The head is read once before the walks.
        self.walks.set(self.walks.get() + usize::from(offset == 0));
        self.files[usize::from(self.walks.get() > 3)].read(name, offset, length)
    }
}

#[test]
fn a_file_that_is_written_while_it_is_read_is_refused() {
    let bucket = |name: &str| json!({"bucket": name});
    let versioning = json!({"bucket": "a", "versioning_configuration": [{"status": "Enabled"}]});
    let before = state(&[
        ("aws_s3_bucket.a", bucket("a")),
        ("aws_s3_bucket.b", bucket("b")),
        ("aws_s3_bucket_versioning.v", versioning.clone()),
    ]);
    let cases = [
        state(&[
            ("aws_s3_bucket.b", bucket("b")),
            ("aws_s3_bucket.a", bucket("a")),
            ("aws_s3_bucket_versioning.v", versioning.clone()),
        ]),
        state(&[("aws_s3_bucket.a", bucket("a")), ("aws_s3_bucket.b", bucket("b"))]),
        state(&[
            ("aws_s3_bucket.a", bucket("a")),
            ("aws_s3_bucket.b", bucket("b")),
            ("aws_s3_bucket_versioning.w", versioning),
        ]),
    ];
    for after in cases {
        let files = [before.clone(), after].map(|text| Memory::of(&[("file", text)]));
        let source = Rewritten { files, walks: std::cell::Cell::new(0) };
        let result = collect(&source, "file", &Settings::default(), &[], &mut Collected::default());
        assert!(format!("{result:?}").contains("written while it was read"), "{result:?}");
    }
}

#[test]
fn an_address_that_stands_twice_is_refused() {
    let (_, result) = read(state(&[("aws_sns_topic.t", json!({})), ("aws_sns_topic.t", json!({}))]));
    assert!(format!("{result:?}").contains("aws_sns_topic.t stands twice"));
}

#[test]
fn a_state_without_resources_is_empty_and_sound() {
    assert!(
        read_all(r#"{"version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "x", "resources": []}"#)
            .is_empty()
    );
    assert!(read_all(r#"{"format_version": "1.0"}"#).is_empty());
}

#[test]
fn a_value_longer_than_any_resource_is_refused_and_not_held() {
    let text = state(&[("aws_sns_topic.t", json!({"name": "x".repeat(9 << 20)}))]);
    assert!(refusal(&text).contains("longer than 8 MiB"));
    // What is passed over may be as long as it likes.
    let long = format!(r#"{{"version":4,"lineage":"{}","resources":[]}}"#, "x".repeat(9 << 20));
    assert!(read_all(long).is_empty());
    assert_eq!(find(&read_all(state(&[("aws_sns_topic.t", json!({"name": "t"}))])), "aws_sns_topic.t").name, "t");
}
