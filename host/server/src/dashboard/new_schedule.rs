//! `/schedules/new`: the form that makes a schedule. What is wrong stands beside its field, and the next times can be seen before it
//! is made.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use plumb_engine::service::order::CLOUDS;
use plumb_model::framework::Framework;
use plumb_model::schedule::cron::Cron;
use plumb_model::schedule::{Overlap, UPCOMING};
use serde::{Deserialize, Serialize};

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Form;
use crate::dashboard::render::{Frame, page, page_of};
use crate::dashboard::schedule::shown_once;
use crate::dashboard::schedules::{Moment, path};
use crate::extract::NoParameters;
use crate::problem::{Detail, Problem};
use crate::state::AppState;
use crate::time::stored;
use crate::v1::scan_config::{Notifications, ScanConfigBody, ScanTypeWord};
use crate::v1::schedules::body::{NewSchedule, NewTiming, OverlapWord, TriggerBody, TriggerWord};
use crate::v1::schedules::make;

/// What the form sends, and what it is filled with when it comes back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ScheduleForm {
    name: String,
    description: String,
    cron: String,
    timezone: String,
    triggers: Vec<TriggerWord>,
    score_fall: String,
    environment: String,
    cloud_providers: Vec<String>,
    frameworks: Vec<String>,
    overlap: OverlapWord,
    on_completion: bool,
    on_failure: bool,
    channels: Vec<String>,
}

#[derive(Serialize)]
struct FormPage {
    form: ScheduleForm,
    /// Field of the form → what is wrong with it.
    wrong: BTreeMap<&'static str, String>,
    /// What is wrong and belongs to no field.
    wrong_elsewhere: Vec<String>,
    /// None before the times were asked for.
    upcoming: Option<Vec<Moment>>,
    environments: Vec<String>,
    providers: Vec<String>,
    frameworks: Vec<Choice>,
    channels: Vec<String>,
    zones: Vec<String>,
    overlaps: [&'static str; 3],
}

#[derive(Serialize)]
struct Choice {
    id: String,
    title: String,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    let form = ScheduleForm { timezone: "UTC".to_owned(), ..ScheduleForm::default() };
    let content = FormPage::new(&state, &visitor, form).await?;
    page("new_schedule.html", &frame(&state, &visitor), &content)
}

/// The next times of what is written in the form. Nothing is made.
pub(crate) async fn preview(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, Problem> {
    let mut problems = Vec::new();
    let now = state.service().engine().clock().now();
    let timing = form.timing().map(|timing| timing.read(now, &mut problems));
    let mut content = FormPage::new(&state, &visitor, form).await?;
    let none_given = || Detail { field: "schedule.cron".to_owned(), message: "Write an expression first".to_owned() };
    match timing {
        Some(timing) if problems.is_empty() => {
            let times = Cron::known(&timing.cron, &timing.timezone).map(|cron| cron.upcoming(now, UPCOMING));
            let times: Vec<String> = times.unwrap_or_default().into_iter().map(stored).collect();
            content.upcoming = Some(Moment::all(&times, &timing.timezone));
        }
        Some(_) => content.tell(problems),
        None => content.tell(vec![none_given()]),
    }
    page("new_schedule.html", &frame(&state, &visitor), &content)
}

pub(crate) async fn create(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, Problem> {
    match make(&state, &visitor.access, form.clone().body()).await {
        Ok((made, secret)) => {
            let notice = secret.map_or_else(|| "The schedule is made.".to_owned(), |secret| shown_once(&secret));
            visitor.leave_notice(&state, notice);
            Ok(see_other(&path(&made)))
        }
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => {
            let mut content = FormPage::new(&state, &visitor, form).await?;
            content.tell(problem.parts().details.clone());
            page_of(StatusCode::BAD_REQUEST, "new_schedule.html", &frame(&state, &visitor), &content)
        }
        Err(problem) => Err(problem),
    }
}

fn frame(state: &AppState, visitor: &Visitor) -> Frame {
    Frame::new(state, visitor, "/schedules", "New schedule")
}

impl ScheduleForm {
    /// None where no expression is written.
    fn timing(&self) -> Option<NewTiming> {
        let timezone = if self.timezone.trim().is_empty() { "UTC" } else { self.timezone.trim() };
        let timing = || NewTiming { cron: self.cron.trim().to_owned(), timezone: timezone.to_owned() };
        (!self.cron.trim().is_empty()).then(timing)
    }

    /// What the API takes.
    fn body(self) -> NewSchedule {
        let fall = self.score_fall.trim().replace(',', ".").parse().ok();
        let trigger =
            |kind: TriggerWord| TriggerBody { kind, score_fall: fall.filter(|_| kind == TriggerWord::ComplianceDrift) };
        NewSchedule {
            schedule: self.timing(),
            triggers: self.triggers.into_iter().map(trigger).collect(),
            name: self.name,
            description: self.description,
            scan_config: ScanConfigBody {
                scan_type: ScanTypeWord::Full,
                environment: self.environment.trim().to_owned(),
                cloud_providers: self.cloud_providers,
                frameworks: self.frameworks,
                scope: None,
                execution: None,
                audit_name: None,
            },
            overlap: self.overlap,
            notifications: Some(Notifications {
                on_completion: self.on_completion,
                on_failure: self.on_failure,
                channels: self.channels,
            }),
            enabled: true,
        }
    }
}

impl FormPage {
    /// With what can be chosen.
    async fn new(state: &AppState, visitor: &Visitor, form: ScheduleForm) -> Result<FormPage, Problem> {
        let tenant = visitor.access.tenant;
        let known = state.read(move |ledger| Ok((ledger.targets(&tenant)?, ledger.channels(&tenant)?)));
        let (targets, channels) = known.await?;
        let environments = targets.iter().filter_map(|target| target.environment().map(str::to_owned));
        let mut environments: Vec<String> = environments.collect();
        let own = targets.iter().map(|target| target.provider.clone());
        let mut providers: Vec<String> = CLOUDS.map(str::to_owned).into_iter().chain(own).collect();
        for list in [&mut environments, &mut providers] {
            list.sort_unstable();
            list.dedup();
        }
        let library = state.service().engine().library();
        let choice = |framework: &Framework| Choice { id: framework.id.clone(), title: framework.title.clone() };
        Ok(FormPage {
            form,
            wrong: BTreeMap::new(),
            wrong_elsewhere: Vec::new(),
            upcoming: None,
            environments,
            providers,
            frameworks: library.frameworks().map(choice).collect(),
            channels: channels.into_iter().map(|channel| channel.name).collect(),
            zones: jiff::tz::db().available().map(|zone| zone.to_string()).collect(),
            overlaps: Overlap::ALL.map(Overlap::as_str),
        })
    }

    /// Puts what is wrong beside its fields.
    fn tell(&mut self, details: Vec<Detail>) {
        for Detail { field, message } in details {
            match field_of(&field) {
                Some(field) => {
                    let told = self.wrong.entry(field).or_default();
                    if !told.is_empty() {
                        told.push_str(". ");
                    }
                    told.push_str(&message);
                }
                None if field.is_empty() => self.wrong_elsewhere.push(message),
                None => self.wrong_elsewhere.push(format!("{field}: {message}")),
            }
        }
    }
}

/// The field of the form that a field of the API's body comes from.
fn field_of(field: &str) -> Option<&'static str> {
    match field {
        "name" => Some("name"),
        "description" => Some("description"),
        "schedule" | "schedule.cron" => Some("cron"),
        "schedule.timezone" => Some("timezone"),
        "scan_config.environment" => Some("environment"),
        "scan_config.cloud_providers" => Some("cloud_providers"),
        "scan_config.frameworks" => Some("frameworks"),
        "notifications.channels" => Some("channels"),
        _ if field.starts_with("triggers") => Some("triggers"),
        _ => None,
    }
}
