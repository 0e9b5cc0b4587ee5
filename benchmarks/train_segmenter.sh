#!/bin/sh
# Train the segmenter of models/default from labels.csv and public threads: sh benchmarks/train_segmenter.sh DIR [OUT]
# DIR holds, in any depth, thread files (*.jsonl) and label files (*.csv) named as below; docs/benchmarks.md says where each comes from.
set -eu
data=${1:?usage: sh benchmarks/train_segmenter.sh DIR [OUT]}
out=${2:-models/default}
cd "$(dirname "$0")/.."
find_file() {
    file=$(find "$data" -name "$1" | head -n 1)
    [ -n "$file" ] || { echo "$data holds no $1; see docs/benchmarks.md for where it comes from" >&2; exit 1; }
    echo "$file"
}
set -- labels.csv
# Pages with an article above the comments are what is pasted: their lines count more.
while read -r name factor; do
    set -- "$@" "$(find_file "$name.jsonl")=$factor"
done <<'THREADS'
dragnet_news 4
haacked_blog 2
cmv_modes 1
convokit_reddit 1
iac_4forums 1
THREADS
set -- "$@" --comments labels.csv
for name in jigsaw_wiki civil_comments ruddit goemotions_weak surge_toxicity foxnews cad edos toxic_spans_cc misogyny_reddit \
    ukp_nyt_stance psycomark; do
    set -- "$@" --comments "$(find_file "$name.csv")"
done
exec moderation train-segmenter "$@" --out "$out"
