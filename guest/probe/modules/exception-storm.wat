;; Exceptions are objects on the host's side: ten million of them, each caught.
(module
  (tag $t (param i64))
  (memory (export "memory") 1)
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 10000000))
    (loop $again
      (block $caught (result i64)
        (try_table (catch $t $caught) (throw $t (i64.const 1)))
        unreachable)
      drop
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))))
