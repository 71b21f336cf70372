/** A key whose module is in another process: when calls are sent, and what is believed of the answers. */
import { afterEach, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Land } from "../../core/contract/key_wrapper.ts";
import { MadeProcess, type Saying } from "../../testing/features/pkcs11/guest_process.ts";
import { SOAK } from "../../testing/tier.ts";
import { IsolatedKey } from "./isolated_key.ts";
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
  await expect(purging).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
  const destroying = await key.unwrap(STANZAS, (length, fill) => {
    key.destroy();
    return secrets.land(length, fill);
  });
  expect(destroying?.expose((bytes) => [...bytes])).toEqual([...FILE_KEY]);
  destroying?.destroy();
});
