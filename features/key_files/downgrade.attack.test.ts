import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codeOf, open, path, phrase, useScene } from "../../testing/features/key_files/scene.ts";

useScene();

/** Somebody puts a plain file in the place of the sealed one: a backup, another user's, a cut-off seal. */
function exchange(bytes: Uint8Array = new Uint8Array(32).fill(7)): void {
  writeFileSync(path("other"), bytes);
  chmodSync(path("other"), 0o400);
  renameSync(path("other"), path());
}

describe("a passphrase says that the file is sealed", () => {
  it.each([32, 176, 400])("a plain file of %i bytes is refused by all that take one", (length) => {
    const keys = open();
    keys.create(path(), 32, { passphrase: phrase() });
    exchange(new Uint8Array(length).fill(7));
    const before = readFileSync(path());
    const passphrase = phrase();
    const attempts = [
      () => keys.read(path(), 32, { passphrase }),
      () => keys.read(path(), length, { passphrase }),
      () => keys.rotate(path(), 32, { passphrase }),
      () => keys.rotate(path(), length, { passphrase, asIs: true }),
      () => keys.unseal(path(), { passphrase }),
      () => keys.changePassphrase(path(), { passphrase, newPassphrase: phrase("new") }),
    ];
    expect(attempts.map(codeOf)).toEqual(attempts.map(() => "ERR_LETHE_KEY_FORMAT"));
    expect(readFileSync(path())).toEqual(before);
  });

  it("a sealed file is refused by all that are given none", () => {
    const keys = open();
    keys.create(path(), 32, { passphrase: phrase() });
    const before = readFileSync(path());
    for (const attempt of [
      () => keys.read(path(), 32),
      () => keys.read(path(), 176),
      () => keys.rotate(path(), 32),
      () => keys.rotate(path(), 176, { asIs: true }),
      () => keys.seal(path(), 176, { passphrase: phrase() }),
    ]) {
      expect(codeOf(attempt)).toBe("ERR_LETHE_KEY_FORMAT");
    }
    expect(readFileSync(path())).toEqual(before);
  });
});

describe("what takes the place of a sealed file", () => {
  const cost = { passes: 2, memoryBytes: 16 * 2 ** 20 };
  const cheap = { passes: 1, memoryBytes: 8 * 2 ** 20 };

  it("costs no less, unless a call says so", () => {
    const keys = open(); // at the least cost, where a call names none
    keys.create(path(), 32, { passphrase: phrase(), cost });
    keys.rotate(path(), 32, { passphrase: phrase() });
    expect(keys.inspect(path()).cost).toEqual(cost);
    keys.changePassphrase(path(), { passphrase: phrase(), newPassphrase: phrase("new") });
    expect(keys.inspect(path()).cost).toEqual(cost);
    keys.rotate(path(), 32, { passphrase: phrase("new"), cost: cheap });
    expect(keys.inspect(path()).cost).toEqual(cheap);
  });

  it("costs more where more is usual, as far as that is allowed", () => {
    open().create(path(), 32, { passphrase: phrase(), cost: cheap });
    const keys = open({ cost });
    keys.rotate(path(), 32, { passphrase: phrase() });
    expect(keys.inspect(path()).cost).toEqual(cost);
    const narrow = { passes: 1, memoryBytes: 32 * 2 ** 20 };
    open({ cost: narrow, mostCost: narrow }).rotate(path(), 32, { passphrase: phrase() });
    expect(keys.inspect(path()).cost).toEqual(narrow); // as much work in twice the memory
  });

  it("takes as much memory and work as before and as is usual, however they are shared out", () => {
    const [little, much] = [8 * 2 ** 20, 64 * 2 ** 20];
    const mostCost = { passes: 3, memoryBytes: much };
    open().create(path(), 32, { passphrase: phrase(), cost: { passes: 9, memoryBytes: little } });
    open({ cost: { passes: 2, memoryBytes: much }, mostCost }).rotate(path(), 32, {
      passphrase: phrase(),
    });
    expect(open().inspect(path()).cost).toEqual({ passes: 2, memoryBytes: much });
    open({ cost: { passes: 9, memoryBytes: 2 * little } }).changePassphrase(path(), {
      passphrase: phrase(),
      newPassphrase: phrase("new"),
    });
    expect(open().inspect(path()).cost).toEqual({ passes: 3, memoryBytes: much });
  });

  it("has its type and size, and mode 0400", () => {
    const keys = open();
    keys.create(path(), "x25519", { passphrase: phrase() });
    chmodSync(path(), 0o600);
    for (const shape of ["ed25519", 32] as const) {
      expect(codeOf(() => keys.rotate(path(), shape, { passphrase: phrase() }))).toBe(
        "ERR_LETHE_KEY_FORMAT",
      );
    }
    keys.rotate(path(), "x25519", { passphrase: phrase() });
    expect(keys.inspect(path())).toMatchObject({ form: "sealed", type: "x25519", mode: "0400" });
  });
});
