//! Where a run writes: in one piece of memory, and not in a hole here and a hole there.
//!
//! A page that a run touches is a page copied, and wasmtime puts back what 32 places of a memory held; what is written elsewhere costs
//! the next run its copies again. So a piece near the memory's beginning is set aside before the bundle is evaluated; afterwards, what
//! is free between the bundle's objects is taken for good, and the piece is given back to the allocator, which has nothing else.

use std::ffi::c_void;

use rquickjs::{Ctx, qjs};

/// What a script allocates first; what doesn't fit comes after everything.
const ROOM_BYTES: usize = 512 << 10;

/// Above this, QuickJS asks the allocator for each block; up to it, it cuts blocks of a size out of arenas of 4 KiB.
const LARGEST_SMALL_BYTES: usize = 504;

/// What the host copies at once.
const PAGE_BYTES: usize = 4096;

/// A piece of memory that nobody uses yet.
pub struct Room(*mut c_void);

impl Room {
    pub fn reserve(ctx: &Ctx) -> Self {
        // Null where there is no memory: then nothing is ever in the room, and `open` says so.
        Self(unsafe { qjs::js_malloc(ctx.as_raw().as_ptr(), ROOM_BYTES as _) })
    }

    /// Gives the room back, once everything that is free elsewhere is taken. Its first part is made of arenas already.
    pub fn open(self, ctx: &Ctx) -> Busy {
        assert!(!self.0.is_null(), "no memory for the room");
        let ctx = ctx.as_raw().as_ptr();
        let start = self.0 as usize;
        // What isn't in the room fills a hole, and is never freed.
        let fill_holes = |size| loop {
            let block = allocate(ctx, size);
            if (start..start + ROOM_BYTES).contains(&(block as usize)) {
                return block;
            }
        };
        // It was allocated by `reserve`, and is freed once.
        unsafe { qjs::js_free(ctx, self.0) };
        // Large ones first: small ones would be many.
        for size in [1 << 16, 1 << 14, 1 << 13, 1 << 12, 1 << 11, 1 << 10, 768, 640, 512] {
            unsafe { qjs::js_free(ctx, fill_holes(size)) };
        }
        // The last block of each size stays: so its arena does, and no older one is written to when that is put before it.
        let last = (8..=LARGEST_SMALL_BYTES).rev().step_by(8).map(fill_holes).max().unwrap_or(self.0);
        // The first that it allocated.
        let runtime = unsafe { qjs::JS_GetRuntime(ctx) };
        Busy { start: runtime as usize, end: last as usize }
    }
}

/// What QuickJS has of its own, from its runtime to an arena for each size of small blocks: 300 KiB, most of which a run writes to.
pub struct Busy {
    start: usize,
    end: usize,
}

impl Busy {
    /// Writes to each page, without changing it: so they are one place, and not the twenty that a run would write to.
    pub fn touch(&self) {
        for address in (self.start..=self.end).step_by(PAGE_BYTES) {
            let byte = address as *mut u8;
            // Allocated by QuickJS for as long as it runs, which it does on this thread alone.
            unsafe { byte.write_volatile(byte.read_volatile()) };
        }
    }
}

fn allocate(ctx: *mut qjs::JSContext, bytes: usize) -> *mut c_void {
    let block = unsafe { qjs::js_malloc(ctx, bytes as _) };
    assert!(!block.is_null(), "no memory between the bundle's objects");
    block
}
