//! The same requests once more, each as soon as there is the answer that it was made from.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::bare::Http;
use super::traffic::Request;

pub(super) struct Dependent {
    client: Http,
    requests: Vec<hyper::Request<Full<Bytes>>>,
    /// By position, those that follow from no answer.
    first: Vec<usize>,
    /// For each request those that follow from its answer.
    following: Vec<Vec<usize>>,
}

impl Dependent {
    pub(super) fn new(client: Http, requests: Vec<hyper::Request<Full<Bytes>>>, asked: &[Request]) -> Arc<Dependent> {
        let (mut first, mut following) = (Vec::new(), vec![Vec::new(); asked.len()]);
        for (position, request) in asked.iter().enumerate() {
            match request.follows.and_then(|before| following.get_mut(before)) {
                Some(following) => following.push(position),
                None => first.push(position),
            }
        }
        Arc::new(Dependent { client, requests, first, following })
    }

    /// Seconds until all have their answers.
    pub(super) async fn run(self: Arc<Dependent>, at_once: usize) -> Result<f64> {
        let begun = Instant::now();
        let places = Arc::new(Semaphore::new(at_once));
        let (ready, mut next) = mpsc::unbounded_channel();
        for position in &self.first {
            ready.send(*position)?;
        }
        let mut running = JoinSet::new();
        let mut left = self.requests.len();
        while left > 0 {
            let position = tokio::select! {
                // What failed has nothing that follows.
                Some(done) = running.join_next(), if !running.is_empty() => {
                    done??;
                    continue;
                }
                position = next.recv() => position.context("nothing follows any more")?,
            };
            left -= 1;
            let place = Arc::clone(&places).acquire_owned().await?;
            let (own, ready) = (Arc::clone(&self), ready.clone());
            running.spawn(async move {
                let request = own.requests.get(position).context("no request")?;
                let answer = own.client.request(request.clone()).await?;
                answer.into_body().collect().await?;
                drop(place);
                own.following.get(position).into_iter().flatten().try_for_each(|next| ready.send(*next))?;
                anyhow::Ok(())
            });
        }
        while let Some(done) = running.join_next().await {
            done??;
        }
        Ok(begun.elapsed().as_secs_f64())
    }
}
