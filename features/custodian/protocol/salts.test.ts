import { expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { FakeMemory } from "../../../testing/core/fake_memory.ts";
import { joined } from "../../../testing/features/custodian/joined.ts";
import { openTools, receiveAll } from "../../../testing/features/custodian/pair.ts";
import { PREFIX_BYTES, SALT_BYTES } from "./limits.ts";
import { Salts } from "./salts.ts";
import { ChannelSession } from "./session.ts";

/** A system that is asked, and always gives the same bytes. */
class Asked {
  readonly lengths: number[] = [];
  readonly asksSystem: boolean;

  constructor(asksSystem: boolean = true) {
    this.asksSystem = asksSystem;
  }

  readonly fill = (bytes: Uint8Array): void => {
    this.lengths.push(bytes.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = at;
  };
}

function saltsOf(salts: Salts, batch: number, count: number, byteLength = 32): string[] {
  return Array.from({ length: count }, () => {
    const salt = new Uint8Array(new ArrayBuffer(SALT_BYTES));
    salts.of(batch, byteLength).fill(salt);
    return salt.join();
  });
}

it("are asked for alone, then for fifteen in advance, and never in advance of another batch", () => {
  const asked = new Asked();
  const salts = new Salts(asked);
  saltsOf(salts, 1, 1);
  saltsOf(salts, 2, 1);
  expect(asked.lengths).toEqual([16, 16]);
  saltsOf(salts, 3, 17);
  expect(asked.lengths.splice(0)).toEqual([16, 16, 16, 240, 240]);
  saltsOf(salts, 4, 2);
  expect(asked.lengths).toEqual([16, 240]);
});

it("give each byte of a block once, and differ where the system gives the same bytes", () => {
  const asked = new Asked();
  const [, ...rest] = saltsOf(new Salts(asked), 1, 16).map((salt) => salt.split(",").map(Number));
  // The first eight are changed by clock and count.
  const given = rest.flatMap((salt) => salt.slice(8)).sort((a, b) => a - b);
  expect(given).toEqual(Array.from({ length: 240 }, (_, at) => at).filter((at) => at % 16 >= 8));
  const same = { asksSystem: true, fill: (bytes: Uint8Array): void => void bytes.fill(0x5a) };
  expect(new Set(saltsOf(new Salts(same), 1, 31).slice(1)).size).toBe(30);
});

it("count as what lies in the process, so that the whole message is hashed, unless it is long", () => {
  const asked = new Asked();
  const salts = new Salts(asked);
  expect([32, 32, 1024, 1025].map((length) => salts.of(1, length).asksSystem)).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(salts.of(2, 32).asksSystem).toBe(true);
});

it("are never kept of bytes that were not asked of the system", () => {
  const asked = new Asked(false);
  saltsOf(new Salts(asked), 1, 3);
  expect(asked.lengths).toEqual([16, 16, 16]);
});

it("of a session are of one batch while its keys are open once", () => {
  const asked = new Asked();
  const memory = Object.assign(new FakeMemory(), { randomize: asked.fill });
  const context = { ...openTools(), secrets: openSecrets({ memory }) };
  const application = new ChannelSession("application", context);
  const custodian = new ChannelSession("custodian", openTools());
  custodian.receive(application.greeting, () => undefined);
  application.receive(custodian.greeting, () => undefined);
  const seal = (): Uint8Array => application.seal(Uint8Array.of(1, 2, 3), null);
  asked.lengths.length = 0;
  const frames = [seal(), seal()];
  expect(asked.lengths.splice(0)).toEqual([16, 16]);
  application.batch(() => frames.push(seal(), seal(), seal()));
  expect(asked.lengths.splice(0)).toEqual([16, 240]);
  frames.push(seal());
  expect(asked.lengths).toEqual([16]);
  expect(receiveAll(custodian, joined(frames), openTools())).toHaveLength(6);
  const salts = frames.map((frame) =>
    frame.subarray(PREFIX_BYTES - SALT_BYTES, PREFIX_BYTES).join(),
  );
  expect(new Set(salts).size).toBe(6);
});
