//! What is asked of a host that remembers, and what is made of the answers.

use std::collections::BTreeSet;

use plumbline::provider::{Collected, Error, Found, Inventory, KindGap};
use plumbline::serde_json::{Value as Json, json};
use provider_terraform::collect::collect;
use provider_terraform::planning::Settings;

use super::files::{Memory, find, ids, read_all, state};

/// A host that knows some sources.
#[derive(Default)]
struct Remembering {
    known: BTreeSet<Vec<u8>>,
    /// Those that it was asked about.
    asked: Vec<Vec<u8>>,
    /// Those that it was asked about last.
    last: Vec<Vec<u8>>,
    /// Ids, each with the source that it was made from.
    made: Vec<(String, Vec<u8>)>,
    collected: Collected,
}

impl Inventory for Remembering {
    fn emit(&mut self, found: &Found) -> Result<(), Error> {
        self.collected.emit(found)
    }

    fn recall(&mut self, sources: &[&[u8]]) -> Result<Vec<bool>, Error> {
        self.last = sources.iter().map(|source| source.to_vec()).collect();
        self.asked.extend(self.last.iter().cloned());
        Ok(self.last.iter().map(|source| self.known.contains(source)).collect())
    }

    fn emit_from(&mut self, source: u32, found: &Found) -> Result<(), Error> {
        self.made.push((found.id.clone(), self.last[source as usize].clone()));
        self.collected.emit(found)
    }

    fn report_gap(&mut self, gap: KindGap) {
        self.collected.report_gap(gap);
    }
}

fn read(text: &str, known: impl IntoIterator<Item = Vec<u8>>) -> (Remembering, Result<(), Error>) {
    let mut host = Remembering { known: known.into_iter().collect(), ..Remembering::default() };
    let source = Memory::of(&[("file", text)]);
    let settings = Settings { qualify: false, ..Settings::default() };
    let result = collect(&source, "file", &settings, &[], &mut host);
    (host, result)
}

fn topic(name: &str) -> (String, Json) {
    (format!("aws_sns_topic.{name}"), json!({"name": name}))
}

fn topics(names: &[&str]) -> String {
    let topics: Vec<(String, Json)> = names.iter().map(|name| topic(name)).collect();
    let topics: Vec<(&str, Json)> = topics.iter().map(|(address, config)| (address.as_str(), config.clone())).collect();
    state(&topics)
}

#[test]
fn nothing_is_emitted_of_what_is_known() {
    let (first, result) = read(&topics(&["a", "b", "c"]), []);
    result.unwrap();
    assert_eq!(
        first.made.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        ["aws_sns_topic.a", "aws_sns_topic.b", "aws_sns_topic.c"]
    );
    for (id, source) in &first.made {
        assert!(String::from_utf8_lossy(source).contains(&format!("\"{}\"", id.rsplit('.').next().unwrap())), "{id}");
    }
    let (second, result) = read(&topics(&["c", "d", "a"]), first.asked.clone());
    result.unwrap();
    assert_eq!(ids(&second.collected.resources), ["aws_sns_topic.d"]);
    assert_eq!(second.made[0].1, second.asked[1]);
    assert_eq!(second.asked[2], first.asked[0]);
}

#[test]
fn what_others_fold_into_is_made_anew_and_what_stands_alone_is_not() {
    let versioning = |status: &str| json!({"bucket": "b", "versioning_configuration": [{"status": status}]});
    let text = |status: &str| {
        state(&[
            ("aws_s3_bucket.a", json!({"id": "a", "bucket": "a"})),
            ("aws_s3_bucket.b", json!({"id": "b", "bucket": "b"})),
            ("aws_s3_bucket_versioning.v", versioning(status)),
        ])
    };
    let (first, result) = read(&text("Suspended"), []);
    result.unwrap();
    assert_eq!(first.made.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["aws_s3_bucket.a"]);
    let (second, result) = read(&text("Enabled"), first.asked);
    result.unwrap();
    assert_eq!(ids(&second.collected.resources), ["aws_s3_bucket.b"]);
    let alone = read_all(text("Enabled"));
    assert_eq!(second.collected.resources[0].config, find(&alone, "aws_s3_bucket.b").config);
}

#[test]
fn all_instances_of_a_resource_are_made_from_it() {
    let text = json!({"version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "resources": [
        {"mode": "data", "type": "aws_sns_topic", "name": "d", "provider": "aws", "instances": [{"attributes": {}}]},
        {"mode": "managed", "type": "aws_sns_topic", "name": "t", "provider": "aws", "instances": [
            {"index_key": 0, "attributes": {"name": "t0"}}, {"index_key": 1, "attributes": {"name": "t1"}}]},
    ]})
    .to_string();
    let (host, result) = read(&text, []);
    result.unwrap();
    assert_eq!(host.asked.len(), 1);
    assert_eq!(
        host.made.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        ["aws_sns_topic.t[0]", "aws_sns_topic.t[1]"]
    );
    assert!(host.made.iter().all(|(_, source)| *source == host.asked[0]));
}

#[test]
fn an_address_that_stands_twice_is_refused_however_well_it_is_known() {
    let (first, _) = read(&topics(&["a"]), []);
    let (second, result) = read(&topics(&["a", "a"]), first.asked);
    assert!(format!("{result:?}").contains("aws_sns_topic.a stands twice"));
    assert!(second.asked.is_empty());
}

#[test]
fn a_state_that_is_walked_as_a_stream_gives_the_same() {
    for text in [
        include_str!("../../fixtures/state.tfstate").to_owned(),
        state(&[
            ("aws_s3_bucket.a", json!({"id": "a", "bucket": "a"})),
            ("aws_s3_bucket_versioning.v", json!({"bucket": "a", "versioning_configuration": [{"status": "Enabled"}]})),
            ("aws_s3_bucket.b", json!({"id": "b", "bucket": "b"})),
        ]),
    ] {
        // A key that Terraform does not write keeps a state from being cut.
        let streamed = text.replacen('{', "{\"zz\": null, ", 1);
        let (host, result) = read(&streamed, []);
        result.unwrap();
        assert!(host.asked.is_empty());
        let (cut, result) = read(&text, []);
        result.unwrap();
        assert!(!cut.asked.is_empty());
        assert_eq!(cut.collected.resources, host.collected.resources);
    }
}

#[test]
fn a_plan_is_made_anew() {
    let (host, result) = read(include_str!("../../fixtures/plan_references/plan.json"), []);
    result.unwrap();
    assert!(host.asked.is_empty());
    assert!(!host.collected.resources.is_empty());
}

#[test]
fn a_state_of_many_pieces_is_asked_about_piece_by_piece() {
    let names: Vec<String> = (0..3000).map(|number| format!("t{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (first, result) = read(&topics(&names), []);
    result.unwrap();
    assert_eq!((first.asked.len(), first.made.len()), (3000, 3000));
    assert!(first.last.len() < 3000);
    let (second, result) = read(&topics(&names), first.asked.into_iter().skip(1));
    result.unwrap();
    assert_eq!(ids(&second.collected.resources), ["aws_sns_topic.t0"]);
}
