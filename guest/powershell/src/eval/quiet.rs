//! What a cmdlet's common parameters set, out of the way of a block that the cmdlet calls.

use std::rc::Rc;

use super::Engine;

/// What a cmdlet's common parameters set, kept aside while a block that it calls runs.
pub(super) struct OfCaller {
    error_action: Option<super::Action>,
    warning_action: Option<super::Action>,
    information_action: Option<super::Action>,
    is_verbose: Option<bool>,
    is_debug: Option<bool>,
    activity: Rc<str>,
}

impl Engine {
    /// `-ErrorAction` and the like of the cmdlet that calls a block don't apply inside it, nor in what takes its output.
    pub(super) fn quiet(&mut self) -> OfCaller {
        OfCaller {
            error_action: self.streams.error_action.take(),
            warning_action: self.streams.warning_action.take(),
            information_action: self.streams.information_action.take(),
            is_verbose: self.streams.is_verbose.take(),
            is_debug: self.streams.is_debug.take(),
            activity: std::mem::take(&mut self.streams.activity),
        }
    }

    pub(super) fn unquiet(&mut self, saved: OfCaller) {
        let OfCaller {
            error_action,
            warning_action,
            information_action,
            is_verbose,
            is_debug,
            activity,
        } = saved;
        self.streams.error_action = error_action;
        self.streams.warning_action = warning_action;
        self.streams.information_action = information_action;
        self.streams.is_verbose = is_verbose;
        self.streams.is_debug = is_debug;
        self.streams.activity = activity;
    }
}
