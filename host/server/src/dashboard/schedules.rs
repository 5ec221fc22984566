//! `/schedules`: what is scanned again and again, and when next.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use plumb_model::schedule::Schedule;
use serde::Serialize;

use crate::browser::Visitor;
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{Pager, Row};
use crate::dashboard::text::in_zone;
use crate::extract::{Page, Query, WholeNumber};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::schedules::answer;
use crate::v1::schedules::view::ScheduleAnswer;

const DEFAULT: u64 = 50;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    offset: Option<WholeNumber>,
}

#[derive(Serialize)]
struct SchedulesPage {
    schedules: Vec<Listed>,
    pager: Pager,
}

/// A schedule as its list and its page show it.
#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) about: ScheduleAnswer,
    /// When it fires next.
    upcoming: Vec<Moment>,
    /// The scan that it ordered last; none if that was deleted.
    last: Option<Row>,
}

/// A time, and how it reads in the schedule's zone.
#[derive(Serialize)]
pub(super) struct Moment {
    at: String,
    there: String,
}

impl Moment {
    /// Times as they are stored, and as they read in a zone.
    pub(super) fn all<'a>(times: impl IntoIterator<Item = &'a String>, zone: &str) -> Vec<Moment> {
        let moment = |at: &String| Moment { at: at.clone(), there: in_zone(at, zone) };
        times.into_iter().map(moment).collect()
    }
}

impl Listed {
    pub(super) fn new(state: &AppState, headers: &HeaderMap, schedule: Schedule) -> Listed {
        let last = schedule.state.last_scan.and_then(|scan| state.service().scan(&schedule.tenant, &scan));
        let zone = schedule.timing.as_ref().map_or_else(String::new, |timing| timing.timezone.clone());
        let path = path(&schedule);
        let about = answer(state, headers, schedule);
        let upcoming = Moment::all(about.next_runs(), &zone);
        Listed { path, upcoming, last: last.map(|head: Arc<_>| Row::new(&head)), about }
    }
}

pub(super) fn path(schedule: &Schedule) -> String {
    format!("/schedules/{}", schedule.number)
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(Parameters { offset }): Query<Parameters>,
) -> Result<Response, Problem> {
    let tenant = visitor.access.tenant;
    let all = state.read(move |ledger| ledger.schedules(&tenant)).await?;
    let (at, total) = (Page::by_offset(offset, None, DEFAULT), all.len() as u64);
    let (skip, limit) = at.range();
    let shown = all.into_iter().skip(skip).take(limit);
    let schedules: Vec<Listed> = shown.map(|schedule| Listed::new(&state, &headers, schedule)).collect();
    let pager = Pager::new("/schedules", &[], at, schedules.len(), Some(total), at.has_more(total));
    let content = SchedulesPage { schedules, pager };
    page("schedules.html", &Frame::new(&state, &visitor, "/schedules", "Schedules"), &content)
}
