;; A start function runs while the module is instantiated: limits must hold there too.
(module
  (memory (export "memory") 1)
  (func $forever (loop $again (br $again)))
  (start $forever)
  (func (export "_start")))
