//! Asks a server again what it was asked: the same requests, as many at a time, and nothing is done with the answers. Signatures are
//! sent as they were made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value as Json, json};

use super::dependent::Dependent;
use super::traffic::{Figures, Request};

pub(super) type Http = Client<HttpConnector, Full<Bytes>>;

/// The server's figures, the seconds that the same requests take, and those that they take where each waits for the answer that it was
/// made from.
pub(crate) async fn repeat(url: &str) -> Result<Json> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Http = Client::builder(TokioExecutor::new()).build(connector);
    let figures: Figures = serde_json::from_slice(&get(&client, url, "/figures").await?)?;
    let asked: Vec<Request> = serde_json::from_slice(&get(&client, url, "/requests").await?)?;
    let requests: Arc<Vec<hyper::Request<Full<Bytes>>>> =
        Arc::new(asked.iter().map(|asked| built(url, asked)).collect::<Result<_>>()?);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let workers: Vec<_> = (0..figures.most)
        .map(|_| {
            let (client, requests, next) = (client.clone(), Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(async move {
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = client.request(request.clone()).await?;
                    answer.into_body().collect().await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let dependent = Dependent::new(client, Arc::unwrap_or_clone(requests), &asked).run(figures.most).await?;
    let mut told = serde_json::to_value(figures)?;
    let figures = told.as_object_mut().context("figures have names")?;
    figures.insert("bare_seconds".to_owned(), json!(seconds));
    figures.insert("dependent_seconds".to_owned(), json!(dependent));
    Ok(told)
}

async fn get(client: &Http, url: &str, path: &str) -> Result<Bytes> {
    let answer = client.get(format!("{url}{path}").parse()?).await?;
    ensure!(answer.status() == 200, "{path} answered with {}", answer.status());
    Ok(answer.into_body().collect().await?.to_bytes())
}

fn built(url: &str, asked: &Request) -> Result<hyper::Request<Full<Bytes>>> {
    let mut request = hyper::Request::builder().method(asked.method.as_str()).uri(format!("{url}{}", asked.target));
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    Ok(request.body(Full::from(asked.body.clone()))?)
}
