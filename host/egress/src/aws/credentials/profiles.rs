//! The shared files `~/.aws/config` and `~/.aws/credentials`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// Bytes of such a file; people's own have some kilobytes.
const FILE_BYTES: u64 = 1 << 20;

/// Names and values of one section. A value that goes on in indented lines keeps them under `NAME.INNER`.
pub(crate) type Section = BTreeMap<String, String>;

/// What the shared files say.
#[derive(Clone, Default)]
pub(crate) struct Profiles {
    profiles: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    /// The files that were there.
    read: Vec<PathBuf>,
}

/// Sections hold keys, and are not shown.
impl std::fmt::Debug for Profiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profiles").field("profiles", &self.profiles.keys()).field("read", &self.read).finish()
    }
}

impl Profiles {
    /// Reads the files that the environment names, or the usual ones; a file that is not there is empty.
    pub(crate) fn read(environment: &Environment) -> Result<Profiles, String> {
        let path = |variable: &str, usual: &str| environment.path(environment.get(variable).unwrap_or(usual));
        let mut profiles = Profiles::default();
        profiles.add(&path("AWS_CONFIG_FILE", "~/.aws/config"), true)?;
        // What stands in both counts from this one.
        profiles.add(&path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"), false)?;
        Ok(profiles)
    }

    /// One file of credentials and nothing else.
    pub(crate) fn of_file(path: &Path) -> Result<Profiles, String> {
        let mut profiles = Profiles::default();
        profiles.add(path, false)?;
        if profiles.read.is_empty() {
            return Err(format!("there is no file {}", path.display()));
        }
        Ok(profiles)
    }

    fn add(&mut self, path: &Path, is_config: bool) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = match std::fs::File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            opened => opened.map_err(failed)?,
        };
        let mut text = String::new();
        file.take(FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > FILE_BYTES {
            return Err(format!("{} has more than {FILE_BYTES} bytes", path.display()));
        }
        for (name, section) in sections(&text)
            .map_err(|line| format!("{}, line {line}: neither [SECTION] nor NAME = VALUE", path.display()))?
        {
            let words: Vec<&str> = name.split_whitespace().collect();
            let (into, name) = match words.as_slice() {
                ["default"] => (&mut self.profiles, "default"),
                ["profile", name] if is_config => (&mut self.profiles, *name),
                ["sso-session", name] if is_config => (&mut self.sso_sessions, *name),
                ["services", name] if is_config => (&mut self.services, *name),
                [name] if !is_config => (&mut self.profiles, *name),
                _ => continue,
            };
            into.entry(name.to_owned()).or_default().extend(section);
        }
        self.read.push(path.to_owned());
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Section> {
        self.profiles.get(name)
    }

    pub(crate) fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// The endpoints of services that a profile points to.
    pub(crate) fn services(&self, name: &str) -> Option<&Section> {
        self.services.get(name)
    }

    /// For messages: the names of the profiles, and of the files.
    pub(crate) fn describe(&self) -> String {
        let files: Vec<String> = self.read.iter().map(|path| path.display().to_string()).collect();
        let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        match (files.as_slice(), names.as_slice()) {
            ([], _) => "there is no shared configuration file".to_owned(),
            (files, []) => format!("{} has no profile", files.join(" or ")),
            (files, names) => format!("{} has {}", files.join(" and "), names.join(", ")),
        }
    }
}

/// Sections in the order they stand. The error is the number of the line that is none.
fn sections(text: &str) -> Result<Vec<(String, Section)>, usize> {
    let mut sections: Vec<(String, Section)> = Vec::new();
    let mut outer = String::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.split_once(']').map(|(name, _)| name).ok_or(number + 1)?;
            sections.push((name.replace(['"', '\''], "").trim().to_owned(), Section::new()));
            outer.clear();
            continue;
        }
        let Some((_, section)) = sections.last_mut() else { return Err(number + 1) };
        let Some((name, value)) = line.split_once('=') else {
            // A value that goes on; none that is needed here does.
            if is_indented { continue } else { return Err(number + 1) }
        };
        let (name, value) = (name.trim().to_ascii_lowercase(), without_comment(value).trim().to_owned());
        if is_indented && !outer.is_empty() {
            section.insert(format!("{outer}.{name}"), value);
        } else {
            outer = if value.is_empty() { name.clone() } else { String::new() };
            section.insert(name, value);
        }
    }
    Ok(sections)
}

/// A comment begins with a sign that follows a space; keys and URLs have such signs within.
fn without_comment(value: &str) -> &str {
    let at = [" #", " ;", "\t#", "\t;"].iter().filter_map(|sign| value.find(sign)).min();
    at.and_then(|at| value.get(..at)).unwrap_or(value)
}
