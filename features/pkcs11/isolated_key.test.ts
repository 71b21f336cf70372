/** A key whose module is in another process: when calls are sent, and what is believed of the answers. */
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { outOfRange } from "../../core/arguments/argument_error.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Land } from "../../core/contract/key_wrapper.ts";
import { MadeProcess, type Saying } from "../../testing/features/pkcs11/guest_process.ts";
import { SOAK } from "../../testing/tier.ts";
import type { Fields } from "../custodian/open_guest.ts";
import { IsolatedKey } from "./isolated_key.ts";
import { errorIn, refusalIn } from "./said.ts";
import { Turns } from "./turns.ts";

const secrets = openSecrets({ memory: "heap" });
afterEach(() => expect(secrets.stats.live).toBe(0));

const ARGS = ["lethe/pkcs11", "aes-gcm", "AAAAAAAAAAAAAAAA"] as const;
const BODY = new Uint8Array(44);
const STANZAS = [{ args: ARGS, body: BODY }] as const;
const FILE_KEY = new Uint8Array(16).fill(7);
const opens = (): Saying => ({ fields: { byteLength: 16 }, secret: FILE_KEY });

async function opened(key: IsolatedKey): Promise<string> {
  try {
    const fileKey = await key.unwrap(STANZAS, (length, fill) => secrets.land(length, fill));
    fileKey?.destroy();
    return fileKey === null ? "none" : "opened";
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    return `${code} ${message}`;
  }
}
const openedAtOnce = (key: IsolatedKey, calls: number): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: calls }, () => opened(key)));

it("counts the time of a call from when it is sent, and sends one at a time", async () => {
  const process = new MadeProcess(opens, 100);
  const key = new IsolatedKey(secrets, process, "k", 350);
  expect(await openedAtOnce(key, 5)).toEqual(Array(5).fill("opened"));
  expect([process.kills, process.asked.length]).toEqual([0, 5]);
  key.destroy();
});

it("fails every call that waits when one is late, and later ones, with that reason", async () => {
  const process = new MadeProcess(() => null);
  const key = new IsolatedKey(secrets, process, "k", 50);
  const late = (which: string): RegExp =>
    RegExp(`^ERR_LETHE_WRAPPER .*did not answer ${which} within 50 ms.*open the key again$`);
  const [first, ...others] = await openedAtOnce(key, 3);
  expect(first).toMatch(late("the call"));
  for (const other of [...others, await opened(key)])
    expect(other).toMatch(late("an earlier call"));
  expect([process.kills, process.asked.length]).toEqual([1, 1]);
  key.destroy();
});

it("fails every call that waits when it is destroyed, or its process ends", async () => {
  const destroyed = new IsolatedKey(secrets, new MadeProcess(() => null), "k", 60_000);
  const calls = openedAtOnce(destroyed, 3);
  destroyed.destroy();
  const gone = /^ERR_LETHE_DESTROYED Cannot use PKCS#11 key: it was destroyed$/;
  for (const said of [...(await calls), await opened(destroyed)]) expect(said).toMatch(gone);
  const process = new MadeProcess(() => null);
  const ended = new IsolatedKey(secrets, process, "k", 60_000);
  const others = openedAtOnce(ended, 3);
  process.kill();
  for (const said of [...(await others), await opened(ended)]) {
    expect(said).toMatch(/^ERR_LETHE_WRAPPER .*its module ended \(.*SIGKILL.*open the key again$/);
  }
  ended.destroy();
});

it("goes on after a call that failed", async () => {
  let count = 0;
  const process = new MadeProcess(() => {
    count += 1;
    return count === 2 ? { fields: { message: "Cannot do it" } } : opens();
  });
  const key = new IsolatedKey(secrets, process, "k", 60_000);
  expect(await openedAtOnce(key, 3)).toEqual([
    "opened",
    "ERR_LETHE_WRAPPER Cannot do it",
    "opened",
  ]);
  key.destroy();
});

it.runIf(SOAK)("lets so many calls wait, and no more", async () => {
  const turns = new Turns();
  let open: () => void = () => undefined;
  const first = turns.take(() => new Promise<void>((resolve) => (open = resolve)));
  await Promise.resolve();
  const others = Array.from({ length: 65_536 }, () => turns.take(async () => undefined));
  await expect(turns.take(async () => undefined)).rejects.toMatchObject({
    code: "ERR_LETHE_EXHAUSTED",
    message: expect.stringMatching(/65536 calls wait already; await some/),
  });
  open();
  await Promise.all([first, ...others]);
  await turns.take(async () => undefined);
});

it("calls no code of the caller while the keys of the channel are open, whatever that does", async () => {
  const process = new MadeProcess(opens);
  const key = new IsolatedKey(secrets, process, "k", 60_000);
  const seen: boolean[] = [];
  const landing: Land = (length, fill) => {
    seen.push(process.isOpen);
    return secrets.land(length, (page) => {
      seen.push(process.isOpen);
      fill(page);
    });
  };
  const fileKey = await key.unwrap(STANZAS, landing);
  expect(fileKey?.expose((bytes) => [...bytes])).toEqual([...FILE_KEY]);
  fileKey?.destroy();
  expect(seen).toEqual([false, false]);
  const own = new Error("of the caller");
  const fails = (): never => {
    throw own;
  };
  await expect(key.unwrap(STANZAS, fails)).rejects.toBe(own);
  await expect(key.unwrap(STANZAS, () => secrets.land(16, fails))).rejects.toBe(own);
  expect(secrets.stats.live).toBe(0);
  const purging = key.unwrap(STANZAS, (length, fill) => {
    secrets.purge();
    return secrets.land(length, fill);
  });
  // No misuse, which is said in the words of the secret.
  await expect(purging).rejects.toMatchObject({
    code: "ERR_LETHE_DESTROYED",
    message: "Cannot use PKCS#11 key: its secrets were purged",
  });
  const destroying = await key.unwrap(STANZAS, (length, fill) => {
    key.destroy();
    return secrets.land(length, fill);
  });
  expect(destroying?.expose((bytes) => [...bytes])).toEqual([...FILE_KEY]);
  destroying?.destroy();
});

it.each([
  ["a long argument", [...ARGS.slice(0, 2), "A".repeat(70_000)], BODY],
  ["a long body", ARGS, new Uint8Array(4097)],
])(
  "sends no stanza with %s, which the channel would refuse as a wrong argument",
  async (_name, args, body) => {
    const process = new MadeProcess(opens);
    const key = new IsolatedKey(secrets, process, "k", 60_000);
    const call = key.unwrap([{ args, body }] as unknown as typeof STANZAS, secrets.land);
    await expect(call).rejects.toMatchObject({ code: "ERR_LETHE_ENVELOPE_FORMAT" });
    expect(process.asked).toEqual([]);
    key.destroy();
  },
);

describe("a process that does not say what Lethe's program says", () => {
  const json = (...args: readonly unknown[]): string => JSON.stringify(args);
  const [type, algorithm, tag] = ARGS;
  it.each([
    ["nothing", undefined, BODY],
    ["null", "null", BODY],
    ["half an object", "{", BODY],
    ["no list", '{"length":3}', BODY],
    ["no texts", json(1, 2, 3), BODY],
    ["a stanza of X25519", json("X25519", tag.repeat(3).slice(5)), new Uint8Array(32)],
    ["a stanza of scrypt", json("scrypt", tag, "30"), new Uint8Array(32)],
    ["another algorithm", json(type, "aes-ecb", tag), BODY],
    ["a name of Object", json(type, "constructor", tag), BODY],
    ["another tag", json(type, algorithm, `${tag}A`), BODY],
    ["a line in a tag", json(type, algorithm, `AAAAAAA\n-> AAAAA`), BODY],
    ["too few arguments", json(type, algorithm), BODY],
    ["5,000 arguments", json(...Array(5000).fill(type)), BODY],
    ["no body", json(...ARGS), undefined],
    ["a long body", json(...ARGS), new Uint8Array(45)],
    ["a short body", json(...ARGS), new Uint8Array(43)],
    ["a long body of RSA", json(type, "rsa-oaep-sha1", tag), new Uint8Array(2049)],
    ["a short body of RSA", json(type, "rsa-oaep-sha256", tag), new Uint8Array(63)],
    ["a long body of ECDH", json(type, "ecdh-p256", tag), new Uint8Array(98)],
  ] as const)("gets an error for a stanza: %s", async (_name, report, data) => {
    const process = new MadeProcess(() => ({ fields: { report, data } as Fields }));
    const key = new IsolatedKey(secrets, process, "k", 60_000);
    const fileKey = secrets.random(16);
    await expect(key.wrap(fileKey)).rejects.toMatchObject({
      name: "LetheError",
      code: "ERR_LETHE_WRAPPER",
      message: expect.stringMatching(/gave no stanza of the form.*correct program, or use another/),
    });
    fileKey.destroy();
    key.destroy();
  });

  it.each([
    ["rsa-oaep-sha256", 256],
    ["rsa-oaep-sha1", 2048],
    ["aes-gcm", 44],
    ["ecdh-p256", 97],
  ] as const)("is believed where it has the form: %s", async (algorithm, length) => {
    const data = new Uint8Array(length);
    const process = new MadeProcess(() => ({
      fields: { report: json(type, algorithm, tag), data },
    }));
    const key = new IsolatedKey(secrets, process, "k", 60_000);
    const fileKey = secrets.random(16);
    expect(await key.wrap(fileKey)).toEqual([{ args: [type, algorithm, tag], body: data }]);
    fileKey.destroy();
    key.destroy();
  });

  it.each([
    ["15 bytes", { fields: {}, secret: new Uint8Array(15) }],
    ["a megabyte", { fields: {}, secret: new Uint8Array(2 ** 20) }],
    ["nothing", { fields: {} }],
    ["nothing, and yes", { fields: { holds: true } }],
  ] as const)("gets an error for a file key: %s", async (_name, said) => {
    const key = new IsolatedKey(secrets, new MadeProcess(() => said), "k", 60_000);
    expect(await opened(key)).toMatch(/^ERR_LETHE_WRAPPER .*gave no file key of the form/);
    key.destroy();
  });

  it("may say of a stanza that it is not its own", async () => {
    const process = new MadeProcess(() => ({ fields: { holds: false } }));
    const key = new IsolatedKey(secrets, process, "k", 60_000);
    expect(await opened(key)).toBe("none");
    key.destroy();
  });

  it("says errors in a line of known kinds", () => {
    const said = (fields: Fields): object => {
      const { code, message, returnValue, triesLeft } = errorIn(fields);
      return { code, message, returnValue, triesLeft };
    };
    const code = "ERR_LETHE_WRAPPER";
    expect(said({ message: "a", text: "CKR_PIN_LOCKED", type: "none" })).toEqual({
      ...{ code, message: "a", returnValue: "CKR_PIN_LOCKED", triesLeft: "none" },
    });
    for (const text of ["CKR 0x1f", "CKR_VENDOR_DEFINED+0x1"]) {
      expect(said({ message: "a", text })).toMatchObject({ returnValue: text });
    }
    const strange = {
      message: `a\n\x1b[2J\u202e${"b".repeat(2000)}`,
      text: "CKR_OK\n",
      type: "many",
    };
    expect(said(strange)).toEqual({
      ...{ code, message: `a  [2J ${"b".repeat(593)}`, returnValue: null, triesLeft: "unknown" },
    });
    expect(said({ message: "a", text: `CKR_${"A".repeat(61)}` })).toMatchObject({
      returnValue: null,
    });
  });

  it("refuses in words of Lethe alone", async () => {
    const lying = new MadeProcess(() => {
      throw new LetheError("a code" as never, "a refusal");
    });
    const key = new IsolatedKey(secrets, lying, "k", 60_000);
    expect(await opened(key)).toMatch(/^ERR_LETHE_WRAPPER .*gave no error of the form/);
    key.destroy();
    const refusal = new LetheError("ERR_LETHE_ENVELOPE_FORMAT", "Cannot read envelope");
    const [own, other] = [outOfRange("Cannot read it"), new Error("a\nb")];
    for (const error of [refusal, own, other]) expect(refusalIn(error)).toBe(error);
    for (const error of [
      new LetheError("a code" as never, "Cannot read it"),
      new LetheError("ERR_LETHE_ENVELOPE_FORMAT", "Cannot\x1b[2J"),
      outOfRange("Cannot\nread it"),
      new LetheError("ERR_LETHE_WRAPPER", "a".repeat(2049)),
    ]) {
      expect(refusalIn(error)).toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(/gave no error of the form/),
      });
    }
  });
});
