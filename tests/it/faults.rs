//! A scan of a whole account through a cloud that throttles, breaks, dawdles and lies: it ends, takes bounded memory, says what it
//! did not see, and no verdict is another one than on a good day.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::account::REGIONS;
use crate::emulator::Emulator;
use crate::fault_proxy::{Answer, Asked, Fault, Known, Proxy};
use crate::harness::Plumb;
use crate::live;

/// After this it hangs: it takes a few seconds.
const HANG: Duration = Duration::from_mins(4);
/// How often its memory is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// What it may take at the most, in kB: twice what the worst of these takes, which are answers that fill the guests' memory.
const MEMORY: u64 = 512 << 10;
/// One question in so many is answered badly.
const ONE_IN: u64 = 5;

/// How long one answer may take where all come, and where some never do.
const PATIENT: &str = "60s";
const HASTY: &str = "3s";

/// By check and resource.
type Verdicts = BTreeMap<(String, String), String>;

/// What the account looks like on a good day.
struct Clean {
    known: Known,
    /// Arguments that choose the checks which the emulator lets evaluate everything.
    checks: Vec<String>,
    verdicts: Verdicts,
}

/// What a scan came to.
struct Scanned {
    code: i32,
    report: Value,
    stderr: String,
    /// The most that it took, in kB.
    peak: u64,
}

impl Scanned {
    fn verdicts(&self) -> Verdicts {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let entry = |one: &Value| ((text(&one["check_id"]), text(&one["resource"]["id"])), text(&one["verdict"]));
        self.report["findings"].as_array().unwrap().iter().map(entry).collect()
    }

    /// All that is said of what was not seen.
    fn said(&self) -> String {
        let reasons = self.report["gaps"].as_array().unwrap().iter().map(|gap| gap["reason"].to_string());
        let findings = self.report["findings"].as_array().unwrap().iter();
        let messages = findings.filter(|one| one["verdict"] == "not-evaluated").map(|one| one["message"].to_string());
        reasons.chain(messages).collect::<Vec<_>>().join("\n")
    }
}

/// Scans what is at an endpoint, patiently or not.
fn scan(endpoint: &str, patience: &str, further: &[String]) -> Scanned {
    let plumb = Plumb::new();
    let regions = REGIONS.iter().flat_map(|region| ["--region", region]).map(str::to_owned);
    let first =
        ["scan", "aws", "-o", "json=report.json", "--no-progress", "--request-timeout", patience].map(str::to_owned);
    let arguments: Vec<String> = first.into_iter().chain(regions).chain(further.iter().cloned()).collect();
    let mut command = live::clean(plumb.command(&arguments), &plumb);
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    command.env("AWS_SECRET_ACCESS_KEY", "secret").env("AWS_MAX_ATTEMPTS", "3");
    command.stdout(Stdio::null()).stderr(Stdio::from(File::create(plumb.path("stderr")).unwrap()));
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    let mut peak = 0;
    let status = loop {
        let state = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high = state.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        peak = high.unwrap_or(peak);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > HANG {
            child.kill().unwrap();
            panic!("the scan does not end");
        }
        std::thread::sleep(LOOK);
    };
    let stderr = std::fs::read_to_string(plumb.path("stderr")).unwrap();
    let report = std::fs::read(plumb.path("report.json")).unwrap_or_default();
    Scanned {
        code: status.code().unwrap_or(-1),
        report: serde_json::from_slice(&report).unwrap_or_default(),
        stderr,
        peak,
    }
}

/// Made and scanned once for all tests.
fn clean() -> &'static Clean {
    static CLEAN: OnceLock<Clean> = OnceLock::new();
    CLEAN.get_or_init(|| {
        let (emulator, _) = Emulator::made(&["account.py"]);
        let known = Known::default();
        let proxy = Proxy::keeping(&emulator.url, &known);
        let all = scan(&proxy.url, PATIENT, &[]);
        let mut checks: BTreeMap<String, bool> = BTreeMap::new();
        for ((check, _), verdict) in all.verdicts() {
            *checks.entry(check).or_insert(true) &= verdict != "not-evaluated";
        }
        let whole = checks.into_iter().filter(|(_, whole)| *whole).flat_map(|(check, _)| ["-c".to_owned(), check]);
        let checks: Vec<String> = whole.collect();
        let chosen = scan(&proxy.url, PATIENT, &checks);
        assert_eq!(chosen.code, 3, "what the emulator can do is all seen: {} {}", chosen.stderr, chosen.said());
        let verdicts = chosen.verdicts();
        assert!(
            verdicts.len() > 1000 && checks.len() > 400,
            "{} verdicts, {} checks",
            verdicts.len(),
            checks.len() / 2
        );
        Clean { known: Arc::clone(&known), checks, verdicts }
    })
}

/// Whether a question is one of those that plan a scan, without which there is none.
fn plans(asked: &Asked) -> bool {
    matches!(asked.operation(), Some("GetCallerIdentity" | "DescribeRegions"))
}

/// Some questions, always the same ones.
fn some(asked: &Asked) -> bool {
    !plans(asked) && asked.number(1).is_multiple_of(ONE_IN)
}

/// A scan with faults: it is complete in what it says.
fn honest(patience: &str, plan: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) -> (Scanned, Proxy) {
    let clean = clean();
    let proxy = Proxy::spoiling(&clean.known, plan);
    let scanned = scan(&proxy.url, patience, &clean.checks);
    assert!(scanned.report["findings"].is_array(), "there is no report: {}", scanned.stderr);
    assert!(scanned.peak < MEMORY, "{} kB", scanned.peak);
    let mut wrong = Vec::new();
    for (of, verdict) in scanned.verdicts() {
        let known = clean.verdicts.get(&of);
        if verdict != "not-evaluated" && known != Some(&verdict) {
            wrong.push(format!("{of:?} is {verdict}, and {known:?} on a good day"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    (scanned, proxy)
}

/// A scan where some questions never have a good answer: each of them is a gap that says why.
fn in_part(words: &str, plan: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) {
    let (scanned, proxy) = honest(HASTY, plan);
    is_said(&scanned, &proxy, words, |_| true);
}

/// Whether the scan says that it did not see everything, and names those of the spoilt questions that never had a good answer. What
/// tags a resource has decides no verdict, so that nothing is said where only they are missing.
fn is_said(scanned: &Scanned, proxy: &Proxy, words: &str, lasts: impl Fn(&Asked) -> bool) {
    assert_eq!(scanned.code, 4, "{}", scanned.stderr);
    let (said, spoilt) = (scanned.said(), proxy.spoilt());
    let count = spoilt.len();
    assert!(count > 20, "only {count} questions");
    assert!(said.contains(words), "{words}: {said}");
    let is_silent = |name: &str| !name.contains("Tags") && name != "GetResources" && !said.contains(name);
    let lasting = spoilt.keys().filter(|asked| lasts(asked));
    let silent: Vec<&Asked> = lasting.filter(|asked| asked.operation().is_some_and(is_silent)).collect();
    assert!(silent.is_empty(), "nothing is said of {silent:#?}");
    eprintln!("{count} questions spoilt, {} requests, {} kB", proxy.requests(), scanned.peak);
}

/// A scan whose faults pass: nothing is missing.
fn in_whole(plan: impl Fn(&Asked, usize) -> Option<Fault> + Send + Sync + 'static) {
    let (scanned, proxy) = honest(PATIENT, plan);
    assert_eq!(scanned.code, 3, "{} {}", scanned.stderr, scanned.said());
    assert!(proxy.spoilt().len() > 20);
    assert_eq!(scanned.verdicts(), clean().verdicts);
}

/// The true answer, when the cloud gets round to it.
fn late(answer: &Answer, _: usize) -> Answer {
    std::thread::sleep(Duration::from_millis(500));
    answer.clone()
}

fn page(status: u16) -> Answer {
    let page = "<html><head><title>Sorry</title></head><body><p>We will be back soon.</p></body></html>";
    Answer::new(status, "text/html", page)
}

#[test]
fn throttling_errors_and_delays_that_pass_cost_nothing() {
    in_whole(|asked, count| {
        let moment = "Sun, 06 Nov 1994 08:49:38 GMT";
        let dated = || page(429).with("retry-after", moment).with("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let first = match asked.number(2) % 7 {
            0 => Fault::Instead(page(429).with("retry-after", "1")),
            1 => Fault::Instead(dated()),
            2 => Fault::Instead(page(503)),
            3 => Fault::Cut,
            4 => Fault::Reset,
            5 => Fault::Changed(late),
            _ => return None,
        };
        (count == 0).then_some(first)
    });
}

#[test]
fn another_content_type_makes_no_other_answer() {
    in_whole(|asked, _| {
        some(asked).then_some(Fault::Changed(|answer, _| answer.rewritten("text/html", str::to_owned)))
    });
}

#[test]
fn what_is_throttled_for_good_is_a_gap() {
    in_part("429", |asked, _| some(asked).then(|| Fault::Instead(page(429).with("retry-after", "0"))));
}

#[test]
fn what_is_out_of_service_for_good_is_a_gap() {
    in_part("503", |asked, _| some(asked).then(|| Fault::Instead(page(503))));
}

#[test]
fn pages_for_people_are_no_answers_whatever_their_status() {
    in_part("is not in the service's format", |asked, _| {
        let statuses = [200, 200, 302, 403, 404, 500];
        some(asked).then(|| Fault::Instead(page(statuses[usize::try_from(asked.number(3) % 6).unwrap()])))
    });
}

#[test]
fn answers_in_another_format_are_no_answers() {
    in_part("is not in the service's format", |asked, _| {
        let foreign = [
            Answer::new(200, "application/json", r#"{"message": "blocked"}"#),
            Answer::new(200, "application/json", "[]"),
            Answer::new(200, "application/json", "null"),
            Answer::new(200, "text/xml", "<Error><Code>Blocked</Code></Error>"),
            Answer::new(200, "text/xml", ""),
            Answer::new(200, "application/octet-stream", vec![0xff; 100]),
        ];
        let is_list = asked.operation().is_some_and(|name| name.starts_with("List") || name.starts_with("Describe"));
        let index = usize::try_from(asked.number(4) % 6).unwrap();
        // What JSON without a list says of a detail nobody can judge.
        (some(asked) && (is_list || index > 0)).then(|| Fault::Instead(foreign[index].clone()))
    });
}

#[test]
fn answers_that_are_cut_reset_or_never_come_are_gaps() {
    in_part("no answer in time", |asked, _| {
        some(asked).then(|| match asked.number(5) % 6 {
            0 => Fault::Drip,
            1 | 2 => Fault::Reset,
            _ => Fault::Cut,
        })
    });
}

#[test]
fn bodies_without_end_take_no_memory() {
    in_part("the answer has more than", |asked, _| some(asked).then_some(Fault::Endless));
}

#[test]
fn bombs_do_not_go_off() {
    let entities = (1..10).fold("<!ENTITY e0 \"ha\">".to_owned(), |text, number| {
        text + &format!("<!ENTITY e{number} \"{}\">", format!("&e{};", number - 1).repeat(10))
    });
    let bombs = [
        format!("<?xml version=\"1.0\"?><!DOCTYPE r [{entities}]><r>&e9;</r>"),
        "<a>".repeat(1 << 20),
        format!("<r>{}</r>", "<a/>".repeat(3 << 20)),
        "[".repeat(10 << 20),
        format!("{{\"a\":[{}0]}}", "[],".repeat(4 << 20)),
    ];
    let bombs = bombs.map(|bomb| Answer::new(200, "text/xml", bomb));
    in_part("elements", move |asked, _| {
        some(asked).then(|| Fault::Instead(bombs[usize::try_from(asked.number(6) % 5).unwrap()].clone()))
    });
}

#[test]
fn lists_that_never_end_end() {
    in_part("its list never ends", |asked, _| {
        // Pages with nothing on them, each with another token.
        let token = asked.number(7);
        let (open, close) = ("<ListTopicsResponse><ListTopicsResult>", "</ListTopicsResult></ListTopicsResponse>");
        let page = match asked.operation()? {
            "ListQueues" => format!("{{\"QueueUrls\":[],\"NextToken\":\"{token}\"}}"),
            "ListTables" => format!("{{\"TableNames\":[],\"LastEvaluatedTableName\":\"{token}\"}}"),
            "ListTopics" => format!("{open}<Topics/><NextToken>{token}</NextToken>{close}"),
            "DescribeVolumes" => {
                format!("<DescribeVolumesResponse><volumeSet/><nextToken>{token}</nextToken></DescribeVolumesResponse>")
            }
            _ => return None,
        };
        Some(Fault::Instead(Answer::new(200, "text/plain", page)))
    });
}

#[test]
fn all_of_it_together_is_no_worse() {
    for seed in [11, 12] {
        // Some faults pass and some stay.
        let passes = move |asked: &Asked| asked.number(seed + 1).is_multiple_of(3);
        let (scanned, proxy) = honest(HASTY, move |asked, count| {
            if plans(asked) || !asked.number(seed).is_multiple_of(4) || (passes(asked) && count > 0) {
                return None;
            }
            Some(match asked.number(seed + 2) % 8 {
                0 => Fault::Instead(page(429).with("retry-after", "1")),
                1 => Fault::Instead(page(503)),
                2 => Fault::Instead(page(200)),
                3 => Fault::Cut,
                4 => Fault::Reset,
                5 => Fault::Endless,
                6 => Fault::Drip,
                _ => Fault::Instead(Answer::new(200, "text/xml", "<a>".repeat(1 << 16))),
            })
        });
        is_said(&scanned, &proxy, "", |asked| !passes(asked));
    }
}

#[test]
fn a_scan_that_cannot_be_planned_says_so_and_is_not_clean() {
    let clean = clean();
    for fault in [Fault::Instead(page(200)), Fault::Instead(page(503)), Fault::Cut, Fault::Endless] {
        let proxy = Proxy::spoiling(&clean.known, move |asked, _| plans(asked).then(|| fault.clone()));
        let scanned = scan(&proxy.url, HASTY, &clean.checks);
        assert!(matches!(scanned.code, 1 | 4), "{} {}", scanned.code, scanned.stderr);
        assert!(scanned.stderr.contains("GetCallerIdentity"), "{}", scanned.stderr);
    }
}
