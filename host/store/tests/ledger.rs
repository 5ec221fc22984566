//! The ledger from outside.

#[cfg(test)]
mod ledger {
    mod access;
    mod backup;
    mod damage;
    mod documents;
    mod drifts;
    mod evidence;
    mod fixture;
    mod index;
    mod integrity;
    mod interleavings;
    mod noted;
    mod opening;
    mod prune;
    mod remediations;
    mod rows;
    mod scans;
    mod schedules;
    mod targets;
    mod tasks;
    mod uploads;
}
