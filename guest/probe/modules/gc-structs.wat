;; Garbage-collected objects live outside linear memory (GHSA-5fhj-g3p3-pq9g and others): off, or counted.
(module
  (type $node (struct (field (ref null $node)) (field (mut i64))))
  (memory (export "memory") 1)
  (func (export "_start") (local $list (ref null $node))
    (loop $more
      (local.set $list (struct.new $node (local.get $list) (i64.const 1)))
      (br $more))))
