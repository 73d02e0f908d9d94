;; The snapshot before preview 1 had an unmetered poll_oneoff (48.0.x fix 10): not offered at all.
(module
  (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1024)
  (func (export "_start")
    (drop (call $poll (i32.const 0) (i32.const 0) (i32.const 1000000) (i32.const 0)))))
