//! Runtimes and how long AWS keeps them patched.

use plumbline::prelude::*;

use super::FUNCTION;
use crate::calendar::day;

pub(super) const CHECKS: &[&Check] = &[&SUPPORTED];

const SOURCE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html";

/// From when on AWS no longer patches a runtime ("deprecation date"). Source: [`SOURCE`], as of early 2026; dates that
/// lie ahead are AWS's forecast and may move.
const DEPRECATED_FROM: &[(&str, &str)] = &[
    ("dotnet10", "2028-11-14"),
    ("dotnet5.0", "2022-05-10"),
    ("dotnet6", "2024-12-20"),
    ("dotnet7", "2024-05-14"),
    ("dotnet8", "2026-11-10"),
    ("dotnet9", "2026-11-10"),
    ("dotnetcore1.0", "2019-07-30"),
    ("dotnetcore2.0", "2019-05-30"),
    ("dotnetcore2.1", "2022-01-05"),
    ("dotnetcore3.1", "2023-04-03"),
    ("go1.x", "2024-01-08"),
    ("java11", "2027-06-30"),
    ("java17", "2027-06-30"),
    ("java21", "2029-06-30"),
    ("java25", "2029-06-30"),
    ("java8", "2024-01-08"),
    ("java8.al2", "2027-06-30"),
    ("nodejs", "2016-10-31"),
    ("nodejs10.x", "2021-07-30"),
    ("nodejs12.x", "2023-03-31"),
    ("nodejs14.x", "2023-12-04"),
    ("nodejs16.x", "2024-06-12"),
    ("nodejs18.x", "2025-09-01"),
    ("nodejs20.x", "2026-04-30"),
    ("nodejs22.x", "2027-04-30"),
    ("nodejs24.x", "2028-04-30"),
    ("nodejs4.3", "2020-03-05"),
    ("nodejs4.3-edge", "2019-04-30"),
    ("nodejs6.10", "2019-08-12"),
    ("nodejs8.10", "2020-03-06"),
    ("provided", "2024-01-08"),
    ("provided.al2", "2026-07-31"),
    ("provided.al2023", "2029-06-30"),
    ("python2.7", "2021-07-15"),
    ("python3.10", "2026-10-31"),
    ("python3.11", "2027-06-30"),
    ("python3.12", "2028-10-31"),
    ("python3.13", "2029-06-30"),
    ("python3.14", "2029-06-30"),
    ("python3.6", "2022-07-18"),
    ("python3.7", "2023-12-04"),
    ("python3.8", "2024-10-14"),
    ("python3.9", "2025-12-15"),
    ("ruby2.5", "2021-07-30"),
    ("ruby2.7", "2023-12-07"),
    ("ruby3.2", "2026-03-31"),
    ("ruby3.3", "2027-03-31"),
    ("ruby3.4", "2028-03-31"),
];

pub(super) const SUPPORTED: Check = Check {
    id: "awslambda_function_using_supported_runtimes",
    title: "Function uses a runtime that AWS supports",
    description: "At the time of the scan the function's runtime may not be past its deprecation date. A runtime \
        this check does not know is for a person to look at; functions made from images bring their own.",
    risk: "Holes found in the language or its libraries stay open, and the function soon cannot be updated at all.",
    severity: Severity::Medium,
    kinds: FUNCTION,
    reads: &["runtime", "package_type"],
    categories: &["vulnerabilities"],
    references: &[SOURCE],
    remediation: Remediation {
        text: "Move the function to the language's newest runtime and test it.",
        url: SOURCE,
        command: "aws lambda update-function-configuration --function-name FUNCTION --runtime python3.14",
        terraform: "runtime = \"python3.14\"",
        effort_minutes: 120,
    },
    rule: Rule::Timed(|function, context| {
        let runtime = function.text("runtime")?;
        if function.text("package_type")? == Some("Image") {
            return not_applicable("the function is made from an image");
        }
        let Some(runtime) = runtime else {
            return Err(Unread {
                path: "runtime".to_owned(),
                reason: "a function from an archive always has one".to_owned(),
            });
        };
        let Some((_, end)) = DEPRECATED_FROM.iter().find(|(name, _)| *name == runtime) else {
            return manual(format!("runtime {runtime} is not known here: see whether AWS supports it"));
        };
        match (day(end), day(&context.scan_time)) {
            (Some(end_day), Some(today)) => {
                pass_if(today < end_day, format!("runtime {runtime} is deprecated since {end}"))
            }
            _ => Err(Unread { path: "scan time".to_owned(), reason: format!("'{}' is no date", context.scan_time) }),
        }
    }),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_is_one_and_every_runtime_stands_once() {
        for (name, date) in DEPRECATED_FROM {
            assert!(day(date).is_some(), "{name}");
        }
        assert!(DEPRECATED_FROM.windows(2).all(|pair| pair[0].0 < pair[1].0), "sorted and without doubles");
    }
}
