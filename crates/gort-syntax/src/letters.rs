//! Letters and digits as the Go specification has them: Unicode's categories Lu, Ll, Lt, Lm, Lo, and Nd.
//!
//! Rust's `char::is_alphabetic` and `is_numeric` are wider: they take in marks, Roman numerals, and `²`. The crate's tables are of
//! the version of Unicode that package unicode of Go 1.27 has.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Whether it is a letter: `unicode.IsLetter`.
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    matches!(
        c.general_category(),
        GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
    )
}

/// Whether it is a decimal digit: `unicode.IsDigit`.
pub fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || !c.is_ascii() && c.general_category() == GeneralCategory::DecimalNumber
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_all_that_rust_calls_so() {
        for c in ['a', 'Z', 'é', 'ß', 'ǅ', 'ʰ', '世'] {
            assert!(is_letter(c) && !is_digit(c), "{c}");
        }
        for c in ['7', '٣', '𝟘'] {
            assert!(is_digit(c) && !is_letter(c), "{c}");
        }
        for c in ['²', '½', 'Ⅷ', 'ⓐ', '\u{345}', '_', '€'] {
            assert!(!is_letter(c) && !is_digit(c), "{c}");
        }
        assert_eq!(unicode_properties::UNICODE_VERSION.0, 17);
    }
}
