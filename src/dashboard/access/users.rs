//! The users file: who may log in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use super::Role;

/// Longest password that is looked at.
const LONGEST_PASSWORD: usize = 1024;

/// Why the users file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// It cannot be read.
    #[error("configuration key \"dashboard.users_file\": {} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is no user.
    #[error("configuration key \"dashboard.users_file\": {} line {line}: {problem}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// Nobody could log in.
    #[error(
        "configuration key \"dashboard.users_file\": {} names nobody; add a line name:operator:hash with a \
         hash from `orrery dashboard hash-password`",
        path.display()
    )]
    Empty {
        /// Which file.
        path: PathBuf,
    },
}

#[derive(Debug, Clone)]
struct User {
    role: Role,
    hash: Arc<str>,
}

/// Those who may log in.
#[derive(Debug)]
pub struct Users {
    known: HashMap<String, User>,
    /// The hash of nobody's password: an unknown name takes as long as a known one.
    nobody: Arc<str>,
}

/// Hash of a password: argon2id with 19 MiB, two passes and one lane, as OWASP advises, and a random salt.
///
/// # Errors
/// When the password is empty or longer than 1024 bytes.
pub fn hash(password: &str) -> Result<String, &'static str> {
    if password.is_empty() {
        return Err("the password is empty");
    }
    if password.len() > LONGEST_PASSWORD {
        return Err("the password is longer than 1024 bytes");
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|_| "the password cannot be hashed")
}

impl Users {
    /// Reads the file.
    ///
    /// # Errors
    /// Names the file, the line and what is wrong.
    pub fn read(path: &Path) -> Result<Self, UsersError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| UsersError::Read { path: path.to_path_buf(), source })?;
        Self::of_text(path, &text)
    }

    fn of_text(path: &Path, text: &str) -> Result<Self, UsersError> {
        let mut known = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong =
                |problem: String| UsersError::Line { path: path.to_path_buf(), line: at + 1, problem };
            let (name, user) = user(line).map_err(wrong)?;
            if known.insert(name.to_owned(), user).is_some() {
                return Err(wrong(format!("{name:?} stands there twice")));
            }
        }
        if known.is_empty() {
            return Err(UsersError::Empty { path: path.to_path_buf() });
        }
        let nobody = hash(&super::secret()).unwrap_or_default().into();
        Ok(Self { known, nobody })
    }

    /// How many viewers and operators there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let operators = self.known.values().filter(|user| user.role == Role::Operator).count();
        (self.known.len() - operators, operators)
    }

    pub(super) fn role(&self, name: &str) -> Option<Role> {
        self.known.get(name).map(|user| user.role)
    }

    /// Whether the password is that of the user. Takes as long for a name that nobody has.
    pub(super) async fn check(&self, name: &str, password: &str) -> bool {
        let user = self.known.get(name);
        let hash = Arc::clone(user.map_or(&self.nobody, |user| &user.hash));
        let known = user.is_some() && password.len() <= LONGEST_PASSWORD;
        let password = password.as_bytes()[..password.len().min(LONGEST_PASSWORD)].to_vec();
        let right = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(&password, &hash).is_ok())
        });
        right.await.unwrap_or(false) && known
    }
}

fn user(line: &str) -> Result<(&str, User), String> {
    let mut parts = line.splitn(3, ':');
    let (Some(name), Some(role), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("must be name:role:hash".to_owned());
    };
    if name.is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
        return Err("the name is empty, too long, or holds a control character".to_owned());
    }
    let role = match role {
        "viewer" => Role::Viewer,
        "operator" => Role::Operator,
        other => return Err(format!("the role is {other:?}, must be viewer or operator")),
    };
    match PasswordHash::new(hash) {
        Ok(read) if read.algorithm.as_str() == "argon2id" && read.hash.is_some() => {
            Ok((name, User { role, hash: hash.into() }))
        }
        // The text may be a password that somebody put there: it is not shown.
        _ => {
            Err("the third part is no argon2id hash; make one with `orrery dashboard hash-password`"
                .to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Users, String> {
        Users::of_text(Path::new("users"), text).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_user_is_known_by_his_password_only() {
        let text = format!("# who may act\n\nanna:operator:{}\n", hash("correct horse").unwrap());
        let users = read(&text).unwrap();
        assert_eq!(users.role("anna"), Some(Role::Operator));
        assert_eq!(users.counts(), (0, 1));
        assert!(users.check("anna", "correct horse").await);
        for (name, password) in [("anna", "correct hors"), ("anna", ""), ("otto", "correct horse")] {
            assert!(!users.check(name, password).await, "{name} {password}");
        }
    }

    #[test]
    fn a_line_that_is_no_user_is_named_and_its_secret_is_not_shown() {
        let good = hash("x").unwrap();
        for (text, expected) in [
            ("anna:operator:hunter2".to_owned(), "users line 1: the third part is no argon2id hash"),
            (format!("anna:admin:{good}"), "\"admin\", must be viewer or operator"),
            (format!(":viewer:{good}"), "the name is empty"),
            ("# nobody\nanna".to_owned(), "users line 2: must be name:role:hash"),
            (
                format!("anna:viewer:{good}\nanna:operator:{good}"),
                "users line 2: \"anna\" stands there twice",
            ),
            ("# nobody\n".to_owned(), "names nobody"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn hashes_are_argon2id_and_salted() {
        let (one, two) = (hash("same").unwrap(), hash("same").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(hash("").is_err() && hash(&"x".repeat(1025)).is_err());
    }
}
