import * as node from "node:crypto";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import type { Custodian } from "../custodian/types.ts";
import { formatPublicKey, parsePublicKey } from "../keys/mod.ts";
import { createSsh2Agent, type Ssh2Key } from "./ssh2_agent.ts";

interface Asked {
  getIdentities(answer: (error: Error | null, keys?: readonly Uint8Array[]) => void): void;
  sign(key: unknown, data: Uint8Array, ...rest: readonly unknown[]): void;
}
const { BaseAgent, utils } = createRequire(import.meta.url)("ssh2") as {
  readonly BaseAgent: abstract new () => Asked;
  readonly utils: { parseKey(line: string): { getPublicSSH(): Uint8Array } };
};

const keyOf = (name: string, type: "rsa" | "ec"): Ssh2Key => {
  const { publicKey } =
    type === "rsa"
      ? node.generateKeyPairSync("rsa", { modulusLength: 2048 })
      : node.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = parsePublicKey(publicKey.export({ format: "der", type: "spki" }));
  return { name, type: type === "rsa" ? "rsa" : "p256", publicKey: key.publicKey };
};
const KEYS = [keyOf("one", "rsa"), keyOf("two", "ec")] as const;
const lineOf = (key: Ssh2Key): string =>
  Buffer.from(formatPublicKey(key, { format: "openssh" })).toString();

/** It notes what it is asked to sign, and signs nothing: logins are those of ssh2.environment.test.ts. */
const asked: unknown[] = [];
const custodian = {
  put: () => Promise.reject(new Error("nothing is put")),
  sign: async (...words: readonly unknown[]) => {
    asked.push([words[0], words[2]]);
    return new Uint8Array(64).fill(0x90);
  },
  ended: new Promise(() => undefined),
} as unknown as Custodian;
const agent = createSsh2Agent(BaseAgent, custodian, KEYS);

const signed = (key: unknown, ...options: readonly object[]): Promise<string> =>
  new Promise((resolve) => {
    agent.sign(
      key,
      Buffer.from("data"),
      ...options,
      (error: (Error & { code?: string }) | null, signature?: Uint8Array) =>
        resolve(error?.code ?? error?.name ?? Buffer.from(signature ?? []).toString("hex")),
    );
  });

it("is an agent to ssh2, with the keys in their order", async () => {
  expect(agent).toBeInstanceOf(BaseAgent);
  const keys = await new Promise<readonly Uint8Array[] | undefined>((resolve) =>
    agent.getIdentities((_error, found) => resolve(found)),
  );
  expect(keys?.map((blob) => Buffer.from(blob))).toEqual(
    KEYS.map((key) => utils.parseKey(lineOf(key)).getPublicSSH()),
  );
});

it("SSHCLIENT-1: signs by its own keys alone, however ssh2 names them", async () => {
  asked.length = 0;
  const [rsa, ec] = KEYS;
  const half = `000000210090${"90".repeat(31)}`;
  const parsed = utils.parseKey(lineOf(ec));
  for (const name of [lineOf(ec), Buffer.from(lineOf(ec)), parsed, parsed.getPublicSSH()]) {
    expect(await signed(name)).toBe(half + half); // two numbers, as RFC 5656 has them
  }
  expect(await signed(lineOf(rsa), { hash: "sha512" })).toBe("90".repeat(64));
  expect(await signed(lineOf(keyOf("other", "ec")))).toBe("ERR_LETHE_NAME");
  expect(await signed(undefined)).toBe("TypeError");
  expect(await signed("ssh-ed25519 AAAA")).toBe("ERR_LETHE_KEY_DAMAGED");
  expect(asked).toEqual([...Array(4).fill(["two", undefined]), ["one", { hash: "sha512" }]]);
});

it("SSHCLIENT-1: signs with SHA-1 for nobody", async () => {
  asked.length = 0;
  const line = lineOf(KEYS[0]);
  const hidden = Object.create({ hash: "sha256" });
  for (const options of [[], [{}], [{ hash: "sha1" }], [{ hash: "SHA256" }], [hidden]]) {
    expect(await signed(line, ...options)).toBe("ERR_LETHE_UNSUPPORTED");
  }
  expect(asked).toEqual([]);
});

it("refuses what is no BaseAgent, no custodian and no key", () => {
  const create = createSsh2Agent as unknown as (...words: readonly unknown[]) => object;
  for (const base of [
    undefined,
    {},
    Object,
    () => undefined,
    createRequire(import.meta.url)("ssh2"),
  ]) {
    expect(() => create(base, custodian, KEYS)).toThrow("must be the class of that name");
  }
  expect(() => create(BaseAgent, {}, KEYS)).toThrow("must come from openCustodian()");
  expect(() => create(BaseAgent, custodian, KEYS[0])).toThrow("keys must be an array");
  for (const key of [null, "one", {}, { ...KEYS[1], name: "" }, { ...KEYS[1], type: "x25519" }]) {
    expect(() => create(BaseAgent, custodian, [key])).toThrow(TypeError);
  }
});
