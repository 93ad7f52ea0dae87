//! Every target on a few bits, every training set, and learners on all of them.
