;; Endless recursion must meet the guest's stack limit, not the host's guard page.
(module
  (memory (export "memory") 1)
  (func $down (param i64 i64 i64 i64) (result i64)
    (i64.add (i64.const 1) (call $down (local.get 3) (local.get 2) (local.get 1) (local.get 0))))
  (func (export "_start")
    (drop (call $down (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)))))
