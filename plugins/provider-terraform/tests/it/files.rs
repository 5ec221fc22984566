//! Files in memory, and what the plugin makes of them.

use plumbline::provider::{Collected, Error, Found};
use plumbline::serde_json::{Value as Json, json};
use provider_terraform::collect::collect;
use provider_terraform::planning::Settings;
use provider_terraform::source::{Entry, Source};

/// Files by name. A read gives at most `piece` bytes.
pub(crate) struct Memory {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) piece: usize,
}

impl Memory {
    pub(crate) fn of<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Memory {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.as_ref().to_vec()));
        Memory { files: files.collect(), piece: usize::MAX }
    }
}

impl Source for Memory {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        Ok(self.files.iter().map(|(name, bytes)| Entry { name: name.clone(), size: bytes.len() as u64 }).collect())
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let file = self.files.iter().find(|(other, _)| other == name);
        let (_, bytes) = file.ok_or_else(|| Error::Invalid(format!("there is no {name}")))?;
        let start = usize::try_from(offset).unwrap().min(bytes.len());
        let end = (start + usize::try_from(length).unwrap().min(self.piece)).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }
}

/// What one file gives, and how it ends.
pub(crate) fn read(bytes: impl AsRef<[u8]>) -> (Collected, Result<(), Error>) {
    let mut collected = Collected::default();
    let source = Memory::of(&[("file", bytes)]);
    let result = collect(&source, "file", &Settings::default(), &[], &mut collected);
    (collected, result)
}

/// What a sound file gives.
pub(crate) fn read_all(bytes: impl AsRef<[u8]>) -> Vec<Found> {
    let (collected, result) = read(bytes);
    result.unwrap();
    collected.resources
}

/// Why a file cannot be read; nothing may have come out of it.
pub(crate) fn refusal(bytes: impl AsRef<[u8]>) -> String {
    let (collected, result) = read(bytes);
    assert_eq!(collected.resources.len(), 0);
    match result {
        Err(Error::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn find<'a>(resources: &'a [Found], id: &str) -> &'a Found {
    resources.iter().find(|found| found.id == id).unwrap_or_else(|| panic!("no {id}"))
}

pub(crate) fn ids(resources: &[Found]) -> Vec<&str> {
    resources.iter().map(|found| found.id.as_str()).collect()
}

/// The paths that are gaps.
pub(crate) fn gaps(found: &Found) -> Vec<&str> {
    found.gaps.iter().map(|gap| gap.path.as_str()).collect()
}

/// Why a path is a gap.
pub(crate) fn reason<'a>(found: &'a Found, path: &str) -> &'a str {
    found.gaps.iter().find(|gap| gap.path == path).map_or("", |gap| &gap.reason)
}

/// A state of resources given as address (`kind.name`) and attributes.
pub(crate) fn state(resources: &[(&str, Json)]) -> String {
    let resources: Vec<Json> = resources
        .iter()
        .map(|(address, attributes)| {
            let (kind, name) = address.split_once('.').unwrap();
            json!({"mode": "managed", "type": kind, "name": name, "provider": "aws",
                   "instances": [{"attributes": attributes, "sensitive_attributes": []}]})
        })
        .collect();
    json!({"version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "x", "resources": resources}).to_string()
}

/// A resource of a plan.
pub(crate) struct Planned {
    pub(crate) address: &'static str,
    pub(crate) values: Json,
    pub(crate) unknown: Json,
    /// `expressions` of its configuration.
    pub(crate) written: Json,
}

/// A plan that creates these resources.
pub(crate) fn plan(resources: &[Planned]) -> Json {
    let parts = |planned: &Planned| {
        let last = planned.address.rsplit_once('.').unwrap();
        let name = last.1.split('[').next().unwrap().to_owned();
        (last.0.rsplit('.').next().unwrap().to_owned(), name)
    };
    let values = resources.iter().map(|planned| {
        let (kind, name) = parts(planned);
        json!({"address": planned.address, "mode": "managed", "type": kind, "name": name, "values": planned.values})
    });
    let changes = resources.iter().map(|planned| {
        let (kind, name) = parts(planned);
        json!({"address": planned.address, "mode": "managed", "type": kind, "name": name,
               "change": {"actions": ["create"], "before": null, "after_unknown": planned.unknown}})
    });
    let written = resources.iter().map(|planned| {
        let (kind, name) = parts(planned);
        json!({"type": kind, "name": name, "mode": "managed", "expressions": planned.written})
    });
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {"resources": values.collect::<Vec<_>>()}},
        "resource_changes": changes.collect::<Vec<_>>(),
        "configuration": {"root_module": {"resources": written.collect::<Vec<_>>()}},
    })
}
