//! The controls of annex A of ISO/IEC 27001:2022.
//!
//! They and what answers them are data: `framework.toml`, whose head names its sources. Titles are our own words.

plumbline::frameworks!(include_str!("../framework.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn controls() -> Vec<Control> {
        Framework::try_parse(include_str!("../framework.toml")).unwrap().controls
    }

    fn place(id: &str) -> Vec<u32> {
        id.strip_prefix("A.").unwrap().split('.').map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn all_controls_of_annex_a_are_listed_in_its_order() {
        let controls = controls();
        let automated = controls.iter().filter(|control| !control.checks.is_empty()).count();
        assert_eq!((controls.len(), automated), (93, 50));
        assert!(controls.is_sorted_by(|a, b| place(&a.id) < place(&b.id)));
    }

    #[test]
    fn each_theme_has_the_number_of_controls_of_the_standard() {
        let of = |theme: &str| controls().iter().filter(|control| control.id.starts_with(theme)).count();
        assert_eq!([of("A.5."), of("A.6."), of("A.7."), of("A.8.")], [37, 8, 14, 34]);
    }

    #[test]
    fn physical_controls_are_assessed_by_hand() {
        assert!(controls().iter().all(|control| !control.id.starts_with("A.7.") || control.checks.is_empty()));
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
