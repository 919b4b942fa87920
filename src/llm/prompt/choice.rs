//! Which version of a prompt a report is asked with: what its organization is pinned to, else what the configuration says, which may
//! try a newer version with a share of them.

use uuid::Uuid;

use super::Prompt;
use crate::config::{ConfigError, Llm, PromptNextBy};
use crate::domain::digest::sha256;
use crate::llm::error::LlmError;

/// The prompt of reports.
const REPORT: &str = "report";

/// Where an organization is pinned to a version.
pub const PIN: &str = "orrery.organization_policy.prompt_version";

/// The versions that are in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    usual: Prompt,
    next: Option<Next>,
}

/// A version that is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Next {
    prompt: Prompt,
    percent: u8,
    by: PromptNextBy,
}

impl Choice {
    /// From the configuration.
    ///
    /// # Errors
    /// When it names a version that does not exist.
    pub fn of(config: &Llm) -> Result<Self, ConfigError> {
        let find = |key: &str, version: &str| {
            Prompt::find(REPORT, (!version.is_empty()).then_some(version)).map_err(|error| {
                ConfigError::Value {
                    key: key.to_owned(),
                    origin: "the configuration".to_owned(),
                    problem: format!("is {version:?}: {}", error.message),
                }
            })
        };
        let next = match config.prompt_next.as_str() {
            "" => None,
            version => Some(Next {
                prompt: find("llm.prompt_next", version)?,
                percent: config.prompt_next_percent,
                by: config.prompt_next_by,
            }),
        };
        Ok(Self { usual: find("llm.prompt", &config.prompt)?, next })
    }

    /// The prompt for a row of an organization, which may be pinned to a version. Always the same for the same row, so that an answer
    /// that is paid is found again.
    ///
    /// # Errors
    /// When the organization is pinned to a version that does not exist; the message names where.
    pub fn prompt(&self, pinned: Option<&str>, organization: Uuid, row: Uuid) -> Result<Prompt, LlmError> {
        if let Some(version) = pinned {
            return Prompt::find(REPORT, Some(version)).map_err(|mut error| {
                error.message =
                    format!("{PIN} of organization {organization} is {version:?}: {}", error.message);
                error
            });
        }
        let tried = self.next.as_ref().filter(|next| {
            let id = match next.by {
                PromptNextBy::Organization => organization,
                PromptNextBy::Row => row,
            };
            place(&next.prompt, id) < next.percent
        });
        Ok(tried.map_or(&self.usual, |next| &next.prompt).clone())
    }
}

/// 0 to 99: where an id stands among all of them. Another order for each version, so that not the same are always first.
fn place(prompt: &Prompt, id: Uuid) -> u8 {
    let hash = sha256(&format!("{} {} {id}", prompt.reference.id, prompt.reference.version));
    let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    u8::try_from((u64::from(number) * 100) >> 32).unwrap_or(99)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn choice(lines: &str) -> Result<Choice, ConfigError> {
        Choice::of(&Config::of_text(Path::new("test.toml"), &format!("[llm]\n{lines}")).unwrap().llm)
    }

    fn version(choice: &Choice, pinned: Option<&str>, organization: u128, row: u128) -> String {
        let ids = (Uuid::from_u128(organization), Uuid::from_u128(row));
        choice.prompt(pinned, ids.0, ids.1).unwrap().reference.version
    }

    #[test]
    fn without_a_word_everybody_has_the_released_version() {
        let choice = choice("").unwrap();
        assert!((0..200).all(|id| version(&choice, None, id, id) == "1.0.0"));
        assert_eq!(version(&choice, Some("1.1.0"), 1, 1), "1.1.0", "a pin wins");
    }

    #[test]
    fn a_share_of_the_organizations_tries_the_next_version_and_keeps_it() {
        let of = |percent: u8| {
            choice(&format!("prompt_next = \"1.1.0\"\nprompt_next_percent = {percent}")).unwrap()
        };
        let tries = |percent: u8| -> Vec<u128> {
            let choice = of(percent);
            (0..2000).filter(|id| version(&choice, None, *id, id + 7) == "1.1.0").collect()
        };
        let (none, some, more, all) = (tries(0), tries(10), tries(30), tries(100));
        assert!(none.is_empty() && all.len() == 2000);
        assert!((140..=260).contains(&some.len()), "{} of 2000 are about 10 %", some.len());
        assert!(some.iter().all(|id| more.contains(id)), "who tries it goes on when the share grows");
        assert_eq!(some, tries(10), "the same each time");
        assert_eq!(version(&of(100), Some("1.0.0"), 1, 1), "1.0.0", "a pin wins");
    }

    #[test]
    fn a_share_of_the_rows_splits_one_organization() {
        let choice =
            choice("prompt_next = \"1.1.0\"\nprompt_next_percent = 50\nprompt_next_by = \"row\"").unwrap();
        let tried = (0..1000).filter(|row| version(&choice, None, 1, *row) == "1.1.0").count();
        assert!((400..=600).contains(&tried), "{tried}");
    }

    #[test]
    fn a_version_that_does_not_exist_is_refused_with_its_field_and_what_exists() {
        for (lines, field) in
            [("prompt = \"2.0.0\"", "llm.prompt"), ("prompt_next = \"2.0.0\"", "llm.prompt_next")]
        {
            let error = choice(lines).unwrap_err().to_string();
            assert!(
                error.contains(field) && error.contains("2.0.0") && error.contains("[1.0.0, 1.1.0]"),
                "{error}"
            );
        }
        let pinned =
            choice("").unwrap().prompt(Some("2.0.0"), Uuid::nil(), Uuid::nil()).unwrap_err().to_string();
        assert!(
            pinned.contains(PIN) && pinned.contains("2.0.0") && pinned.contains("[1.0.0, 1.1.0]"),
            "{pinned}"
        );
    }
}
