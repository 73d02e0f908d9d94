;; A trap while instantiating is the script's outcome, not the server's failure.
(module
  (memory (export "memory") 1)
  (func $trap unreachable)
  (start $trap)
  (func (export "_start")))
