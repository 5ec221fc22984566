//! `/notifications/new`: makes a channel. What is wrong stands beside its field.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::{Choice, Form};
use crate::dashboard::render::{Frame, page, page_of};
use crate::extract::NoParameters;
use crate::problem::{Detail, Problem};
use crate::state::AppState;
use crate::v1::channels::body::{ChannelWord, EventWord, NewChannel, RuleBody};
use crate::v1::channels::make;
use crate::views::SeverityWord;

/// What the form sends, and what it is filled with when it comes back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ChannelForm {
    name: String,
    #[serde(rename = "type")]
    kind: ChannelWord,
    /// An address on each line.
    to: String,
    url: String,
    url_secret: String,
    /// It has no rule: only what names it is told.
    only_named: bool,
    events: Vec<EventWord>,
    min_severity: Choice<SeverityWord>,
    new_violations_only: bool,
    score_fall: String,
}

#[derive(Debug, Serialize)]
struct ChannelPage {
    form: ChannelForm,
    /// Field of the form → what is wrong with it.
    wrong: BTreeMap<&'static str, String>,
    /// What is wrong and belongs to no field.
    wrong_elsewhere: Vec<String>,
    /// Whether mail can be sent.
    smtp: bool,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    page("new_channel.html", &frame(&state, &visitor), &ChannelPage::new(&state, ChannelForm::default()))
}

pub(crate) async fn create(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
    Form(form): Form<ChannelForm>,
) -> Result<Response, Problem> {
    let name = form.name.trim().to_owned();
    let wrong = match make(&state, &visitor.access, form.clone().body()).await {
        Ok((made, secret)) => {
            let told = secret.map(|secret| format!("What messages are signed with, shown this once: {secret}"));
            visitor.leave_notice(&state, told.unwrap_or_else(|| format!("The channel {} is made.", made.name)));
            return Ok(see_other("/notifications"));
        }
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => problem.parts().details.clone(),
        Err(problem) if problem.status() == StatusCode::CONFLICT => {
            let tenant = visitor.access.tenant;
            let known = state.read(move |ledger| ledger.channels(&tenant)).await?;
            let field = if known.iter().any(|channel| channel.name == name) { "name" } else { "" };
            vec![Detail { field: field.to_owned(), message: problem.parts().detail.clone() }]
        }
        Err(problem) => return Err(problem),
    };
    let mut content = ChannelPage::new(&state, form);
    content.tell(wrong);
    page_of(StatusCode::BAD_REQUEST, "new_channel.html", &frame(&state, &visitor), &content)
}

fn frame(state: &AppState, visitor: &Visitor) -> Frame {
    Frame::new(state, visitor, "/notifications", "New channel")
}

impl ChannelForm {
    /// What the API takes.
    fn body(self) -> NewChannel {
        let set = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let rule = RuleBody {
            events: self.events,
            min_severity: self.min_severity.0,
            new_violations_only: self.new_violations_only,
            // What is no number is no number of points either.
            score_fall: set(&self.score_fall).map(|fall| fall.replace(',', ".").parse().unwrap_or(f64::NAN)),
        };
        NewChannel {
            name: self.name,
            kind: self.kind,
            to: self.to.lines().filter_map(set).collect(),
            url: set(&self.url),
            url_secret: set(&self.url_secret),
            rules: if self.only_named { Vec::new() } else { vec![rule] },
            enabled: true,
        }
    }
}

impl ChannelPage {
    fn new(state: &AppState, form: ChannelForm) -> ChannelPage {
        let smtp = state.scheduler().notifier().has_smtp();
        ChannelPage { form, wrong: BTreeMap::new(), wrong_elsewhere: Vec::new(), smtp }
    }

    /// Puts what is wrong beside its fields.
    fn tell(&mut self, details: Vec<Detail>) {
        for Detail { field, message } in details {
            let field = match field.as_str() {
                "name" => "name",
                "to" => "to",
                "url" => "url",
                "url_secret" => "url_secret",
                "rules[0].score_fall" => "score_fall",
                _ => {
                    self.wrong_elsewhere.push(message);
                    continue;
                }
            };
            let told = self.wrong.entry(field).or_default();
            if !told.is_empty() {
                told.push_str(". ");
            }
            told.push_str(&message);
        }
    }
}
