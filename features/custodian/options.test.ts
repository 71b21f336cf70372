import { describe, expect, it } from "vitest";
import { type CustodianOptions, checkOptions } from "./options.ts";

const check = (options: object): unknown => checkOptions(options as CustodianOptions, 0);

describe("the options of a custodian", () => {
  it("name a runtime, a program and libraries by their whole paths", () => {
    const paths = { runtime: "/usr/bin/node", program: "/opt/a b.js", libraryPath: "/a:/b" };
    expect(check(paths)).toMatchObject(paths);
    expect(check({})).toMatchObject({ runtime: undefined, program: undefined });
  });

  it.each([
    [{ runtime: "node" }, RangeError, /runtime must be a whole path/],
    [{ runtime: "./node" }, RangeError, /runtime must be a whole path/],
    [{ runtime: "" }, RangeError, /runtime must be a whole path/],
    [{ runtime: "/bin/no\0de" }, RangeError, /runtime must be a whole path/],
    [{ runtime: 7 }, TypeError, /runtime must be a string: current value is a number/],
    [{ runtime: null }, TypeError, /runtime must be a string: current value is null/],
    [{ program: "custodian_main.js" }, RangeError, /program must be a whole path/],
    [{ program: new URL("file:///a.js") }, TypeError, /program must be a string/],
    // An empty folder of a library path is the current one.
    [{ libraryPath: "/lib:" }, RangeError, /each folder of libraryPath must be a whole path/],
    [{ libraryPath: ":/lib" }, RangeError, /each folder of libraryPath must be a whole path/],
    [{ libraryPath: "/lib:lib" }, RangeError, /each folder of libraryPath must be a whole path/],
    [{ libraryPath: ["/lib"] }, TypeError, /libraryPath must be a string/],
  ])("%j is refused", (options, kind, said) => {
    expect(() => check(options)).toThrow(kind);
    expect(() => check(options)).toThrow(said);
  });
});
