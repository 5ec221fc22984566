//! Every route is declared here or nowhere: method, path, what it needs, whose form its errors have, and what serves it. From the one
//! table come the router, the document of the API, and the tests of who may do what.

use std::fmt;

use axum::Router;
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;

use crate::access::{Browser, Need};
use crate::family::Family;
use crate::guard::{Guard, guard};
use crate::limits::Limits;
use crate::state::AppState;

/// What is known of a route apart from what serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub method: Method,
    /// `/v1/scans/{id}`
    pub path: &'static str,
    pub need: Need,
    pub family: Family,
    pub browser: Browser,
    /// Starts a scan: counted for each token.
    pub triggers: bool,
    /// Changes nothing though its method could: a form that is too long for a query asks what would be. It is not written down.
    pub asks: bool,
    /// Makes something: the same request with the same `Idempotency-Key` does so once.
    pub creates: bool,
    /// Takes a body of up to so many bytes, as a stream, and the longer time that needs.
    pub streams: Option<usize>,
}

impl Declared {
    /// Whether it could change something, by its method.
    pub fn changes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether it serves a method; what answers GET answers HEAD.
    fn serves(&self, method: &Method) -> bool {
        self.method == *method || (self.method == Method::GET && *method == Method::HEAD)
    }
}

/// Routes, each with what serves it.
#[derive(Default)]
pub struct Routes {
    entries: Vec<(Declared, MethodRouter<AppState>)>,
    documents: Vec<OpenApi>,
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.declared()).finish()
    }
}

macro_rules! methods {
    ($($name:ident, $filter:ident);*) => {
        $(#[doc = concat!("A route for ", stringify!($filter), ".")]
        #[must_use]
        pub fn $name<H, T>(self, path: &'static str, need: impl Into<Need>, family: Family, handler: H) -> Routes
        where
            H: Handler<T, AppState>,
            T: 'static,
        {
            self.with(Method::$filter, path, need.into(), family, on(MethodFilter::$filter, handler))
        })*
    };
}

impl Routes {
    pub fn new() -> Routes {
        Routes::default()
    }

    methods!(get, GET; post, POST; put, PUT; patch, PATCH; delete, DELETE);

    fn with(
        mut self,
        method: Method,
        path: &'static str,
        need: Need,
        family: Family,
        served: MethodRouter<AppState>,
    ) -> Routes {
        let browser = if family == Family::Dashboard { Browser::Page } else { Browser::Never };
        let declared = Declared {
            method,
            path,
            need,
            family,
            browser,
            triggers: false,
            asks: false,
            creates: false,
            streams: None,
        };
        self.entries.push((declared, served));
        self
    }

    /// The last route starts a scan.
    #[must_use]
    pub fn triggering(self) -> Routes {
        self.last(|declared| declared.triggers = true)
    }

    /// The last route is read by scripts of the dashboard too.
    #[must_use]
    pub fn followed_by_browsers(self) -> Routes {
        self.last(|declared| declared.browser = Browser::Stream)
    }

    /// The last route is a form's that only asks what would be.
    #[must_use]
    pub fn asking(self) -> Routes {
        self.last(|declared| declared.asks = true)
    }

    /// The last route makes something, and takes `Idempotency-Key`.
    #[must_use]
    pub fn creating(self) -> Routes {
        self.last(|declared| declared.creates = true)
    }

    /// The last route takes a body of up to so many bytes as a stream. What its `Idempotency-Key` is held against is then the path
    /// and query alone.
    #[must_use]
    pub fn streaming(self, bytes: usize) -> Routes {
        self.last(|declared| declared.streams = Some(bytes))
    }

    fn last(mut self, change: impl FnOnce(&mut Declared)) -> Routes {
        if let Some((declared, _)) = self.entries.last_mut() {
            change(declared);
        }
        self
    }

    /// With the description of these routes: what `#[derive(OpenApi)]` makes of their `#[utoipa::path]`.
    #[must_use]
    pub fn documented(mut self, document: OpenApi) -> Routes {
        self.documents.push(document);
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Routes) -> Routes {
        self.entries.extend(other.entries);
        self.documents.extend(other.documents);
        self
    }

    pub fn declared(&self) -> impl Iterator<Item = &Declared> {
        self.entries.iter().map(|(declared, _)| declared)
    }

    pub(crate) fn documents(&self) -> &[OpenApi] {
        &self.documents
    }

    pub(crate) fn table(&self) -> RouteTable {
        RouteTable(self.declared().cloned().collect())
    }

    /// The router. Each route stands behind its own guard: there is no way to one that goes past it.
    pub(crate) fn router(self, state: &AppState) -> Router<AppState> {
        let limits = state.limits();
        self.entries.into_iter().fold(Router::new(), |router, (declared, served)| {
            let (bytes, time) = bounds(&declared, &limits);
            let path = declared.path;
            let guarded = served
                .route_layer(from_fn_with_state(Guard::new(state.clone(), declared), guard))
                .route_layer(RequestBodyLimitLayer::new(bytes))
                .route_layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time));
            router.route(path, guarded)
        })
    }
}

fn bounds(declared: &Declared, limits: &Limits) -> (usize, std::time::Duration) {
    declared.streams.map_or((limits.body_bytes, limits.request), |bytes| (bytes, limits.upload))
}

/// The declared routes, to look one up by.
#[derive(Debug)]
pub(crate) struct RouteTable(Vec<Declared>);

impl RouteTable {
    /// Whose form an error has: the route's, else that of another method on the same path, else what the path begins with.
    pub(crate) fn family(&self, method: &Method, matched: Option<&str>, path: &str) -> Family {
        let here = || self.0.iter().filter(|declared| Some(declared.path) == matched);
        let found = here().find(|declared| declared.serves(method)).or_else(|| here().next());
        found.map_or_else(|| Family::of_path(path), |declared| declared.family)
    }
}
