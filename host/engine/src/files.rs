//! A target's files, for its provider: what the user named and what lies in named folders.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use plumb_runtime::host::files::{Entry, Files};

use crate::error::EngineError;

/// Files in one target. A folder with more is not what its user thinks it is.
const MOST_FILES: usize = 100_000;
/// How deep folders are entered.
const DEPTH: usize = 64;
/// What is taken from a folder. A file named by the user is taken whatever its name.
const EXTENSIONS: [&str; 2] = ["tfstate", "json"];

/// The files of one target.
#[derive(Debug)]
pub struct LocalFiles {
    files: BTreeMap<String, Known>,
    /// The last file read from: providers read files from front to end, in pieces.
    open: Mutex<Option<(String, File)>>,
    /// Names that the user gave himself.
    pub explicit: Vec<String>,
    /// The target is one file and nothing else.
    pub single: bool,
}

#[derive(Debug)]
struct Known {
    path: PathBuf,
    size: u64,
    modified: Option<SystemTime>,
}

impl LocalFiles {
    /// For a provider that reads no files.
    pub(crate) fn none() -> LocalFiles {
        LocalFiles { files: BTreeMap::new(), open: Mutex::new(None), explicit: Vec::new(), single: false }
    }

    /// Looks at every path. A path that does not exist is an error; an empty folder is one too. With a prefix every name begins
    /// with it: so the files of several targets keep apart.
    pub fn open(paths: &[PathBuf], prefix: Option<&str>) -> Result<LocalFiles, EngineError> {
        let mut found =
            LocalFiles { files: BTreeMap::new(), open: Mutex::new(None), explicit: Vec::new(), single: false };
        let mut folders = 0usize;
        // What is joined to a prefix must not begin at the root: it would take its place.
        let named = |name: &Path| match prefix {
            Some(prefix) => Path::new(prefix).join(name.strip_prefix("/").unwrap_or(name)),
            None => name.to_owned(),
        };
        for path in paths {
            let about = fs::metadata(path).map_err(|error| EngineError::File(path.clone(), error))?;
            if about.is_dir() {
                folders += 1;
                found.walk(path, &named(if paths.len() == 1 { Path::new("") } else { path }), DEPTH)?;
            } else {
                let name = match path.file_name() {
                    Some(name) if paths.len() == 1 => Path::new(name),
                    _ => path,
                };
                let name = found.add(path, &named(name), &about)?;
                found.explicit.push(name);
            }
        }
        if found.files.is_empty() {
            let named: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            return Err(EngineError::Target(format!(
                "{}: no .tfstate or .json file in it; name a state, the output of `terraform show -json`, or a folder of them",
                named.join(", ")
            )));
        }
        found.single = folders == 0 && paths.len() == 1 && prefix.is_none();
        Ok(found)
    }

    /// A digest of names, sizes and times, which is another where a file was added, taken away or written to.
    pub(crate) fn state(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for (name, known) in &self.files {
            let since = known.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
            let modified = since.unwrap_or_default().as_nanos();
            hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes());
            hasher.update(&known.size.to_le_bytes()).update(&modified.to_le_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    fn walk(&mut self, folder: &Path, name: &Path, depth: usize) -> Result<(), EngineError> {
        let failed = |error| EngineError::File(folder.to_owned(), error);
        let Some(deeper) = depth.checked_sub(1) else { return Ok(()) };
        let mut entries: Vec<fs::DirEntry> = fs::read_dir(folder).and_then(Iterator::collect).map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, file_name) = (entry.path(), entry.file_name());
            // A link is not followed: it may lead out of the folder, or round in a circle.
            let kind = entry.file_type().map_err(failed)?;
            let hidden = file_name.to_string_lossy().starts_with('.') || file_name == "node_modules";
            if kind.is_dir() && !hidden {
                self.walk(&path, &name.join(&file_name), deeper)?;
            } else if kind.is_file() && !hidden && is_wanted(&path) {
                let about = entry.metadata().map_err(failed)?;
                self.add(&path, &name.join(&file_name), &about)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, name: &Path, about: &fs::Metadata) -> Result<String, EngineError> {
        let Some(name) = name.to_str() else {
            let error = io::Error::other("its name is not UTF-8; rename it");
            return Err(EngineError::File(path.to_owned(), error));
        };
        if self.files.len() >= MOST_FILES {
            return Err(EngineError::Target(format!("more than {MOST_FILES} files; name a smaller folder")));
        }
        let known = Known { path: path.to_owned(), size: about.len(), modified: about.modified().ok() };
        self.files.insert(name.to_owned(), known);
        Ok(name.to_owned())
    }
}

fn is_wanted(path: &Path) -> bool {
    path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| EXTENSIONS.contains(&extension))
}

impl Files for LocalFiles {
    fn entries(&self) -> Vec<Entry> {
        self.files.iter().map(|(name, known)| Entry { name: name.clone(), size: known.size }).collect()
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.files.get(name).map(|known| known.size)
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, String> {
        let known = self.files.get(name).ok_or_else(|| format!("{name:?} is not among the target's files"))?;
        let file = self.file(name, known).map_err(|error| format!("{name}: {error}"))?;
        let length = usize::try_from(length.min(known.size.saturating_sub(offset))).unwrap_or_default();
        let mut bytes = vec![0; length];
        let read = file.read_exact_at(&mut bytes, offset).map_err(|error| format!("{name}: {error}"));
        if let Ok(mut open) = self.open.lock() {
            *open = Some((name.to_owned(), file));
        }
        read.map(|()| bytes)
    }
}

impl LocalFiles {
    /// The open file, unchanged since the scan began.
    fn file(&self, name: &str, known: &Known) -> io::Result<File> {
        let kept = self.open.lock().ok().and_then(|mut open| open.take_if(|(kept, _)| kept == name));
        let file = match kept {
            Some((_, file)) => file,
            None => File::open(&known.path)?,
        };
        let about = file.metadata()?;
        if about.len() != known.size || about.modified().ok() != known.modified {
            return Err(io::Error::other("it has changed since the scan began; scan it again"));
        }
        Ok(file)
    }
}
