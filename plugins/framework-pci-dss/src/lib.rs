//! The requirements of PCI DSS 4.0, with the appendices for multi-tenant providers, early TLS and designated entities.
//!
//! They and what answers them are data: `framework.toml`, whose head names its sources. Titles are our own words.

plumbline::frameworks!(include_str!("../framework.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn controls() -> Vec<Control> {
        Framework::try_parse(include_str!("../framework.toml")).unwrap().controls
    }

    /// Where a requirement stands: the appendices A1 to A3 follow the twelve requirements.
    fn place(id: &str) -> Vec<u32> {
        let number = |part: &str| match part.strip_prefix('A') {
            Some(appendix) => 12 + appendix.parse::<u32>().unwrap(),
            None => part.parse().unwrap(),
        };
        id.split('.').map(number).collect()
    }

    #[test]
    fn all_requirements_are_listed_in_the_order_of_the_standard() {
        let controls = controls();
        let automated = controls.iter().filter(|control| !control.checks.is_empty()).count();
        assert_eq!((controls.len(), automated), (280, 133));
        assert!(controls.is_sorted_by(|a, b| place(&a.id) < place(&b.id)));
    }

    #[test]
    fn the_twelve_requirements_and_three_appendices_have_as_many_parts_as_the_standard() {
        let places: Vec<Vec<u32>> = controls().iter().map(|control| place(&control.id)).collect();
        let parts = |chapter: u32| places.iter().filter(|place| place[0] == chapter && place.len() == 3).count();
        let published = [19, 11, 19, 4, 11, 18, 11, 28, 18, 18, 16, 32, 7, 3, 15];
        assert_eq!((1..=15).map(parts).collect::<Vec<_>>(), published);
    }

    #[test]
    fn physical_access_is_assessed_by_hand() {
        assert!(controls().iter().all(|control| !control.id.starts_with("9.") || control.checks.is_empty()));
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
