//! JUnit XML for build servers, in the dialect nextest writes: one suite for the scan, one case per finding with the
//! check as its class and the resource as its name. A failure is a failure; what could not be evaluated is an error,
//! never a pass; what a person must assess, what does not apply and what somebody has accepted is skipped.
//!
//! The suite's figures stand before its cases, so the findings are walked twice rather than kept.

use std::io::Write;

use plumb_model::outcome::{Finding, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::report::{Report, ReportError, uuid};
use crate::{escape, moment};

#[derive(Default)]
struct Tally {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

impl Tally {
    fn count(&mut self, finding: &Finding) {
        self.tests += 1;
        match outcome(finding) {
            Outcome::Passed => {}
            Outcome::Failure => self.failures += 1,
            Outcome::Error => self.errors += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }
}

enum Outcome<'a> {
    Passed,
    Failure,
    Error,
    Skipped(&'a str),
}

fn outcome(finding: &Finding) -> Outcome<'_> {
    match (finding.verdict, &finding.muted) {
        (Verdict::Pass, _) => Outcome::Passed,
        (Verdict::Fail, None) => Outcome::Failure,
        (Verdict::Fail, Some(_)) => Outcome::Skipped("muted: "),
        (Verdict::NotEvaluated, _) => Outcome::Error,
        (Verdict::Manual, _) => Outcome::Skipped("to be assessed by hand: "),
        (Verdict::NotApplicable, _) => Outcome::Skipped("not applicable: "),
    }
}

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut tally = Tally::default();
    report.findings.each(&mut |finding| {
        tally.count(finding);
        Ok(())
    })?;
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let scan = report.scan;
    let took = scan.started_at.as_deref().and_then(|from| moment::elapsed_millis(from, report.at())).unwrap_or(0);
    let figures = [
        ("tests", tally.tests.to_string()),
        ("failures", tally.failures.to_string()),
        ("errors", tally.errors.to_string()),
        ("skipped", tally.skipped.to_string()),
        ("time", format!("{}.{:03}", took / 1000, took % 1000)),
        ("timestamp", escape::line(scan.started_at.as_deref().unwrap_or(&scan.created_at)).into_owned()),
    ];
    let name = format!("plumb {}", escape::line(&scan.target));
    let suites = element("testsuites", [("name", name.as_str()), ("uuid", &uuid(scan.id))], &figures);
    let suite = element("testsuite", [("name", name.as_str()), ("id", "0")], &figures);
    xml.write_event(Event::Start(suites))?;
    xml.write_event(Event::Start(suite))?;
    report.findings.each(&mut |finding| Ok(case(&mut xml, report, finding)?))?;
    xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    xml.get_mut().write_all(b"\n")?;
    Ok(())
}

fn element<'a>(tag: &'a str, names: [(&str, &str); 2], figures: &[(&str, String)]) -> BytesStart<'a> {
    let figures = figures.iter().map(|(key, value)| (*key, value.as_str()));
    BytesStart::new(tag).with_attributes(names).with_attributes(figures)
}

fn case(xml: &mut Writer<&mut dyn Write>, report: &Report<'_>, finding: &Finding) -> std::io::Result<()> {
    let class = escape::line(&finding.check_id);
    let name = escape::line(&finding.resource.id);
    let start = BytesStart::new("testcase").with_attributes([("classname", &*class), ("name", &*name)]);
    let outcome = outcome(finding);
    if let Outcome::Passed = outcome {
        return xml.write_event(Event::Empty(start));
    }
    let why = if finding.message.is_empty() { report.title(&finding.check_id) } else { &finding.message };
    let why = escape::line(why);
    xml.write_event(Event::Start(start))?;
    match outcome {
        Outcome::Passed => {}
        Outcome::Failure => reason(xml, "failure", finding, &why, &fix(report, finding))?,
        Outcome::Error => reason(xml, "error", finding, &why, "This could not be evaluated, so nobody knows.")?,
        Outcome::Skipped(kind) => {
            let why = finding.muted.as_deref().map_or(why, escape::line);
            let message = format!("{kind}{why}");
            let skipped = BytesStart::new("skipped").with_attributes([("message", message.as_str())]);
            xml.write_event(Event::Empty(skipped))?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

fn reason(
    xml: &mut Writer<&mut dyn Write>,
    tag: &str,
    finding: &Finding,
    why: &str,
    body: &str,
) -> std::io::Result<()> {
    let start = BytesStart::new(tag).with_attributes([("type", finding.severity.as_str()), ("message", why)]);
    xml.write_event(Event::Start(start))?;
    xml.write_event(Event::Text(BytesText::new(body)))?;
    xml.write_event(Event::End(BytesEnd::new(tag)))
}

/// What the check is about, which controls it counts for and how to mend it.
fn fix(report: &Report<'_>, finding: &Finding) -> String {
    let mut lines = vec![format!("{}: {}", finding.severity, escape::line(report.title(&finding.check_id)))];
    lines.extend(
        report
            .controls(&finding.check_id)
            .iter()
            .map(|at| format!("counts for {} {}", escape::line(&at.framework), escape::line(&at.control))),
    );
    if let Some(check) = report.check(&finding.check_id) {
        let remediation = &check.remediation;
        let parts = [("", &remediation.text), ("$ ", &remediation.command), ("see ", &remediation.url)];
        let given = parts.into_iter().filter(|(_, text)| !text.is_empty());
        lines.extend(given.map(|(mark, text)| format!("{mark}{}", escape::block(text))));
    }
    lines.join("\n")
}
