// What a custodian answers at its bounds. Both close it.
import type { Custodian } from "../../../adapters/node/mod.ts";

/** Many secrets, with names that are as long as they may be and longer when they are escaped. */
export async function askNames(custodian: Custodian, count: number): Promise<object> {
  const nameOf = (index: number): string => `${index}`.padEnd(256, "\u0001");
  const each = async (call: (index: number) => Promise<unknown>, step = 1): Promise<void> => {
    for (let index = 0; index < count; index += 10_000) {
      const calls: Promise<unknown>[] = [];
      for (let at = index; at < Math.min(index + 10_000, count); at += step) calls.push(call(at));
      await Promise.all(calls);
    }
  };
  await each((index) => custodian.generate(nameOf(index), "key"));
  const full = await custodian.generate("one more", "key").then(
    () => custodian.delete("one more").then(() => null),
    ({ code }) => code,
  );
  const { count: held, secrets: named } = await custodian.status();
  const all = (await custodian.status({ most: 100_000 })).secrets;
  const inOrder = all.every(({ name }, index) => name === nameOf(index));
  const important = (await custodian.hmac(nameOf(0), new Uint8Array(3))).byteLength;
  await each((index) => custodian.delete(nameOf(index)), 2);
  const { count: deleted } = await custodian.status({ most: 0 });
  await custodian.close();
  return { count: held, named: named.length, all: all.length, inOrder, full, important, deleted };
}

/** As many calls at a time, and as many bytes, as there may be, and one more. */
export async function askLimits(custodian: Custodian): Promise<object> {
  await custodian.generate("key", "key", { byteLength: 32 });
  const data = new Uint8Array(3);
  const calls = Array.from({ length: 65_540 }, () => custodian.verifyHmac("key", data, data));
  const settled = await Promise.allSettled(calls);
  const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
  for (let index = 1; index < 4096; index++) {
    await custodian.generate(`${index}`, "key", { byteLength: 65_536 });
  }
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "done",
      ({ code }) => code,
    );
  await custodian.generate("rest", "key", { byteLength: 65_536 - 32 });
  const full = await codeOf(custodian.generate("full", "key", { byteLength: 1 }));
  await custodian.delete("1");
  const again = await codeOf(custodian.generate("full", "key", { byteLength: 65_536 }));
  const { count } = await custodian.status();
  await custodian.close();
  return { refused, full, again, count };
}
