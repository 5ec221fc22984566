//! The evidence that a completed scan is: sealed at its end, and made when somebody asks.

use plumb_model::evidence::{Evidence, EvidenceId, EvidenceKind};
use plumb_model::scan::{Scan, ScanId, Summary};
use redb::{Durability, ReadTransaction, WriteTransaction};
use sha2::{Digest as _, Sha256};

use crate::blocks::{self, Expected};
use crate::catalogues;
use crate::contain::visiting;
use crate::error::StoreError;
use crate::evidence::artifact::{self, FORM, Subject};
use crate::evidence::{CHUNK_BYTES, evidence_key, seal};
use crate::key::scan_name;
use crate::ledger::Ledger;
use crate::media;
use crate::numbers::{self, Numbered};
use crate::records::bytes::Fixed;
use crate::records::evidence::{EvidenceDigestsRecord, FrameworkControls, ScanEvidenceRecord};
use crate::records::scan::ScanRecord;
use crate::scans::head;
use crate::tables::{EVIDENCE_DIGESTS, SCAN_EVIDENCE, SCANS, SUMMARIES};

/// The bytes of a UUIDv7 that say when it was made.
pub(crate) const TIME_BYTES: usize = 6;

/// The id of a control's evidence: a UUIDv7 with the time of the scan's id, the rest from a digest over what it is about. So
/// none need be stored.
pub(crate) fn id(scan: &ScanId, framework: &str, control: &str) -> EvidenceId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(scan);
    for part in [framework, control] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut id = *hasher.finalize().as_bytes().first_chunk::<16>().unwrap_or(&[0; 16]);
    for (byte, time) in id.iter_mut().zip(scan).take(TIME_BYTES) {
        *byte = *time;
    }
    // Version 7 and the variant of RFC 9562.
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut id;
    *version = 0x70 | (*version & 0x0f);
    *variant = 0x80 | (*variant & 0x3f);
    id
}

/// Fixes the evidence of a scan whose rows, summary and head are written.
pub(crate) fn fix(
    transaction: &WriteTransaction,
    id: &ScanId,
    head: &mut ScanRecord,
    summary: &Summary,
) -> Result<(), StoreError> {
    let mut record = ScanEvidenceRecord {
        form: FORM,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        first_number: 0,
        seal: Fixed([0; 32]),
        frameworks: summary
            .frameworks
            .iter()
            .map(|framework| FrameworkControls {
                id: framework.id.clone(),
                controls: framework.controls.iter().map(|control| control.id.clone()).collect(),
            })
            .collect(),
    };
    head.evidence = record.count() as u64;
    if head.evidence == 0 {
        return Ok(());
    }
    let tenant = head.scan(id).tenant;
    record.first_number = numbers::assign_run(transaction, &tenant, Numbered::Evidence, id, head.evidence)?;
    record.seal = Fixed(seal::make(transaction, id, head, &record)?);
    SCAN_EVIDENCE.put(&mut SCAN_EVIDENCE.write(transaction)?, &id, &record)
}

/// Takes a scan's evidence away, with its numbers.
pub(crate) fn remove(transaction: &WriteTransaction, id: &ScanId, head: &ScanRecord) -> Result<(), StoreError> {
    let mut table = SCAN_EVIDENCE.write(transaction)?;
    if let Some(record) = SCAN_EVIDENCE.get(&table, &id)? {
        let tenant = head.scan(id).tenant;
        numbers::release(transaction, &tenant, Numbered::Evidence, record.first_number)?;
        table.remove(id)?;
    }
    EVIDENCE_DIGESTS.write(transaction)?.remove(id)?;
    Ok(())
}

/// What a scan's evidence is made from; it has to be there.
pub(crate) fn record(transaction: &ReadTransaction, id: &ScanId) -> Result<ScanEvidenceRecord, StoreError> {
    let found = SCAN_EVIDENCE.get(&SCAN_EVIDENCE.read(transaction)?, &id)?;
    found.ok_or_else(|| SCAN_EVIDENCE.damaged(&id, "the scan has evidence, and this is missing"))
}

/// The digests of every artifact as the rows give them now; an error if the rows are not those that were sealed.
pub(crate) fn derive(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
) -> Result<EvidenceDigestsRecord, StoreError> {
    let record = record(transaction, id)?;
    if seal::now(transaction, id, head, &record)? != record.seal.0 {
        return Err(SCAN_EVIDENCE.damaged(&id, "the scan's rows are not those that were sealed when it completed"));
    }
    let subject = subject(transaction, id, head, &record)?;
    let wanted: Vec<usize> = (0..record.count()).collect();
    let mut hashers = vec![(Sha256::new(), 0u64); wanted.len()];
    artifact::compose(transaction, &subject, &wanted, &mut |part, bytes| {
        if let Some((hasher, size)) = hashers.get_mut(part) {
            hasher.update(bytes);
            *size += bytes.len() as u64;
        }
        Ok::<_, StoreError>(())
    })?;
    let mut digests = EvidenceDigestsRecord::default();
    for (hasher, size) in hashers {
        digests.push(hasher.finalize().into(), size);
    }
    Ok(digests)
}

fn subject(
    transaction: &ReadTransaction,
    id: &ScanId,
    head: &ScanRecord,
    record: &ScanEvidenceRecord,
) -> Result<Subject, StoreError> {
    if record.form != FORM {
        let problem = format!("it has form {}, and this program writes {FORM}; use a later plumb", record.form);
        return Err(SCAN_EVIDENCE.damaged(&id, problem));
    }
    let summary = SUMMARIES.get(&SUMMARIES.read(transaction)?, &id)?;
    let expected = Expected::new(transaction, id, head)?;
    Ok(Subject {
        scan: head.scan(id),
        tool: record.tool.clone(),
        summary: summary.map(Summary::from).ok_or_else(|| SUMMARIES.damaged(&id, "it is missing"))?,
        catalogue: catalogues::of_scan(transaction, head)?,
        gaps: blocks::gaps(transaction, id, &expected)?,
        expected,
    })
}

/// What evidence says of itself.
pub(crate) fn evidence(
    scan: &Scan,
    record: &ScanEvidenceRecord,
    digests: &EvidenceDigestsRecord,
    position: usize,
) -> Result<Evidence, StoreError> {
    let astray = |problem: String| EVIDENCE_DIGESTS.damaged(&&scan.id, problem);
    let (digest, size) = digests.get(position).map_err(astray)?;
    let control = record.controls().nth(position);
    let (framework, control) = control.ok_or_else(|| astray(format!("there is no control {position}")))?;
    let short: String = scan_name(&scan.id).chars().take(13).collect();
    Ok(Evidence {
        id: id(&scan.id, framework, control),
        tenant: scan.tenant,
        number: record.first_number + position as u64,
        kind: EvidenceKind::Auto,
        scan: Some(scan.id),
        framework: Some(framework.to_owned()),
        control_id: Some(control.to_owned()),
        key: evidence_key(&scan.id, framework, control),
        digest,
        size,
        media_type: media::JSON.to_owned(),
        file_name: media::file_name(&format!("{framework}-{control}-{short}.json")),
        description: format!("{control} of {framework} in scan {}", scan_name(&scan.id)),
        created_at: scan.completed_at.clone().unwrap_or_default(),
        created_by: format!("plumb {}", record.tool),
    })
}

impl Ledger {
    /// Fixes the digests and sizes of a completed scan's artifacts, unless that is done. Costs about what writing each of them out
    /// would; whoever lists evidence does it by the way, so calling this early only spares them the wait.
    pub fn fix_evidence(&self, scan: &ScanId) -> Result<(), StoreError> {
        let sealed = self.read(|transaction| head(&SCANS.read(transaction)?, scan))?.evidence > 0;
        if sealed { self.digests(scan).map(|_| ()) } else { Ok(()) }
    }

    /// The digests of a scan's artifacts.
    pub(crate) fn digests(&self, scan: &ScanId) -> Result<EvidenceDigestsRecord, StoreError> {
        let known = self.read(|transaction| EVIDENCE_DIGESTS.get(&EVIDENCE_DIGESTS.read(transaction)?, &scan))?;
        if let Some(known) = known {
            return Ok(known);
        }
        let made = self.read(|transaction| derive(transaction, scan, &head(&SCANS.read(transaction)?, scan)?))?;
        self.write(Durability::Immediate, |transaction| {
            // It may have been deleted meanwhile.
            head(&SCANS.write(transaction)?, scan)?;
            EVIDENCE_DIGESTS.put(&mut EVIDENCE_DIGESTS.write(transaction)?, &scan, &made)
        })?;
        Ok(made)
    }

    pub(crate) fn automatic(&self, scan: &ScanId, position: usize) -> Result<Evidence, StoreError> {
        let digests = self.digests(scan)?;
        self.read(|transaction| {
            let head = head(&SCANS.read(transaction)?, scan)?;
            evidence(&head.scan(scan), &record(transaction, scan)?, &digests, position)
        })
    }

    /// The bytes of an artifact, and at the end whether they are those of the evidence.
    pub(crate) fn artifact<E: From<StoreError>>(
        &self,
        scan: &ScanId,
        position: usize,
        evidence: &Evidence,
        visit: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut hasher = Sha256::new();
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let mut hand_on = |chunk: &mut Vec<u8>| {
            hasher.update(&*chunk);
            visiting(|| visit(chunk))?;
            chunk.clear();
            Ok::<_, E>(())
        };
        self.read(|transaction| {
            let head = head(&SCANS.read(transaction)?, scan)?;
            let subject = subject(transaction, scan, &head, &record(transaction, scan)?)?;
            artifact::compose(transaction, &subject, &[position], &mut |_, bytes| {
                if chunk.len() + bytes.len() > CHUNK_BYTES {
                    hand_on(&mut chunk)?;
                }
                chunk.extend_from_slice(bytes);
                Ok::<_, E>(())
            })?;
            hand_on(&mut chunk)
        })?;
        let found: [u8; 32] = hasher.finalize().into();
        if found == evidence.digest {
            return Ok(());
        }
        let problem = format!("its content has another digest than evidence {}", scan_name(&evidence.id));
        Err(SCAN_EVIDENCE.damaged(&scan, problem).into())
    }

    /// Makes every artifact of a scan anew and compares: the ids of those that are not what they were, if any. Damage is an error.
    pub fn check_evidence(&self, scan: &ScanId) -> Result<Vec<EvidenceId>, StoreError> {
        let fixed = self.digests(scan)?;
        self.read(|transaction| {
            let head = head(&SCANS.read(transaction)?, scan)?;
            let record = record(transaction, scan)?;
            let derived = derive(transaction, scan, &head)?;
            let differs = |position: &usize| derived.get(*position) != fixed.get(*position);
            let controls = record.controls().enumerate().filter(|(position, _)| differs(position));
            Ok(controls.map(|(_, (framework, control))| id(scan, framework, control)).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use plumb_model::framework::{ControlResult, ControlStatus, FrameworkResult};
    use plumb_model::resource::ScanGap;
    use plumb_model::scan::{Coverage, ScanStatus};
    use plumb_model::tenant::DEFAULT;

    use super::*;
    use crate::evidence::EvidenceFilter;
    use crate::records::gap::GapBlock;
    use crate::records::summary::SummaryRecord;
    use crate::scans::NewScan;
    use crate::tables::GAPS;

    type Change = dyn Fn(&WriteTransaction) -> Result<(), StoreError>;

    const AT: &str = "2026-11-21T10:00:00.000Z";
    const SCAN: ScanId = [1; 16];

    fn summary(status: ControlStatus) -> Summary {
        let control = ControlResult {
            id: "1.1".into(),
            title: "Title".into(),
            section: vec![],
            status,
            checks: vec![],
            missing_checks: vec![],
            excluded_checks: vec![],
            failures: 0,
        };
        let framework =
            FrameworkResult { id: "cis".into(), title: "CIS".into(), version: "3".into(), controls: vec![control] };
        Summary { frameworks: vec![framework], ..Summary::default() }
    }

    fn completed() -> Ledger {
        let ledger = Ledger::memory().unwrap();
        ledger.create_scan(&NewScan { id: SCAN, created_at: AT.into(), ..NewScan::default() }).unwrap();
        ledger.transition(&SCAN, ScanStatus::Running, AT, None).unwrap();
        let gap = ScanGap {
            task: String::new(),
            kind: String::new(),
            account: String::new(),
            region: String::new(),
            reason: "denied".into(),
            permission: None,
        };
        ledger.put_gaps(&SCAN, &[gap]).unwrap();
        ledger.complete(&SCAN, AT, Coverage::default(), &summary(ControlStatus::Fail), &[]).unwrap();
        ledger
    }

    fn found(ledger: &Ledger) -> Result<(), StoreError> {
        let (rows, _) = ledger.list_evidence(&DEFAULT, &EvidenceFilter::default(), 0, 9)?;
        rows.iter().try_for_each(|row| ledger.evidence_content(row, |_| Ok::<_, StoreError>(())))
    }

    #[test]
    fn an_id_is_a_uuid_of_the_time_of_its_scan() {
        let scan = [0xab; 16];
        let id = id(&scan, "cis", "1.1");
        assert_eq!(id[..TIME_BYTES], scan[..TIME_BYTES]);
        assert_eq!((id[6] >> 4, id[8] >> 6), (7, 2));
        assert_ne!(id, super::id(&scan, "cis1", ".1"));
    }

    /// A change that is sealed into its row like any other, so that only the evidence can tell.
    #[test]
    fn a_row_that_was_changed_after_the_scan_completed_is_found() {
        let pass = |transaction: &WriteTransaction| {
            let summary = SummaryRecord::from(&summary(ControlStatus::Pass));
            SUMMARIES.put(&mut SUMMARIES.write(transaction)?, &&SCAN, &summary)
        };
        let seen = |transaction: &WriteTransaction| {
            let whole_scan = (&SCAN, crate::tables::WHOLE_SCAN, 0);
            let mut gaps = GAPS.write(transaction)?;
            let block = GAPS.get(&gaps, &whole_scan)?.unwrap();
            let mut list = Vec::<ScanGap>::from(block);
            list[0].reason = "nothing".into();
            GAPS.put(&mut gaps, &whole_scan, &GapBlock::from(list.as_slice()))
        };
        let dated = |transaction: &WriteTransaction| {
            let mut scans = SCANS.write(transaction)?;
            let mut head = head(&scans, &SCAN)?;
            head.completed_at = Some("2026-11-22T10:00:00.000Z".into());
            SCANS.put(&mut scans, &&SCAN, &head)
        };
        let changes: [&Change; 3] = [&pass, &seen, &dated];
        for change in changes {
            for looked_at_before in [false, true] {
                let ledger = completed();
                if looked_at_before {
                    found(&ledger).unwrap();
                }
                assert!(ledger.check().unwrap().is_sound());
                ledger.write(Durability::None, change).unwrap();
                assert!(matches!(found(&ledger), Err(StoreError::Damaged { .. })));
                assert!(ledger.check_evidence(&SCAN).is_err());
                assert!(!ledger.check().unwrap().is_sound());
            }
        }
    }
}
