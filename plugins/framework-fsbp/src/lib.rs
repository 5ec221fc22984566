//! The controls of AWS Foundational Security Best Practices, as Security Hub numbers them.
//!
//! They and what answers them are data: `framework.toml`, whose head names its sources. Titles are our own words.

plumbline::frameworks!(include_str!("../framework.toml"));

#[cfg(test)]
mod tests {
    use plumbline::framework::{Control, Framework};

    fn controls() -> Vec<Control> {
        Framework::try_parse(include_str!("../framework.toml")).unwrap().controls
    }

    /// `EC2.19` is the 19th of EC2.
    fn place(id: &str) -> (&str, u32) {
        let (service, number) = id.rsplit_once('.').unwrap();
        (service, number.parse().unwrap())
    }

    #[test]
    fn all_controls_are_listed_service_by_service_in_the_order_of_their_numbers() {
        let controls = controls();
        let automated = controls.iter().filter(|control| !control.checks.is_empty()).count();
        assert_eq!((controls.len(), automated), (376, 311));
        // Security Hub spells one of them `Autoscaling.5`.
        let places: Vec<(String, u32)> =
            controls.iter().map(|control| place(&control.id)).map(|(s, n)| (s.to_lowercase(), n)).collect();
        assert!(places.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn services_have_as_many_controls_as_security_hub_lists() {
        let controls = controls();
        let count = |service: &str| {
            controls.iter().filter(|control| place(&control.id).0.eq_ignore_ascii_case(service)).count()
        };
        let published = [
            ("APIGateway", 9),
            ("AutoScaling", 6),
            ("CloudFront", 14),
            ("Cognito", 6),
            ("DMS", 9),
            ("DocumentDB", 6),
            ("EC2", 33),
            ("ECS", 13),
            ("EFS", 6),
            ("ElastiCache", 7),
            ("ELB", 17),
            ("ES", 8),
            ("GuardDuty", 10),
            ("IAM", 9),
            ("Neptune", 8),
            ("NetworkFirewall", 7),
            ("Opensearch", 9),
            ("RDS", 42),
            ("Redshift", 10),
            ("S3", 12),
            ("SageMaker", 22),
            ("SSM", 6),
            ("WAF", 9),
        ];
        for (service, controls) in published {
            assert_eq!(count(service), controls, "{service}");
        }
    }

    #[test]
    fn a_service_is_a_section() {
        for pair in controls().windows(2) {
            let same = place(&pair[0].id).0.eq_ignore_ascii_case(place(&pair[1].id).0);
            assert_eq!(same, pair[0].section == pair[1].section, "{} and {}", pair[0].id, pair[1].id);
        }
    }

    #[test]
    fn retired_controls_are_left_out() {
        let controls = controls();
        for retired in ["AppSync.1", "AppSync.6", "ECS.1", "EFS.6", "MQ.3", "RDS.18"] {
            assert!(controls.iter().all(|control| control.id != retired), "{retired}");
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
