//! Cuts the pipeline's output into lines for the task log.
//!
//! Lines of one stream come in its order; the two streams share nothing else, so a line of standard error may come
//! between two halves of a line of standard output, never inside one. A line that isn't finished is kept until it is,
//! or until [`Lines::flush`]: the caller flushes when a script pauses, so that a prompt can be read.

use super::service_message::{Level, Stream};

/// A longer line is handed out in parts, which bounds what is kept.
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// A line, or a part of one, as bytes: a script may print anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub stream: Stream,
    pub level: Level,
    /// Without its line end, be it LF or CR LF.
    pub text: Vec<u8>,
    pub end: LineEnd,
}

/// How a line came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    Newline,
    /// It was flushed, grew too long, changed its level, or the output ended: the stream's next line goes on here.
    Open,
}

/// The unfinished lines of both streams.
#[derive(Debug, Default)]
pub struct Lines {
    stdout: Unfinished,
    stderr: Unfinished,
}

#[derive(Debug, Default)]
struct Unfinished {
    text: Vec<u8>,
    level: Option<Level>,
}

impl Lines {
    /// Takes the next output and emits the lines that it finishes.
    pub fn push(
        &mut self,
        stream: Stream,
        level: Level,
        bytes: &[u8],
        emit: &mut impl FnMut(Line),
    ) {
        let unfinished = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        if unfinished.level != Some(level) {
            unfinished.flush(stream, emit);
            unfinished.level = Some(level);
        }
        let mut parts = bytes.split(|&byte| byte == b'\n');
        let open = parts.next_back().unwrap_or_default();
        for part in parts {
            unfinished.extend(part, stream, emit);
            unfinished.end(stream, level, emit);
        }
        unfinished.extend(open, stream, emit);
    }

    /// Emits what is unfinished, as [`LineEnd::Open`].
    pub fn flush(&mut self, emit: &mut impl FnMut(Line)) {
        self.stdout.flush(Stream::Stdout, emit);
        self.stderr.flush(Stream::Stderr, emit);
    }
}

impl Unfinished {
    fn extend(&mut self, mut bytes: &[u8], stream: Stream, emit: &mut impl FnMut(Line)) {
        while self.text.len() + bytes.len() > MAX_LINE_BYTES {
            let (part, rest) = bytes.split_at(MAX_LINE_BYTES - self.text.len());
            self.text.extend_from_slice(part);
            // Not inside a character: its beginning waits for the rest.
            let begun = self.text.len() - beginning_of_character(&self.text);
            let kept = self.text.split_off(begun);
            self.flush(stream, emit);
            self.text = kept;
            bytes = rest;
        }
        self.text.extend_from_slice(bytes);
    }

    fn end(&mut self, stream: Stream, level: Level, emit: &mut impl FnMut(Line)) {
        let mut text = std::mem::take(&mut self.text);
        text.pop_if(|last| *last == b'\r');
        emit(Line {
            stream,
            level,
            text,
            end: LineEnd::Newline,
        });
    }

    fn flush(&mut self, stream: Stream, emit: &mut impl FnMut(Line)) {
        let Some(level) = self.level else { return };
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            emit(Line {
                stream,
                level,
                text,
                end: LineEnd::Open,
            });
        }
    }
}

/// How many bytes at the end of `text`, at most three, may be a character's beginning.
fn beginning_of_character(text: &[u8]) -> usize {
    (1..=3.min(text.len()))
        .find(|&n| match text[text.len() - n] {
            0xc2..=0xdf => n < 2,
            0xe0..=0xef => n < 3,
            0xf0..=0xf4 => n < 4,
            _ => false,
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(feed: impl FnOnce(&mut Lines, &mut dyn FnMut(Line))) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut emit = |line: Line| lines.push(line);
        let mut state = Lines::default();
        feed(&mut state, &mut emit);
        state.flush(&mut emit);
        lines
    }

    fn shown(lines: &[Line]) -> Vec<(Level, &str, LineEnd)> {
        lines
            .iter()
            .map(|line| {
                (
                    line.level,
                    std::str::from_utf8(&line.text).unwrap(),
                    line.end,
                )
            })
            .collect()
    }

    #[test]
    fn lines_are_whole_however_they_come() {
        let text = b"one\n\ntwo\r\nthree";
        for size in 1..=text.len() {
            let lines = collect(|lines, mut emit| {
                for piece in text.chunks(size) {
                    lines.push(Stream::Stdout, Level::Info, piece, &mut emit);
                }
            });
            use LineEnd::{Newline, Open};
            let expected = [
                ("one", Newline),
                ("", Newline),
                ("two", Newline),
                ("three", Open),
            ];
            assert_eq!(
                shown(&lines),
                expected.map(|(text, end)| (Level::Info, text, end))
            );
        }
    }

    #[test]
    fn a_changed_level_begins_a_line_and_streams_do_not_mix() {
        let lines = collect(|lines, mut emit| {
            lines.push(Stream::Stdout, Level::Info, b"left ", &mut emit);
            lines.push(Stream::Stderr, Level::Error, b"oops\n", &mut emit);
            lines.push(Stream::Stdout, Level::Warning, b"right\n", &mut emit);
        });
        let expected = [
            (Level::Error, "oops", LineEnd::Newline),
            (Level::Info, "left ", LineEnd::Open),
            (Level::Warning, "right", LineEnd::Newline),
        ];
        assert_eq!(shown(&lines), expected);
    }

    #[test]
    fn a_long_line_comes_in_parts_and_whole_characters() {
        let text = "x".to_owned() + &"€".repeat(MAX_LINE_BYTES);
        let lines = collect(|lines, mut emit| {
            lines.push(Stream::Stdout, Level::Info, text.as_bytes(), &mut emit);
        });
        assert!(lines.iter().all(|line| line.text.len() <= MAX_LINE_BYTES));
        let joined: String = lines
            .iter()
            .map(|line| std::str::from_utf8(&line.text).unwrap())
            .collect();
        assert_eq!(joined, text);
    }
}
