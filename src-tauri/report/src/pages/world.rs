//! What typst may see: the templates, one document's data and the typefaces. No file of the machine, no clock, no network.

use serde_json::Value;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Value as TypstValue};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};

use super::typefaces::{TYPEFACES, printable};
use super::{Content, Template};

pub(super) struct World {
    library: LazyHash<Library>,
    main: FileId,
    sources: [Source; 2],
    /// Path and bytes.
    files: Vec<(FileId, Bytes)>,
}

impl World {
    pub fn new(content: Content) -> Self {
        let main = Source::new(file("/main.typ"), text_of(content.template).to_owned());
        let common = Source::new(file("/common.typ"), include_str!("../../templates/common.typ").to_owned());
        let mut files = vec![(file("/view.json"), Bytes::from_string(printed(content.view).to_string()))];
        let mut inputs = Dict::new();
        if let Some((name, bytes)) = content.attached {
            inputs.insert("attached".into(), TypstValue::Str(name.into()));
            files.push((file("/attached"), Bytes::new(bytes)));
        }
        if let Some(logo) = content.logo {
            inputs.insert("logo".into(), TypstValue::Str(logo.format.into()));
            files.push((file("/logo"), Bytes::new(logo.bytes)));
        }
        Self {
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            main: main.id(),
            sources: [main, common],
            files,
        }
    }
}

fn text_of(template: Template) -> &'static str {
    match template {
        Template::History => include_str!("../../templates/history.typ"),
        Template::Statement => include_str!("../../templates/statement.typ"),
        Template::LogoAlone => include_str!("../../templates/logo.typ"),
        Template::Quotes => include_str!("../../templates/quotes.typ"),
        Template::Renewals => include_str!("../../templates/renewals.typ"),
    }
}

/// Every text with shapes for all of its characters.
fn printed(view: Value) -> Value {
    match view {
        Value::String(text) => Value::String(printable(&text)),
        Value::Array(parts) => parts.into_iter().map(printed).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, printed(value))).collect(),
        other => other,
    }
}

fn file(path: &str) -> FileId {
    FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).expect("the crate's own paths are paths")))
}

impl typst::World for World {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &TYPEFACES.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|source| source.id() == id).cloned().ok_or_else(|| not_here(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.iter().find(|(path, _)| *path == id).map(|(_, bytes)| bytes.clone()).ok_or_else(|| not_here(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        TYPEFACES.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_here(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}
