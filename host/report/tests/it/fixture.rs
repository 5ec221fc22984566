//! A scan with some of everything: each verdict and severity, muted findings, deltas, gaps, two frameworks, and
//! resources named by somebody who means harm.

use std::collections::BTreeMap;

use plumb_model::check::{Check, PluginRef, Remediation, Scope, Severity};
use plumb_model::delta::{Delta, DeltaCounts};
use plumb_model::framework::{Control, Framework, FrameworkResult};
use plumb_model::outcome::{ControlRef, Finding, Fingerprint, Verdict};
use plumb_model::resource::{ResourceRef, ScanGap};
use plumb_model::scan::{About, Catalogue, Coverage, Scan, ScanStatus, Summary};
use plumb_report::{Findings, Format, Report, ReportError, Style};

pub(crate) const ESCAPE_NAME: &str = "arn:aws:s3:::\u{1b}[2J\u{1b}[31mred\u{9b}0m";
pub(crate) const SCRIPT_NAME: &str = "arn:aws:s3:::\"><script>alert(1)</script><img src=x onerror=alert(2)>";
pub(crate) const FORMULA_NAME: &str = "=cmd|' /C calc'!A0";
pub(crate) const BIDI_NAME: &str = "arn:aws:iam::123456789012:user/\u{202e}nimda\u{2066}\u{200b}";
pub(crate) const LINES_NAME: &str = "line one\r\nline two\ttabbed\0\u{fffe}";
pub(crate) const MARKDOWN_NAME: &str = "a|b `c` [x](https://evil.example) @octocat <!-- ]]> {{ 7*7 }}";

pub(crate) struct Fixture {
    pub(crate) scan: Scan,
    pub(crate) summary: Summary,
    pub(crate) catalogue: Catalogue,
    pub(crate) gaps: Vec<ScanGap>,
    pub(crate) findings: Vec<Finding>,
}

/// Findings that lie in memory, as only a test may have them.
pub(crate) struct InMemory<'a>(pub(crate) &'a [Finding]);

impl Findings for InMemory<'_> {
    fn each(&self, visit: &mut dyn FnMut(&Finding) -> Result<(), ReportError>) -> Result<(), ReportError> {
        self.0.iter().try_for_each(visit)
    }
}

pub(crate) const PLAIN: Style = Style { color: false, width: 80 };

impl Fixture {
    /// The scan in a format.
    pub(crate) fn render(&self, format: Format, style: Style) -> String {
        self.render_from(&InMemory(&self.findings), format, style)
    }

    pub(crate) fn render_from(&self, findings: &dyn Findings, format: Format, style: Style) -> String {
        let mut bytes = Vec::new();
        format.write(&self.report(findings), &style, &mut bytes).expect("the report is written");
        String::from_utf8(bytes).expect("a report is UTF-8")
    }

    pub(crate) fn report<'a>(&'a self, findings: &'a dyn Findings) -> Report<'a> {
        Report {
            scan: &self.scan,
            summary: &self.summary,
            catalogue: &self.catalogue,
            gaps: &self.gaps,
            findings,
            tool_version: "0.1.0",
        }
    }
}

/// A scan of an AWS account that had trouble.
pub(crate) fn rich() -> Fixture {
    let checks = checks();
    let findings = findings();
    let frameworks = [cis(), soc2()];
    let mut controls: BTreeMap<String, Vec<ControlRef>> = BTreeMap::new();
    for framework in &frameworks {
        for control in &framework.controls {
            for check in &control.checks {
                let at = ControlRef { framework: framework.id.clone(), control: control.id.clone() };
                controls.entry(check.clone()).or_default().push(at);
            }
        }
    }
    let mut tallies: BTreeMap<String, plumb_model::framework::CheckTally> = BTreeMap::new();
    let mut summary = Summary {
        resources: 1_204,
        delta: Some(DeltaCounts { new: 4, unchanged: 19, resolved: 2, incomparable: 1 }),
        evaluated_now: 12,
        reused: 19,
        ..Summary::default()
    };
    for finding in &findings {
        tallies.entry(finding.check_id.clone()).or_default().add(finding.verdict, finding.muted.is_some(), 1);
        *summary.outcomes_by_verdict.entry(finding.verdict).or_default() += 1;
        if finding.is_violation() {
            *summary.violations_by_severity.entry(finding.severity).or_default() += 1;
        }
        summary.muted += u64::from(finding.verdict == Verdict::Fail && finding.muted.is_some());
    }
    let known = |id: &str| checks.contains_key(id);
    summary.frameworks =
        frameworks.iter().map(|framework| FrameworkResult::assess(framework, &tallies, known)).collect();
    let undecided = summary.outcomes_by_verdict[&Verdict::NotEvaluated];
    let all = findings.len() as u64;
    Fixture {
        scan: Scan {
            id: [1, 0x99, 0x2b, 0x3c, 0x4d, 0x5e, 0x7f, 0x60, 0x91, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7, 8],
            tenant: plumb_model::tenant::DEFAULT,
            number: 1,
            about: About::default(),
            status: ScanStatus::Completed,
            target: "aws production".into(),
            provider: "provider-aws".into(),
            created_at: "2026-11-21T09:59:58.000Z".into(),
            started_at: Some("2026-11-21T10:00:00.000Z".into()),
            completed_at: Some("2026-11-21T10:03:04.250Z".into()),
            status_reason: None,
            previous: Some([2; 16]),
            coverage: Coverage { evaluated: all - undecided, evaluable: all, tasks_done: 31, tasks: 32 },
        },
        summary,
        catalogue: Catalogue { checks, controls },
        gaps: gaps(),
        findings,
    }
}

/// A scan of infrastructure code in which nothing is wrong and everything was seen.
pub(crate) fn clean() -> Fixture {
    let mut fixture = rich();
    fixture.findings.retain(|finding| finding.verdict == Verdict::Pass);
    fixture.gaps.clear();
    fixture.scan.target = "terraform infra/".into();
    fixture.scan.provider = "provider-terraform".into();
    fixture.scan.previous = None;
    fixture.scan.coverage = Coverage { evaluated: 2, evaluable: 2, tasks_done: 1, tasks: 1 };
    fixture.summary = Summary {
        resources: 2,
        outcomes_by_verdict: BTreeMap::from([(Verdict::Pass, 2)]),
        evaluated_now: 2,
        ..Summary::default()
    };
    fixture
}

fn check(id: &str, title: &str, severity: Severity, kind: &str) -> Check {
    Check {
        id: id.into(),
        title: title.into(),
        description: format!("{title}, as the configuration says."),
        risk: "Whoever finds it can read what was meant to stay private.".into(),
        severity,
        scope: Scope::Resource,
        kinds: vec![kind.into()],
        subjects: vec![],
        reads: vec!["policy".into()],
        time_dependent: false,
        categories: vec!["internet-exposed".into()],
        references: vec!["https://docs.example.com/reference".into()],
        remediation: Remediation {
            text: "Turn on all four settings of the public access block.".into(),
            url: "https://docs.example.com/mend".into(),
            command: "aws s3api put-public-access-block --bucket NAME \\\n  \
                      --public-access-block-configuration BlockPublicAcls=true"
                .into(),
            terraform: "resource \"aws_s3_bucket_public_access_block\" \"b\" {\n  block_public_acls = true\n}".into(),
            effort_minutes: 15,
        },
        plugin: PluginRef { id: "checks-aws".into(), version: "0.1.0".into(), digest: [7; 32] },
    }
}

fn checks() -> BTreeMap<String, Check> {
    let mut hostile = check("hostile_text", "<b>Title</b> & \"quotes\" | `ticks`", Severity::Low, "aws_s3_bucket");
    hostile.remediation = Remediation {
        text: "</p><script>alert(3)</script>".into(),
        url: "javascript:alert(4)".into(),
        ..Remediation::default()
    };
    hostile.references = vec!["javascript:alert(5)".into()];
    let mut bare = check("iam_root_mfa", "", Severity::Critical, "aws_iam_account_summary");
    bare.description = String::new();
    bare.risk = String::new();
    bare.categories = Vec::new();
    bare.references = Vec::new();
    bare.remediation = Remediation::default();
    let all = [
        check("s3_bucket_public_access", "S3 buckets are not open to everyone", Severity::Critical, "aws_s3_bucket"),
        check("s3_bucket_versioning", "S3 buckets keep earlier versions", Severity::Medium, "aws_s3_bucket"),
        check("ec2_ingress_ssh", "No security group lets everyone in on port 22", Severity::High, "aws_security_group"),
        check("kms_key_rotation", "Keys are rotated every year", Severity::Medium, "aws_kms_key"),
        check("account_contacts", "Security contacts are up to date", Severity::Informational, "aws_account"),
        check("cloudtrail_multi_region", "A trail records all regions", Severity::High, "aws_cloudtrail"),
        hostile,
        bare,
    ];
    all.into_iter().map(|check| (check.id.clone(), check)).collect()
}

fn control(id: &str, title: &str, section: &str, checks: &[&str]) -> Control {
    Control {
        id: id.into(),
        title: title.into(),
        section: vec![section.into()],
        checks: checks.iter().map(|check| (*check).into()).collect(),
        guidance: String::new(),
    }
}

fn framework(id: &str, title: &str, version: &str, controls: Vec<Control>) -> Framework {
    Framework {
        id: id.into(),
        title: title.into(),
        version: version.into(),
        publisher: "A publisher".into(),
        families: Vec::new(),
        url: String::new(),
        controls,
        plugin: PluginRef { id: id.into(), version: "0.1.0".into(), digest: [9; 32] },
    }
}

fn cis() -> Framework {
    let controls = vec![
        control("1.1", "Keep contact details up to date", "Identity", &["account_contacts"]),
        control("1.5", "Protect the root user with MFA", "Identity", &["iam_root_mfa"]),
        control("2.1.1", "Keep earlier versions of objects", "Storage", &["s3_bucket_versioning"]),
        control("2.1.4", "Block public access to buckets", "Storage", &["s3_bucket_public_access"]),
        control("3.1", "Record what is done in every region", "Logging", &["cloudtrail_multi_region"]),
        control("3.8", "Rotate keys", "Logging", &["kms_key_rotation", "kms_never_written"]),
        control("4.1", "Review the <script>alert(6)</script> by hand", "Monitoring", &[]),
        control("5.2", "Keep SSH away from the internet", "Networking", &["ec2_ingress_ssh"]),
        control("5.3", "Log flows", "Networking", &["lambda_function_current_runtime"]),
    ];
    framework("cis-aws", "CIS AWS Foundations Benchmark", "3.0.0", controls)
}

fn soc2() -> Framework {
    let controls = vec![
        control("CC6.1", "Logical access security", "Access", &["s3_bucket_public_access", "hostile_text"]),
        control("CC6.6", "Protection from outside", "Access", &["ec2_ingress_ssh"]),
        control("A1.2", "Recovery", "Availability", &["ec2_instance_patched"]),
    ];
    framework("soc2", "SOC 2 Trust Services Criteria", "2017", controls)
}

fn resource(id: &str, kind: &str, region: &str) -> ResourceRef {
    ResourceRef {
        id: id.into(),
        kind: kind.into(),
        name: id.rsplit([':', '/']).next().unwrap_or_default().into(),
        account: "123456789012".into(),
        region: region.into(),
    }
}

fn finding(check: &str, severity: Severity, verdict: Verdict, resource: ResourceRef, message: &str) -> Finding {
    Finding {
        check_id: check.into(),
        severity,
        verdict,
        fingerprint: Fingerprint::new(check, &resource.account, &resource.id),
        resource,
        message: message.into(),
        delta: (verdict == Verdict::Fail).then_some(Delta::Unchanged),
        muted: None,
        resource_digest: Some([3; 32]),
    }
}

fn findings() -> Vec<Finding> {
    let bucket = |id: &str| resource(id, "aws_s3_bucket", "eu-west-1");
    let public = |id: &str, message: &str| {
        finding("s3_bucket_public_access", Severity::Critical, Verdict::Fail, bucket(id), message)
    };
    let account = ResourceRef { id: "123456789012".into(), account: "123456789012".into(), ..ResourceRef::default() };
    let mut all = vec![
        Finding { delta: Some(Delta::New), ..public("arn:aws:s3:::logs-1", "The bucket policy lets everyone read.") },
        public("arn:aws:s3:::backups", "BlockPublicAcls is off."),
        Finding {
            delta: Some(Delta::New),
            ..public(ESCAPE_NAME, "\u{1b}]0;owned\u{7}The title of the terminal changed.")
        },
        Finding {
            resource_digest: None,
            ..finding("iam_root_mfa", Severity::Critical, Verdict::Fail, account.clone(), "")
        },
        Finding {
            muted: Some("The website is public; accepted by security until 2027 | see TICKET-7".into()),
            ..public("arn:aws:s3:::www.example.com", "The bucket policy lets everyone read.")
        },
    ];
    for number in 1..=12 {
        let group = resource(
            &format!("arn:aws:ec2:eu-central-1:123456789012:security-group/sg-0a1b2c3d4e5f6{number:04}"),
            "aws_security_group",
            "eu-central-1",
        );
        let delta = if number == 3 { Delta::New } else { Delta::Unchanged };
        let message = "Port 22 is open to 0.0.0.0/0.";
        let found = finding("ec2_ingress_ssh", Severity::High, Verdict::Fail, group, message);
        all.push(Finding { delta: Some(delta), ..found });
    }
    let long = "A very long message about a policy. ".repeat(290);
    all.push(finding("s3_bucket_versioning", Severity::Medium, Verdict::Fail, bucket("arn:aws:s3:::archive"), &long));
    for (id, message) in [
        (SCRIPT_NAME, "<script>alert(7)</script> & more"),
        (FORMULA_NAME, "=HYPERLINK(\"https://evil.example\",\"click\")"),
        (BIDI_NAME, "\u{202e}desrever si siht"),
        (LINES_NAME, "first line\r\nsecond line ]]> end"),
        (MARKDOWN_NAME, "| **bold** | `code` https://evil.example www.evil.example @octocat #12 <details>"),
    ] {
        all.push(finding("hostile_text", Severity::Low, Verdict::Fail, bucket(id), message));
    }
    let key = |id: &str| resource(&format!("arn:aws:kms:eu-west-1:123456789012:key/{id}"), "aws_kms_key", "eu-west-1");
    let unknown = "rotation_enabled could not be read: AccessDenied (needs kms:GetKeyRotationStatus)";
    for id in ["1111-aaaa", "2222-bbbb", "3333-cccc"] {
        all.push(finding("kms_key_rotation", Severity::Medium, Verdict::NotEvaluated, key(id), unknown));
    }
    let ask = "Ask whether the contacts are current.";
    all.push(finding("account_contacts", Severity::Informational, Verdict::Manual, account.clone(), ask));
    let no_key = "There is no customer managed key.";
    all.push(finding("kms_key_rotation", Severity::Medium, Verdict::NotApplicable, key("aws-managed"), no_key));
    for (check, severity, id) in [
        ("s3_bucket_public_access", Severity::Critical, "arn:aws:s3:::private"),
        ("s3_bucket_versioning", Severity::Medium, "arn:aws:s3:::logs-1"),
    ] {
        all.push(finding(check, severity, Verdict::Pass, bucket(id), ""));
    }
    let trail = resource("arn:aws:cloudtrail:eu-west-1:123456789012:trail/all", "aws_cloudtrail", "eu-west-1");
    all.push(finding("cloudtrail_multi_region", Severity::High, Verdict::Pass, trail, ""));
    all
}

fn gaps() -> Vec<ScanGap> {
    vec![
        ScanGap {
            task: "123456789012/eu-west-1/kms".into(),
            kind: "aws_kms_key".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            reason: "AccessDeniedException: no identity-based policy allows the action".into(),
            permission: Some("kms:GetKeyRotationStatus".into()),
        },
        ScanGap {
            task: String::new(),
            kind: String::new(),
            account: String::new(),
            region: String::new(),
            reason: "<b>\u{1b}[31mtimed out</b>\nafter 30 s | `retry`".into(),
            permission: None,
        },
    ]
}
