import process from "node:process";
import { expect, it } from "vitest";
import { equalBytes } from "../../../core/mod.ts";
import { joined } from "../../../testing/features/custodian/joined.ts";
import { openPair, openTools, type Pair } from "../../../testing/features/custodian/pair.ts";
import { SOAK } from "../../../testing/tier.ts";
import { MAX_FRAME } from "./limits.ts";
import { readMessage } from "./message.ts";
import type { ChannelSession } from "./session.ts";

/** 100,000 in `npm run soak`. */
const ROUNDS = !SOAK ? 1_000 : 100_000;
/** In milliseconds. */
const PATIENCE = 30 * ROUNDS;
const SEED = 20_261_122;

/** A small generator, so that a failure can be repeated from its round. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof generator>;
type Attack = (frames: readonly Uint8Array[], random: Random, pair: Pair) => Uint8Array[];

const ATTACKS: Readonly<Record<string, Attack>> = {
  flip(frames, random) {
    const [first = NONE, ...rest] = frames.map((frame) => frame.slice());
    for (let count = 1 + random(4); count > 0; count--) {
      (first[random(first.length)] as number) ^= 1 << random(8);
    }
    return [first, ...rest];
  },
  cut: ([first = NONE, ...rest], random) => [first.subarray(0, random(first.length)), ...rest],
  repeat: ([first = NONE, ...rest]) => [first, first, ...rest],
  reorder: ([first = NONE, second = NONE, ...rest]) => [second, first, ...rest],
  drop: ([, ...rest]) => rest,
  insert: ([first = NONE, ...rest], random) => {
    const at = random(first.length);
    const noise = Uint8Array.from({ length: 1 + random(40) }, () => random(256));
    return [first.subarray(0, at), noise, first.subarray(at), ...rest];
  },
  noise: (_, random) => [Uint8Array.from({ length: 1 + random(400) }, () => random(256))],
  lengths(frames, random) {
    const [first = NONE, ...rest] = frames.map((frame) => frame.slice());
    first[random(8)] = random(256);
    return [first, ...rest];
  },
  reflect: (frames, _, { custodian }) => [custodian.seal(Uint8Array.of(1, 2, 3), null), ...frames],
};
const NONE = new Uint8Array(0);

it(`${ROUNDS} hostile streams end the session, say nothing and keep nothing`, {
  timeout: PATIENCE,
}, async () => {
  const random = generator(SEED);
  const context = openTools();
  const names = Object.keys(ATTACKS);
  const secret = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 3);
  const marker = Buffer.from(secret).toString("hex");
  let undecided = 0;
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round === 200) before = keptBytes(); // warm
    const pair = openPair(context);
    const frames = [0, 1, 2].map((number) => pair.application.seal(Uint8Array.of(number), secret));
    const name = names[round % names.length] as string;
    const input = joined(ATTACKS[name]?.(frames, random, pair) ?? []);
    const sent = joined(frames);
    const unchanged = input.length === sent.length && equalBytes(input, sent);
    const step = 1 + random(input.length + 1);
    let honest = 0;
    let error: unknown;
    for (let at = 0; at < input.length && error === undefined; at += step) {
      try {
        pair.custodian.receive(input.subarray(at, at + step), (meta, arrival) => {
          const place = new Uint8Array(new ArrayBuffer(arrival?.byteLength ?? 1));
          arrival?.openInto(place);
          const whole = meta.length === 1 && meta[0] === honest && equalBytes(place, secret);
          if (!whole) throw new Error(`round ${round}, ${name}: delivered what was not sent`);
          honest += 1;
        });
      } catch (caught) {
        error = caught;
      }
    }
    // Where nothing was thrown a length grew, or noise passed for one: it waits, with nothing new.
    if (error === undefined) undecided += 1;
    const fine =
      error === undefined
        ? honest <= (unchanged ? 3 : 1)
        : isTyped(error, marker) && ended(pair.custodian);
    // Not `expect`, which keeps what it was given.
    if (!fine) throw new Error(`round ${round}, ${name}: ${String(error)}`);
    pair.application.end();
    pair.custodian.end();
  }
  expect(context.secrets.stats.live).toBe(0);
  expect(undecided).toBeLessThan(ROUNDS / 4);
  keptBytes();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(keptBytes() - before).toBeLessThan(100 * MAX_FRAME);
});

it(`${ROUNDS} malformed messages are refused or read, and nothing else`, {
  timeout: PATIENCE,
}, () => {
  const random = generator(SEED + 1);
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Uint8Array.from({ length: 1 + random(80) }, (_, index) =>
      index < 2 ? random(18) : random(4) === 0 ? random(256) : 0,
    );
    try {
      readMessage(bytes);
    } catch (error) {
      if (!isTyped(error, "\0")) throw error;
    }
  }
});

function isTyped(error: unknown, marker: string): boolean {
  const { code, stack = "" } = error as { code?: unknown; stack?: string };
  return code === "ERR_LETHE_CHANNEL" && !stack.includes(marker);
}

function ended(session: ChannelSession): boolean {
  return session.state === "ended";
}

/** What is still reachable, in the heap and off it. A thread frees buffers after a collection, and the next waits for it. */
function keptBytes(): number {
  for (let count = 0; count < 2; count++) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
