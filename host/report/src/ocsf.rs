//! OCSF 1.8.0 Compliance Findings (class 2003): one JSON array, one event per finding, times in milliseconds.
//!
//! OCSF has two statuses. `compliance.status_id` is the verdict: 1 pass, 3 fail, 0 unknown for not-evaluated, 99 with
//! our own word for manual and not-applicable. `status_id` is where work on the finding stands: 1 new, 3 suppressed for
//! a muted one; it is absent where nobody has anything to do. What passes or does not apply is informational, whatever
//! the check's severity, so that a filter on severity finds only what matters. What OCSF has no field for is in
//! `unmapped`.

mod event;

use std::io::Write;

use crate::moment;
use crate::report::{Report, ReportError};
use crate::stream::Elements;

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let times = event::Times {
        at: moment::millis(report.at())?,
        from: report.scan.started_at.as_deref().map(moment::millis).transpose()?,
    };
    let mut events = Elements::open(out)?;
    report.findings.each(&mut |finding| events.push(&event::Event::new(report, finding, times)))?;
    events.close()?;
    out.write_all(b"\n")?;
    Ok(())
}
