//! Who may do what: scopes, roles, tokens, and what is written down about it.

use std::fmt;
use std::str::FromStr;

use crate::tenant::TenantId;

/// UUIDv7.
pub type TokenId = [u8; 16];

/// One thing that a token may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    ScansRead,
    ScansTrigger,
    DriftsRead,
    DriftsWrite,
    EvidenceRead,
    EvidenceWrite,
    SchedulesRead,
    SchedulesWrite,
    /// Policies too: they bind targets to frameworks.
    TargetsRead,
    TargetsWrite,
    PluginsRead,
    PluginsWrite,
    TokensWrite,
    AuditRead,
    /// The figures of the whole server, all tenants in one.
    MetricsRead,
    TenantsWrite,
}

impl Scope {
    pub const ALL: [Scope; 16] = [
        Scope::ScansRead,
        Scope::ScansTrigger,
        Scope::DriftsRead,
        Scope::DriftsWrite,
        Scope::EvidenceRead,
        Scope::EvidenceWrite,
        Scope::SchedulesRead,
        Scope::SchedulesWrite,
        Scope::TargetsRead,
        Scope::TargetsWrite,
        Scope::PluginsRead,
        Scope::PluginsWrite,
        Scope::TokensWrite,
        Scope::AuditRead,
        Scope::MetricsRead,
        Scope::TenantsWrite,
    ];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::ScansRead => "scans:read",
            Scope::ScansTrigger => "scans:trigger",
            Scope::DriftsRead => "drifts:read",
            Scope::DriftsWrite => "drifts:write",
            Scope::EvidenceRead => "evidence:read",
            Scope::EvidenceWrite => "evidence:write",
            Scope::SchedulesRead => "schedules:read",
            Scope::SchedulesWrite => "schedules:write",
            Scope::TargetsRead => "targets:read",
            Scope::TargetsWrite => "targets:write",
            Scope::PluginsRead => "plugins:read",
            Scope::PluginsWrite => "plugins:write",
            Scope::TokensWrite => "tokens:write",
            Scope::AuditRead => "audit:read",
            Scope::MetricsRead => "metrics:read",
            Scope::TenantsWrite => "tenants:write",
        }
    }

    /// Whether only tokens of the default tenant, which is the operator's, may have it: it reaches over all tenants.
    pub fn is_operators(self) -> bool {
        matches!(self, Scope::MetricsRead | Scope::TenantsWrite)
    }

    fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// A named set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Admin,
    Member,
    Viewer,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Admin, Role::Member, Role::Viewer];

    /// The word that every format uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Member => "member",
            Role::Viewer => "viewer",
        }
    }

    /// What the role allows where it reaches everything that its tenant may have.
    pub fn scopes(self) -> Scopes {
        const READ: [Scope; 6] = [
            Scope::ScansRead,
            Scope::DriftsRead,
            Scope::EvidenceRead,
            Scope::SchedulesRead,
            Scope::TargetsRead,
            Scope::PluginsRead,
        ];
        const MOVE: [Scope; 3] = [Scope::ScansTrigger, Scope::EvidenceWrite, Scope::DriftsWrite];
        match self {
            Role::Admin => Scope::ALL.into_iter().collect(),
            Role::Member => READ.into_iter().chain(MOVE).collect(),
            Role::Viewer => READ.into_iter().collect(),
        }
    }
}

macro_rules! words {
    ($($name:ident),*) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<$name, String> {
                $name::ALL.into_iter().find(|known| known.as_str() == word).ok_or_else(|| {
                    let known = $name::ALL.map($name::as_str).join(", ");
                    format!("'{word}' is none of {known}")
                })
            }
        })*
    };
}

words!(Scope, Role);

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u32);

impl Scopes {
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// Those that `other` lacks.
    #[must_use]
    pub fn beyond(self, other: Scopes) -> Scopes {
        Scopes(self.0 & !other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Scopes {
        Scopes(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

/// What a token was given. A role is kept by its name, so that it grows with what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    Role(Role),
    Scopes(Scopes),
}

impl Grant {
    /// What it allows a token of a tenant.
    pub fn scopes(self, tenant: &TenantId) -> Scopes {
        let named = match self {
            Grant::Role(role) => role.scopes(),
            Grant::Scopes(scopes) => scopes,
        };
        let operator = *tenant == crate::tenant::DEFAULT;
        named.iter().filter(|scope| operator || !scope.is_operators()).collect()
    }
}

/// What is known of a token; not the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: TokenId,
    pub tenant: TenantId,
    /// For people.
    pub name: String,
    pub grant: Grant,
    /// The token's first characters, by which its holder knows it again.
    pub prefix: String,
    /// RFC 3339, UTC, milliseconds; so are the other times.
    pub created_at: String,
    pub expires_at: Option<String>,
    pub revoked_at: Option<String>,
    /// To the minute.
    pub last_used_at: Option<String>,
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Expired,
    Revoked,
}

impl Token {
    /// Whether it is taken at a time.
    pub fn refusal(&self, now: &str) -> Option<Refusal> {
        // Times of one form order as texts.
        if self.revoked_at.is_some() {
            Some(Refusal::Revoked)
        } else if self.expires_at.as_deref().is_some_and(|end| end <= now) {
            Some(Refusal::Expired)
        } else {
            None
        }
    }
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Token(TokenId),
    /// Somebody at the machine, who may read and write the ledger's file.
    Cli,
    /// The server itself, or somebody it does not know.
    System,
}

/// Something that somebody did or tried, as the audit log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    pub tenant: TenantId,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    pub actor: Actor,
    /// For example `POST /v1/tokens` or `token create`.
    pub action: String,
    /// What it was done to: a path, an id, an address.
    pub object: String,
    /// An HTTP status, or a word.
    pub result: String,
    /// By which the server's log knows the request.
    pub request_id: Option<String>,
    /// How many there were of the same kind; more than one where they are too many to keep apart.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::DEFAULT;

    #[test]
    fn every_scope_and_role_is_known_by_its_word() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("scans:write".parse::<Scope>().unwrap_err().contains("scans:trigger"));
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for scope in Scope::ALL {
            let set: Scopes = [scope].into_iter().collect();
            assert_eq!(set.iter().collect::<Vec<_>>(), [scope]);
            assert!(Scope::ALL.into_iter().all(|other| set.contains(other) == (other == scope)));
        }
    }

    #[test]
    fn a_viewer_changes_nothing_and_a_member_neither_tokens_nor_settings() {
        let member = Role::Member.scopes();
        for scope in Scope::ALL {
            let word = scope.as_str();
            assert!(!Role::Viewer.scopes().contains(scope) || word.ends_with(":read"), "{word}");
            let moves = ["scans:trigger", "evidence:write", "drifts:write"].contains(&word);
            assert!(!member.contains(scope) || word.ends_with(":read") || moves, "{word}");
        }
        assert!(Role::Viewer.scopes().beyond(member).is_empty());
        assert!(member.beyond(Role::Admin.scopes()).is_empty());
    }

    #[test]
    fn only_the_default_tenant_reaches_over_all_tenants() {
        let admin = Grant::Role(Role::Admin);
        let named = Grant::Scopes(Scope::ALL.into_iter().collect());
        for grant in [admin, named] {
            let elsewhere = grant.scopes(&[1; 16]);
            assert!(Scope::ALL.into_iter().all(|scope| elsewhere.contains(scope) != scope.is_operators()));
            assert!(Scope::ALL.into_iter().all(|scope| grant.scopes(&DEFAULT).contains(scope)));
        }
    }

    #[test]
    fn a_token_ends_at_its_time_and_when_it_is_revoked() {
        let mut token = Token {
            id: [1; 16],
            tenant: DEFAULT,
            name: String::new(),
            grant: Grant::Role(Role::Viewer),
            prefix: String::new(),
            created_at: "2026-11-21T10:00:00.000Z".into(),
            expires_at: Some("2026-11-22T10:00:00.000Z".into()),
            revoked_at: None,
            last_used_at: None,
        };
        assert_eq!(token.refusal("2026-11-22T09:59:59.999Z"), None);
        assert_eq!(token.refusal("2026-11-22T10:00:00.000Z"), Some(Refusal::Expired));
        token.revoked_at = Some("2026-11-21T11:00:00.000Z".into());
        assert_eq!(token.refusal("2026-11-21T12:00:00.000Z"), Some(Refusal::Revoked));
    }
}
