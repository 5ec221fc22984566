//! A check's command with the resource's own names in it. Names are whatever somebody called a resource: each goes into the command
//! as one quoted word, or not at all. [`plan`] does so for all violations of a scan, [`files`] writes that down for people.
//!
//! [`choose`], [`steps`] and [`mend`] are for who has a provider mend: which violations, what would be sent, and the sending of it.

pub mod choose;
pub mod files;
pub mod mend;
pub mod plan;
pub mod steps;

use plumb_model::resource::ResourceRef;
use serde_json::{Map, Value};

/// What the words of a placeholder end in. A check's author writes placeholders as commands' manuals do: `BUCKET`, `KEY_ARN`.
const NOUNS: [&str; 49] = [
    "ACCOUNT",
    "ACL",
    "ADDRESS",
    "ARN",
    "BUCKET",
    "CERTIFICATE",
    "CLASS",
    "CLUSTER",
    "CODE",
    "DATE",
    "ENGINE",
    "FILE",
    "FUNCTION",
    "GROUP",
    "ID",
    "INSTANCE",
    "KEY",
    "NAME",
    "NUMBER",
    "PATH",
    "PEERING",
    "POLICY",
    "PREFIX",
    "PROFILE",
    "PROJECT",
    "QUEUE",
    "REGION",
    "REPOSITORY",
    "RESOURCE",
    "ROLE",
    "ROUTE",
    "RULE",
    "SECRET",
    "SERIAL",
    "SERVICE",
    "SID",
    "SNAPSHOT",
    "STAGE",
    "STREAM",
    "SUBNET",
    "TABLE",
    "TASK",
    "TEXT",
    "TOKEN",
    "TOPIC",
    "TRAIL",
    "URL",
    "USER",
    "VERSION",
];

/// Nouns that stand for the resource itself where it is of one kind, and the attribute that the command wants then.
const OWN: [(&str, &str, &str); 30] = [
    ("BUCKET", "aws_s3_bucket", "bucket"),
    ("CLUSTER", "aws_ecs_cluster", "name"),
    ("CLUSTER", "aws_eks_cluster", "name"),
    ("CLUSTER", "aws_redshift_cluster", "cluster_identifier"),
    ("FUNCTION", "aws_lambda_function", "function_name"),
    ("GROUP", "aws_cloudwatch_log_group", "name"),
    ("GROUP", "aws_iam_group", "name"),
    ("GROUP_ID", "aws_security_group", "id"),
    ("INSTANCE_ID", "aws_instance", "id"),
    ("KEY_ARN", "aws_kms_key", "arn"),
    ("KEY_ID", "aws_kms_key", "key_id"),
    ("KEY", "aws_kms_key", "key_id"),
    ("POLICY_ARN", "aws_iam_policy", "arn"),
    ("PROJECT", "aws_codebuild_project", "name"),
    ("QUEUE_ARN", "aws_sqs_queue", "arn"),
    ("QUEUE_URL", "aws_sqs_queue", "id"),
    ("REPOSITORY", "aws_ecr_repository", "name"),
    ("ROLE_ARN", "aws_iam_role", "arn"),
    ("ROLE", "aws_iam_role", "name"),
    ("SECRET_ARN", "aws_secretsmanager_secret", "arn"),
    ("SECRET_ID", "aws_secretsmanager_secret", "id"),
    ("SNAPSHOT_ID", "aws_ebs_snapshot", "id"),
    ("STREAM", "aws_kinesis_stream", "name"),
    ("SUBNET_ID", "aws_subnet", "id"),
    ("TABLE", "aws_dynamodb_table", "name"),
    ("TOPIC_ARN", "aws_sns_topic", "arn"),
    ("TRAIL", "aws_cloudtrail", "name"),
    ("USER", "aws_iam_user", "name"),
    ("VAULT", "aws_glacier_vault", "name"),
    ("VPC_ID", "aws_vpc", "id"),
];

/// Operations that make something: their `NAME` is that of the new thing.
const MAKING: [&str; 6] = ["allocate-", "copy-", "create-", "register-", "request-", "restore-"];

/// Longer names are no cloud's.
const VALUE_CHARS: usize = 2_048;

/// A command, as far as it could be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    pub command: String,
    /// What somebody has to put in before it can be run: placeholders, and files that it reads.
    pub missing: Vec<String>,
}

/// Puts a resource's names into a check's command. Without its document only what the finding itself says is known.
pub fn fill(command: &str, resource: &ResourceRef, document: Option<&Map<String, Value>>) -> Filled {
    let makes =
        command.split_whitespace().nth(2).is_some_and(|verb| MAKING.iter().any(|making| verb.starts_with(making)));
    let mut filled = Filled::default();
    let mut previous = "";
    for (word, quoted) in words(command) {
        let placeholder = !quoted && is_placeholder(word) && previous != "--type";
        let value = || value(word, resource, document).filter(|_| !makes || word == "REGION");
        if let Some(value) = placeholder.then(value).flatten() {
            filled.command.push_str(&quote(&value));
        } else {
            filled.command.push_str(word);
            let file = word.trim_matches(|c| c == '\'' || c == '"').split("file://").nth(1);
            if placeholder {
                filled.miss(word);
            } else if let Some(file) = file {
                filled.miss(file.split([',', '\'', '"']).next().unwrap_or(file));
            } else if quoted {
                inner(word).filter(|inner| is_placeholder(inner)).for_each(|inner| filled.miss(inner));
            }
        }
        if !word.trim().is_empty() {
            previous = word;
        }
    }
    filled
}

impl Filled {
    fn miss(&mut self, name: &str) {
        if !name.is_empty() && !self.missing.iter().any(|known| known == name) {
            self.missing.push(name.to_owned());
        }
    }
}

/// A text as one word of a shell: nothing in it is read as anything else.
pub fn quote(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The command in pieces that together are the whole of it: spaces, words, and words with quotes or braces in them (true).
fn words(command: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let (mut rest, mut quote) = (command, None);
    while !rest.is_empty() {
        let spaces = rest.starts_with(char::is_whitespace);
        let mut special = false;
        let mut end = rest.len();
        for (place, c) in rest.char_indices() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if c == '\'' || c == '"' => (quote, special) = (Some(c), true),
                None if c.is_whitespace() != spaces => {
                    end = place;
                    break;
                }
                None => special |= "{}[]=,:/".contains(c),
            }
        }
        let (piece, after) = rest.split_at(end);
        pieces.push((piece, special));
        rest = after;
    }
    pieces
}

/// The words inside a word that is built of several.
fn inner(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|part| part.len() > 1)
}

fn is_placeholder(word: &str) -> bool {
    let upper = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && word.len() > 1;
    let last = word.rsplit('_').next().unwrap_or_default();
    // `SUBNET_A`: one of several.
    let last = if last.len() == 1 { word.rsplit('_').nth(1).unwrap_or_default() } else { last };
    upper && NOUNS.contains(&last)
}

/// What a placeholder stands for, if that is sure and is nothing that the command would take for something else.
fn value(placeholder: &str, resource: &ResourceRef, document: Option<&Map<String, Value>>) -> Option<String> {
    let attribute = |name: &str| document?.get(name)?.as_str().map(str::to_owned);
    let own = OWN.iter().find(|(noun, kind, _)| *noun == placeholder && *kind == resource.kind);
    let found = match (placeholder, own) {
        (_, Some((_, _, name))) => attribute(name).or_else(|| attribute("name")),
        ("ARN", _) => attribute("arn"),
        ("ID", _) => attribute("id"),
        ("NAME", _) => attribute("name").or_else(|| attribute("id")),
        ("REGION", _) => Some(resource.region.clone()),
        ("ACCOUNT" | "ACCOUNT_ID", _) => Some(resource.account.clone()),
        _ => None,
    };
    found.filter(|value| is_harmless(value))
}

/// Quoting keeps a value one word; these are read by the cloud's command itself: options, and files to read the value from.
fn is_harmless(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    !value.is_empty()
        && value.len() <= VALUE_CHARS
        && !value.starts_with(['-', '@'])
        && !lower.starts_with("file:")
        && !lower.starts_with("fileb:")
        && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn bucket(name: &str) -> (ResourceRef, Map<String, Value>) {
        let resource =
            ResourceRef { kind: "aws_s3_bucket".into(), region: "eu-central-1".into(), ..ResourceRef::default() };
        (
            resource,
            json!({"bucket": name, "id": name, "arn": format!("arn:aws:s3:::{name}")}).as_object().unwrap().clone(),
        )
    }

    fn filled(command: &str, name: &str) -> Filled {
        let (resource, document) = bucket(name);
        fill(command, &resource, Some(&document))
    }

    #[test]
    fn a_resources_own_name_is_put_in_and_other_names_are_said_to_be_missing() {
        let versioning = "aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled";
        let whole = filled(versioning, "logs");
        assert_eq!(whole.command, versioning.replace("BUCKET", "logs"));
        assert_eq!(whole.missing, Vec::<String>::new());
        let policy = filled("aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json", "logs");
        assert_eq!((policy.command.contains("--bucket logs"), policy.missing), (true, vec!["policy.json".to_owned()]));
        let key =
            filled("aws kms enable --key KEY_ARN --where '{\"Bucket\": \"ROLE_ARN\"}' --mode PAY_PER_REQUEST", "logs");
        assert_eq!(key.missing, ["KEY_ARN", "ROLE_ARN"]);
    }

    #[test]
    fn what_a_command_makes_is_not_named_after_what_was_found() {
        let made = filled("aws backup create-backup-vault --backup-vault-name NAME --region REGION", "logs");
        assert_eq!(made.command, "aws backup create-backup-vault --backup-vault-name NAME --region eu-central-1");
        assert_eq!(made.missing, ["NAME"]);
    }

    #[test]
    fn a_hostile_name_stays_one_word_or_is_left_out() {
        let command = "aws s3 ls --bucket BUCKET";
        assert_eq!(filled(command, "a; rm -rf ~").command, "aws s3 ls --bucket 'a; rm -rf ~'");
        assert_eq!(filled(command, "it's $(id)").command, r"aws s3 ls --bucket 'it'\''s $(id)'");
        for name in ["--profile=evil", "file:///etc/passwd", "FILEB://x", "a\nrm", "\u{1b}[2J", ""] {
            assert_eq!(filled(command, name), Filled { command: command.into(), missing: vec!["BUCKET".into()] });
        }
    }

    proptest! {
        #[test]
        fn a_shell_reads_a_quoted_text_as_it_was(text in "\\PC{0,40}") {
            let output = std::process::Command::new("sh").arg("-c").arg(format!("printf %s {}", quote(&text))).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }

        #[test]
        fn no_piece_of_a_command_is_lost(command in "[a-z '\"{},=A-Z]{0,60}") {
            let whole: String = words(&command).into_iter().map(|(piece, _)| piece).collect();
            prop_assert_eq!(whole, command);
        }
    }
}
