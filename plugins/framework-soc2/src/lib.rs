//! The trust services criteria that a SOC 2 report is about: the common criteria and those for availability,
//! confidentiality, processing integrity and privacy (AICPA, 2017, points of focus revised 2022).
//!
//! The criteria and what answers them are data: `framework.toml`, whose head names its sources. Titles are our own
//! words.

plumbline::frameworks!(include_str!("../framework.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn controls() -> Vec<Control> {
        Framework::try_parse(include_str!("../framework.toml")).unwrap().controls
    }

    /// Where a criterion stands: its category, then its numbers.
    fn place(id: &str) -> (usize, Vec<u32>) {
        let (category, numbers) = id.split_at(id.find(|c: char| c.is_ascii_digit()).unwrap());
        let category = ["CC", "A", "C", "PI", "P"].iter().position(|known| *known == category);
        (category.unwrap(), numbers.split('.').map(|number| number.parse().unwrap()).collect())
    }

    #[test]
    fn all_criteria_are_listed_in_the_published_order() {
        let controls = controls();
        let automated = controls.iter().filter(|control| !control.checks.is_empty()).count();
        assert_eq!((controls.len(), automated), (61, 31));
        assert!(controls.is_sorted_by(|a, b| place(&a.id) < place(&b.id)));
    }

    #[test]
    fn privacy_and_physical_access_are_assessed_by_hand() {
        let by_hand =
            |control: &&Control| control.id.starts_with('P') && !control.id.starts_with("PI") || control.id == "CC6.4";
        assert_eq!(controls().iter().filter(by_hand).filter(|control| control.checks.is_empty()).count(), 19);
    }

    #[test]
    fn every_check_id_is_well_formed_and_stands_once_in_its_control() {
        for control in controls() {
            for (position, check) in control.checks.iter().enumerate() {
                let well_formed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                assert!(!check.is_empty() && check.chars().all(well_formed), "{}: {check}", control.id);
                assert!(!control.checks[..position].contains(check), "{}: {check} stands twice", control.id);
            }
        }
    }

    #[test]
    fn a_control_without_checks_says_how_to_assess_it_by_hand() {
        for control in controls() {
            assert!(!control.title.trim().is_empty() && !control.section.is_empty(), "{}", control.id);
            assert!(!control.checks.is_empty() || control.guidance.len() > 10, "{}", control.id);
        }
    }
}
