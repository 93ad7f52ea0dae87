//! What a pipeline costs: operations, seconds, bytes, watts.
