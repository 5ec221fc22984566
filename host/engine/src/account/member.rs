//! The resources of an account, packed: an account may hold a million, and they stay in memory while its checks run.

use std::collections::HashMap;

use plumb_model::resource::ResourceRef;

/// A resource, without what it shares with others.
#[derive(Debug)]
pub(super) struct Member {
    /// Id and name.
    text: Box<str>,
    /// Bytes of the id.
    id: u32,
    /// The number of its [`Place`].
    place: u32,
    pub(super) digest: [u8; 32],
}

/// Account and region.
type Place = (String, String);

/// The resources of one kind.
#[derive(Debug, Default)]
pub(super) struct Members {
    places: Vec<Place>,
    numbers: HashMap<Place, u32>,
    list: Vec<Member>,
}

impl Member {
    pub(super) fn id(&self) -> &str {
        usize::try_from(self.id).ok().and_then(|end| self.text.get(..end)).unwrap_or_default()
    }

    fn name(&self) -> &str {
        usize::try_from(self.id).ok().and_then(|start| self.text.get(start..)).unwrap_or_default()
    }
}

impl Members {
    /// Leaves out what has an id of four gibibytes, which no batch can bring.
    pub(super) fn add(&mut self, resource: &ResourceRef, digest: [u8; 32]) {
        let Ok(id) = u32::try_from(resource.id.len()) else {
            return;
        };
        let place = (resource.account.clone(), resource.region.clone());
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(place).or_insert_with_key(|place| {
            self.places.push(place.clone());
            next
        });
        let text = format!("{}{}", resource.id, resource.name).into();
        self.list.push(Member { text, id, place: number, digest });
    }

    /// Brings them into the order of their ids. To be called once all are there.
    pub(super) fn sort(&mut self) {
        self.list.shrink_to_fit();
        self.list.sort_unstable_by(|a, b| a.id().cmp(b.id()));
    }

    pub(super) fn list(&self) -> &[Member] {
        &self.list
    }

    pub(super) fn member(&self, id: &str) -> Option<&Member> {
        let at = self.list.binary_search_by(|member| member.id().cmp(id)).ok()?;
        self.list.get(at)
    }

    /// The resource of an id, with the digest of its document.
    pub(super) fn find(&self, kind: &str, id: &str) -> Option<(ResourceRef, [u8; 32])> {
        let member = self.member(id)?;
        let (account, region) = usize::try_from(member.place).ok().and_then(|place| self.places.get(place))?.clone();
        let (id, kind, name) = (member.id().to_owned(), kind.to_owned(), member.name().to_owned());
        Some((ResourceRef { id, kind, name, account, region }, member.digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_out_whole_and_in_the_order_of_the_ids() {
        let resource = |id: &str, region: &str| ResourceRef {
            id: id.to_owned(),
            kind: "aws_vpc".to_owned(),
            name: format!("name of {id}"),
            account: "1".to_owned(),
            region: region.to_owned(),
        };
        let mut members = Members::default();
        for (number, (id, region)) in (0u8..).zip([("b", "x"), ("ä", ""), ("a", "x")]) {
            members.add(&resource(id, region), [number; 32]);
        }
        members.sort();
        assert_eq!(members.list().iter().map(Member::id).collect::<Vec<_>>(), ["a", "b", "ä"]);
        assert_eq!(members.find("aws_vpc", "ä"), Some((resource("ä", ""), [1; 32])));
        assert_eq!(members.find("aws_vpc", "c"), None);
    }
}
