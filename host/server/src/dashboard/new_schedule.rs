//! `/schedules/new`: makes a schedule.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Form;
use crate::dashboard::render::{Frame, page, page_of};
use crate::dashboard::schedule::shown_once;
use crate::dashboard::schedule_form::{FormPage, ScheduleForm};
use crate::dashboard::schedules::path;
use crate::extract::NoParameters;
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::schedules::make;

pub(crate) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
) -> Result<Response, Problem> {
    let content = FormPage::new(&state, &visitor, ScheduleForm::default(), None).await?;
    page("schedule_form.html", &frame(&state, &visitor), &content)
}

pub(crate) async fn preview(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, Problem> {
    let content = FormPage::with_times(&state, &visitor, form, None).await?;
    page("schedule_form.html", &frame(&state, &visitor), &content)
}

pub(crate) async fn create(
    State(state): State<AppState>,
    visitor: Visitor,
    _: NoParameters,
    Form(form): Form<ScheduleForm>,
) -> Result<Response, Problem> {
    match make(&state, &visitor.access, form.clone().body(None)).await {
        Ok((made, secret)) => {
            let notice = secret.map_or_else(|| "The schedule is made.".to_owned(), |secret| shown_once(&secret));
            visitor.leave_notice(&state, notice);
            Ok(see_other(&path(&made)))
        }
        Err(problem) if problem.status() == StatusCode::BAD_REQUEST => {
            let mut content = FormPage::new(&state, &visitor, form, None).await?;
            content.tell(problem.parts().details.clone());
            page_of(StatusCode::BAD_REQUEST, "schedule_form.html", &frame(&state, &visitor), &content)
        }
        Err(problem) => Err(problem),
    }
}

fn frame(state: &AppState, visitor: &Visitor) -> Frame {
    Frame::new(state, visitor, "/schedules", "New schedule")
}
