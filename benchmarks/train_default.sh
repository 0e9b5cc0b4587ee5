#!/bin/sh
# Train models/default from labels.csv and the public sets in a folder: sh benchmarks/train_default.sh DIR [OUT]
# DIR holds CSV files in the columns of labels.csv, in any depth, named as below; docs/benchmarks.md says where each comes from.
set -eu
data=${1:?usage: sh benchmarks/train_default.sh DIR [OUT]}
out=${2:-models/default}
cd "$(dirname "$0")/.."
set --
while read -r name factor; do
    file=$(find "$data" -name "$name.csv" | head -n 1)
    [ -n "$file" ] || { echo "$data holds no $name.csv; see docs/benchmarks.md for where it comes from" >&2; exit 1; }
    set -- "$@" --with "$file=$factor"
done <<'SETS'
jigsaw_wiki 0.33
civil_comments 1
ruddit 0.33
goemotions_weak 0.17
surge_toxicity 1
foxnews 0.67
cad 0.33
misogyny_reddit 0.33
psycomark 5
ukp_nyt_stance 1
ibm_argkp21 1
davidson 0
edos 0
toxic_spans_cc 0
wiki_cat_large 0
SETS
exec moderation train labels.csv "$@" --out "$out"
