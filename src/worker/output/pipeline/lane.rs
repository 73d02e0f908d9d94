//! One stream on its way to the masker: its level, and which line ends are only a message's.

use super::super::redact::Masker;
use super::super::service_message::{Level, LevelSwitch, Stream};

/// What is known of one stream.
pub(super) struct Lane {
    pub(super) stream: Stream,
    pub(super) masker: Masker<Level>,
    pub(super) switch: LevelSwitch,
    line: LineSoFar,
    /// The level of the line that is shown but not ended.
    open_line: Option<Level>,
}

/// What a line consists of. A line that held messages only isn't shown as an empty one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineSoFar {
    Nothing,
    Messages,
    MessagesAndReturn,
    Text,
}

impl Lane {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            masker: Masker::default(),
            switch: LevelSwitch::Show(stream.default_level()),
            line: LineSoFar::Nothing,
            open_line: None,
        }
    }

    /// A message was taken out of the current line. Returns text that turned out not to be the line's end.
    pub(super) fn message_seen(&mut self) -> &'static [u8] {
        let (line, returned): (_, &[u8]) = match self.line {
            LineSoFar::Nothing | LineSoFar::Messages => (LineSoFar::Messages, b""),
            LineSoFar::MessagesAndReturn => (LineSoFar::Text, b"\r"),
            LineSoFar::Text => (LineSoFar::Text, b""),
        };
        self.line = line;
        returned
    }

    /// The text without the line end of a line that held messages only, and a carriage return held back for that.
    pub(super) fn without_message_lines<'a>(
        &mut self,
        mut bytes: &'a [u8],
    ) -> (&'static [u8], &'a [u8]) {
        let mut returned: &[u8] = b"";
        while let (Some((&first, rest)), LineSoFar::Messages | LineSoFar::MessagesAndReturn) =
            (bytes.split_first(), self.line)
        {
            self.line = match (self.line, first) {
                (_, b'\n') => LineSoFar::Nothing,
                (LineSoFar::Messages, b'\r') => LineSoFar::MessagesAndReturn,
                (LineSoFar::MessagesAndReturn, _) => {
                    returned = b"\r";
                    self.line = LineSoFar::Text;
                    break;
                }
                _ => {
                    self.line = LineSoFar::Text;
                    break;
                }
            };
            bytes = rest;
        }
        if let Some(&last) = bytes.last() {
            self.line = if last == b'\n' {
                LineSoFar::Nothing
            } else {
                LineSoFar::Text
            };
        }
        (returned, bytes)
    }

    /// The bytes with their level; `None` when they are ignored. A line that was begun is ended even so.
    pub(super) fn leveled<'a>(&mut self, bytes: &'a [u8]) -> Option<(Level, &'a [u8])> {
        let &last = bytes.last()?;
        match self.switch {
            LevelSwitch::Show(level) => {
                self.open_line = (last != b'\n').then_some(level);
                Some((level, bytes))
            }
            LevelSwitch::Ignore if bytes.contains(&b'\n') => Some((self.open_line.take()?, b"\n")),
            LevelSwitch::Ignore => None,
        }
    }
}
