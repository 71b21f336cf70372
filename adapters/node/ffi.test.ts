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
