//! Shows what the plugin makes of files, one JSON object a line: `cargo run --release --example read -- FILE…`. With `--count`
//! only how many resources there are and how long it took.

use std::error::Error as StdError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write, stdout};
use std::time::Instant;

use plumbline::provider::{Error, Found, Inventory, KindGap};
use plumbline::serde_json::json;
use provider_terraform::collect::collect;
use provider_terraform::planning::Settings;
use provider_terraform::source::{Entry, Source};

/// Files of this machine by their paths.
struct Disk;

impl Source for Disk {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        Ok(Vec::new())
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(name)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|error| Error::Unavailable(error.to_string()))
    }
}

struct Printer {
    count: usize,
    bytes: Vec<u8>,
    quiet: bool,
}

impl Inventory for Printer {
    fn emit(&mut self, found: &Found) -> Result<(), Error> {
        self.count += 1;
        if self.quiet {
            self.bytes.clear();
            plumbline::provider::encode_found(found, &mut self.bytes);
            return Ok(());
        }
        let Found { id, kind, name, account, region, tags, config, gaps } = found;
        let line = json!({
            "id": id, "kind": kind, "name": name, "account": account, "region": region, "tags": tags, "config": config,
            "gaps": gaps.iter().map(|gap| (&gap.path, &gap.reason)).collect::<Vec<_>>(),
        });
        writeln!(stdout(), "{line}").map_err(|error| Error::Internal(error.to_string()))
    }

    fn report_gap(&mut self, gap: KindGap) {
        eprintln!("gap: kind '{}' region '{}': {}", gap.kind, gap.region, gap.reason);
    }
}

fn main() -> Result<(), Box<dyn StdError>> {
    let (flags, files): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let quiet = flags.iter().any(|flag| flag == "--count");
    for file in files {
        let mut printer = Printer { count: 0, bytes: Vec::new(), quiet };
        let began = Instant::now();
        let result = collect(&Disk, &file, &Settings::default(), &[], &mut printer);
        let elapsed = began.elapsed();
        match result {
            Ok(()) => writeln!(stdout(), "{file}: {} resources in {elapsed:?}", printer.count)?,
            Err(error) => writeln!(stdout(), "{file}: after {} resources: {error:?}", printer.count)?,
        }
    }
    Ok(())
}
