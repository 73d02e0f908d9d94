;; Threads give a fine clock (Spectre) and GHSA-hc7m-r6v8-hg9q: a shared memory must be refused.
(module
  (memory (export "memory") 1 2 shared)
  (func (export "_start")
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))
