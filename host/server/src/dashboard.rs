//! The dashboard: the service for people, in pages made on the server. A page shows what the API's routes answer, from the same
//! functions, behind the same guard; its forms do what the API's routes do. Pages work without scripts, but for what moves by itself.
//!
//! In reading order: [`render`] (templates, and what stands on every page) with [`assets`] and [`text`] (numbers and times for
//! people), [`form`] (what a form sends), [`chart`] (lines and bars as SVG); then a file for each page, with its template of the same
//! name: [`sign_in`], [`overview`], [`scans`], [`scan`], [`controls`], [`findings`], [`finding`], [`drifts`], [`drift`], [`targets`],
//! [`schedules`], [`schedule`], [`schedule_form`] with [`new_schedule`] and [`edit_schedule`], [`notifications`], [`new_channel`], [`mutes`], [`plugins`]. A further page is such a file, a line in [`routes`], and one in [`render::SECTIONS`].

mod assets;
mod chart;
mod controls;
mod drift;
mod drifts;
mod edit_schedule;
mod finding;
mod findings;
mod form;
mod mutes;
mod new_channel;
mod new_schedule;
mod notifications;
mod overview;
mod plugins;
mod render;
mod scan;
mod scans;
mod schedule;
mod schedule_form;
mod schedules;
mod sign_in;
mod targets;
mod text;

use plumb_model::access::Scope;

use crate::access::Need;
use crate::family::Family::Dashboard;
use crate::routes::Routes;

pub(crate) use render::problem;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/", Scope::ScansRead, Dashboard, overview::show)
        .get("/sign-in", Need::Public, Dashboard, sign_in::show)
        .post("/sign-in", Need::Public, Dashboard, sign_in::begin)
        .post("/sign-out", Need::Public, Dashboard, sign_in::end)
        .get("/assets/{name}", Need::Public, Dashboard, assets::serve)
        .get("/scans", Scope::ScansRead, Dashboard, scans::list)
        .get("/scans/{scan_id}", Scope::ScansRead, Dashboard, scan::show)
        .post("/scans/{scan_id}/cancel", Scope::ScansTrigger, Dashboard, scan::cancel)
        .get("/scans/{scan_id}/frameworks/{framework}", Scope::ScansRead, Dashboard, controls::list)
        .get("/scans/{scan_id}/findings", Scope::ScansRead, Dashboard, findings::list)
        .get("/scans/{scan_id}/findings/{fingerprint}", Scope::ScansRead, Dashboard, finding::show)
        .post("/scans/{scan_id}/findings/{fingerprint}/mute", Scope::TargetsWrite, Dashboard, finding::mute)
        .get("/drifts", Scope::DriftsRead, Dashboard, drifts::list)
        .post("/drifts/detect", Scope::ScansTrigger, Dashboard, drifts::detect)
        .triggering()
        .get("/drifts/{id}", Scope::DriftsRead, Dashboard, drift::show)
        .post("/drifts/{id}/status", Scope::DriftsWrite, Dashboard, drift::move_on)
        .post("/drifts/{id}/resolve", Scope::DriftsWrite, Dashboard, drift::resolve)
        .get("/targets", Scope::TargetsRead, Dashboard, targets::list)
        .post("/targets/scan", Scope::ScansTrigger, Dashboard, targets::scan_all)
        .triggering()
        .post("/targets/{id}/scan", Scope::ScansTrigger, Dashboard, targets::scan_one)
        .triggering()
        .get("/schedules", Scope::SchedulesRead, Dashboard, schedules::list)
        .get("/schedules/new", Scope::SchedulesWrite, Dashboard, new_schedule::show)
        .post("/schedules/new", Scope::SchedulesWrite, Dashboard, new_schedule::create)
        .post("/schedules/preview", Scope::SchedulesWrite, Dashboard, new_schedule::preview)
        .asking()
        .get("/schedules/{id}", Scope::SchedulesRead, Dashboard, schedule::show)
        .get("/schedules/{id}/edit", Scope::SchedulesWrite, Dashboard, edit_schedule::show)
        .post("/schedules/{id}/edit", Scope::SchedulesWrite, Dashboard, edit_schedule::save)
        .post("/schedules/{id}/preview", Scope::SchedulesWrite, Dashboard, edit_schedule::preview)
        .asking()
        .post("/schedules/{id}/run", Scope::ScansTrigger, Dashboard, schedule::run)
        .triggering()
        .post("/schedules/{id}/enable", Scope::SchedulesWrite, Dashboard, schedule::enable)
        .post("/schedules/{id}/disable", Scope::SchedulesWrite, Dashboard, schedule::disable)
        .post("/schedules/{id}/delete", Scope::SchedulesWrite, Dashboard, schedule::delete)
        .post("/schedules/{id}/secret", Scope::SchedulesWrite, Dashboard, schedule::renew_secret)
        .get("/notifications", Scope::SchedulesRead, Dashboard, notifications::list)
        .get("/notifications/new", Scope::SchedulesWrite, Dashboard, new_channel::show)
        .post("/notifications/new", Scope::SchedulesWrite, Dashboard, new_channel::create)
        .post("/notifications/channels/{id}/delete", Scope::SchedulesWrite, Dashboard, notifications::delete)
        .post("/notifications/deliveries/{id}/replay", Scope::SchedulesWrite, Dashboard, notifications::replay)
        .get("/mutes", Scope::ScansRead, Dashboard, mutes::list)
        .post("/mutes/{id}/delete", Scope::TargetsWrite, Dashboard, mutes::delete)
        .get("/plugins", Scope::PluginsRead, Dashboard, plugins::list)
}
