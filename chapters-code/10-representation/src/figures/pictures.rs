//! What excites a channel, what a decision rests on, and what the network dreams. The drawings of it.

mod dream;
mod parts;
mod seen;
mod why;

use notebook::Chapter;

/// Adds the figures of this file.
pub fn add(chapter: Chapter) -> Chapter {
    chapter
        .figure("first-filters", seen::filters)
        .figure("kinds-of-filters", seen::kinds)
        .figure("early-patches", seen::early)
        .figure("late-patches", seen::late)
        .figure("particular", seen::particular)
        .figure("covering", why::covering)
        .figure("occlusion", why::occlusion)
        .figure("maps", why::maps)
        .figure("deletion", why::deletion)
        .figure("dreams", dream::dreams)
        .figure("ascent", dream::ascent)
        .figure("deceived", dream::deceived)
        .figure("steps", dream::steps)
}
