import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type Delivered,
  openPair,
  openTools,
  type Pair,
  receiveAll,
} from "../../../testing/features/custodian/pair.ts";
import type { ChannelSession } from "./session.ts";

type Way = "down" | "up";
const WAYS: readonly Way[] = ["down", "up"];

/** What two ends and a wire between them should be, without any cryptography. */
interface Model {
  /** Messages on the wire, in order. */
  readonly wire: Record<Way, Delivered[]>;
  /** Whether the receiver of that way still listens. */
  readonly alive: Record<Way, boolean>;
}

interface Real extends Pair {
  readonly wire: Record<Way, Uint8Array[]>;
}

const sender = ({ application, custodian }: Real, way: Way): ChannelSession =>
  way === "down" ? application : custodian;
const receiver = ({ application, custodian }: Real, way: Way): ChannelSession =>
  way === "down" ? custodian : application;
const other = (way: Way): Way => (way === "down" ? "up" : "down");

class Send implements fc.Command<Model, Real> {
  readonly way: Way;
  readonly message: Delivered;
  constructor(way: Way, message: Delivered) {
    this.way = way;
    this.message = message;
  }
  // Who has ended its session seals nothing either.
  check = ({ alive }: Readonly<Model>): boolean => alive[other(this.way)];
  run(model: Model, real: Real): void {
    const { meta, secret } = this.message;
    const frame = sender(real, this.way).seal(
      Uint8Array.from(meta),
      secret && Uint8Array.from(secret),
    );
    real.wire[this.way].push(frame);
    model.wire[this.way].push(this.message);
  }
  toString = (): string => `send ${this.way}`;
}

class Deliver implements fc.Command<Model, Real> {
  readonly way: Way;
  readonly pieces: number;
  constructor(way: Way, pieces: number) {
    this.way = way;
    this.pieces = pieces;
  }
  check = ({ alive, wire }: Readonly<Model>): boolean =>
    alive[this.way] && wire[this.way].length > 0;
  run(model: Model, real: Real): void {
    const expected = model.wire[this.way].splice(0);
    const bytes = Buffer.concat(real.wire[this.way].splice(0));
    const delivered: Delivered[] = [];
    const step = Math.ceil(bytes.length / this.pieces);
    for (let at = 0; at < bytes.length; at += step) {
      const chunk = bytes.subarray(at, at + step);
      receiveAll(receiver(real, this.way), chunk, real.context, delivered);
    }
    expect(delivered).toEqual(expected);
  }
  toString = (): string => `deliver ${this.way} in ${this.pieces}`;
}

/** Someone between the two changes what is on the wire; whatever that is, it is found. */
class Tamper implements fc.Command<Model, Real> {
  readonly way: Way;
  readonly how: "flip" | "drop" | "repeat" | "swap" | "reflect";
  readonly at: number;
  constructor(way: Way, how: Tamper["how"], at: number) {
    this.way = way;
    this.how = how;
    this.at = at;
  }
  check = ({ alive, wire }: Readonly<Model>): boolean =>
    alive[this.way] && alive[other(this.way)] && wire[this.way].length > 1;
  run(model: Model, real: Real): void {
    const frames = real.wire[this.way].splice(0);
    const sent = model.wire[this.way].splice(0);
    const index = this.at % (frames.length - 1);
    const [one, two] = [frames[index] as Uint8Array, frames[index + 1] as Uint8Array];
    if (this.how === "flip") {
      // Behind the lengths: a changed one may only mean that more is to come.
      const position = 8 + (this.at % (one.length - 8));
      (one[position] as number) ^= 1 << (this.at & 7);
    } else if (this.how === "drop") frames.splice(index, 1);
    else if (this.how === "repeat") frames.splice(index, 0, one);
    else if (this.how === "swap") frames.splice(index, 2, two, one);
    else frames.splice(index, 0, receiver(real, this.way).seal(Uint8Array.of(1), null));
    const delivered: Delivered[] = [];
    const session = receiver(real, this.way);
    expect(() => receiveAll(session, Buffer.concat(frames), real.context, delivered)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_CHANNEL" }),
    );
    // What came before is as it was sent, and nothing else was delivered.
    expect(delivered).toEqual(sent.slice(0, delivered.length));
    expect(delivered.length).toBeLessThanOrEqual(index + (this.how === "repeat" ? 1 : 0));
    expect(session.state).toBe("ended");
    model.alive[this.way] = false;
  }
  toString = (): string => `${this.how} ${this.way} ${this.at}`;
}

class Ended implements fc.Command<Model, Real> {
  readonly way: Way;
  constructor(way: Way) {
    this.way = way;
  }
  check = ({ alive }: Readonly<Model>): boolean => !alive[this.way];
  run(_: Model, real: Real): void {
    const session = receiver(real, this.way);
    expect(() => session.seal(Uint8Array.of(1), null)).toThrow(/session has ended/);
    expect(() => session.receive(Uint8Array.of(1), () => undefined)).toThrow(/session has ended/);
  }
  toString = (): string => `ended ${this.way}`;
}

const way = fc.constantFrom(...WAYS);
const bytes = fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 40 });
const commands = fc.commands(
  [
    fc
      .tuple(way, fc.record({ meta: bytes, secret: fc.option(bytes) }))
      .map(([to, message]) => new Send(to, message)),
    fc.tuple(way, fc.integer({ min: 1, max: 50 })).map(([to, n]) => new Deliver(to, n)),
    fc
      .tuple(
        way,
        fc.constantFrom(
          "flip" as const,
          "drop" as const,
          "repeat" as const,
          "swap" as const,
          "reflect" as const,
        ),
        fc.nat({ max: 10_000 }),
      )
      .map(([to, how, at]) => new Tamper(to, how, at)),
    way.map((to) => new Ended(to)),
  ],
  { maxCommands: 40 },
);

it("a session behaves as its model, whoever stands on the wire", () => {
  const context = openTools();
  fc.assert(
    fc.property(commands, (sequence) => {
      fc.modelRun(() => {
        const pair = openPair(context);
        return {
          model: { wire: { down: [], up: [] }, alive: { down: true, up: true } },
          real: { ...pair, wire: { down: [], up: [] } },
        };
      }, sequence);
      context.secrets.purge();
    }),
    { numRuns: 300 },
  );
});
