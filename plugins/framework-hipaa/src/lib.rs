//! The HIPAA security rule, 45 CFR part 164 subpart C: its standards and implementation specifications.
//!
//! They and what answers them are data: `framework.toml`, whose head names its sources. Titles are the official ones,
//! with "required" or "addressable" as the rule says.

plumbline::frameworks!(include_str!("../framework.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn controls() -> Vec<Control> {
        Framework::try_parse(include_str!("../framework.toml")).unwrap().controls
    }

    /// Paragraphs here never count past nine and roman numerals stay below five, so the text's own order is that of the
    /// rule.
    fn place(id: &str) -> &str {
        id
    }

    #[test]
    fn all_standards_and_specifications_are_listed_in_the_order_of_the_rule() {
        let controls = controls();
        let automated = controls.iter().filter(|control| !control.checks.is_empty()).count();
        assert_eq!((controls.len(), automated), (69, 34));
        assert!(controls.is_sorted_by(|a, b| place(&a.id) < place(&b.id)));
    }

    #[test]
    fn physical_safeguards_and_contracts_are_assessed_by_hand() {
        let by_hand = |control: &&Control| control.id.starts_with("164.310") || control.id.starts_with("164.314");
        assert_eq!(controls().iter().filter(by_hand).filter(|control| !control.checks.is_empty()).count(), 0);
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
