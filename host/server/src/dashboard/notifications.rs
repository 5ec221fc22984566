//! `/notifications`: who is told of what, and what became of each message.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use plumb_model::notification::DeliveryStatus;
use serde::{Deserialize, Serialize};

use crate::browser::{Visitor, see_other};
use crate::dashboard::form::Choice;
use crate::dashboard::render::{Frame, page};
use crate::dashboard::scans::{self, Pager};
use crate::extract::{NoParameters, Page, PathParams, Query, RecordId, WholeNumber};
use crate::problem::Problem;
use crate::state::AppState;
use crate::v1::channels::{self, ChannelList};
use crate::v1::deliveries::{self as api, DeliveryAnswer, DeliveryWord};

const DEFAULT: u64 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Parameters {
    status: Choice<DeliveryWord>,
    offset: Option<WholeNumber>,
}

#[derive(Serialize)]
struct NotificationsPage {
    channels: ChannelList,
    /// Whether mail can be sent.
    smtp: bool,
    deliveries: Vec<Row>,
    status: &'static str,
    statuses: [&'static str; 3],
    pager: Pager,
}

#[derive(Serialize)]
struct Row {
    about: DeliveryAnswer,
    /// The scan that is told of, while there is one.
    scan: Option<scans::Row>,
}

pub(crate) async fn list(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(Parameters { status, offset }): Query<Parameters>,
) -> Result<Response, Problem> {
    let access = visitor.access;
    let at = Page::by_offset(offset, None, DEFAULT);
    let wanted = api::Parameters {
        status: status.0,
        channel: None,
        limit: Some(WholeNumber::new(at.limit)),
        offset: Some(WholeNumber::new(at.offset)),
    };
    let Json(channels) = channels::list(State(state.clone()), access, NoParameters).await?;
    let Json(list) = api::list(State(state.clone()), access, Query(wanted)).await?;
    let status = status.0.map_or("", |word| DeliveryStatus::from(word).as_str());
    let total = list.pagination.total;
    let scan = |id: &str| {
        let id = uuid::Uuid::try_parse(id).ok()?.into_bytes();
        state.service().scan(&access.tenant, &id).map(|head| scans::Row::new(&head))
    };
    let row = |about: DeliveryAnswer| Row { scan: scan(&about.scan_id), about };
    let deliveries: Vec<Row> = list.deliveries.into_iter().map(row).collect();
    let content = NotificationsPage {
        pager: Pager::new(
            "/notifications",
            &[("status", status)],
            at,
            deliveries.len(),
            Some(total),
            at.has_more(total),
        ),
        channels,
        smtp: state.scheduler().notifier().has_smtp(),
        deliveries,
        status,
        statuses: DeliveryStatus::ALL.map(DeliveryStatus::as_str),
    };
    page("notifications.html", &Frame::new(&state, &visitor, "/notifications", "Notifications"), &content)
}

/// Sends a message anew that was given up.
pub(crate) async fn replay(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    parameters: NoParameters,
) -> Result<Response, Problem> {
    let Json(again) = api::replay(State(state.clone()), visitor.access, PathParams(id), parameters).await?;
    visitor.leave_notice(&state, format!("The message to {} is on its way again.", again.channel_name));
    Ok(see_other("/notifications"))
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    visitor: Visitor,
    PathParams(id): PathParams<RecordId>,
    parameters: NoParameters,
) -> Result<Response, Problem> {
    let _: StatusCode = channels::delete(State(state.clone()), visitor.access, PathParams(id), parameters).await?;
    visitor.leave_notice(&state, "The channel is deleted. What was on its way over it is given up.");
    Ok(see_other("/notifications"))
}
