;; Many instances: a limit on each instance is no limit on their sum. Six instances of one module, 32 MiB each.
(component
  (core module $m (memory (export "memory") 512) (data (i32.const 33554428) "full"))
  (core instance $i0 (instantiate $m))
  (core instance $i1 (instantiate $m))
  (core instance $i2 (instantiate $m))
  (core instance $i3 (instantiate $m))
  (core instance $i4 (instantiate $m))
  (core instance $i5 (instantiate $m))
  (core module $run (func (export "run") (result i32) i32.const 0))
  (core instance $r (instantiate $run))
  (func $f (result (result)) (canon lift (core func $r "run")))
  (instance $cli (export "run" (func $f)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
