//! The ledger from outside.

#[cfg(test)]
mod ledger {
    mod damage;
    mod documents;
    mod evidence;
    mod fixture;
    mod opening;
    mod rows;
    mod scans;
    mod targets;
    mod tasks;
    mod uploads;
}
