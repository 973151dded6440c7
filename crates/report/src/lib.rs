//! Answers as files.
