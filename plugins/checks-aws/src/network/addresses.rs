//! CIDR blocks, and sets of addresses made of them.
//!
//! A set is *open to the internet* where it holds at least a quarter of the public addresses of IPv4 or of IPv6. So
//! `0.0.0.0/0` is, `0.0.0.0/1` with `128.0.0.0/1` is, either of the two alone is, and so is everything with a few
//! holes in it; whereas the blocks of a cloud, a country or a company are not. The bound is far above what any one
//! owner has (the largest hold some 3 %).

use std::net::{Ipv4Addr, Ipv6Addr};

/// The IPv4 blocks that are not public: the IANA special-purpose registry (RFC 6890) with multicast and the reserved space, in
/// order. No two of them overlap.
const NOT_PUBLIC_V4: [(Ipv4Addr, u8); 13] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// How many public IPv4 addresses there are.
const PUBLIC_V4: u64 = {
    let mut public = 1 << 32;
    let mut rest = NOT_PUBLIC_V4.as_slice();
    while let [(_, prefix), others @ ..] = rest {
        public -= 1 << (32 - *prefix);
        rest = others;
    }
    public
};

/// All of IPv6 that is routed on the internet: global unicast, `2000::/3` (RFC 4291).
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The share of the public addresses, as one part in so many, from which a set counts as the internet.
const INTERNET_SHARE: u64 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

/// A CIDR block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub family: Family,
    pub prefix: u8,
    first: u128,
    last: u128,
}

impl Block {
    /// From text such as `10.0.0.0/8`. Host bits are cleared, as EC2 clears them. None for anything but an address,
    /// `/` and a decimal prefix length that fits it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Block> {
        let (address, prefix) = text.split_once('/')?;
        if !prefix.bytes().all(|byte| byte.is_ascii_digit()) || (prefix.len() > 1 && prefix.starts_with('0')) {
            return None;
        }
        let prefix: u8 = prefix.parse().ok()?;
        match address.parse::<Ipv4Addr>() {
            Ok(address) => Block::v4(address, prefix),
            Err(_) => Block::new(Family::V6, u128::from(address.parse::<Ipv6Addr>().ok()?), prefix),
        }
    }

    fn v4(address: Ipv4Addr, prefix: u8) -> Option<Block> {
        Block::new(Family::V4, u128::from(u32::from(address)), prefix)
    }

    fn new(family: Family, address: u128, prefix: u8) -> Option<Block> {
        let width = match family {
            Family::V4 => 32,
            Family::V6 => 128,
        };
        let host_bits = u32::from(u8::checked_sub(width, prefix)?);
        let mask = 1u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
        Some(Block { family, prefix, first: address & !mask, last: address | mask })
    }

    /// Whether any of its addresses is public.
    #[must_use]
    pub fn has_public(&self) -> bool {
        let mut set = Addresses::default();
        set.insert(self);
        set.public_v4() > 0 || set.public_v6() > 0
    }

    /// Whether `other` lies wholly in this block.
    #[must_use]
    pub fn contains(&self, other: &Block) -> bool {
        self.family == other.family && self.first <= other.first && other.last <= self.last
    }
}

/// Ranges of one family, first to last, sorted, with a gap between any two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    fn insert(&mut self, mut first: u128, mut last: u128) {
        self.0.retain(|&(from, to)| {
            let apart = to.saturating_add(1) < first || from > last.saturating_add(1);
            if !apart {
                first = first.min(from);
                last = last.max(to);
            }
            apart
        });
        let place = self.0.partition_point(|&(from, _)| from < first);
        self.0.insert(place, (first, last));
    }

    fn remove(&mut self, first: u128, last: u128) {
        let mut left = Vec::with_capacity(self.0.len() + 1);
        for &(from, to) in &self.0 {
            if from < first {
                left.push((from, to.min(first - 1)));
            }
            if to > last {
                left.push((from.max(last + 1), to));
            }
        }
        self.0 = left;
    }

    /// What of `first` to `last` is in it.
    fn within(&self, first: u128, last: u128) -> Ranges {
        let cut = self.0.iter().map(|&(from, to)| (from.max(first), to.min(last)));
        Ranges(cut.filter(|(from, to)| from <= to).collect())
    }

    /// Only for sets that are smaller than all of IPv6.
    fn count(&self) -> u128 {
        self.0.iter().map(|(from, to)| to - from + 1).sum()
    }
}

/// A set of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    v4: Ranges,
    v6: Ranges,
}

impl Addresses {
    /// Every address there is.
    #[must_use]
    pub fn all() -> Addresses {
        Addresses { v4: Ranges(vec![(0, u128::from(u32::MAX))]), v6: Ranges(vec![(0, u128::MAX)]) }
    }

    fn family(&mut self, family: Family) -> &mut Ranges {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }

    pub fn insert(&mut self, block: &Block) {
        self.family(block.family).insert(block.first, block.last);
    }

    pub fn remove(&mut self, block: &Block) {
        self.family(block.family).remove(block.first, block.last);
    }

    /// Adds what of `block` is also in `allowed`.
    pub fn insert_within(&mut self, block: &Block, allowed: &Addresses) {
        let source = match block.family {
            Family::V4 => &allowed.v4,
            Family::V6 => &allowed.v6,
        };
        for (first, last) in source.within(block.first, block.last).0 {
            self.family(block.family).insert(first, last);
        }
    }

    fn public_v4(&self) -> u64 {
        // In 64 bits: a guest has no wider numbers of its own.
        let narrow = |address: u128| u64::try_from(address).unwrap_or(u64::MAX);
        let ranges = self.v4.0.iter().map(|&(first, last)| (narrow(first), narrow(last)));
        let public = |(first, last): (u64, u64)| {
            let special = NOT_PUBLIC_V4.iter().map(|&(address, prefix)| {
                let from = u64::from(u32::from(address));
                let to = from + ((1u64 << (32 - u32::from(prefix))) - 1);
                (to.min(last) + 1).saturating_sub(from.max(first))
            });
            (last - first + 1) - special.sum::<u64>()
        };
        ranges.map(public).sum()
    }

    fn public_v6(&self) -> u128 {
        let public = Block::new(Family::V6, u128::from(PUBLIC_V6.0), PUBLIC_V6.1);
        public.map_or(0, |public| self.v6.within(public.first, public.last).count())
    }

    /// See the head of this module.
    #[must_use]
    pub fn is_internet(&self) -> bool {
        let all_v6 = 1u128 << (128 - u32::from(PUBLIC_V6.1));
        self.public_v4() * INTERNET_SHARE >= PUBLIC_V4 || self.public_v6() >= all_v6 / u128::from(INTERNET_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(blocks: &[&str]) -> Addresses {
        let mut set = Addresses::default();
        for block in blocks {
            set.insert(&Block::parse(block).unwrap());
        }
        set
    }

    #[test]
    fn only_well_formed_blocks_parse() {
        for good in ["0.0.0.0/0", "10.1.2.3/32", "::/0", "2001:db8::/32", "::1/128"] {
            assert!(Block::parse(good).is_some(), "{good}");
        }
        for bad in
            ["", "/", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0/8", "010.0.0.0/8", " 10.0.0.0/8"]
        {
            assert_eq!(Block::parse(bad), None, "{bad}");
        }
        for bad in ["::/129", "::/-1", "::/", "sg-1", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "2001:db8:::/32"] {
            assert_eq!(Block::parse(bad), None, "{bad}");
        }
        assert_eq!(Block::parse("10.9.9.9/8"), Block::parse("10.0.0.0/8"));
    }

    #[test]
    fn any_split_of_everything_is_the_internet() {
        assert!(set(&["0.0.0.0/0"]).is_internet());
        assert!(set(&["::/0"]).is_internet());
        assert!(set(&["128.0.0.0/1", "0.0.0.0/1"]).is_internet());
        assert!(set(&["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"]).is_internet());
        assert!(set(&["::/1", "8000::/1"]).is_internet());
        assert_eq!(set(&["0.0.0.0/1", "128.0.0.0/1"]), set(&["0.0.0.0/0"]));
        assert_eq!(set(&["::/1", "8000::/1"]), set(&["::/0"]));
    }

    #[test]
    fn a_large_part_of_the_public_addresses_is_the_internet() {
        for blocks in [&["0.0.0.0/1"][..], &["128.0.0.0/1"], &["64.0.0.0/2"], &["2000::/3"], &["2000::/4"]] {
            assert!(set(blocks).is_internet(), "{blocks:?}");
        }
        let everything_but_ours: Vec<String> = (0..=255).filter(|n| *n != 10).map(|n| format!("{n}.0.0.0/8")).collect();
        assert!(set(&everything_but_ours.iter().map(String::as_str).collect::<Vec<_>>()).is_internet());
    }

    #[test]
    fn private_space_and_owned_blocks_are_not() {
        for blocks in [
            &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"][..],
            &["224.0.0.0/3"],
            &["3.0.0.0/8", "52.0.0.0/8", "54.0.0.0/8"],
            &["2600::/12"],
            &["fc00::/7", "fe80::/10"],
            &[],
        ] {
            assert!(!set(blocks).is_internet(), "{blocks:?}");
        }
        assert!(!Block::parse("172.20.0.0/14").unwrap().has_public());
        assert!(Block::parse("172.0.0.0/8").unwrap().has_public());
        assert!(Block::parse("2a00::/16").unwrap().has_public());
        assert!(!Block::parse("fd00::/8").unwrap().has_public());
    }

    #[test]
    fn what_is_removed_is_gone() {
        let mut open = Addresses::all();
        open.remove(&Block::parse("0.0.0.0/0").unwrap());
        assert!(open.is_internet(), "IPv6 is still there");
        open.remove(&Block::parse("::/0").unwrap());
        assert_eq!(open, Addresses::default());
        let mut holed = set(&["0.0.0.0/0"]);
        holed.remove(&Block::parse("10.0.0.0/8").unwrap());
        let mut seen = Addresses::default();
        seen.insert_within(&Block::parse("10.0.0.0/7").unwrap(), &holed);
        assert_eq!(seen, set(&["11.0.0.0/8"]));
    }
}
