#!/usr/bin/env bash
# Grades the hand-in of one student and hands the result to the step that reports it to GitHub Classroom.
set -euo pipefail
: "${EXERCISES:?name the exercises in the workflow}"
: "${SEED:?set a secret SEED: a number of your own}"
book=${BOOK_FOLDER:-book}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086 # names with spaces between them
"${GRADEBOOK:-$book/target/release/gradebook}" --root "$book" grade "${HAND_IN:-hand-in}" --one \
    --seed "$SEED" --out "$work/report" --only $EXERCISES
cat "$work"/report/feedback/*.md >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
# The name of an output, and JSON in base64 on one line: what autograding-grading-reporter reads.
printf 'result=%s\n' "$(base64 <"$(echo "$work"/report/classroom/*.json)" | tr -d '\n')" >>"$GITHUB_OUTPUT"
