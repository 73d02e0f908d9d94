#!/usr/bin/env bash
# Writes the modules that are too long to keep as text: compile bombs. wasmtime calls a slow compilation no vulnerability, so
# the wall itself has to bound its size, memory and time.
set -euo pipefail
out=${1:?usage: generate.sh OUT_DIR}
mkdir -p "$out"

# times N TEXT: TEXT N times, `@` replaced by the number.
times() { awk -v n="$1" -v text="$2" 'BEGIN { split(text, part, "@"); for (i = 0; i < n; i++) print (2 in part) ? part[1] i part[2] : text }'; }
module() { { echo '(module (memory (export "memory") 1)'; cat; echo '(func (export "_start")))'; } >"$out/$1.wat"; }

# Depth: parsers and passes that recurse.
{ echo '(func'; times 20000 block; times 20000 end; echo ')'; } | module nested-blocks
# Number: fifty thousand functions, each with something to do.
times 50000 '(func (param i64) (result i64) (i64.mul (i64.add (local.get 0) (i64.const @)) (i64.const 7)))' | module many-functions
# Width: one function whose many locals all live across many branches, which is dear for a register allocator.
{
  echo '(func (param i64)'
  times 5000 '(local i64)'
  times 5000 '(if (i64.eqz (local.get 0)) (then (local.set 1 (i64.add (local.get 1) (local.get @)))))'
  echo ')'
} | module many-locals
# Branches: a table with a hundred thousand targets.
{ echo '(func (param i32) (block $a (block $b (br_table'; times 50000 '$a $b'; echo '(local.get 0)))))'; } | module branch-table
# Types: a hundred thousand.
times 100000 '(type (func (param i32 i64 f32)))' | module many-types
# Length: half a million instructions in one function.
{ echo '(func (param i64) (result i64) (local.get 0)'; times 250000 'i64.const @ i64.xor'; echo ')'; } | module long-function
# Size: a byte more than any module may have, none of it code.
{ printf '(@custom "padding" "'; head -c 67108864 /dev/zero | tr '\0' x; echo '")'; } | module oversized
