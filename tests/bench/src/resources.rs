//! The resources of a state file, as the provider emits them and the engine batches them.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use plumb_runtime::batch::Intake;
use plumb_runtime::host::files::{Entry, Files};
use plumb_runtime::{Emission, Plugin, Sources, Target};
use tokio::sync::mpsc;

/// As many as the engine puts into a call.
pub(crate) const BATCH: usize = 256;
const NAME: &str = "state.tfstate";

#[derive(Debug)]
struct OneFile {
    file: File,
    size: u64,
}

impl Files for OneFile {
    fn entries(&self) -> Vec<Entry> {
        vec![Entry { name: NAME.to_owned(), size: self.size }]
    }

    fn size(&self, name: &str) -> Option<u64> {
        (name == NAME).then_some(self.size)
    }

    fn read(&self, _: &str, offset: u64, length: u64) -> Result<Vec<u8>, String> {
        let length =
            usize::try_from(length.min(self.size.saturating_sub(offset))).map_err(|error| error.to_string())?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, offset).map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// Full batches; what is left over at the end is dropped.
pub(crate) async fn batches(provider: &Plugin, path: PathBuf) -> Result<Vec<Vec<Intake>>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let files: Arc<dyn Files> = Arc::new(OneFile { file, size });
    let target = Target {
        name: "bench".to_owned(),
        settings: serde_json::json!({ "qualify": false, "explicit": [NAME] }),
        scan_time: "2026-01-01T00:00:00Z".to_owned(),
        ..Target::default()
    };
    let mut found = Vec::new();
    let sources = Sources { files, egress: None, memory: None };
    for task in provider.plan(&target, sources.clone()).await? {
        let (sender, mut emissions) = mpsc::channel(2);
        let receiving = async {
            while let Some(emission) = emissions.recv().await {
                if let Emission::Resources(resources) = emission {
                    found.extend(resources);
                }
            }
        };
        let (collected, ()) = tokio::join!(provider.collect(&target, &task, sources.clone(), sender), receiving);
        collected?;
    }
    let mut batches: Vec<Vec<Intake>> = Vec::new();
    let mut rest = found.into_iter().peekable();
    while rest.peek().is_some() {
        batches.push(rest.by_ref().take(BATCH).collect());
    }
    batches.retain(|batch| batch.len() == BATCH);
    if batches.is_empty() {
        bail!("the state has fewer than {BATCH} resources");
    }
    Ok(batches)
}
