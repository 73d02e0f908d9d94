;; A module without `_start` is no command.
(module
  (memory (export "memory") 1)
  (func (export "main")))
