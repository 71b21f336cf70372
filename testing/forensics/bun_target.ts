import { readSync, writeSync } from "node:fs";
import process from "node:process";
import { deriveInto } from "../../conformance/forensics/derived_needle.ts";

// A Bun target whose needles lie in memory that only system calls make. Seeds 1 to 5, 32 bytes each:
// 1 at 60 GiB of a reservation of 64 GiB that is otherwise untouched
// 2 across the border of a read-write and a read-only mapping
// 3 in memfd_secret(2) memory
// 4 in shared memory whose pages the process no longer has mapped in
// 5 on a page without access
// "ready PID" is followed by a list of those that the kernel did not give.

const { dlopen, toArrayBuffer } = await import("bun:ffi" as string);
const { mmap, mprotect, madvise, syscall, ftruncate } = dlopen("libc.so.6", {
  mmap: { args: ["ptr", "usize", "i32", "i32", "i32", "i64"], returns: "ptr" },
  mprotect: { args: ["ptr", "usize", "i32"], returns: "i32" },
  madvise: { args: ["ptr", "usize", "i32"], returns: "i32" },
  syscall: { args: ["i64", "u64"], returns: "i32" },
  ftruncate: { args: ["i32", "i64"], returns: "i32" },
}).symbols;

const [NONE, READ, READ_WRITE] = [0, 1, 3];
const [SHARED, PRIVATE, ANONYMOUS, NORESERVE] = [0x01, 0x02, 0x20, 0x4000];
const [DONTNEED, MEMFD_SECRET] = [4, 447];
const PAGE = 4096;
const missing: number[] = [];

function plant(seed: number, pointer: number): void {
  deriveInto(seed, new Uint8Array(toArrayBuffer(pointer, 0, 32)));
}

const large = mmap(null, 2 ** 36, READ_WRITE, PRIVATE | ANONYMOUS | NORESERVE, -1, 0);
plant(1, large + 60 * 2 ** 30);

const pair = mmap(null, 2 * PAGE, READ_WRITE, PRIVATE | ANONYMOUS, -1, 0);
plant(2, pair + PAGE - 16);
mprotect(pair + PAGE, PAGE, READ);

const descriptor = syscall(MEMFD_SECRET, 0);
if (descriptor < 0) missing.push(3);
else {
  ftruncate(descriptor, PAGE);
  plant(3, mmap(null, PAGE, READ_WRITE, SHARED, descriptor, 0));
}

const shared = mmap(null, PAGE, READ_WRITE, SHARED | ANONYMOUS, -1, 0);
plant(4, shared);
madvise(shared, PAGE, DONTNEED);

const closed = mmap(null, PAGE, READ_WRITE, PRIVATE | ANONYMOUS, -1, 0);
plant(5, closed);
mprotect(closed, PAGE, NONE);

writeSync(1, `ready ${process.pid} ${missing.join(" ")}\n`);
readSync(0, new Uint8Array(1), 0, 1, null);
