;; A checks plugin by hand, with places where a behaviour can be put: FIELDS, MEMORY, REALLOC, EVALUATE, ACCOUNT,
;; AFTERWARDS. Without one it has the check `guest_check` and passes the first resource.
(module
  (import "plumbline:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32)))
  (import "plumbline:plugin/snapshot@0.1.0" "open" (func $open (param i32 i32) (result i32)))
  (;FIELDS;)
  (memory (export "memory") (;MEMORY;))

  ;; What `describe` returns: a list of one record at 256.
  (data (i32.const 32) "\00\01\00\00" "\01\00\00\00")
  ;; The record: id and title; description and risk are empty; severity medium, scope resource; one kind, listed at 512.
  (data (i32.const 256) "\00\04\00\00" "\0b\00\00\00" "\10\04\00\00" "\0f\00\00\00")
  (data (i32.const 288) "\02\00")
  (data (i32.const 292) "\00\02\00\00" "\01\00\00\00")
  (data (i32.const 512) "\20\04\00\00" "\0b\00\00\00")
  (data (i32.const 1024) "guest_check")
  (data (i32.const 1040) "A guest's check")
  (data (i32.const 1056) "guest_thing")

  ;; What `evaluate` returns: `ok` at 16, then a list of one outcome at 64, which is all zeros: check 0, resource 0,
  ;; pass.
  (data (i32.const 20) "\40\00\00\00" "\01\00\00\00")
  ;; What `evaluate-account` returns: `ok` with an empty list, at 40.

  (global $free (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (;REALLOC;)
    (global.set $free
      (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get $size))))

  (func (export "plumbline:plugin/checks@0.1.0#describe") (result i32) (i32.const 32))
  (func (export "plumbline:plugin/checks@0.1.0#evaluate") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (local $at i32)
    (;EVALUATE;)
    (i32.const 16))
  (func (export "plumbline:plugin/checks@0.1.0#evaluate-account") (param i32 i32 i32 i32 i32 i32) (result i32)
    (;ACCOUNT;)
    (i32.const 40))
  (func (export "cabi_post_plumbline:plugin/checks@0.1.0#evaluate") (param i32)
    (;AFTERWARDS;))

  (func $again (result i32) (i32.add (call $again) (i32.const 1)))
)
