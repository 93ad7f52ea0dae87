#!/usr/bin/env bash
# What Gradescope runs once, to make the image in which hand-ins are graded: the book, compiled.
set -euo pipefail
room=${AUTOGRADER_ROOM:-/autograder}
. "$room/source/settings"
: "${BOOK:?write into settings where the book is cloned from}"

apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    bubblewrap build-essential ca-certificates curl git
curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
. "$HOME/.cargo/env"

git clone --depth 1 "$BOOK" "$room/source/book"
cd "$room/source/book"
cargo build --release --locked --quiet --package gradebook
# Compiles what answers are linked with, and the judges.
# shellcheck disable=SC2086 # names with spaces between them
target/release/gradebook exercises --prove --only $EXERCISES
