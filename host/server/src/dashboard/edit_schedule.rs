//! `/schedules/{id}/edit`: changes a schedule. What its form does not show stays as it is.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use plumb_model::schedule::Schedule;

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Form;
use crate::dashboard::render::{Frame, page, page_of};
use crate::dashboard::schedule::shown_once;
use crate::dashboard::schedule_form::{FormPage, ScheduleForm};
use crate::dashboard::schedules::path;
use crate::extract::{NoParameters, PathParams, RecordId};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::schedules::{change, find};

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let known = find(&state, &visitor.access, id).await?;
    let content = FormPage::new(&state, &visitor, ScheduleForm::from(&known), Some(&known)).await?;
    page("schedule_form.html", &frame(&state, &visitor, &known), &content)
}

pub(crate) async fn preview(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, Problem> {
    let known = find(&state, &visitor.access, id).await?;
    let content = FormPage::with_times(&state, &visitor, form, Some(&known)).await?;
    page("schedule_form.html", &frame(&state, &visitor, &known), &content)
}

pub(crate) async fn save(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    _: NoParameters,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, Problem> {
    let known = find(&state, &visitor.access, id).await?;
    match change(&state, &visitor.access, &known, form.clone().body(Some(&known))).await {
        Ok((changed, secret)) => {
            let notice = secret.map_or_else(|| "The changes are saved.".to_owned(), |secret| shown_once(&secret));
            visitor.leave_notice(&state, notice);
            Ok(see_other(&path(&changed)))
        }
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => {
            let mut content = FormPage::new(&state, &visitor, form, Some(&known)).await?;
            content.tell(problem.parts().details.clone());
            page_of(StatusCode::BAD_REQUEST, "schedule_form.html", &frame(&state, &visitor, &known), &content)
        }
        Err(problem) => Err(problem),
    }
}

fn frame(state: &AppState, visitor: &Visitor, known: &Schedule) -> Frame {
    Frame::new(state, visitor, "/schedules", format!("Change {}", known.name))
}
