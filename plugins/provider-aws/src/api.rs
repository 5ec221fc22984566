//! Where a service is and how it is spoken to.

/// How requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A form with `Action` and this `Version`, answered in XML.
    Query(&'static str),
    /// The same, answered in EC2's own way: lists as `item`, no result element.
    Ec2(&'static str),
    /// JSON with the operation in `x-amz-target`: version and target prefix.
    Json(&'static str, &'static str),
    RestJson,
    RestXml,
}

/// The host name of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `PREFIX.REGION.amazonaws.com`
    Regional,
    /// One for the whole partition.
    Global(&'static [(Partition, Site)]),
    /// `ACCOUNT.PREFIX.REGION.amazonaws.com`, and the account in a header.
    Account,
}

/// Where a global service of a partition answers: host and signing region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    pub host: &'static str,
    pub region: &'static str,
}

/// A part of AWS with accounts and credentials of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    #[default]
    Commercial,
    China,
    UsGov,
}

/// One API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    /// What comes before the region in its host name.
    pub prefix: &'static str,
    /// The name it is signed with.
    pub signing: &'static str,
    /// What its IAM actions begin with.
    pub actions: &'static str,
    pub protocol: Protocol,
    pub place: Place,
    /// Sent with every request beside those of the protocol.
    pub headers: &'static [(&'static str, &'static str)],
}

impl Api {
    /// A regional service that is called the same everywhere.
    pub const fn regional(name: &'static str, protocol: Protocol) -> Api {
        Api { prefix: name, signing: name, actions: name, protocol, place: Place::Regional, headers: &[] }
    }

    /// A service with one endpoint for each partition.
    pub const fn global(name: &'static str, protocol: Protocol, sites: &'static [(Partition, Site)]) -> Api {
        Api { prefix: name, signing: name, actions: name, protocol, place: Place::Global(sites), headers: &[] }
    }

    /// The same with another signing name.
    #[must_use]
    pub const fn signed_as(mut self, name: &'static str) -> Api {
        self.signing = name;
        self
    }

    /// The same with IAM actions of another prefix.
    #[must_use]
    pub const fn with_actions(mut self, prefix: &'static str) -> Api {
        self.actions = prefix;
        self
    }

    /// Host and signing region; none where the partition does not have the service.
    pub fn site(&self, partition: Partition, region: &str, account: &str) -> Option<(String, String)> {
        let (prefix, suffix) = (self.prefix, partition.suffix());
        match self.place {
            Place::Regional => Some((format!("{prefix}.{region}.{suffix}"), region.to_owned())),
            Place::Account => Some((format!("{account}.{prefix}.{region}.{suffix}"), region.to_owned())),
            Place::Global(sites) => {
                let (_, site) = sites.iter().find(|(of, _)| *of == partition)?;
                Some((site.host.to_owned(), site.region.to_owned()))
            }
        }
    }
}

impl Partition {
    pub const ALL: [Partition; 3] = [Partition::Commercial, Partition::China, Partition::UsGov];

    /// As in ARNs.
    pub fn as_str(self) -> &'static str {
        match self {
            Partition::Commercial => "aws",
            Partition::China => "aws-cn",
            Partition::UsGov => "aws-us-gov",
        }
    }

    pub fn suffix(self) -> &'static str {
        if self == Partition::China { "amazonaws.com.cn" } else { "amazonaws.com" }
    }

    /// The partition that a region is of.
    pub fn of_region(region: &str) -> Partition {
        if region.starts_with("cn-") {
            Partition::China
        } else if region.starts_with("us-gov-") {
            Partition::UsGov
        } else {
            Partition::Commercial
        }
    }

    /// A region that every account of the partition has.
    pub fn first_region(self) -> &'static str {
        match self {
            Partition::Commercial => "us-east-1",
            Partition::China => "cn-north-1",
            Partition::UsGov => "us-gov-west-1",
        }
    }

    /// The regions that accounts have without asking for them: what is assumed where they may not be listed.
    pub fn default_regions(self) -> &'static [&'static str] {
        match self {
            Partition::Commercial => &[
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-southeast-1",
                "ap-southeast-2",
                "ca-central-1",
                "eu-central-1",
                "eu-north-1",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "sa-east-1",
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
            ],
            Partition::China => &["cn-north-1", "cn-northwest-1"],
            Partition::UsGov => &["us-gov-east-1", "us-gov-west-1"],
        }
    }
}
