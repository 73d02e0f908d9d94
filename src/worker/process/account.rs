//! The account that native processes run under: named by the operator, found by the system.

use std::process::Command;

/// An account of the operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

/// Whether scripts may run as the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameAccount {
    Refused,
    /// The operator said so in words.
    Accepted,
}

/// Why an account can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("there is no account `{0}`")]
    Unknown(String),
    #[error(
        "the account `{name}` is {what}: whoever writes a script would be {what}, too. Name another account, or say --native-scripts-are-the-server"
    )]
    TooMighty { name: String, what: &'static str },
    #[error("only root can run scripts under another account: this server runs as uid {own}")]
    NotRoot { own: u32 },
    #[error("accounts can't be looked up with `getent`")]
    LookUp(#[source] std::io::Error),
}

impl Account {
    /// The account called `name`, if scripts may run under it.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn find(name: &str, same: SameAccount) -> Result<Self, AccountError> {
        let found = Command::new("getent")
            .args(["passwd", name])
            .output()
            .map_err(AccountError::LookUp)?;
        let unknown = || AccountError::Unknown(name.to_owned());
        let line = String::from_utf8(found.stdout).map_err(|_| unknown())?;
        let account = Self::parse(&line).ok_or_else(unknown)?;
        account.check(rustix::process::geteuid().as_raw(), same)?;
        Ok(account)
    }

    /// A line of `passwd(5)`.
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.trim_end().split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { name, uid, gid })
    }

    fn check(&self, own: u32, same: SameAccount) -> Result<(), AccountError> {
        let too_mighty = |what| {
            let name = self.name.clone();
            AccountError::TooMighty { name, what }
        };
        match same {
            SameAccount::Accepted if self.uid == own => return Ok(()),
            _ if self.uid == 0 => return Err(too_mighty("root")),
            _ if self.uid == own => return Err(too_mighty("the server's own")),
            SameAccount::Refused | SameAccount::Accepted => {}
        }
        if own == 0 {
            Ok(())
        } else {
            Err(AccountError::NotRoot { own })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_becomes_root_or_the_server_without_words() {
        let account = |uid| Account::parse(&format!("x:*:{uid}:7::/:/bin/sh\n")).expect("a line");
        let (refused, accepted) = (SameAccount::Refused, SameAccount::Accepted);
        for (uid, own, same, expected) in [
            (65534, 0, refused, true),
            (65534, 0, accepted, true),
            (0, 0, refused, false),
            (0, 0, accepted, true),
            (0, 1000, accepted, false),
            (1000, 1000, refused, false),
            (1000, 1000, accepted, true),
            (1001, 1000, refused, false),
            (1001, 1000, accepted, false),
        ] {
            let checked = account(uid).check(own, same);
            assert_eq!(checked.is_ok(), expected, "{uid} by {own}: {checked:?}");
        }
        assert_eq!(Account::parse("nobody"), None);
    }
}
