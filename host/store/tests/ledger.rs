//! The ledger from outside.

mod ledger {
    mod damage;
    mod documents;
    mod fixture;
    mod opening;
    mod rows;
    mod scans;
    mod tasks;
}
