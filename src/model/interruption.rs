//! Interruptions: a task asks a person, and goes on with the answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A question to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    pub id: String,
    pub space_id: String,
    pub task_id: String,
    /// The entry of the task's plan that waits.
    pub job_index: u32,
    pub kind: Question,
    pub title: String,
    /// What the person is to know or do, as Markdown.
    pub instructions: String,
    /// Who may answer; anybody with the permission when empty.
    pub responsible_team_ids: Vec<String>,
    /// Who said that they will.
    pub responsible_user_id: Option<String>,
    pub created: Timestamp,
    pub answer: Option<Answer>,
    pub notes: String,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    ManualIntervention,
    GuidedFailure,
}

impl Question {
    /// As stored and as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ManualIntervention => "ManualIntervention",
            Self::GuidedFailure => "GuidedFailure",
        }
    }

    /// What may be answered.
    pub fn answers(self) -> &'static [Answer] {
        match self {
            Self::ManualIntervention => &[Answer::Proceed, Answer::Abort],
            Self::GuidedFailure => &[Answer::Fail, Answer::Retry, Answer::Ignore],
        }
    }

    /// The name of the form's field that holds the answer.
    pub fn field(self) -> &'static str {
        match self {
            Self::ManualIntervention => "Result",
            Self::GuidedFailure => "Guidance",
        }
    }
}

/// What a person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Proceed,
    Abort,
    Fail,
    Retry,
    Ignore,
}

impl Answer {
    /// As stored and as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proceed => "Proceed",
            Self::Abort => "Abort",
            Self::Fail => "Fail",
            Self::Retry => "Retry",
            Self::Ignore => "Ignore",
        }
    }
}
