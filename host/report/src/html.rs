//! One self-contained page: no remote parts, a content security policy that allows nothing but the page's own style and
//! script, and everything visible where scripts are off. The page lists a bounded number of findings and says how many
//! it leaves out.

mod finding;
mod framework;
mod page;

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use sha2::{Digest, Sha256};

use crate::groups::{self, Limits};
use crate::report::{Report, ReportError};

/// More findings than this make a page that a browser scrolls badly and nobody reads.
const LIMITS: Limits = Limits { per_check: 100, per_severity: 500 };

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/filter.js");
/// The page and its parts, by the names they include each other under.
const TEMPLATES: [(&str, &str); 5] = [
    ("page.html", include_str!("html/page.html")),
    ("overview.html", include_str!("html/overview.html")),
    ("frameworks.html", include_str!("html/frameworks.html")),
    ("findings.html", include_str!("html/findings.html")),
    ("gaps.html", include_str!("html/gaps.html")),
];

pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let groups = groups::collect(report, LIMITS, |_| true)?;
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, text) in TEMPLATES {
        templates.add_template(name, text)?;
    }
    let page = page::Page::new(
        report,
        &groups,
        LIMITS,
        page::Assets { style: STYLE, style_hash: hash(STYLE), script: SCRIPT, script_hash: hash(SCRIPT) },
    );
    let html = templates.get_template("page.html")?.render(Serde(&page))?;
    out.write_all(html.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// As a content security policy names an inline part.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
