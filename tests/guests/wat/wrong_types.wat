;; Exports an interface named as the contract's, whose functions have other types.
(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "plumbline:plugin/checks@0.1.0#describe") (result i32) (i32.const 7))
  (func (export "plumbline:plugin/checks@0.1.0#evaluate") (param i32 i32) (result i32) (i32.const 0)))
