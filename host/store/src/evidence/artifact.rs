//! The artifact: one JSON document for each control of a completed scan, with what was seen and what was decided. It is not
//! stored but made from the scan's rows, which do not change any more; the same rows give the same bytes, for ever.
//!
//! One object: `format`, `tool`, `scan`, `control`, its `checks` with their plugins, `gaps` of the kinds those look at, `outcomes` (all
//! but what stands with a resource) and `resources` (everything of those kinds that was looked at, with the digest of its
//! document, the checks it passed and those that do not apply). Each element of a list is a line. Digests are BLAKE3, in
//! hexadecimal.
//!
//! An outcome counts for ten controls on average, so it is written once and handed to all of them.

mod parts;

use std::collections::{BTreeSet, HashMap};

use plumb_model::check::Check;
use plumb_model::framework::{ControlResult, FrameworkResult};
use plumb_model::resource::ScanGap;
use plumb_model::scan::{Catalogue, Scan, Summary};
use redb::ReadTransaction;

use crate::batch::{OutcomeRow, ResourceRow};
use crate::blocks::{self, Expected};
use crate::error::StoreError;
use crate::evidence::artifact::parts::{OutcomePart, ResourcePart, head, json};
use crate::key::hex;
use crate::rank::RANKS;
use crate::tables::{OUTCOMES, RESOURCES, SCAN_EVIDENCE};

/// The form that is written. One that was ever released keeps its code and its number: scans name it.
pub(crate) const FORM: u32 = 1;

/// What the artifacts of a scan are made from, its rows apart.
pub(crate) struct Subject {
    pub(crate) scan: Scan,
    pub(crate) tool: String,
    pub(crate) summary: Summary,
    pub(crate) catalogue: Catalogue,
    pub(crate) gaps: Vec<ScanGap>,
    pub(crate) expected: Expected,
}

/// Writes some artifacts of a scan side by side.
struct Composer<'a> {
    index: Index<'a>,
    parts: Vec<Part>,
}

/// Which artifacts a row belongs to.
struct Index<'a> {
    checks: Vec<&'a Check>,
    /// Position in the catalogue → the artifacts it counts for.
    by_check: Vec<Vec<usize>>,
    /// Kind → the artifacts with a check that looks at it.
    by_kind: HashMap<&'a str, Vec<usize>>,
    /// Position in the catalogue → `,"id"`.
    quoted: Vec<Vec<u8>>,
}

/// How far an artifact is.
#[derive(Clone, Default)]
struct Part {
    rows: u64,
    /// In the resource's line that is open.
    listed: usize,
}

/// Writes the artifacts at some positions among a scan's controls. `put` is handed pieces of them: which of the positions it
/// belongs to, counted from zero in their own order, and the bytes.
pub(crate) fn compose<E: From<StoreError>>(
    transaction: &ReadTransaction,
    subject: &Subject,
    wanted: &[usize],
    put: &mut impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let controls: Vec<(&FrameworkResult, &ControlResult)> = subject
        .summary
        .frameworks
        .iter()
        .flat_map(|framework| framework.controls.iter().map(move |control| (framework, control)))
        .collect();
    let id = &subject.scan.id;
    let missing = |position: &usize| {
        SCAN_EVIDENCE.damaged(&id, format!("it has control {position}, and the summary has {}", controls.len()))
    };
    let wanted: Vec<_> = wanted
        .iter()
        .map(|position| controls.get(*position).copied().ok_or_else(|| missing(position)))
        .collect::<Result<_, _>>()?;
    let mut composer = Composer::new(subject, &wanted)?;
    for (part, (framework, control)) in wanted.iter().enumerate() {
        put(part, &head(subject, framework, control)?)?;
    }
    for rank in 0..RANKS {
        blocks::each_outcome(transaction, id, rank, &subject.expected, |row| composer.outcome(&row, put))?;
    }
    composer.next_list(b"],\n\"resources\":[", put)?;
    blocks::each_resource(transaction, id, &subject.expected, |_, row| composer.resource(&row, put))?;
    composer.next_list(b"]}\n", put)
}

impl<'a> Composer<'a> {
    fn new(subject: &'a Subject, wanted: &[(&FrameworkResult, &ControlResult)]) -> Result<Composer<'a>, StoreError> {
        let checks: Vec<&Check> = subject.catalogue.checks.values().collect();
        let positions: HashMap<&str, usize> =
            checks.iter().enumerate().map(|(position, check)| (check.id.as_str(), position)).collect();
        let mut by_check = vec![Vec::new(); checks.len()];
        let mut by_kind: HashMap<&str, Vec<usize>> = HashMap::new();
        for (part, (_, control)) in wanted.iter().enumerate() {
            let mut kinds = BTreeSet::new();
            for position in control.checks.iter().filter_map(|id| positions.get(id.as_str())) {
                if let (Some(check), Some(parts)) = (checks.get(*position), by_check.get_mut(*position)) {
                    kinds.extend(check.kinds.iter().map(String::as_str));
                    // A control that names a check twice rests on it once.
                    if parts.last() != Some(&part) {
                        parts.push(part);
                    }
                }
            }
            for kind in kinds {
                by_kind.entry(kind).or_default().push(part);
            }
        }
        let quoted = checks.iter().map(|check| Ok([b",".to_vec(), json(&check.id)?].concat()));
        let quoted = quoted.collect::<Result<_, StoreError>>()?;
        let index = Index { checks, by_check, by_kind, quoted };
        Ok(Composer { index, parts: vec![Part::default(); wanted.len()] })
    }

    /// Ends the list that is open in every artifact.
    fn next_list<E>(&mut self, between: &[u8], put: &mut impl FnMut(usize, &[u8]) -> Result<(), E>) -> Result<(), E> {
        for (number, part) in self.parts.iter_mut().enumerate() {
            part.rows = 0;
            put(number, between)?;
        }
        Ok(())
    }

    fn outcome<E: From<StoreError>>(
        &mut self,
        row: &OutcomeRow,
        put: &mut impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let found = self.index.check(row.check);
        let (check, _, parts) =
            found.map_err(|problem| StoreError::damaged(OUTCOMES.name, row.resource.id.clone(), problem))?;
        if parts.is_empty() {
            return Ok(());
        }
        let mut line = b",\n".to_vec();
        line.extend(json(&OutcomePart {
            check: &check.id,
            verdict: row.verdict.as_str(),
            severity: row.severity.as_str(),
            resource: &row.resource.id,
            account: &row.resource.account,
            document: row.digest.as_ref().map(|digest| hex(digest)),
            message: &row.message,
            muted: row.muted.as_deref(),
        })?);
        for number in parts {
            if let Some(part) = self.parts.get_mut(*number) {
                put(*number, part.next_row(&line))?;
            }
        }
        Ok(())
    }

    fn resource<E: From<StoreError>>(
        &mut self,
        row: &ResourceRow,
        put: &mut impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let parts = self.index.kind(&row.resource.kind);
        if parts.is_empty() {
            return Ok(());
        }
        let astray = |problem| StoreError::damaged(RESOURCES.name, row.resource.id.clone(), problem);
        let mut line = b",\n".to_vec();
        line.extend(json(&ResourcePart {
            id: &row.resource.id,
            kind: &row.resource.kind,
            account: &row.resource.account,
            region: &row.resource.region,
            document: hex(&row.digest),
        })?);
        // The object goes on.
        line.pop();
        for number in parts {
            if let Some(part) = self.parts.get_mut(*number) {
                put(*number, part.next_row(&line))?;
            }
        }
        for check in &row.passes {
            let (_, quoted, of_check) = self.index.check(*check).map_err(astray)?;
            for number in of_check {
                if let Some(part) = self.parts.get_mut(*number) {
                    part.next_listed(b",\"pass\":[", quoted, *number, put)?;
                }
            }
        }
        end_listed(parts, &mut self.parts, b"]", put)?;
        for (check, reason) in &row.not_applicable {
            let (_, quoted, of_check) = self.index.check(*check).map_err(astray)?;
            let entry = [quoted, b":", &json(reason)?].concat();
            for number in of_check {
                if let Some(part) = self.parts.get_mut(*number) {
                    part.next_listed(b",\"not_applicable\":{", &entry, *number, put)?;
                }
            }
        }
        end_listed(parts, &mut self.parts, b"}", put)?;
        parts.iter().try_for_each(|number| put(*number, b"}"))
    }
}

impl Index<'_> {
    /// A check, its id with a comma before it, and its artifacts.
    fn check(&self, position: u32) -> Result<(&Check, &[u8], &[usize]), String> {
        let place = position as usize;
        let found = self.checks.get(place).zip(self.quoted.get(place)).zip(self.by_check.get(place));
        let found = found.map(|((check, quoted), parts)| (*check, quoted.as_slice(), parts.as_slice()));
        found.ok_or_else(|| format!("it names check {position} of a catalogue of {}", self.checks.len()))
    }

    fn kind(&self, kind: &str) -> &[usize] {
        self.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Part {
    /// The line with its comma, or without for the first.
    fn next_row<'l>(&mut self, line: &'l [u8]) -> &'l [u8] {
        self.rows += 1;
        if self.rows == 1 { line.get(1..).unwrap_or_default() } else { line }
    }

    /// An element of a list within a line: the first opens the list and stands without its comma.
    fn next_listed<E>(
        &mut self,
        opening: &[u8],
        element: &[u8],
        number: usize,
        put: &mut impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.listed += 1;
        if self.listed > 1 {
            return put(number, element);
        }
        put(number, opening)?;
        put(number, element.get(1..).unwrap_or_default())
    }
}

/// Ends the list within a line, in the artifacts that have one.
fn end_listed<E>(
    numbers: &[usize],
    parts: &mut [Part],
    end: &[u8],
    put: &mut impl FnMut(usize, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for number in numbers {
        if parts.get_mut(*number).is_some_and(|part| std::mem::take(&mut part.listed) > 0) {
            put(*number, end)?;
        }
    }
    Ok(())
}
