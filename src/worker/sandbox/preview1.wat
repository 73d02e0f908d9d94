;; Preview 1 functions as its users expect them, around the adapter's.
;;
;; Each export of this file stands in for the import of the same name: what a module calls is this,
;; and this calls the import. `preview1.rs` puts in those that a module imports, and what they call.
;; Memory 0 is the module's own. No function here does anything that the module couldn't do itself.
(module
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory" (func $path_create_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_set_times" (func $path_filestat_set_times (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_link" (func $path_link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_readlink" (func $path_readlink (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_remove_directory" (func $path_remove_directory (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_rename" (func $path_rename (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $path_unlink_file (param i32 i32 i32) (result i32)))
  (memory 1)
  ;; Pages of its memory that the module is told of, or 0 for as many as there are.
  (global $shown (mut i32) (i32.const 0))
  ;; Address of the first byte that is the adapter's, at the end of the gap that follows those pages.
  (global $kept (mut i32) (i32.const 0))

  ;; A transfer of nothing: the adapter says success before it looks at the descriptor.
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32)
    (call $unless_closed (local.get 0) (local.get 3)
      (call $fd_read (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
  (func (export "fd_write") (param i32 i32 i32 i32) (result i32)
    (call $unless_closed (local.get 0) (local.get 3)
      (call $fd_write (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32)
    (call $unless_closed (local.get 0) (local.get 4)
      (call $fd_pread (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32)
    (call $unless_closed (local.get 0) (local.get 4)
      (call $fd_pwrite (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))

  ;; Paths are bytes in preview 1 and text in the component model, which traps over any other bytes.
  (func (export "path_create_directory") (param i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 1) (local.get 2))) (then (return (i32.const 25))))
    (call $path_create_directory (local.get 0) (local.get 1) (local.get 2)))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 2) (local.get 3))) (then (return (i32.const 25))))
    (call $path_filestat_get (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 2) (local.get 3))) (then (return (i32.const 25))))
    (call $path_filestat_set_times (local.get 0) (local.get 1) (local.get 2) (local.get 3)
      (local.get 4) (local.get 5) (local.get 6)))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 2) (local.get 3))) (then (return (i32.const 25))))
    (if (i32.eqz (call $is_utf8 (local.get 5) (local.get 6))) (then (return (i32.const 25))))
    (call $path_link (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
      (local.get 5) (local.get 6)))
  ;; What the sandbox refuses has a word of its own in preview 1: `notcapable`, not `acces`.
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (local i32)
    (if (i32.eqz (call $is_utf8 (local.get 2) (local.get 3))) (then (return (i32.const 25))))
    (local.set 9 (call $path_open (local.get 0) (local.get 1) (local.get 2) (local.get 3)
      (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 8)))
    (select (i32.const 76) (local.get 9) (i32.eq (local.get 9) (i32.const 2))))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 1) (local.get 2))) (then (return (i32.const 25))))
    (call $path_readlink (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 1) (local.get 2))) (then (return (i32.const 25))))
    (call $path_remove_directory (local.get 0) (local.get 1) (local.get 2)))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 1) (local.get 2))) (then (return (i32.const 25))))
    (if (i32.eqz (call $is_utf8 (local.get 4) (local.get 5))) (then (return (i32.const 25))))
    (call $path_rename (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 0) (local.get 1))) (then (return (i32.const 25))))
    (if (i32.eqz (call $is_utf8 (local.get 3) (local.get 4))) (then (return (i32.const 25))))
    (call $path_symlink (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32)
    (if (i32.eqz (call $is_utf8 (local.get 1) (local.get 2))) (then (return (i32.const 25))))
    (call $path_unlink_file (local.get 0) (local.get 1) (local.get 2)))

  ;; No descriptor of a preview 1 program is a socket, and nobody can be signalled: the adapter traps.
  (func (export "sock_accept") (param i32 i32 i32) (result i32)
    (call $not_a_socket (local.get 0)))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32)
    (call $not_a_socket (local.get 0)))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32)
    (call $not_a_socket (local.get 0)))
  (func (export "sock_shutdown") (param i32 i32) (result i32)
    (call $not_a_socket (local.get 0)))
  (func (export "proc_raise") (param i32) (result i32)
    (i32.const 58))

  ;; Memory for the adapter's stack and state, which live in the module's memory. Allocators that
  ;; take all there is (AssemblyScript's, TinyGo's, an older wasi-libc's) would take them as well, so
  ;; they are put behind a gap of 64 pages, 4 MiB, which the module is not told of and grows into.
  (func (export "cabi_realloc_adapter") (param $old i32) (param i32) (param i32) (param $bytes i32) (result i32)
    (local $pages i32) (local $at i32)
    (if (local.get $old) (then (unreachable)))
    (local.set $pages (i32.shr_u (i32.add (local.get $bytes) (i32.const 65535)) (i32.const 16)))
    (if (i32.eqz (global.get $shown)) (then
      (local.set $at (memory.size))
      (if (i32.and (i32.gt_u (local.get $at) (i32.const 0)) (i32.lt_u (local.get $at) (i32.const 65000))) (then
        (if (i32.ne (memory.grow (i32.const 64)) (i32.const -1)) (then
          (global.set $shown (local.get $at))
          (global.set $kept (i32.shl (i32.add (local.get $at) (i32.const 64)) (i32.const 16)))))))))
    (if (i32.and (i32.ne (global.get $shown) (i32.const 0)) (i32.le_u (local.get $pages) (call $gap))) (then
      (global.set $kept (i32.sub (global.get $kept) (i32.shl (local.get $pages) (i32.const 16))))
      (return (global.get $kept))))
    ;; No gap, or none left: at the end, as the adapter itself does it.
    (local.set $at (memory.grow (local.get $pages)))
    (if (i32.eq (local.get $at) (i32.const -1)) (then (unreachable)))
    (i32.shl (local.get $at) (i32.const 16)))

  ;; What the module's `memory.size` and `memory.grow` become.
  (func (export "memory.size") (result i32)
    (select (global.get $shown) (memory.size) (global.get $shown)))
  (func (export "memory.grow") (param $pages i32) (result i32) (local $before i32)
    (if (i32.eqz (global.get $shown)) (then (return (memory.grow (local.get $pages)))))
    (local.set $before (global.get $shown))
    (if (i32.le_u (local.get $pages) (call $gap)) (then
      (global.set $shown (i32.add (local.get $before) (local.get $pages)))
      (return (local.get $before))))
    ;; Past the gap: behind the adapter's, as what is returned says.
    (local.set $before (memory.grow (local.get $pages)))
    (if (i32.ne (local.get $before) (i32.const -1)) (then (global.set $shown (i32.const 0))))
    (local.get $before))

  (func $gap (result i32)
    (i32.sub (i32.shr_u (global.get $kept) (i32.const 16)) (global.get $shown)))

  ;; `errno`, or `badf` where a descriptor that isn't open was said to have transferred nothing.
  (func $unless_closed (param $fd i32) (param $transferred i32) (param $errno i32) (result i32)
    (if (local.get $errno) (then (return (local.get $errno))))
    (if (i32.load align=1 (local.get $transferred)) (then (return (i32.const 0))))
    (call $probed (local.get $fd) (i32.const 0)))

  ;; `notsock` for an open descriptor, `badf` for any other. A preopened directory counts among
  ;; those: a program that was granted nothing has some all the same, and never opened them.
  (func $not_a_socket (param $fd i32) (result i32)
    (select (i32.const 8) (i32.const 57)
      (i32.or
        (i32.ne (call $probed (local.get $fd) (i32.const 0)) (i32.const 0))
        (i32.eqz (call $probed (local.get $fd) (i32.const 1))))))

  ;; What `fd_fdstat_get` or `fd_prestat_get` says of `fd`. Their answer (24 bytes at most) is
  ;; written over the memory's first bytes, which are put back.
  (func $probed (param $fd i32) (param $is_prestat i32) (result i32) (local i64 i64 i64 i32)
    (local.set 2 (i64.load align=1 (i32.const 0)))
    (local.set 3 (i64.load align=1 (i32.const 8)))
    (local.set 4 (i64.load align=1 (i32.const 16)))
    (if (local.get $is_prestat)
      (then (local.set 5 (call $fd_prestat_get (local.get $fd) (i32.const 0))))
      (else (local.set 5 (call $fd_fdstat_get (local.get $fd) (i32.const 0)))))
    (i64.store align=1 (i32.const 0) (local.get 2))
    (i64.store align=1 (i32.const 8) (local.get 3))
    (i64.store align=1 (i32.const 16) (local.get 4))
    (local.get 5))

  ;; Whether these bytes are UTF-8, as Unicode's table 3-7 has it.
  (func $is_utf8 (param $at i32) (param $left i32) (result i32)
    (local $first i32) (local $second i32) (local $length i32) (local $low i32) (local $high i32)
    (loop $next
      (if (i32.eqz (local.get $left)) (then (return (i32.const 1))))
      (local.set $first (i32.load8_u (local.get $at)))
      (local.set $length (i32.const 1))
      (if (i32.ge_u (local.get $first) (i32.const 0x80)) (then
        (if (i32.lt_u (local.get $first) (i32.const 0xc2)) (then (return (i32.const 0))))
        (if (i32.gt_u (local.get $first) (i32.const 0xf4)) (then (return (i32.const 0))))
        (local.set $length
          (i32.add (i32.const 2)
            (i32.add (i32.ge_u (local.get $first) (i32.const 0xe0))
              (i32.ge_u (local.get $first) (i32.const 0xf0)))))
        (if (i32.lt_u (local.get $left) (local.get $length)) (then (return (i32.const 0))))
        (local.set $low (i32.const 0x80))
        (local.set $high (i32.const 0xbf))
        (if (i32.eq (local.get $first) (i32.const 0xe0)) (then (local.set $low (i32.const 0xa0))))
        (if (i32.eq (local.get $first) (i32.const 0xed)) (then (local.set $high (i32.const 0x9f))))
        (if (i32.eq (local.get $first) (i32.const 0xf0)) (then (local.set $low (i32.const 0x90))))
        (if (i32.eq (local.get $first) (i32.const 0xf4)) (then (local.set $high (i32.const 0x8f))))
        (local.set $second (i32.load8_u offset=1 (local.get $at)))
        (if (i32.lt_u (local.get $second) (local.get $low)) (then (return (i32.const 0))))
        (if (i32.gt_u (local.get $second) (local.get $high)) (then (return (i32.const 0))))
        (if (i32.gt_u (local.get $length) (i32.const 2)) (then
          (if (i32.ne (i32.and (i32.load8_u offset=2 (local.get $at)) (i32.const 0xc0)) (i32.const 0x80))
            (then (return (i32.const 0))))))
        (if (i32.gt_u (local.get $length) (i32.const 3)) (then
          (if (i32.ne (i32.and (i32.load8_u offset=3 (local.get $at)) (i32.const 0xc0)) (i32.const 0x80))
            (then (return (i32.const 0))))))))
      (local.set $at (i32.add (local.get $at) (local.get $length)))
      (local.set $left (i32.sub (local.get $left) (local.get $length)))
      (br $next))
    (unreachable)))
