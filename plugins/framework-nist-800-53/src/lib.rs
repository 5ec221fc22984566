//! NIST SP 800-53 revision 5: every base control of its twenty families that is not withdrawn, and the enhancements
//! that checks of a cloud account bear on or that published mappings name.
//!
//! They and what answers them are data: `framework.toml`, whose head names its sources. Names are NIST's.

plumbline::frameworks!(include_str!("../framework.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn controls() -> Vec<Control> {
        Framework::try_parse(include_str!("../framework.toml")).unwrap().controls
    }

    /// `AC-2(1)`: family, control, enhancement.
    fn place(id: &str) -> (String, Vec<u32>) {
        let (family, numbers) = id.split_once('-').unwrap();
        (family.to_owned(), numbers.trim_end_matches(')').split('(').map(|number| number.parse().unwrap()).collect())
    }

    #[test]
    fn all_base_controls_and_the_chosen_enhancements_are_listed_in_order() {
        let controls = controls();
        let automated = controls.iter().filter(|control| !control.checks.is_empty()).count();
        assert_eq!((controls.len(), automated), (444, 176));
        assert!(controls.is_sorted_by(|a, b| place(&a.id) < place(&b.id)));
    }

    #[test]
    fn twenty_families_hold_the_base_controls_of_the_publication() {
        let base: Vec<Control> = controls().into_iter().filter(|control| place(&control.id).1.len() == 1).collect();
        let families: std::collections::BTreeSet<String> = base.iter().map(|control| place(&control.id).0).collect();
        assert_eq!((families.len(), base.len()), (20, 299));
    }

    #[test]
    fn an_enhancement_follows_its_base_control() {
        let controls = controls();
        for control in &controls {
            let base = control.id.split('(').next().unwrap();
            assert!(controls.iter().any(|other| other.id == base), "{}", control.id);
        }
    }

    #[test]
    fn policies_and_procedures_are_assessed_by_hand() {
        let policies: Vec<Control> =
            controls().into_iter().filter(|c| c.title.ends_with("Policy and Procedures")).collect();
        assert_eq!(policies.len(), 19);
        assert!(policies.iter().all(|control| control.checks.is_empty()));
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
