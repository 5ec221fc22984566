//! Who a statement is about.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub kind: PrincipalKind,
    pub name: String,
}

/// The `Principal` element or its `Not` form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    /// An identity policy names nobody: it is about who carries it.
    Absent,
    Only(Vec<Principal>),
    Except(Vec<Principal>),
}

impl Principal {
    /// Whether this may be anyone. AWS takes no wildcard within a principal, only in place of one; a name that holds
    /// one all the same, such as `arn:aws:iam::*:root`, is held to mean what it says.
    #[must_use]
    pub fn is_anyone(&self) -> bool {
        self.name.contains('*')
    }

    /// The account a principal belongs to, where its name says so: an account id or an ARN of IAM or STS.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_account(&self.name) {
            return Some(&self.name);
        }
        self.name.strip_prefix("arn:")?.split(':').nth(3).filter(|account| is_account(account))
    }
}

impl Principals {
    /// Whether the statement speaks of everyone, known or not.
    #[must_use]
    pub fn include_anyone(&self) -> bool {
        match self {
            Principals::Absent => false,
            Principals::Only(principals) => principals.iter().any(Principal::is_anyone),
            Principals::Except(_) => true,
        }
    }

    /// Whether the statement speaks of everyone and leaves nobody out.
    #[must_use]
    pub fn are_everyone(&self) -> bool {
        match self {
            Principals::Only(principals) => {
                principals.iter().any(|principal| principal.kind == PrincipalKind::Aws && principal.name == "*")
            }
            Principals::Absent | Principals::Except(_) => false,
        }
    }

    /// Those named, of one kind; none for the `Not` form.
    pub fn named(&self, kind: PrincipalKind) -> impl Iterator<Item = &Principal> {
        let principals = match self {
            Principals::Only(principals) => principals.as_slice(),
            Principals::Absent | Principals::Except(_) => &[],
        };
        principals.iter().filter(move |principal| principal.kind == kind)
    }
}
