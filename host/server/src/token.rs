//! A token's text, and the key that its stored hash is made with.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use plumb_engine::notify::signature::SigningKey;

use crate::limits::TOKEN_BYTES;

/// What every token begins with, so that secret scanners know one when they see it.
const PREFIX: &str = "plumb_";
/// Characters that hold the random bytes.
const SECRET_CHARS: usize = 43;
/// Characters of the checksum behind them: a scanner tells a token from random text without asking anybody.
const CHECKSUM_CHARS: usize = 6;
/// Of the secret, how much is shown in lists; the rest still has 220 bits.
const SHOWN_CHARS: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The file in the data folder.
const KEY_FILE: &str = "token.key";

/// A whole token. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())?;
        f.write_str("...")
    }
}

impl TokenText {
    /// 256 random bits.
    pub fn random() -> Result<TokenText, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        let secret = base62::<SECRET_CHARS>(&mut bytes);
        Ok(TokenText(format!("{PREFIX}{secret}{}", checksum(&secret))))
    }

    /// A text that has the form of a token. Most of what is not one is refused here, before the ledger is asked.
    pub fn parse(text: &str) -> Option<TokenText> {
        let (secret, check) = text.strip_prefix(PREFIX)?.split_at_checked(SECRET_CHARS)?;
        let formed = secret.bytes().all(|digit| digit.is_ascii_alphanumeric()) && check == checksum(secret);
        formed.then(|| TokenText(text.to_owned()))
    }

    /// To be shown once.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The beginning, by which its holder knows it again.
    pub fn shown(&self) -> &str {
        self.0.get(..PREFIX.len() + SHOWN_CHARS).unwrap_or(PREFIX)
    }
}

fn checksum(secret: &str) -> String {
    base62::<CHECKSUM_CHARS>(&mut crc32fast::hash(secret.as_bytes()).to_be_bytes())
}

/// A big-endian number in base 62 with leading zeros, by long division; what the digits do not hold is dropped.
fn base62<const CHARS: usize>(number: &mut [u8]) -> String {
    let mut digits = [b'0'; CHARS];
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0u16;
        for byte in number.iter_mut() {
            let value = (remainder << 8) | u16::from(*byte);
            // Below 256: the remainder was below 62.
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *digit = DIGITS.get(usize::from(remainder)).copied().unwrap_or(b'0');
    }
    digits.into_iter().map(char::from).collect()
}

/// The key of the hash that tokens are stored under. It lies beside the ledger and is not in it, so that a copy of the ledger
/// neither holds tokens nor lets anybody try them.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyError {
    #[error("{}: {source}", path.display())]
    Io { path: std::path::PathBuf, source: io::Error },
    #[error("{} has {length} bytes instead of 32; restore it from a backup, or remove it and make all tokens anew", path.display())]
    Length { path: std::path::PathBuf, length: usize },
    #[error("{} is missing, and the ledger has tokens that are only known by it; restore it from where you keep it", path.display())]
    Missing { path: std::path::PathBuf },
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl TokenKey {
    /// Where the key of a folder's ledger lies. A backup of the ledger does not hold it: whoever has both can try tokens.
    pub fn path(folder: &Path) -> std::path::PathBuf {
        folder.join(KEY_FILE)
    }

    pub fn exists(folder: &Path) -> bool {
        TokenKey::path(folder).exists()
    }

    /// A key that ends with the process, for ledgers in memory.
    pub fn random() -> Result<TokenKey, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(TokenKey(key))
    }

    /// The key in the ledger's folder; made, for its owner alone, if it is not there.
    pub fn open(folder: &Path) -> Result<TokenKey, TokenKeyError> {
        let path = TokenKey::path(folder);
        let failed = |source| TokenKeyError::Io { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(bytes) => {
                let key = bytes.as_slice().try_into();
                key.map(TokenKey).map_err(|_| TokenKeyError::Length { path: path.clone(), length: bytes.len() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = TokenKey::random()?;
                create(&path, &key.0).map_err(failed)?;
                Ok(key)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// What a token is stored under. The stored hashes are looked up, which takes a time that depends on them; without the key
    /// nobody can choose hashes to learn from that.
    pub fn hash(&self, token: &TokenText) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, token.0.as_bytes()).as_bytes()
    }

    /// The key of webhooks' secrets, which belongs to the same ledger and is kept the same way.
    pub fn signing(&self) -> SigningKey {
        SigningKey::derive(&self.0)
    }
}

fn create(path: &Path, key: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_form_that_is_looked_for_and_no_two_are_the_same() {
        let (one, two) = (TokenText::random().unwrap(), TokenText::random().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.as_str().len(), 55);
        assert!(one.as_str()[6..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(TokenText::parse(one.as_str()), Some(one.clone()));
        assert!(!format!("{one:?}").contains(&one.as_str()[12..]));
    }

    #[test]
    fn a_text_with_any_character_changed_is_no_token() {
        let token = TokenText::random().unwrap();
        for place in 0..token.as_str().len() {
            let mut bytes = token.as_str().as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
            assert_eq!(TokenText::parse(std::str::from_utf8(&bytes).unwrap()), None, "{place}");
        }
        for text in ["", "plumb_", "plumb_äöü", &token.as_str()[..54], &format!("{}0", token.as_str())] {
            assert_eq!(TokenText::parse(text), None);
        }
    }

    #[test]
    fn all_bits_of_a_number_are_in_its_digits() {
        assert_eq!(base62::<SECRET_CHARS>(&mut [0; 32]), "0".repeat(43));
        // 2^256 - 1, worked out by another program.
        assert_eq!(base62::<SECRET_CHARS>(&mut [255; 32]), "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
        assert_eq!(base62::<CHECKSUM_CHARS>(&mut u32::MAX.to_be_bytes()), "4gfFC3");
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let token = TokenText::random().unwrap();
        let first = TokenKey::open(folder.path()).unwrap().hash(&token);
        assert_eq!(TokenKey::open(folder.path()).unwrap().hash(&token), first);
        assert_ne!(TokenKey::random().unwrap().hash(&token), first);
        let path = folder.path().join(KEY_FILE);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
        std::fs::write(&path, "short").unwrap();
        assert!(TokenKey::open(folder.path()).unwrap_err().to_string().contains("5 bytes"));
    }
}
