//! The ledger from outside.

#[cfg(test)]
mod ledger {
    mod damage;
    mod documents;
    mod fixture;
    mod opening;
    mod rows;
    mod scans;
    mod targets;
    mod tasks;
}
