//! Cells that are too long for their column, over several lines (`Format-Table -Wrap`).

use super::grid::{columns_of, count};

/// The lines of one row: each has a part of every cell, or nothing.
pub fn row(cells: &[String], widths: &[usize]) -> Vec<Vec<String>> {
    let parts: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| cell.lines().flat_map(|line| lines(line, *width)).collect())
        .collect();
    let n_lines = parts.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let part = |at: usize| {
        let own = |lines: &Vec<String>| lines.get(at).cloned().unwrap_or_default();
        parts.iter().map(own).collect()
    };
    (0..n_lines).map(part).collect()
}

/// A text in lines of at most `width`, broken after blanks and hyphens, within a word only where it is longer.
fn lines(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut n = 0;
    for word in text.split_inclusive([' ', '\t', '-']) {
        let length = count(word.trim_end());
        if n > 0 && n + length > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            n = 0;
        }
        for c in word.chars() {
            if n > 0 && n + columns_of(c) > width {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                n = 0;
                if c == ' ' {
                    continue;
                }
            }
            line.push(c);
            n += columns_of(c);
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_end_after_words_and_within_those_that_are_too_long() {
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("pre-release", 5), ["pre-", "relea", "se"]);
        assert_eq!(lines("", 5), [""]);
    }
}
