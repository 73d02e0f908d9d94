;; `_start` of another type: i31 and null references once hit `unreachable!()` on typed calls (48.0.x fix 15).
(module
  (memory (export "memory") 1)
  (func (export "_start") (param i64) (result i64) (local.get 0)))
