;; An exception that nobody catches must become the script's outcome; or exceptions are off and the module is refused.
(module
  (tag $t (param i32))
  (memory (export "memory") 1)
  (func (export "_start") (throw $t (i32.const 1))))
