//! How the terminal comes by secrets: the system keyring, a file descriptor, a prompt that shows nothing of what is typed. Never the
//! command line: others on this machine can read it.

use std::io::{IsTerminal as _, Read};
use std::path::Path;
use std::sync::Arc;

use desk::keys::{self, AskPassphrase};
use desk::{Ambient, Desk, DeskError, KeyStore, Secret, SystemKeyring, Unlock};
use zeroize::Zeroizing;

/// More than any passphrase, code or AccessKey secret has.
const SECRET_BYTES_MAX: usize = 64 * 1024;

/// The keyring of this session.
pub fn keyring() -> Arc<dyn KeyStore> {
    Arc::new(SystemKeyring)
}

/// The way into the home: the keyring, then `--passphrase-fd`, then a prompt.
pub fn unlock(dir: &Path, passphrase_fd: Option<u32>) -> Result<Unlock, DeskError> {
    keys::unlock(dir, &keyring(), &mut Asked { fd: passphrase_fd })
}

/// Makes a real home and tells its recovery code: on standard error, once.
pub fn create_real(dir: &Path, passphrase_fd: Option<u32>, ambient: Arc<dyn Ambient>) -> Result<Desk, DeskError> {
    let chosen = passphrase_fd.map(|fd| read_fd(fd, "--passphrase-fd")).transpose()?;
    let (desk, code) = keys::create_real(dir, &keyring(), chosen, &mut Asked { fd: None }, ambient)?;
    if let Some(code) = code {
        eprintln!("Recovery code of this home, shown once; keep it on paper: {}", *code.printed());
    }
    Ok(desk)
}

/// Asks on the terminal, unless a file descriptor was named.
pub struct Asked {
    pub fd: Option<u32>,
}

impl AskPassphrase for Asked {
    fn ask(&mut self) -> Result<Option<Secret>, DeskError> {
        match self.fd {
            Some(fd) => read_fd(fd, "--passphrase-fd").map(Some),
            None => prompt("Passphrase of this home: "),
        }
    }

    fn ask_new(&mut self) -> Result<Option<Secret>, DeskError> {
        let Some(first) = prompt("New passphrase for this home: ")? else { return Ok(None) };
        let again = prompt("The same again: ")?;
        if again.as_ref() != Some(&first) {
            return Err(DeskError::new(
                "passphrases_differ",
                "the two passphrases are not the same",
                "run the command again and type it twice alike; nothing was changed",
            ));
        }
        Ok(Some(first))
    }
}

/// Asks for one line without showing it; `None` when nobody sits at this process's input.
pub fn prompt(words: &str) -> Result<Option<Secret>, DeskError> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    rpassword::prompt_password(words).map(|typed| Some(Secret::from(typed))).map_err(|why| {
        DeskError::new(
            "terminal_unreadable",
            format!("the terminal cannot be read: {why}"),
            "give the secret through a file descriptor, e.g. `--passphrase-fd 3 3< file`",
        )
        .at("the terminal")
    })
}

/// A secret from a file descriptor, up to its first line end.
pub fn read_fd(fd: u32, place: &str) -> Result<Secret, DeskError> {
    let failed = |why: std::io::Error| {
        DeskError::new(
            "fd_unreadable",
            format!("file descriptor {fd} cannot be read: {why}"),
            "open it for reading, e.g. `3< file`",
        )
        .at(place)
    };
    std::fs::File::open(format!("/dev/fd/{fd}")).and_then(first_line).map_err(failed)
}

/// The first line of what is given; the rest is neither kept nor left in memory.
pub fn first_line(given: impl Read) -> std::io::Result<Secret> {
    // As long as the most that is read, so that it never moves and leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(SECRET_BYTES_MAX));
    given.take(SECRET_BYTES_MAX as u64).read_to_string(&mut text)?;
    Ok(Secret::from(text.lines().next().unwrap_or_default()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::{Command, Stdio};

    use desk::Access;

    use super::*;

    /// Set in the process that makes the home: its folder.
    const CHILD: &str = "RDESK_NEW_HOME_TEST_CHILD";

    const PASSPHRASE: &str = "a passphrase for this test";

    /// Makes a home in a process of its own, because what it prints is what is looked at.
    #[test]
    fn a_new_home_prints_its_recovery_code_once() {
        if let Some(dir) = std::env::var_os(CHILD) {
            create_real(Path::new(&dir), Some(0), Arc::new(desk::System)).unwrap();
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (home, typed) = (folder.path().join("home"), folder.path().join("typed"));
        std::fs::write(&typed, format!("{PASSPHRASE}\n")).unwrap();
        let made = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "opening::tests::a_new_home_prints_its_recovery_code_once", "--nocapture"])
            .env(CHILD, &home)
            .stdin(Stdio::from(std::fs::File::open(&typed).unwrap()))
            .output()
            .unwrap();
        let told = String::from_utf8([made.stdout, made.stderr].concat()).unwrap();
        let codes: Vec<&str> = told.split_whitespace().filter(|word| word.matches('-').count() == 7).collect();
        let [code] = codes.as_slice() else { panic!("one code: {told}") };
        assert!(told.contains("keep it on paper") && !told.contains(PASSPHRASE), "{told}");
        for unlock in [Unlock::RecoveryCode(Secret::from(*code)), Unlock::Passphrase(Secret::from(PASSPHRASE))] {
            Desk::open(&home, unlock, Access::ReadOnly, Arc::new(desk::System)).unwrap();
        }
    }

    /// What is given, and the line that is taken.
    #[test]
    fn a_secret_is_the_first_line() {
        for (given, line) in
            [("one\ntwo\n", "one"), ("one", "one"), ("one\r\n", "one"), (" one \n", " one "), ("", ""), ("\none\n", "")]
        {
            assert_eq!(first_line(given.as_bytes()).unwrap().expose(), line, "{given:?}");
        }
        assert!(first_line([0xff, b'\n'].as_slice()).is_err(), "not text");
    }
}
