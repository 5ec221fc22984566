//! The form that makes a schedule or changes one. What is wrong stands beside its field, and the next times can be seen before it is sent.

use std::collections::BTreeMap;

use plumb_engine::service::order::CLOUDS;
use plumb_model::framework::Framework;
use plumb_model::schedule::cron::Cron;
use plumb_model::schedule::{EventTrigger, Overlap, Schedule, UPCOMING};
use serde::{Deserialize, Serialize};

use crate::browser::Visitor;
use crate::dashboard::schedules::{Moment, path};
use crate::problem::{Detail, Problem};
use crate::state::AppState;
use crate::time::stored;
use crate::v1::scan_config::{Notifications, ScanConfigBody, ScanTypeWord};
use crate::v1::schedules::body::{NewSchedule, NewTiming, OverlapWord, TriggerBody, TriggerWord};

const ZONE: &str = "UTC";

/// What the form sends, and what it is filled with when it comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
pub(super) struct FormPage {
    form: ScheduleForm,
    /// The schedule that is changed; none where one is made.
    known: Option<Known>,
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
struct Known {
    name: String,
    number: u64,
    path: String,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    title: String,
}

impl Default for ScheduleForm {
    fn default() -> ScheduleForm {
        ScheduleForm {
            name: String::new(),
            description: String::new(),
            cron: String::new(),
            timezone: ZONE.to_owned(),
            triggers: Vec::new(),
            score_fall: String::new(),
            environment: String::new(),
            cloud_providers: Vec::new(),
            frameworks: Vec::new(),
            overlap: OverlapWord::default(),
            on_completion: false,
            on_failure: false,
            channels: Vec::new(),
        }
    }
}

impl From<&Schedule> for ScheduleForm {
    fn from(schedule: &Schedule) -> ScheduleForm {
        let triggers: Vec<TriggerBody> = schedule.triggers.iter().cloned().map(Into::into).collect();
        let fall = triggers.iter().find_map(|trigger| trigger.score_fall);
        let (config, told) = (&schedule.config, &schedule.notifications);
        let timing = schedule.timing.as_ref();
        ScheduleForm {
            name: schedule.name.clone(),
            description: schedule.description.clone(),
            cron: timing.map(|timing| timing.cron.clone()).unwrap_or_default(),
            timezone: timing.map_or_else(|| ZONE.to_owned(), |timing| timing.timezone.clone()),
            triggers: triggers.iter().map(|trigger| trigger.kind).collect(),
            score_fall: fall.map(|fall| fall.to_string()).unwrap_or_default(),
            environment: config.environment.clone(),
            cloud_providers: config.cloud_providers.clone(),
            frameworks: config.frameworks.clone(),
            overlap: schedule.overlap.into(),
            on_completion: told.on_completion,
            on_failure: told.on_failure,
            channels: told.channels.clone(),
        }
    }
}

impl ScheduleForm {
    /// None where no expression is written.
    fn timing(&self) -> Option<NewTiming> {
        let timezone = if self.timezone.trim().is_empty() { ZONE } else { self.timezone.trim() };
        let timing = || NewTiming { cron: self.cron.trim().to_owned(), timezone: timezone.to_owned() };
        (!self.cron.trim().is_empty()).then(timing)
    }

    /// What the API takes. Of a schedule that is changed all stays that the form does not show.
    pub(super) fn body(self, known: Option<&Schedule>) -> NewSchedule {
        let fall = self.score_fall.trim().replace(',', ".").parse().ok();
        let trigger =
            |kind: TriggerWord| TriggerBody { kind, score_fall: fall.filter(|_| kind == TriggerWord::ComplianceDrift) };
        let by_hand = known.and_then(|known| known.trigger(|trigger| *trigger == EventTrigger::Manual)).cloned();
        let config = known.map_or_else(full_scan, |known| known.config.clone().into());
        NewSchedule {
            schedule: self.timing(),
            triggers: self.triggers.into_iter().map(trigger).chain(by_hand.map(Into::into)).collect(),
            name: self.name,
            description: self.description,
            scan_config: ScanConfigBody {
                environment: self.environment.trim().to_owned(),
                cloud_providers: self.cloud_providers,
                frameworks: self.frameworks,
                ..config
            },
            overlap: self.overlap,
            notifications: Some(Notifications {
                on_completion: self.on_completion,
                on_failure: self.on_failure,
                channels: self.channels,
            }),
            enabled: known.is_none_or(|known| known.enabled),
        }
    }
}

fn full_scan() -> ScanConfigBody {
    ScanConfigBody {
        scan_type: ScanTypeWord::Full,
        environment: String::new(),
        cloud_providers: Vec::new(),
        frameworks: Vec::new(),
        scope: None,
        execution: None,
        audit_name: None,
    }
}

impl FormPage {
    /// With what can be chosen, and what is chosen already.
    pub(super) async fn new(
        state: &AppState,
        visitor: &Visitor,
        form: ScheduleForm,
        known: Option<&Schedule>,
    ) -> Result<FormPage, Problem> {
        let tenant = visitor.access.tenant;
        let there = state.read(move |ledger| Ok((ledger.targets(&tenant)?, ledger.channels(&tenant)?)));
        let (targets, channels) = there.await?;
        let environments = targets.iter().filter_map(|target| target.environment().map(str::to_owned));
        let mut environments: Vec<String> = environments.collect();
        let own = targets.iter().map(|target| target.provider.clone());
        let chosen = form.cloud_providers.iter().cloned();
        let mut providers: Vec<String> = CLOUDS.map(str::to_owned).into_iter().chain(own).chain(chosen).collect();
        let channels = channels.into_iter().map(|channel| channel.name);
        let mut channels: Vec<String> = channels.chain(form.channels.iter().cloned()).collect();
        for list in [&mut environments, &mut providers, &mut channels] {
            list.sort_unstable();
            list.dedup();
        }
        let library = state.service().engine().library();
        let choice = |framework: &Framework| Choice { id: framework.id.clone(), title: framework.title.clone() };
        let mut frameworks: Vec<Choice> = library.frameworks().map(choice).collect();
        // A name that stands for several, such as `soc2`.
        let named = form.frameworks.iter().filter(|name| library.frameworks().all(|framework| framework.id != **name));
        frameworks.extend(named.map(|name| Choice { id: name.clone(), title: name.clone() }));
        Ok(FormPage {
            form,
            known: known.map(|known| Known { name: known.name.clone(), number: known.number, path: path(known) }),
            wrong: BTreeMap::new(),
            wrong_elsewhere: Vec::new(),
            upcoming: None,
            environments,
            providers,
            frameworks,
            channels,
            zones: jiff::tz::db().available().map(|zone| zone.to_string()).collect(),
            overlaps: Overlap::ALL.map(Overlap::as_str),
        })
    }

    /// With the next times of what is written in the form. Nothing is made or changed.
    pub(super) async fn with_times(
        state: &AppState,
        visitor: &Visitor,
        form: ScheduleForm,
        known: Option<&Schedule>,
    ) -> Result<FormPage, Problem> {
        let mut problems = Vec::new();
        let now = state.service().engine().clock().now();
        let timing = form.timing().map(|timing| timing.read(now, &mut problems));
        let mut page = FormPage::new(state, visitor, form, known).await?;
        let none_given =
            || Detail { field: "schedule.cron".to_owned(), message: "Write an expression first".to_owned() };
        match timing {
            Some(timing) if problems.is_empty() => {
                let times = Cron::known(&timing.cron, &timing.timezone).map(|cron| cron.upcoming(now, UPCOMING));
                let times: Vec<String> = times.unwrap_or_default().into_iter().map(stored).collect();
                page.upcoming = Some(Moment::all(&times, &timing.timezone));
            }
            Some(_) => page.tell(problems),
            None => page.tell(vec![none_given()]),
        }
        Ok(page)
    }

    /// Puts what is wrong beside its fields.
    pub(super) fn tell(&mut self, details: Vec<Detail>) {
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
