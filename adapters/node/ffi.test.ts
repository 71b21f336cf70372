import { expect, it } from "vitest";
import { openLibrary } from "../../system/libc.ts";
import { anyFfi } from "./ffi.ts";

const NONE = { parameters: [], result: "i32" } as const;

it("FFI-1: a library that lacks one of the functions is not opened", () => {
  const ffi = anyFfi();
  const { getpid } = openLibrary(ffi, { getpid: NONE });
  expect(getpid()).toBe(process.pid);
  expect(() => openLibrary(ffi, { getpid: NONE, lethe_has_no_such_function: NONE })).toThrow(
    /lethe_has_no_such_function/,
  );
});

it("calls what lies at an address as it calls what has a name", () => {
  const ffi = anyFfi();
  const { dlsym } = openLibrary(ffi, {
    dlsym: { parameters: ["usize", "bytes"], result: "usize" },
  });
  const address = dlsym(0n, new Uint8Array(Buffer.from("memcmp\0")));
  const signatures = {
    memcmp: { parameters: ["bytes", "bytes", "usize"], result: "i32" },
  } as const;
  const [one, other] = [new Uint8Array(100).fill(7), new Uint8Array(100).fill(7)];
  const { memcmp } = ffi.openAt?.({ memcmp: address }, signatures) ?? {};
  expect(memcmp?.(one, other, 100n)).toBe(0);
  other[99] = 8;
  expect(memcmp?.(one, other, 100n)).toBeLessThan(0);
});
