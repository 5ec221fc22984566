//! The guest's allocator: lists of free pieces for small sizes, talc for the rest and for what the lists are filled from.
//!
//! A guest spends much of its time on small values that live for one check. An allocator that joins free neighbours pays for
//! each; here a piece of a size is taken from a list and put back there. Pieces are never joined: what one size has given back
//! serves that size alone, which is bounded by the most that were alive of it at once, and an instance lives for one call.
//!
//! Against talc alone this takes a fifth off the time of all checks in the sandbox (`make bench`).

#![allow(
    unsafe_code,
    reason = "the trait of allocators is unsafe, and so is all they do; a guest can harm only itself"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

use talc::wasm::WasmDynamicTalc;

/// Sizes are rounded up to this, and every piece is aligned to it: nothing that plugins hold needs more.
const STEP: usize = 16;
/// The largest size that has a list.
const LARGEST: usize = 1024;
/// Bytes taken from talc at a time.
const CHUNK: usize = 32 << 10;

pub(crate) struct Allocator {
    large: WasmDynamicTalc,
    small: UnsafeCell<Small>,
}

struct Small {
    /// The first free piece of each number of steps; its first word is the next one.
    free: [*mut u8; LARGEST / STEP + 1],
    /// What is left of the chunk that new pieces are cut from.
    chunk: *mut u8,
    left: usize,
}

// SAFETY: the contract has no threads, and this module is compiled for targets without them alone.
unsafe impl Sync for Allocator {}

impl Allocator {
    pub(crate) const fn new() -> Allocator {
        let small = Small { free: [null_mut(); LARGEST / STEP + 1], chunk: null_mut(), left: 0 };
        Allocator { large: talc::wasm::new_wasm_dynamic_allocator(), small: UnsafeCell::new(small) }
    }

    /// Cuts a piece of so many steps off the chunk, or off a new one; the rest of the old one is lost.
    #[inline]
    fn cut(&self, steps: usize) -> *mut u8 {
        let size = steps * STEP;
        // SAFETY: nobody else holds the lists: there is one thread, and nothing below calls back.
        let small = unsafe { &mut *self.small.get() };
        if small.left < size {
            // SAFETY: the size is not zero, and the alignment is a power of two.
            let chunk = unsafe { self.large.alloc(Layout::from_size_align_unchecked(CHUNK, STEP)) };
            if chunk.is_null() {
                return chunk;
            }
            (small.chunk, small.left) = (chunk, CHUNK);
        }
        let piece = small.chunk;
        // SAFETY: `size` bytes are left in the chunk.
        small.chunk = unsafe { piece.add(size) };
        small.left -= size;
        piece
    }

    /// The list for a layout; none for one that talc serves.
    #[inline]
    fn list(&self, layout: Layout) -> Option<(*mut *mut u8, usize)> {
        if layout.size() > LARGEST || layout.align() > STEP {
            return None;
        }
        let steps = layout.size().div_ceil(STEP);
        // SAFETY: there is a list for each number of steps up to that of `LARGEST`.
        Some((unsafe { (&raw mut (*self.small.get()).free).cast::<*mut u8>().add(steps) }, steps))
    }
}

// SAFETY: a piece is given out once until it is given back, has at least the size asked for, rounded up to steps, and begins at a
// multiple of `STEP`: chunks do, and only whole steps are cut off them. Whether talc or a list serves a layout follows from the
// layout alone, so a piece goes back to where it is from.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.list(layout) {
            // SAFETY: as the caller has it.
            None => unsafe { self.large.alloc(layout) },
            // SAFETY: a list holds free pieces alone, and each holds the next in its first word.
            Some((list, steps)) => unsafe {
                let first = *list;
                if first.is_null() {
                    return self.cut(steps);
                }
                *list = *first.cast();
                first
            },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match self.list(layout) {
            // SAFETY: as the caller has it.
            None => unsafe { self.large.dealloc(piece, layout) },
            // SAFETY: the piece is free from now on, and has room for a word.
            Some((list, _)) => unsafe {
                *piece.cast() = *list;
                *list = piece;
            },
        }
    }

    #[inline]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller has checked that the size fits the alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (self.list(layout), self.list(wanted)) {
            // SAFETY: as the caller has it.
            (None, None) => unsafe { self.large.realloc(piece, layout, size) },
            (Some((_, had)), Some((_, wants))) if had == wants => piece,
            // SAFETY: the new piece is another one, and both have as many bytes as are copied.
            _ => unsafe {
                let other = self.alloc(wanted);
                if !other.is_null() {
                    core::ptr::copy_nonoverlapping(piece, other, layout.size().min(size));
                    self.dealloc(piece, layout);
                }
                other
            },
        }
    }
}
