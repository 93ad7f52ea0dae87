//! Pipelines: an extractor, its settings and a classifier.
