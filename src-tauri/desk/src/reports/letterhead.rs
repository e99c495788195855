//! The partner's letterhead and logo. They are settings: kept in the journal's file, which survives the cache, and not journaled,
//! since a journal holds no names.

use desk_report::{Letterhead, Logo};
use serde::{Deserialize, Serialize};

use super::ask::LetterheadView;
use crate::error::DeskError;
use crate::home::Desk;

const NAME_AND_LINES: &str = "letterhead";
const LOGO: &str = "letterhead_logo";

/// Most bytes of a logo: it goes into every document.
const LOGO_BYTES_MAX: usize = 512 * 1024;

/// Most lines under the name, and most characters of a line.
const LINES_MAX: usize = 6;
const LINE_CHARS_MAX: usize = 120;

#[derive(Serialize, Deserialize)]
struct Kept {
    name: String,
    lines: Vec<String>,
}

impl Desk {
    /// The letterhead of this home's reports.
    pub fn letterhead(&self) -> Result<LetterheadView, DeskError> {
        let (head, logo) = self.paper()?;
        Ok(LetterheadView {
            name: head.name,
            lines: head.lines,
            logo_format: logo.as_ref().map(|logo| logo.format.clone()),
            logo_bytes: logo.map_or(0, |logo| u32::try_from(logo.bytes.len()).unwrap_or(u32::MAX)),
        })
    }

    /// Sets name and lines. Errors: `bad_letterhead`.
    pub fn set_letterhead(&self, name: &str, lines: &[String]) -> Result<LetterheadView, DeskError> {
        let kept = Kept {
            name: name.trim().to_owned(),
            lines: lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect(),
        };
        let long = |text: &String| text.chars().count() > LINE_CHARS_MAX;
        if kept.lines.len() > LINES_MAX || long(&kept.name) || kept.lines.iter().any(long) {
            return Err(bad(
                format!("a letterhead has a name and {LINES_MAX} lines of {LINE_CHARS_MAX} characters at most"),
                "shorten it",
            ));
        }
        let text = serde_json::to_string(&kept).map_err(|why| bad(why.to_string(), "report this"))?;
        self.write(move |tx, _| Ok(tx.settings().set(NAME_AND_LINES, &text)?))?;
        self.letterhead()
    }

    /// Sets the logo from a file's bytes, or takes it away. It is tried before it is kept. Errors: `bad_logo`.
    pub fn set_logo(&self, bytes: Option<&[u8]>) -> Result<LetterheadView, DeskError> {
        match bytes {
            None => self.write(|tx, _| Ok(tx.settings().delete(LOGO)?))?,
            Some(bytes) => {
                let logo = logo_of(bytes)?;
                desk_report::try_logo(&logo).map_err(|why| bad_logo(why.to_string()))?;
                let text = format!("{}:{}", logo.format, hex::encode(&logo.bytes));
                self.write(move |tx, _| Ok(tx.settings().set(LOGO, &text)?))?;
            }
        }
        self.letterhead()
    }

    /// What goes on the paper.
    pub(super) fn paper(&self) -> Result<(Letterhead, Option<Logo>), DeskError> {
        let (head, logo) =
            self.store.read(|r| Ok::<_, DeskError>((r.settings().get(NAME_AND_LINES)?, r.settings().get(LOGO)?)))?;
        let head = match head {
            None => Letterhead::default(),
            Some(text) => {
                let kept: Kept = serde_json::from_str(&text).map_err(|why| bad(why.to_string(), "set it again"))?;
                Letterhead { name: kept.name, lines: kept.lines }
            }
        };
        let logo = logo.and_then(|text| {
            let (format, digits) = text.split_once(':')?;
            Some(Logo { format: format.to_owned(), bytes: hex::decode(digits).ok()? })
        });
        Ok((head, logo))
    }
}

/// The picture's format by its first bytes.
fn logo_of(bytes: &[u8]) -> Result<Logo, DeskError> {
    if bytes.len() > LOGO_BYTES_MAX {
        return Err(bad_logo(format!("it has {} bytes, at most {LOGO_BYTES_MAX} are taken", bytes.len())));
    }
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let format = if begins(b"\x89PNG\r\n\x1a\n") {
        "png"
    } else if begins(b"\xff\xd8\xff") {
        "jpg"
    } else if text.contains("<svg") {
        "svg"
    } else {
        return Err(bad_logo("it is no PNG, JPEG or SVG".to_owned()));
    };
    Ok(Logo { format: format.to_owned(), bytes: bytes.to_vec() })
}

fn bad(why: String, next: &str) -> DeskError {
    DeskError::new("bad_letterhead", why, next).at("letterhead")
}

fn bad_logo(why: String) -> DeskError {
    DeskError::new(
        "bad_logo",
        format!("the logo cannot be used: {why}"),
        "choose a PNG, JPEG or SVG file of up to 512 KiB",
    )
    .at("logo")
}
