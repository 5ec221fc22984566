//! Answers for the account, and counts. `GET /figures` and `GET /requests` tell of it; neither is a path of AWS that is asked for.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::account::{Account, Answer, Asked};
use super::traffic::{Request, Traffic};

struct Cloud {
    account: Account,
    traffic: Mutex<Traffic>,
    /// What each answer takes, as a network and a cloud would; a thread of its own for each is not needed.
    delay: Duration,
}

/// Serves until it is killed; the first line says where.
pub(crate) async fn serve(resources: usize, delay: Duration, only: Option<&str>) -> Result<()> {
    let account = Account::new(resources, only);
    ensure!(account.resources > 0, "no list of the account is called {only:?}");
    let cloud = Arc::new(Cloud { account, traffic: Mutex::default(), delay });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let cloud = Arc::clone(&cloud);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let cloud = Arc::clone(&cloud);
                async move { Ok::<_, Infallible>(cloud.answer(request).await) }
            });
            // A client that goes away ends its connection in the middle.
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await.ok();
        });
    }
}

impl Cloud {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let told = match head.uri.path() {
            "/figures" => serde_json::to_vec(&self.traffic().figures(self.account.resources)).ok(),
            "/requests" => serde_json::to_vec(&self.traffic().asked).ok(),
            _ => None,
        };
        if let Some(told) = told {
            return Response::new(told.into());
        }
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let body = String::from_utf8_lossy(&body).into_owned();
        let (authorization, operation) = (text("authorization"), text("x-amz-target"));
        let kept =
            ["authorization", "content-type", "x-amz-target"].map(|name| (name.to_owned(), text(name).to_owned()));
        let is_form = operation.is_empty() && head.method == Method::POST && body.starts_with("Action=");
        let what = if is_form {
            form_operation(&body)
        } else if operation.is_empty() {
            format!("{} {}", head.method, head.uri.path())
        } else {
            operation.rsplit('.').next().unwrap_or_default().to_owned()
        };
        // Credential=KEY/DAY/REGION/SERVICE/aws4_request
        let mut scope = authorization.split('/').skip(2);
        let (region, service) = (scope.next().unwrap_or_default(), scope.next().unwrap_or_default());
        let text = if body.is_empty() { target } else { &body };
        let asked = Asked { region, what, is_form, text };
        let request = Request {
            method: head.method.to_string(),
            target: target.to_owned(),
            headers: kept.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            body: body.clone(),
            follows: None,
        };
        self.traffic().begin(request, &asked, service);
        let Answer { status, body } = self.account.answer(&asked);
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        self.traffic().end();
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
        response
    }

    fn traffic(&self) -> std::sync::MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One operation lists four kinds of identities, and its filter says which.
fn form_operation(body: &str) -> String {
    let value = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap_or_default();
    match value("Filter.member.1=") {
        "" => value("Action=").to_owned(),
        kind if value("Action=") == "GetAccountAuthorizationDetails" => {
            format!("GetAccountAuthorizationDetails {kind}")
        }
        _ => value("Action=").to_owned(),
    }
}
