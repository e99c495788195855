//! A file that appears whole or not at all: written beside its place under another name, renamed when it is done, taken away when it
//! is not.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::DeskError;

/// Ending of a file that is not done.
const UNDONE: &str = ".part";

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// A file on its way.
pub(crate) struct Draft {
    place: PathBuf,
    undone: PathBuf,
    kept: bool,
}

impl Draft {
    /// Begins a file. Its folder is made.
    pub fn new(place: &Path) -> Result<Self, DeskError> {
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|why| failed(place, &why))?;
        }
        let mut undone = place.as_os_str().to_owned();
        undone.push(UNDONE);
        Ok(Self { place: place.to_owned(), undone: PathBuf::from(undone), kept: false })
    }

    /// Opens it for writing, empty.
    pub fn create(&self) -> Result<File, DeskError> {
        File::create(&self.undone).map_err(|why| failed(&self.place, &why))
    }

    /// Writes all of it; answers its SHA-256.
    pub fn write(&self, bytes: &[u8]) -> Result<String, DeskError> {
        let mut file = self.create()?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|why| failed(&self.place, &why))?;
        Ok(hex::encode(Sha256::digest(bytes)))
    }

    /// SHA-256 of what stands in it, once it is on the disk.
    pub fn hash(&self) -> Result<String, DeskError> {
        self.hashed().map_err(|why| failed(&self.place, &why))
    }

    fn hashed(&self) -> std::io::Result<String> {
        let mut file = File::open(&self.undone)?;
        file.sync_all()?;
        let (mut hash, mut bytes) = (Sha256::new(), vec![0; CHUNK]);
        loop {
            match file.read(&mut bytes)? {
                0 => return Ok(hex::encode(hash.finalize())),
                read => hash.update(&bytes[..read]),
            }
        }
    }

    /// Where it will be.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Puts it in its place.
    pub fn keep(mut self) -> Result<PathBuf, DeskError> {
        std::fs::rename(&self.undone, &self.place).map_err(|why| failed(&self.place, &why))?;
        self.kept = true;
        Ok(self.place.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // There may be nothing yet; what cannot be removed is named `.part` and replaced by the next try.
            let _ = std::fs::remove_file(&self.undone);
        }
    }
}

/// Writes a file in one go; answers its SHA-256.
pub(crate) fn write_whole(place: &Path, bytes: &[u8]) -> Result<String, DeskError> {
    let draft = Draft::new(place)?;
    let sha256 = draft.write(bytes)?;
    draft.keep()?;
    Ok(sha256)
}

fn failed(place: &Path, why: &std::io::Error) -> DeskError {
    DeskError::new(
        "export_failed",
        format!("the file cannot be written: {why}"),
        "choose a folder that can be written to, with space left",
    )
    .at(place.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new").join("file");
        let names = || std::fs::read_dir(folder.path().join("new")).unwrap().count();
        let draft = Draft::new(&place).unwrap();
        draft.write(b"half").unwrap();
        drop(draft);
        assert_eq!(names(), 0, "nothing is left of what was not kept");
        let draft = Draft::new(&place).unwrap();
        let hash = draft.write(b"whole").unwrap();
        assert_eq!(hash, draft.hash().unwrap());
        assert_eq!(draft.keep().unwrap(), place);
        assert_eq!((std::fs::read(&place).unwrap(), names()), (b"whole".to_vec(), 1));
        let blocked = Draft::new(&place.join("beneath a file"));
        assert_eq!(blocked.map(drop).unwrap_err().code(), "export_failed");
    }
}
