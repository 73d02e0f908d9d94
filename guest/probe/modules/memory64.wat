;; memory64 is a proposal that no guest of ours needs: the module must be refused. It grows past what 32 bits address.
(module
  (memory (export "memory") i64 1)
  (func (export "_start")
    (drop (memory.grow (i64.const 1048576)))))
