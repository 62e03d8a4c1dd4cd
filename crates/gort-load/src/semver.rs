//! Versions of modules, in the order of semantic versioning.

use std::cmp::Ordering;

/// Compare two versions like `v1.2.3-pre+meta`; the empty version, that of a main module, is above all others.
pub fn compare(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.is_empty().cmp(&b.is_empty());
    }
    let ((na, pa), (nb, pb)) = (parse(a), parse(b));
    na.cmp(&nb).then_with(|| match (pa, pb) {
        ("", "") => Ordering::Equal,
        ("", _) => Ordering::Greater,
        (_, "") => Ordering::Less,
        (pa, pb) => prerelease(pa, pb),
    })
}

/// Whether a text is a whole version: `v1.2.3`, perhaps with more.
pub fn is_valid(v: &str) -> bool {
    let Some(rest) = v.strip_prefix('v') else {
        return false;
    };
    let core = rest.split(['-', '+']).next().unwrap_or("");
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    let numbers: Vec<&str> = core.split('.').collect();
    numbers.len() == 3 && numbers.into_iter().all(number)
}

fn parse(v: &str) -> ([u64; 3], &str) {
    let v = v.strip_prefix('v').unwrap_or(v);
    let v = v.split('+').next().unwrap_or(v);
    let (core, pre) = v.split_once('-').unwrap_or((v, ""));
    let mut numbers = [0; 3];
    for (n, text) in numbers.iter_mut().zip(core.split('.')) {
        *n = text.parse().unwrap_or(0);
    }
    (numbers, pre)
}

fn prerelease(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => Ordering::Less,
            (_, None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let list = [
            "v0.0.0-20200101000000-abcdefabcdef",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-2.10",
            "v1.0.0",
            "v1.2.0",
            "v1.10.0",
            "",
        ];
        let mut sorted = list.to_vec();
        sorted.sort_by(|a, b| compare(a, b));
        assert_eq!(sorted[1], "v1.0.0-2.10");
        assert_eq!(sorted.last(), Some(&""));
        assert_eq!(compare("v1.2.0", "v1.10.0"), Ordering::Less);
        assert_eq!(compare("v1.2.0+x", "v1.2.0"), Ordering::Equal);
    }
}
