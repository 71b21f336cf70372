import { expect, it } from "vitest";
import type { Ffi, Signatures, Symbols } from "./ffi.ts";
import { LIBC_NAMES, openLibrary } from "./libc.ts";

const SIGNATURES = { getpid: { parameters: [], result: "i32" } } as const;

/** Opens the one name, and refuses all others. */
function opening(platform: string, opens: string): { ffi: Ffi; tried: string[] } {
  const tried: string[] = [];
  const open = <S extends Signatures>(name: string): Symbols<S> => {
    tried.push(name);
    if (name !== opens) throw new Error("no such file");
    return { getpid: () => 7 } as unknown as Symbols<S>;
  };
  return { ffi: { platform, open, viewAt: () => new ArrayBuffer(0) }, tried };
}

it.each([
  ["linux", "libc.musl-x86_64.so.1"],
  ["darwin", "libSystem.B.dylib"],
])("opens the C library of %s by the first of its names that opens", (platform, name) => {
  const { ffi, tried } = opening(platform, name);
  expect(openLibrary(ffi, SIGNATURES).getpid()).toBe(7);
  const names = LIBC_NAMES[platform] ?? [];
  expect(tried).toEqual(names.slice(0, names.indexOf(name) + 1));
});

it("tries the libraries of older systems last", () => {
  const { ffi, tried } = opening("linux", "libdl.so.2");
  openLibrary(ffi, SIGNATURES, ["libdl.so.2"]);
  expect(tried).toEqual([...(LIBC_NAMES["linux"] ?? []), "libdl.so.2"]);
});

it("says what each name answered, and of an unknown system that it has none", () => {
  expect(() => openLibrary(opening("linux", "").ffi, SIGNATURES)).toThrow(
    /^Cannot open the C library \(libc\.so\.6: no such file; libc\.so: no such file; .*\)$/,
  );
  expect(() => openLibrary(opening("win32", "").ffi, SIGNATURES)).toThrow(
    "Cannot open the C library (none is known for win32)",
  );
});
