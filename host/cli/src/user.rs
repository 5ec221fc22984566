//! Who runs the program, as far as the machine tells.

/// A list of users larger than this is read no further.
const MOST_BYTES: u64 = 1 << 20;

/// `name@machine`. The name is that of the process's user id, not one that a variable claims; without a list of users on this
/// machine it is the number.
pub(crate) fn user() -> String {
    let name = name().or_else(|| variable("USER")).or_else(|| variable("USERNAME"));
    let machine = read("/proc/sys/kernel/hostname").or_else(|| variable("HOSTNAME"));
    let machine = machine.or_else(|| variable("COMPUTERNAME"));
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
    format!("{}@{}", or_unknown(name), or_unknown(machine))
}

#[cfg(unix)]
fn name() -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    // A process's own folder belongs to its user.
    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = read("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    Some(named.unwrap_or_else(|| format!("uid {id}")))
}

#[cfg(not(unix))]
fn name() -> Option<String> {
    None
}

fn read(path: &str) -> Option<String> {
    use std::io::Read;

    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
