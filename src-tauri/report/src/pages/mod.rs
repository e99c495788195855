//! Documents set in pages, by typst: data in, pages out, as PDF or as pictures.
//!
//! A template only lays out. What it prints it reads from `/view.json`, so that no text of a customer is ever read as markup.

mod given_up;
mod typefaces;
mod world;

use std::sync::Arc;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde_json::Value;
use typst::diag::{SourceDiagnostic, SourceResult};
use typst::foundations::{Datetime, Smart};
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

use crate::{ReportError, Watch};
use given_up::carried_out;
use world::World;

/// A layout that ships with the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    History,
    Statement,
    Quotes,
    Renewals,
    /// A logo and nothing else, to try it.
    LogoAlone,
}

/// The partner's picture on a letterhead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// `png`, `jpg` or `svg`.
    pub format: String,
    pub bytes: Vec<u8>,
}

/// What a document is made of.
#[derive(Debug, Clone)]
pub struct Content {
    pub template: Template,
    /// What the template prints.
    pub view: Value,
    /// Carried inside the file, byte for byte, so that its hash can be taken by anyone; with its file name.
    pub attached: Option<(String, Vec<u8>)>,
    pub logo: Option<Logo>,
}

/// A document that has been set.
pub struct Pages {
    document: Arc<PagedDocument>,
    made_at: DateTime<Utc>,
}

/// Points of an inch.
const POINTS: u32 = 72;

impl Pages {
    /// Sets a document. Errors: [`ReportError::Setting`]; [`ReportError::Cancelled`] at once when it is no longer wanted: typst cannot
    /// be interrupted, so what it is doing is given up, not ended.
    pub fn set(content: Content, made_at: DateTime<Utc>, watch: Watch<'_>) -> Result<Self, ReportError> {
        let document = carried_out(watch, move || {
            let world = World::new(content);
            let document = result(typst::compile::<PagedDocument>(&world).output);
            // What typst remembers of a document helps only the next version of the same one, and is much.
            typst::comemo::evict(0);
            document
        });
        Ok(Self { document: Arc::new(document?), made_at })
    }

    /// Number of pages.
    pub fn count(&self) -> u32 {
        u32::try_from(self.document.pages().len()).unwrap_or(u32::MAX)
    }

    /// One page as a PNG, counted from 0; `None` past the last.
    pub fn picture(&self, page: u32, dots_per_inch: u32) -> Option<Result<Vec<u8>, ReportError>> {
        let page = self.document.pages().get(page as usize)?;
        let options = RenderOptions {
            pixel_per_pt: Scalar::new(dots_per_inch.into()) / Scalar::new(POINTS.into()),
            ..RenderOptions::default()
        };
        let png = typst_render::render(page, &options).encode_png();
        Some(png.map_err(|why| ReportError::Setting(format!("a page cannot be drawn: {why}"))))
    }

    /// As PDF/A-3a and PDF/UA-1: to be kept, and to be read aloud. Errors and giving up as in [`Pages::set`].
    pub fn pdf(&self, watch: Watch<'_>) -> Result<Vec<u8>, ReportError> {
        let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
            .map_err(|why| ReportError::Setting(why.message().to_string()))?;
        let options = PdfOptions {
            timestamp: timestamp(self.made_at),
            creator: Smart::Custom(Some("Refund Desk".to_owned())),
            standards,
            ..PdfOptions::default()
        };
        let document = Arc::clone(&self.document);
        carried_out(watch, move || {
            let bytes = result(typst_pdf::pdf(&document, &options));
            typst::comemo::evict(0);
            bytes
        })
    }
}

/// Tries a logo: whether it can be read and put into a PDF. Errors: [`ReportError::Setting`].
pub fn try_logo(logo: &Logo) -> Result<(), ReportError> {
    let view = Value::Object(serde_json::Map::new());
    let content = Content { template: Template::LogoAlone, view, attached: None, logo: Some(logo.clone()) };
    Pages::set(content, DateTime::UNIX_EPOCH, Watch::nobody())?.pdf(Watch::nobody()).map(drop)
}

fn timestamp(at: DateTime<Utc>) -> Option<Timestamp> {
    let small = |number: u32| u8::try_from(number).ok();
    let (month, day) = (small(at.month())?, small(at.day())?);
    let (hour, minute, second) = (small(at.hour())?, small(at.minute())?, small(at.second())?);
    Some(Timestamp::new_utc(Datetime::from_ymd_hms(at.year(), month, day, hour, minute, second)?))
}

fn result<T>(result: SourceResult<T>) -> Result<T, ReportError> {
    let told = |problem: &SourceDiagnostic| problem.message.to_string();
    result.map_err(|problems| ReportError::Setting(problems.iter().map(told).collect::<Vec<_>>().join("; ")))
}
