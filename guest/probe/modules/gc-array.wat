;; One object of 512 MiB outside linear memory: off, or counted.
(module
  (type $bytes (array (mut i8)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (array.new $bytes (i32.const 1) (i32.const 536870912)))))
