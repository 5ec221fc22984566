//! CIS Amazon Web Services Foundations Benchmark, versions 3.0 and 5.0.
//!
//! The recommendations and what answers them are data: `cis_3.0_aws.toml` and `cis_5.0_aws.toml`, whose heads name
//! their sources. Titles are our own words.

plumbline::frameworks!(include_str!("../cis_3.0_aws.toml"), include_str!("../cis_5.0_aws.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn version(number: u32) -> Framework {
        let text = if number == 3 { include_str!("../cis_3.0_aws.toml") } else { include_str!("../cis_5.0_aws.toml") };
        Framework::try_parse(text).unwrap()
    }

    fn controls() -> Vec<Control> {
        [version(3).controls, version(5).controls].concat()
    }

    fn place(id: &str) -> Vec<u32> {
        id.split('.').map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn all_recommendations_are_listed_in_the_order_of_the_benchmark() {
        for (number, recommendations, automated) in [(3, 62, 61), (5, 63, 63)] {
            let framework = version(number);
            assert_eq!((framework.id, framework.version), (format!("cis_{number}.0_aws"), format!("{number}.0")));
            let controls = framework.controls;
            let with_checks = controls.iter().filter(|control| !control.checks.is_empty()).count();
            assert_eq!((controls.len(), with_checks), (recommendations, automated));
            assert!(controls.is_sorted_by(|a, b| place(&a.id) < place(&b.id)));
        }
    }

    #[test]
    fn a_recommendation_that_moved_between_versions_kept_its_meaning() {
        let title = |number: u32, id: &str| {
            let controls = version(number).controls;
            controls.into_iter().find(|control| control.id == id).map(|control| (control.title, control.checks))
        };
        for (old, new) in [("1.4", "1.3"), ("1.22", "1.21"), ("2.2.1", "5.1.1"), ("2.3.3", "2.2.3"), ("5.6", "5.7")] {
            assert_eq!(title(3, old).unwrap(), title(5, new).unwrap(), "{old} became {new}");
        }
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
