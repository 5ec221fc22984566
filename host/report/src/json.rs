//! Everything a scan found, as one JSON object: `scan`, `summary`, `findings`, `gaps`. `schema/scan.schema.json`
//! describes it, and a test holds the two together. Fields are never left out; what there is none of is null.

mod finding;
mod summary;

use std::io::Write;

use plumb_model::resource::ScanGap;
use serde::Serialize;

use crate::report::{Report, ReportError, uuid};
use crate::stream::{self, Elements};

#[derive(Serialize)]
struct ScanValue<'a> {
    id: String,
    status: &'static str,
    status_reason: Option<&'a str>,
    target: &'a str,
    provider: &'a str,
    created_at: &'a str,
    started_at: Option<&'a str>,
    completed_at: Option<&'a str>,
    coverage: f64,
    previous: Option<String>,
}

#[derive(Serialize)]
struct GapValue<'a> {
    task: &'a str,
    kind: &'a str,
    account: &'a str,
    region: &'a str,
    reason: &'a str,
    permission: Option<&'a str>,
}

impl<'a> GapValue<'a> {
    fn new(gap: &'a ScanGap) -> GapValue<'a> {
        let ScanGap { task, kind, account, region, reason, permission } = gap;
        GapValue { task, kind, account, region, reason, permission: permission.as_deref() }
    }
}

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let scan = report.scan;
    out.write_all(b"{\"scan\":")?;
    let head = ScanValue {
        id: uuid(scan.id),
        status: scan.status.as_str(),
        status_reason: scan.status_reason.as_deref(),
        target: &scan.target,
        provider: &scan.provider,
        created_at: &scan.created_at,
        started_at: scan.started_at.as_deref(),
        completed_at: scan.completed_at.as_deref(),
        coverage: scan.coverage.percent(),
        previous: scan.previous.map(uuid),
    };
    stream::value(out, &head)?;
    out.write_all(b",\n\"summary\":")?;
    stream::value(out, &summary::SummaryValue::new(report.summary))?;
    out.write_all(b",\n\"findings\":")?;
    let mut findings = Elements::open(out)?;
    report.findings.each(&mut |finding| findings.push(&finding::FindingValue::new(report, finding)))?;
    findings.close()?;
    out.write_all(b",\n\"gaps\":")?;
    let mut gaps = Elements::open(out)?;
    report.gaps.iter().try_for_each(|gap| gaps.push(&GapValue::new(gap)))?;
    gaps.close()?;
    out.write_all(b"}\n")?;
    Ok(())
}
