;; GHSA-2hw9-mc66-jc2q: killed in the middle of bulk operations. Each of them is long, and the loop has no other call.
(module
  (memory (export "memory") 1024)
  (table $t 50000 funcref)
  (func (export "_start")
    (loop $again
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 67108864))
      (memory.copy (i32.const 4096) (i32.const 0) (i32.const 67104768))
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 50000))
      (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 49999))
      (br $again))))
