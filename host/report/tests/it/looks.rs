//! What a report must never do to the person who looks at it.

use std::collections::BTreeMap;

use plumb_model::scan::{Coverage, ScanStatus, Summary};
use plumb_report::{Format, Style};

use crate::fixture::{BIDI_NAME, ESCAPE_NAME, PLAIN, clean, rich};

/// Characters that act instead of showing themselves.
fn acts(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}')
}

#[test]
fn no_report_carries_a_character_that_acts() {
    for format in Format::ALL {
        let text = rich().render(format, PLAIN);
        let breaks = |c: char| matches!(c, '\n' | '\t') || (c == '\r' && format == Format::Csv);
        let found: String = text.chars().filter(|c| acts(*c) && !breaks(*c)).collect();
        assert!(found.is_empty(), "{format}: {found:?}");
    }
}

#[test]
fn what_was_hidden_can_be_seen_or_read_back() {
    let text = rich().render(Format::Table, PLAIN);
    assert!(text.contains(r"arn:aws:s3:::\u{1b}[2J\u{1b}[31mred\u{9b}0m"));
    assert!(text.contains(r"user/\u{202e}nimda\u{2066}\u{200b}"));
    let json: serde_json::Value = serde_json::from_str(&rich().render(Format::Json, PLAIN)).expect("JSON");
    let ids: Vec<&str> =
        json["findings"].as_array().expect("findings").iter().filter_map(|f| f["resource"]["id"].as_str()).collect();
    assert!(ids.contains(&ESCAPE_NAME) && ids.contains(&BIDI_NAME));
}

#[test]
fn colours_are_used_only_where_they_are_wanted() {
    let colored = rich().render(Format::Table, Style { color: true, width: 80 });
    assert!(colored.contains("\u{1b}[1;7;31mCRITICAL\u{1b}[0m"));
    assert!(!rich().render(Format::Table, PLAIN).contains('\u{1b}'));
}

#[test]
fn the_table_keeps_to_the_terminal_except_for_names_that_one_may_want_to_copy() {
    for width in [80, 100, 120] {
        let text = rich().render(Format::Table, Style { color: false, width });
        // The closing line is one line at any width, for those who search for it in a log.
        let lines = text.lines().filter(|line| !line.contains(", coverage "));
        for line in lines.filter(|line| line.chars().count() > usize::from(width)) {
            let one_long_name = line.split_whitespace().any(|word| word.chars().count() + 11 > usize::from(width));
            assert!(one_long_name, "{width}: {line}");
        }
    }
}

#[test]
fn the_last_line_has_the_figures() {
    let text = rich().render(Format::Table, PLAIN);
    let last = text.lines().last().expect("a line");
    assert_eq!(last, "22 violations (4 critical, 12 high, 1 medium, 5 low), score 14.3, coverage 87.5 %");
}

#[test]
fn a_scan_that_did_not_see_everything_never_reads_as_clean() {
    let whole = clean();
    assert!(whole.render(Format::Table, PLAIN).contains("\nNo violations, no score, coverage 100.0 %"));
    assert!(whole.render(Format::Html, PLAIN).contains("class=\"verdict good\""));

    let mut blind = clean();
    blind.findings.clear();
    blind.summary = Summary::default();
    blind.scan.coverage = Coverage::default();
    let mut stopped = clean();
    stopped.scan.status = ScanStatus::Cancelled;
    stopped.scan.status_reason = Some("interrupted".into());
    let mut partial = clean();
    partial.scan.coverage.tasks = 2;
    let mut gap = clean();
    gap.gaps = rich().gaps;
    for (fixture, words) in [
        (blind, "Nothing was evaluated"),
        (stopped, "No violations in what was looked at"),
        (partial, "No violations in what was looked at"),
        (gap, "No violations in what was looked at"),
    ] {
        for format in [Format::Table, Format::Markdown, Format::Html] {
            let text = fixture.render(format, PLAIN);
            assert!(text.contains(words), "{format}: {text}");
            assert!(!text.contains("verdict good"), "{format}");
        }
    }
}

#[test]
fn muted_failures_are_counted_everywhere_and_shown_marked_where_all_is_shown() {
    let fixture = rich();
    let muted = "arn:aws:s3:::www.example.com";
    assert!(!fixture.render(Format::Table, PLAIN).contains(muted));
    assert!(fixture.render(Format::Table, PLAIN).contains("1 failure, accepted and not shown"));
    assert!(fixture.render(Format::Html, PLAIN).contains("Muted: The website is public"));
    let sarif: serde_json::Value = serde_json::from_str(&fixture.render(Format::Sarif, PLAIN)).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let suppressed: Vec<_> = results.iter().filter(|result| !result["suppressions"].is_null()).collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["properties"]["resourceId"], muted);
    let ocsf: serde_json::Value = serde_json::from_str(&fixture.render(Format::Ocsf, PLAIN)).expect("JSON");
    let statuses = ocsf.as_array().expect("events").iter().map(|event| event["status_id"].as_u64());
    let mut counts: BTreeMap<Option<u64>, usize> = BTreeMap::new();
    statuses.for_each(|status| *counts.entry(status).or_default() += 1);
    assert_eq!(counts, BTreeMap::from([(None, 4), (Some(1), 26), (Some(3), 1)]));
}

#[test]
fn infrastructure_code_is_found_in_its_file() {
    let mut fixture = rich();
    fixture.scan.provider = "provider-terraform".into();
    fixture.scan.target = "terraform infra dir".into();
    fixture.findings.truncate(2);
    fixture.findings[0].resource.id = "infra/prod env.tfstate#module.a[\"x#y\"].aws_s3_bucket.b".into();
    fixture.findings[1].resource.id = "aws_s3_bucket.c[\"x#y\"]".into();
    let sarif: serde_json::Value = serde_json::from_str(&fixture.render(Format::Sarif, PLAIN)).expect("JSON");
    let location = |at: usize| &sarif["runs"][0]["results"][at]["locations"][0];
    assert_eq!(location(0)["physicalLocation"]["artifactLocation"]["uri"], "infra/prod%20env.tfstate");
    assert_eq!(location(0)["logicalLocations"][0]["fullyQualifiedName"], "module.a[\"x#y\"].aws_s3_bucket.b");
    assert_eq!(location(1)["physicalLocation"]["artifactLocation"]["uri"], "infra%20dir");
}

#[test]
fn the_page_never_links_to_a_script() {
    let text = rich().render(Format::Html, PLAIN);
    assert!(!text.contains("href=\"javascript"));
    assert!(!text.contains("<script>alert"));
}
