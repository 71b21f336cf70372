import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { thrown } from "../testing/core/samples.ts";
import { NotPossibleError } from "./command_line/usage_error.ts";
import { failureOf } from "./failure.ts";
import { DiscardedError, FileError } from "./file_error.ts";
import { checkNewFile, openNewFile } from "./new_file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-new-file-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

it("a new file has its name once it is whole, and then alone", () => {
  const path = join(folder, "out");
  checkNewFile(path);
  const file = openNewFile(path);
  file.write(text("a "));
  const [name = ""] = readdirSync(folder);
  expect(name).toMatch(/^\.lethe-[0-9a-f]{16}$/);
  if (process.platform !== "win32") {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
  file.write(text("message"));
  file.finish();
  file.discard();
  expect(readdirSync(folder)).toEqual(["out"]);
  expect(readFileSync(path, "utf8")).toBe("a message");
});

it.skipIf(process.platform === "win32")("it lies in its folder, also behind a link", () => {
  mkdirSync(join(folder, "other", "deep"), { recursive: true });
  symlinkSync(join("other", "deep"), join(folder, "link"));
  const file = openNewFile(`${folder}/link/../out`);
  expect(readdirSync(folder)).toEqual(["link", "other"]);
  file.finish();
  expect(readdirSync(join(folder, "other"))).toEqual(["deep", "out"]);
});

it("nothing is left of a file that was discarded, however often", () => {
  const file = openNewFile(join(folder, "out"));
  file.write(text("a part"));
  file.discard();
  file.discard();
  expect(readdirSync(folder)).toEqual([]);
});

it("what is written once a signal has discarded it goes into no other file, and is no failure to tell", () => {
  const file = openNewFile(join(folder, "out"));
  file.discard();
  const other = openSync(join(folder, "other"), "wx"); // by the same number
  for (const act of [(): void => file.write(text("plaintext")), (): void => file.finish()]) {
    expect(act).toThrow(DiscardedError);
    expect(failureOf(thrown(act)).message).toBe(null);
  }
  closeSync(other);
  expect(readFileSync(join(folder, "other"), "utf8")).toBe("");
  expect(readdirSync(folder)).toEqual(["other"]);
});

it("what took the name since is not replaced", () => {
  const path = join(folder, "out");
  const file = openNewFile(path);
  file.write(text("ours"));
  writeFileSync(path, "theirs");
  expect(() => file.finish()).toThrow(NotPossibleError);
  file.discard();
  expect(readdirSync(folder)).toEqual(["out"]);
  expect(readFileSync(path, "utf8")).toBe("theirs");
});

it("a name that cannot be given is refused before anything is done, for what it is", () => {
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "file"), "");
  for (const [path, kind, reason] of [
    ["folder", NotPossibleError, "there is a folder"],
    ["file", NotPossibleError, "there is a file"],
    ["new/", NotPossibleError, "names a folder"],
    ["none/out", FileError, "its folder is not there; make it"],
    ["file/out", FileError, "what should be its folder is none"],
    ["a".repeat(300), FileError, "its name is too long"],
  ] as const) {
    const check = (): void => checkNewFile(`${folder}/${path}`);
    expect(check, path).toThrow(kind);
    expect(check, path).toThrow(reason);
    expect(check, path).toThrow(path);
  }
  expect(() => checkNewFile("")).toThrow("names a folder");
  if (process.platform === "win32") return;
  symlinkSync(join(folder, "nowhere"), join(folder, "link"));
  expect(existsSync(join(folder, "link"))).toBe(false);
  expect(() => checkNewFile(join(folder, "link"))).toThrow("there is a symbolic link");
});
