//! The protocol and ports of a rule, as security groups and network ACLs write them.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        })
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Every protocol, and so every port.
    Everything,
    /// One transport and its ports from first to last.
    Ports(Transport, u16, u16),
    /// A protocol without ports, such as ICMP or GRE.
    Portless,
}

impl Traffic {
    /// From a rule's `protocol`, `from_port` and `to_port`. The error says what is wrong with them.
    pub fn read(protocol: &str, from: Option<i64>, to: Option<i64>) -> Result<Traffic, String> {
        let transport = match protocol.to_ascii_lowercase().as_str() {
            "-1" | "all" => return Ok(Traffic::Everything),
            "tcp" | "6" => Transport::Tcp,
            "udp" | "17" => Transport::Udp,
            "icmp" | "icmpv6" => return Ok(Traffic::Portless),
            number if number.parse::<u8>().is_ok() => return Ok(Traffic::Portless),
            _ => return Err(format!("'{protocol}' is no protocol")),
        };
        let (from, to) = match (from, to) {
            (Some(-1), Some(-1)) => (0, i64::from(u16::MAX)),
            (Some(from), Some(to)) => (from, to),
            _ => return Err(format!("a {transport} rule names no ports")),
        };
        match (u16::try_from(from), u16::try_from(to)) {
            (Ok(first), Ok(last)) if first <= last => Ok(Traffic::Ports(transport, first, last)),
            _ => Err(format!("{from} to {to} is no range of ports")),
        }
    }

    /// The ports it covers of one transport, first to last.
    #[must_use]
    pub fn ports(&self, of: Transport) -> Option<(u16, u16)> {
        match *self {
            Traffic::Everything => Some((0, u16::MAX)),
            Traffic::Ports(transport, first, last) if transport == of => Some((first, last)),
            _ => None,
        }
    }

    #[must_use]
    pub fn covers(&self, transport: Transport, port: u16) -> bool {
        self.ports(transport).is_some_and(|(first, last)| (first..=last).contains(&port))
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Traffic::Everything => f.write_str("all traffic"),
            Traffic::Ports(transport, 0, u16::MAX) => write!(f, "{transport} on all ports"),
            Traffic::Ports(transport, first, last) if first == last => write!(f, "{transport} {first}"),
            Traffic::Ports(transport, first, last) => write!(f, "{transport} {first}-{last}"),
            Traffic::Portless => f.write_str("a protocol without ports"),
        }
    }
}

/// The ports where what `rules` cover of a transport can change: enough to look at to know all 65,536.
pub fn edges<'a>(rules: impl Iterator<Item = &'a Traffic>, transport: Transport) -> Vec<u16> {
    let mut edges = vec![0];
    for (first, last) in rules.filter_map(|rule| rule.ports(transport)) {
        edges.push(first);
        edges.extend(last.checked_add(1));
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_known_by_name_and_number() {
        assert_eq!(Traffic::read("-1", Some(0), Some(0)), Ok(Traffic::Everything));
        assert_eq!(Traffic::read("all", None, None), Ok(Traffic::Everything));
        assert_eq!(Traffic::read("6", Some(22), Some(22)), Traffic::read("TCP", Some(22), Some(22)));
        assert_eq!(Traffic::read("17", Some(1), Some(2)), Ok(Traffic::Ports(Transport::Udp, 1, 2)));
        assert_eq!(Traffic::read("tcp", Some(-1), Some(-1)), Ok(Traffic::Ports(Transport::Tcp, 0, 65535)));
        assert_eq!(Traffic::read("tcp", Some(0), Some(0)), Ok(Traffic::Ports(Transport::Tcp, 0, 0)));
        assert_eq!(Traffic::read("icmp", Some(8), Some(-1)), Ok(Traffic::Portless));
        assert_eq!(Traffic::read("47", None, None), Ok(Traffic::Portless));
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        for (protocol, from, to) in [
            ("tcp", None, None),
            ("tcp", Some(22), None),
            ("udp", Some(30), Some(20)),
            ("tcp", Some(0), Some(70000)),
            ("tpc", Some(1), Some(1)),
            ("", None, None),
            ("256", None, None),
        ] {
            assert!(Traffic::read(protocol, from, to).is_err(), "{protocol} {from:?} {to:?}");
        }
    }

    #[test]
    fn only_the_named_transport_is_covered() {
        let rule = Traffic::Ports(Transport::Tcp, 20, 25);
        assert!(rule.covers(Transport::Tcp, 20) && rule.covers(Transport::Tcp, 25));
        assert!(!rule.covers(Transport::Tcp, 26) && !rule.covers(Transport::Udp, 22));
        assert!(Traffic::Everything.covers(Transport::Udp, 53) && !Traffic::Portless.covers(Transport::Tcp, 0));
    }

    #[test]
    fn edges_are_where_coverage_changes() {
        let rules = [Traffic::Ports(Transport::Tcp, 22, 80), Traffic::Ports(Transport::Udp, 53, 53)];
        assert_eq!(edges(rules.iter(), Transport::Tcp), [0, 22, 81]);
        assert_eq!(edges([Traffic::Everything].iter(), Transport::Udp), [0]);
    }
}
