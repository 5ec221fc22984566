//! A message as Slack shows it: blocks (docs.slack.dev/reference/block-kit), with a line of text for notifications. Texts from scans
//! are escaped as Slack has it, so that a resource's name calls nobody and links nowhere.

use plumb_model::notification::Delivery;
use serde_json::{Value, json};

/// Characters of a header, by Slack's bound of 150.
const HEADER_CHARS: usize = 150;

/// Characters of a section's text, by Slack's bound of 3000.
const SECTION_CHARS: usize = 3_000;

/// The body of the request.
pub(super) fn body(message: &Delivery) -> Vec<u8> {
    payload(message).to_string().into_bytes()
}

/// What Slack is sent.
pub fn payload(message: &Delivery) -> Value {
    let data: Value = serde_json::from_str(&message.data).unwrap_or_default();
    let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let title = super::email::title(&data);
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": first(&title, HEADER_CHARS), "emoji": false}}),
        json!({"type": "section", "text": {"type": "mrkdwn", "text": first(&summary(&data), SECTION_CHARS)}}),
    ];
    let worst = data.get("worst").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !worst.is_empty() {
        let lines: Vec<String> = worst.iter().map(line).collect();
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": whole_lines(&lines, SECTION_CHARS)}}));
    }
    let link = |pointer: &str, words: &str| {
        let url = text(pointer);
        (!url.is_empty()).then(|| format!("<{}|{words}>", escape(&url)))
    };
    let links = [link("/dashboard_url", "Look at it"), link("/scan/url", "The scan over the API")];
    let links: Vec<String> = links.into_iter().flatten().collect();
    let known = if links.is_empty() { format!("scan {}", text("/scan/id")) } else { links.join(" · ") };
    blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": known}]}));
    json!({"text": escape(&title), "blocks": blocks})
}

fn summary(data: &Value) -> String {
    let mut lines = Vec::new();
    let word = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).filter(|word| !word.is_empty());
    if let Some(environment) = word("/scan/environment") {
        lines.push(format!("*Environment* {}", escape(environment)));
    }
    if let Some(target) = word("/target/name") {
        lines.push(format!("*Target* {}", escape(target)));
    }
    if let Some(reason) = word("/scan/status_reason") {
        lines.push(format!("*Reason* {}", escape(reason)));
    }
    if let Some(score) = data.get("compliance_score").and_then(Value::as_f64) {
        let before = data.get("previous_score").and_then(Value::as_f64);
        let before = before.map(|before| format!(", before {before:.1}")).unwrap_or_default();
        lines.push(format!("*Score* {score:.1}{before}"));
    }
    for (name, words) in [("violations", "Violations"), ("new_violations", "New"), ("new_drifts", "New drifts")] {
        if let Some(counts) = data.get(name) {
            lines.push(format!("*{words}* {}", super::email::counts(counts)));
        }
    }
    if lines.is_empty() { "Nothing was counted.".to_owned() } else { lines.join("\n") }
}

fn line(finding: &Value) -> String {
    let text = |name: &str| escape(finding.get(name).and_then(Value::as_str).unwrap_or_default());
    format!("• *{}* {}: {}", text("severity"), text("check_id"), text("resource"))
}

/// Slack's three characters; backticks, stars and underscores only change how a text looks.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn first(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// As many lines as fit: half of an escaped character would be another.
fn whole_lines(lines: &[String], chars: usize) -> String {
    let mut text = String::new();
    for line in lines {
        if text.chars().count() + 1 + line.chars().count() > chars {
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    text
}
