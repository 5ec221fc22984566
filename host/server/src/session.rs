//! Sessions of the dashboard: what a browser has in the place of a token. They are in memory and end with the process. A session names
//! the token that it was begun with, which is looked up again for each request: one that is revoked or expires ends its sessions.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use plumb_model::access::TokenId;

use crate::limits::{SESSION_IDLE, SESSION_LIFE, SESSIONS, SESSIONS_PER_TOKEN, TOKEN_BYTES};

/// The cookie's name.
const NAME: &str = "plumb_session";

/// 256 random bits, which nobody guesses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Secret([u8; TOKEN_BYTES]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    fn random() -> Result<Secret, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Secret(bytes))
    }

    /// 64 hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// Whether a text is this, in a time that does not depend on where it differs.
    pub(crate) fn is(&self, text: &str) -> bool {
        blake3::Hash::from_hex(text).is_ok_and(|other| other == blake3::Hash::from_bytes(self.0))
    }
}

/// One browser's visit.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: Secret,
    /// Stands in every form, so that a form of somebody else's page is not taken for one of ours.
    pub(crate) form_token: Secret,
    pub(crate) token: TokenId,
    /// What the ledger knows the token by.
    pub(crate) hash: [u8; 32],
    /// The token's name and its tenant's, for people.
    pub(crate) name: String,
    pub(crate) tenant_name: String,
    begun: Instant,
    used: Instant,
    notice: Option<String>,
}

/// Whose session is begun.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    pub(crate) token: TokenId,
    pub(crate) hash: [u8; 32],
    pub(crate) name: String,
    pub(crate) tenant_name: String,
}

/// All sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<Secret, Session>>);

impl Sessions {
    // A panic while it was held leaves sessions as they were.
    fn sessions(&self) -> MutexGuard<'_, HashMap<Secret, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session. Where there are too many, the one that was not used for the longest time ends: of the same token first.
    pub(crate) fn begin(&self, new: NewSession, now: Instant) -> Result<Session, getrandom::Error> {
        let NewSession { token, hash, name, tenant_name } = new;
        let (id, form_token) = (Secret::random()?, Secret::random()?);
        let session = Session { id, form_token, token, hash, name, tenant_name, begun: now, used: now, notice: None };
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.is_alive(now));
        let own = sessions.values().filter(|session| session.token == token).count();
        let quietest = |sessions: &HashMap<Secret, Session>, of: Option<TokenId>| {
            let candidates = sessions.values().filter(|session| of.is_none_or(|token| session.token == token));
            candidates.min_by_key(|session| session.used).map(|session| session.id)
        };
        let ends = if own >= SESSIONS_PER_TOKEN {
            quietest(&sessions, Some(token))
        } else if sessions.len() >= SESSIONS {
            quietest(&sessions, None)
        } else {
            None
        };
        ends.and_then(|id| sessions.remove(&id));
        sessions.insert(id, session.clone());
        Ok(session)
    }

    /// The session that a request names, which is used by that.
    pub(crate) fn of(&self, headers: &HeaderMap, now: Instant) -> Option<Session> {
        let id = Secret(*blake3::Hash::from_hex(cookie(headers)?).ok()?.as_bytes());
        let mut sessions = self.sessions();
        let session = sessions.get_mut(&id)?;
        if !session.is_alive(now) {
            sessions.remove(&id);
            return None;
        }
        session.used = now;
        Some(session.clone())
    }

    pub(crate) fn end(&self, id: &Secret) {
        self.sessions().remove(id);
    }

    /// Leaves a sentence for the next page of a session.
    pub(crate) fn leave_notice(&self, id: &Secret, notice: impl Into<String>) {
        if let Some(session) = self.sessions().get_mut(id) {
            session.notice = Some(notice.into());
        }
    }

    pub(crate) fn take_notice(&self, id: &Secret) -> Option<String> {
        self.sessions().get_mut(id)?.notice.take()
    }
}

impl Session {
    fn is_alive(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.begun) < SESSION_LIFE
            && now.saturating_duration_since(self.used) < SESSION_IDLE
    }

    /// The header that gives a browser its session. No script reads it and no other site's request bears it.
    pub(crate) fn cookie(&self, secure: bool) -> String {
        set_cookie(&self.id.hex(), SESSION_LIFE.as_secs(), secure)
    }
}

/// The header that takes a session away from a browser.
pub(crate) fn no_cookie(secure: bool) -> String {
    set_cookie("", 0, secure)
}

fn set_cookie(value: &str, seconds: u64, secure: bool) -> String {
    let mut text = format!("{NAME}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}");
    if secure {
        // Writing to a text does not fail.
        write!(text, "; Secure").unwrap_or_default();
    }
    text
}

/// The value of our cookie; none where there are two, of which one is somebody else's.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut own = pairs.filter(|(name, _)| *name == NAME).map(|(_, value)| value);
    own.next().filter(|_| own.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn new(token: u8) -> NewSession {
        NewSession { token: [token; 16], hash: [token; 32], name: "laptop".into(), tenant_name: "default".into() }
    }

    fn bearing(session: &Session) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("a=b; {NAME}={}", session.id.hex()).parse().unwrap());
        headers
    }

    #[test]
    fn a_session_is_found_by_its_cookie_until_it_is_left_alone_or_grows_old() {
        let (sessions, begin) = (Sessions::default(), Instant::now());
        let session = sessions.begin(new(1), begin).unwrap();
        assert_eq!(sessions.of(&bearing(&session), begin).unwrap().token, [1; 16]);
        let idle = begin + SESSION_IDLE;
        assert!(sessions.of(&bearing(&session), idle).is_none());
        let session = sessions.begin(new(1), begin).unwrap();
        let mut now = begin;
        while now + SESSION_IDLE / 2 < begin + SESSION_LIFE {
            now += SESSION_IDLE / 2;
            assert!(sessions.of(&bearing(&session), now).is_some());
        }
        assert!(sessions.of(&bearing(&session), begin + SESSION_LIFE).is_none());
    }

    #[test]
    fn an_ended_session_and_a_doubled_cookie_count_for_nothing() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let session = sessions.begin(new(1), now).unwrap();
        let mut twice = bearing(&session);
        twice.append(COOKIE, format!("{NAME}=0").parse().unwrap());
        assert!(sessions.of(&twice, now).is_none());
        sessions.end(&session.id);
        assert!(sessions.of(&bearing(&session), now).is_none());
        assert!(sessions.of(&HeaderMap::new(), now).is_none());
    }

    #[test]
    fn no_token_has_more_sessions_than_its_bound_and_the_quietest_goes_first() {
        let (sessions, begin) = (Sessions::default(), Instant::now());
        let at = |second: usize| begin + Duration::from_secs(u64::try_from(second).unwrap());
        let other = sessions.begin(new(2), begin).unwrap();
        let first = sessions.begin(new(1), at(0)).unwrap();
        let second = sessions.begin(new(1), at(1)).unwrap();
        for number in 2..SESSIONS_PER_TOKEN {
            sessions.begin(new(1), at(number)).unwrap();
        }
        assert!(sessions.of(&bearing(&first), at(SESSIONS_PER_TOKEN)).is_some());
        sessions.begin(new(1), at(SESSIONS_PER_TOKEN + 1)).unwrap();
        assert_eq!(sessions.sessions().len(), SESSIONS_PER_TOKEN + 1);
        assert!(sessions.of(&bearing(&second), at(SESSIONS_PER_TOKEN + 2)).is_none());
        assert!(sessions.of(&bearing(&first), at(SESSIONS_PER_TOKEN + 2)).is_some());
        assert!(sessions.of(&bearing(&other), at(SESSIONS_PER_TOKEN + 2)).is_some());
    }

    #[test]
    fn a_notice_is_read_once() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let session = sessions.begin(new(1), now).unwrap();
        sessions.leave_notice(&session.id, "Muted.");
        assert_eq!(sessions.take_notice(&session.id).as_deref(), Some("Muted."));
        assert_eq!(sessions.take_notice(&session.id), None);
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_from_other_sites() {
        let session = Sessions::default().begin(new(1), Instant::now()).unwrap();
        let cookie = session.cookie(true);
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!session.cookie(false).contains("Secure"));
        assert!(session.form_token.is(&session.form_token.hex()) && !session.form_token.is(&session.id.hex()));
    }
}
