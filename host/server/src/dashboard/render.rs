//! Templates, and what stands on every page. All text is escaped, and what cannot be seen in it is written out: names come from
//! whoever can name a resource.

use std::sync::LazyLock;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, escape_formatter};
use plumb_model::access::Scope;
use serde::Serialize;

use crate::browser::Visitor;
use crate::dashboard::{assets, text};
use crate::errors::InForm;
use crate::problem::{Parts, Problem};
use crate::state::AppState;

/// Nothing from elsewhere, nothing inline, no frame around it, forms to here alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const TEMPLATES: [(&str, &str); 21] = [
    ("layout.html", include_str!("layout.html")),
    ("parts.html", include_str!("parts.html")),
    ("problem.html", include_str!("problem.html")),
    ("sign_in.html", include_str!("sign_in.html")),
    ("overview.html", include_str!("overview.html")),
    ("scans.html", include_str!("scans.html")),
    ("scan.html", include_str!("scan.html")),
    ("controls.html", include_str!("controls.html")),
    ("findings.html", include_str!("findings.html")),
    ("finding.html", include_str!("finding.html")),
    ("drifts.html", include_str!("drifts.html")),
    ("drift.html", include_str!("drift.html")),
    ("targets.html", include_str!("targets.html")),
    ("schedules.html", include_str!("schedules.html")),
    ("schedule.html", include_str!("schedule.html")),
    ("schedule_form.html", include_str!("schedule_form.html")),
    ("new_channel.html", include_str!("new_channel.html")),
    ("notifications.html", include_str!("notifications.html")),
    ("mutes.html", include_str!("mutes.html")),
    ("plugins.html", include_str!("plugins.html")),
    ("empty.html", include_str!("empty.html")),
];

/// The parts of the dashboard, as the navigation lists them: path, name, and the scope without which it is not listed.
pub(crate) const SECTIONS: [(&str, &str, Scope); 8] = [
    ("/", "Overview", Scope::ScansRead),
    ("/scans", "Scans", Scope::ScansRead),
    ("/drifts", "Drift", Scope::DriftsRead),
    ("/targets", "Targets", Scope::TargetsRead),
    ("/schedules", "Schedules", Scope::SchedulesRead),
    ("/notifications", "Notifications", Scope::SchedulesRead),
    ("/mutes", "Mutes", Scope::ScansRead),
    ("/plugins", "Plugins", Scope::PluginsRead),
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(environment);

fn environment() -> Result<Environment<'static>, Error> {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.set_formatter(|out, state, value| match value.as_str() {
        Some(plain) if !value.is_safe() => escape_formatter(out, state, &Value::from(text::seen(plain).as_ref())),
        _ => escape_formatter(out, state, value),
    });
    templates.add_filter("number", text::number);
    templates.add_filter("when", |time: &str| text::when(time));
    templates.add_filter("ago", |time: &str| text::ago(time, Timestamp::now()));
    templates.add_filter("score", text::score);
    for (name, content) in TEMPLATES {
        templates.add_template(name, content)?;
    }
    Ok(templates)
}

/// What stands around a page.
#[derive(Debug, Serialize)]
pub(crate) struct Frame {
    title: String,
    sections: Vec<Section>,
    /// Empty where nobody is signed in: there are no forms then.
    form_token: String,
    name: String,
    tenant: String,
    notice: Option<String>,
    style: String,
    script: String,
    mark: String,
    /// What the caller's token allows of what pages offer.
    may: May,
}

#[derive(Debug, Serialize)]
struct Section {
    path: &'static str,
    name: &'static str,
    current: bool,
}

#[derive(Debug, Default, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "switches of a template")]
struct May {
    trigger: bool,
    mute: bool,
    move_drifts: bool,
    schedule: bool,
    drifts: bool,
    targets: bool,
}

impl Frame {
    /// Around a page that anybody may see.
    fn bare(title: &str) -> Frame {
        let [style, script, mark] = assets::paths();
        Frame {
            title: title.to_owned(),
            sections: Vec::new(),
            form_token: String::new(),
            name: String::new(),
            tenant: String::new(),
            notice: None,
            style,
            script,
            mark,
            may: May::default(),
        }
    }

    /// Around a page of a section, which its path names. Nothing is offered that the caller may not do.
    pub(crate) fn new(state: &AppState, visitor: &Visitor, section: &str, title: impl Into<String>) -> Frame {
        let Visitor { access, session } = visitor;
        let may = |scope| access.scopes.contains(scope);
        let sections = SECTIONS.into_iter().filter(|(_, _, scope)| may(*scope));
        let forms = session.is_some();
        let mut frame = Frame {
            title: title.into(),
            sections: sections.map(|(path, name, _)| Section { path, name, current: path == section }).collect(),
            may: May {
                trigger: forms && may(Scope::ScansTrigger),
                mute: forms && may(Scope::TargetsWrite),
                move_drifts: forms && may(Scope::DriftsWrite),
                schedule: forms && may(Scope::SchedulesWrite),
                drifts: may(Scope::DriftsRead),
                targets: may(Scope::TargetsRead),
            },
            ..Frame::bare("")
        };
        if let Some(session) = session {
            frame.form_token = session.form_token.hex();
            frame.name.clone_from(&session.name);
            frame.tenant.clone_from(&session.tenant_name);
            frame.notice = state.sessions.take_notice(&session.id);
        }
        frame
    }
}

#[derive(Serialize)]
struct Whole<'a, T> {
    frame: &'a Frame,
    page: &'a T,
}

/// A page from a template, which sees `frame` and `page`.
pub(crate) fn page<T: Serialize>(template: &str, frame: &Frame, page: &T) -> Result<Response, Problem> {
    page_of(StatusCode::OK, template, frame, page)
}

/// The same with another status: a form that comes back with what is wrong.
pub(crate) fn page_of<T: Serialize>(
    status: StatusCode,
    template: &str,
    frame: &Frame,
    page: &T,
) -> Result<Response, Problem> {
    let failed = |error: &Error| {
        tracing::error!(error = format!("{error:#}"), template, "a page cannot be made");
        Problem::internal()
    };
    let environment = ENVIRONMENT.as_ref().map_err(failed)?;
    let template = environment.get_template(template).map_err(|error| failed(&error))?;
    let html = template.render(Serde(&Whole { frame, page })).map_err(|error| failed(&error))?;
    let mut response = html_response(status, html);
    // It says what is wrong itself.
    response.extensions_mut().insert(InForm);
    Ok(response)
}

/// The page of somebody who is not signed in.
pub(crate) fn bare_page<T: Serialize>(template: &str, title: &str, content: &T) -> Result<Response, Problem> {
    page(template, &Frame::bare(title), content)
}

fn html_response(status: StatusCode, html: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (OPENER_POLICY, "same-origin"),
    ];
    (status, headers, html).into_response()
}

#[derive(Serialize)]
struct ProblemPage<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
    errors: Vec<(&'a str, &'a str)>,
}

/// A problem as a page. Where even that cannot be made, its words alone.
pub(crate) fn problem(parts: &Parts) -> Response {
    let status = parts.kind.words().status;
    let title = status.canonical_reason().unwrap_or("Refused");
    let errors = parts.details.iter().map(|detail| (detail.field.as_str(), detail.message.as_str())).collect();
    let content = ProblemPage { status: status.as_u16(), title, detail: &parts.detail, errors };
    match bare_page("problem.html", title, &content) {
        Ok(mut response) => {
            *response.status_mut() = status;
            response
        }
        Err(_) => (status, parts.detail.clone()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read_and_escapes_what_it_shows() {
        let mut environment = environment().unwrap();
        environment.add_template("test.html", "{{ page }}").unwrap();
        let hostile = "<script>\u{1b}[2J\u{202e}'\"";
        let shown =
            environment.get_template("test.html").unwrap().render(minijinja::context!(page => hostile)).unwrap();
        assert_eq!(shown, "&lt;script&gt;\\u{1b}[2J\\u{202e}&#x27;&quot;");
    }
}
