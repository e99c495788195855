//! The typefaces that ship with the desk (`fonts/README.md`): a machine without any gives the same pages.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// Printed for a character that no typeface has: in a PDF/A every character has a shape.
pub(super) const NO_SHAPE: char = '□';

/// Fonts and their book.
pub(super) struct Typefaces {
    pub book: LazyHash<FontBook>,
    pub fonts: Vec<Font>,
}

pub(super) static TYPEFACES: LazyLock<Typefaces> = LazyLock::new(|| {
    let files: [&'static [u8]; 6] = [
        include_bytes!("../../fonts/NotoSansCJKsc-Regular.otf"),
        include_bytes!("../../fonts/NotoSansCJKsc-Bold.otf"),
        include_bytes!("../../fonts/NotoSansArabic-Regular.ttf"),
        include_bytes!("../../fonts/NotoSansHebrew-Regular.ttf"),
        include_bytes!("../../fonts/NotoSansThai-Regular.ttf"),
        include_bytes!("../../fonts/NotoEmoji-Regular.ttf"),
    ];
    let fonts: Vec<Font> = files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect();
    Typefaces { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

/// The text with shapes for every character: those of none become [`NO_SHAPE`], line ends spaces, other controls nothing.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter_map(shape).collect()
}

fn shape(character: char) -> Option<char> {
    match character {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ if character.is_control() => None,
        // They have no shape of their own: joiners, marks of direction, the emoji style.
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FE0F}' => None,
        '\u{FEFF}' => None,
        _ if has_shape(character) => Some(character),
        _ => Some(NO_SHAPE),
    }
}

fn has_shape(character: char) -> bool {
    TYPEFACES.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_shape_is_seen_to_have_none() {
        // Text, and what is printed.
        for (text, printed) in [
            ("杭州云栖科技有限公司 Ltd.", "杭州云栖科技有限公司 Ltd."),
            ("喆堃㐂", "喆堃㐂"),
            ("a\r\nb\tc\u{0}d", "a  b cd"),
            ("مرحبا שלום สวัสดี 한국 日本のカナ", "مرحبا שלום สวัสดี 한국 日本のカナ"),
            ("💰\u{FE0F} ok", "💰 ok"),
            ("\u{202E}evil", "evil"),
            ("\u{E000}\u{10FFFD}", "□□"),
        ] {
            assert_eq!(printable(text), printed, "{text:?}");
        }
    }
}
