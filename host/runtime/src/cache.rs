//! Compiled code between runs. Loading native code is as good as running it, so a file counts only if this user's own key
//! signed it: the folder is private, the name is made of everything the code depends on, and the tag covers name and content.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use wasmtime::Engine;

use crate::code::Code;
use crate::error::LoadError;
use crate::limits::CODE_BYTES;

/// BLAKE3's output.
const TAG: usize = 32;

/// A private folder of compiled code.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

impl std::fmt::Debug for Cache {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Cache {
    /// Opens the folder, or makes it. Refuses one that others may write or read.
    pub(crate) fn open(folder: &Path) -> Result<Cache, LoadError> {
        let named = |error| LoadError::Io(folder.to_owned(), error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(named)?;
        let about = fs::symlink_metadata(folder).map_err(named)?;
        if !about.is_dir() || about.permissions().mode() & 0o077 != 0 {
            return Err(named(io::Error::other("must be a folder that only its owner can enter (chmod 700)")));
        }
        let key_file = folder.join("key");
        let key = read_key(&key_file, about.uid()).or_else(|_| make_key(&key_file));
        Ok(Cache { folder: folder.to_owned(), key: key.map_err(|error| LoadError::Io(key_file, error))? })
    }

    /// The compiled code of a component, if it is here and whole.
    pub(crate) fn load(&self, engine: &Engine, component: &[u8; 32]) -> Option<Code> {
        let name = self.name(engine, component);
        let bytes = read_file(&self.folder.join(name.to_hex().as_str())).ok()?;
        let (tag, code) = bytes.split_first_chunk::<TAG>()?;
        // `Hash` compares in constant time.
        if self.tag(&name, code) != blake3::Hash::from_bytes(*tag) {
            tracing::warn!(file = %name, "compiled code was changed from outside and is made afresh");
            return None;
        }
        Some(Code::vouched_for(code.to_vec()))
    }

    /// Keeps compiled code. A failure costs time at the next start and nothing else.
    pub(crate) fn store(&self, engine: &Engine, digest: &[u8; 32], code: &Code) {
        let name = self.name(engine, digest);
        let part = self.folder.join(format!("{}.{}.part", name.to_hex(), std::process::id()));
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
        let kept = file.and_then(|mut file| {
            file.write_all(self.tag(&name, code.bytes()).as_bytes())?;
            file.write_all(code.bytes())?;
            fs::rename(&part, self.folder.join(name.to_hex().as_str()))
        });
        if let Err(error) = kept {
            tracing::warn!(%error, folder = %self.folder.display(), "compiled code could not be kept");
        }
    }

    /// Everything the code depends on: the component, and the engine's version, settings and target.
    fn name(&self, engine: &Engine, component: &[u8; 32]) -> blake3::Hash {
        let mut engine_hash = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut engine_hash);
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"name").update(component).update(&engine_hash.finish().to_le_bytes());
        hasher.finalize()
    }

    fn tag(&self, name: &blake3::Hash, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"code").update(name.as_bytes()).update(code);
        hasher.finalize()
    }
}

/// Reads a file of bounded size that is no link.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_file() || about.len() > CODE_BYTES {
        return Err(io::Error::other("not a plain file of a sensible size"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default());
    fs::File::open(path)?.take(CODE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_key(path: &Path, owner: u32) -> io::Result<[u8; 32]> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_file() || about.uid() != owner || about.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::other("must be a file that only its owner can read (chmod 600)"));
    }
    let mut key = [0; 32];
    fs::File::open(path)?.read_exact(&mut key)?;
    Ok(key)
}

/// Writes a fresh key beside its place and moves it there, so that two programs starting at once end with one whole key.
fn make_key(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(&key)?;
    fs::rename(&part, path)?;
    Ok(key)
}
