//! Reports on scans far larger than memory: nothing keeps what it has written, and what people see is bounded.

use std::io::{self, Write};

use plumb_model::check::Severity;
use plumb_model::delta::Delta;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_model::resource::ResourceRef;
use plumb_report::{Findings, Format, ReportError};

use crate::fixture::{Fixture, PLAIN, rich};

/// So many violations of one check, made up as they are asked for.
struct Many(u64);

impl Findings for Many {
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        for number in 0..self.0 {
            visit(&Finding {
                check_id: format!("check_{}", number % 7),
                severity: Severity::High,
                verdict: Verdict::Fail,
                resource: ResourceRef {
                    id: format!("arn:aws:s3:::b{number}"),
                    kind: "aws_s3_bucket".into(),
                    ..ResourceRef::default()
                },
                message: "Anyone may read.".into(),
                fingerprint: Fingerprint([number.to_le_bytes()[0]; 16]),
                delta: Some(Delta::New),
                muted: None,
                resource_digest: None,
            })?;
        }
        Ok(())
    }
}

/// Keeps the length and the longest single write, not the bytes.
#[derive(Default)]
struct Meter {
    bytes: usize,
    longest: usize,
}

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes += bytes.len();
        self.longest = self.longest.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn length(fixture: &Fixture, format: Format, findings: u64) -> Meter {
    let mut meter = Meter::default();
    format.write(&fixture.report(&Many(findings)), &PLAIN, &mut meter).expect("the report is written");
    meter
}

#[test]
fn formats_for_programs_are_written_piece_by_piece_and_leave_nothing_out() {
    let fixture = rich();
    for format in [Format::Json, Format::Csv, Format::Ocsf, Format::Junit] {
        let (some, more) = (length(&fixture, format, 1_000), length(&fixture, format, 20_000));
        assert!(more.bytes > 15 * some.bytes, "{format} has every finding");
        assert!(more.longest < 64 * 1024, "{format} wrote {} bytes at once", more.longest);
    }
}

#[test]
fn formats_for_people_stay_short_and_say_what_they_leave_out() {
    let fixture = rich();
    for (format, most, said) in [
        (Format::Table, 40_000, "… and 14,278 more"),
        (Format::Markdown, 40_000, "and 99,965 more"),
        (Format::Html, 1_000_000, "… and 14,214 more"),
    ] {
        let text = fixture.render_from(&Many(100_000), format, PLAIN);
        assert!(text.len() < most, "{format} has {} bytes", text.len());
        assert!(text.contains(said), "{format} says what it leaves out: {text}");
    }
}

#[test]
fn sarif_splits_runs_and_stops_where_github_stops() {
    let text = rich().render_from(&Many(500_003), Format::Sarif, PLAIN);
    assert_eq!(text.matches("\"automationDetails\"").count(), 20);
    assert_eq!(text.matches("\"ruleId\"").count(), 500_000);
    assert!(text.contains("3 more results left out"));
    let small = rich().render_from(&Many(25_001), Format::Sarif, PLAIN);
    assert_eq!(small.matches("\"automationDetails\"").count(), 2);
    assert!(small.contains("plumb/aws production/2/"));
    assert!(!small.contains("left out"));
}

/// A ledger that breaks while it is read.
struct Broken;

impl Findings for Broken {
    fn each(&self, _: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        Err(ReportError::Read("block 7 is damaged".into()))
    }
}

#[test]
fn a_ledger_that_cannot_be_read_and_a_pipe_that_closes_are_told_apart() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let fixture = rich();
    for format in Format::ALL {
        let read = format.write(&fixture.report(&Broken), &PLAIN, &mut Vec::new()).unwrap_err();
        assert!(read.to_string().contains("block 7 is damaged"), "{format}: {read}");
        let write = format.write(&fixture.report(&Many(5_000)), &PLAIN, &mut Closed).unwrap_err();
        let ReportError::Write(error) = write else { panic!("{format}: {write}") };
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format}");
    }
}
