import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { check, refused, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { sample } from "./samples.ts";

/** What is refused: all but lengths and bytes. */
export const ARGUMENTS: readonly ConformanceCase[] = [
  {
    id: "A2",
    title:
      "a length that is not an integer from 1 to 2^31 - 1 is refused, and nothing is allocated",
    run(trial) {
      const secrets = trial.secrets();
      const make = (length: unknown): readonly (() => unknown)[] => [
        () => secrets.allocate(length as number),
        () => secrets.random(length as number),
      ];
      for (const length of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53]) {
        for (const call of make(length)) refused("RangeError", `length ${length}`, call);
      }
      for (const length of ["32", null, undefined, {}, [32], 32n, true]) {
        for (const call of make(length)) refused("TypeError", `a length of ${typeof length}`, call);
      }
      same(secrets.stats.live, 0, "live secrets after refused lengths");
    },
  },
  {
    id: "A3",
    title: "a string is refused wherever secret bytes are taken, saying why and what to do instead",
    run(trial) {
      const secrets = trial.secrets();
      const secret = secrets.allocate(8);
      const text = "correct horse battery staple";
      for (const [name, call] of takers(secrets, secret, text)) {
        const { message } = refused("TypeError", `a string given to ${name}`, call);
        check(!message.includes("correct"), `the error of ${name} quotes the string`);
        check(/string.*wiped/.test(message), `the error of ${name} does not say why`);
        check(message.includes("offHeapBytes"), `the error of ${name} does not say what to do`);
      }
      same(secrets.stats.live, 1, "live secrets after refused strings");
    },
  },
  {
    id: "A4",
    title:
      "what is not a Uint8Array is a TypeError that does not quote it, an empty one a RangeError",
    run(trial) {
      const secrets = trial.secrets();
      const secret = secrets.allocate(8);
      const buffer = new ArrayBuffer(8);
      const wrong = [[171, 205], buffer, new DataView(buffer), new Uint16Array(4), null, 171205];
      for (const value of [...wrong, undefined, { length: 2, 0: 171, 1: 205 }]) {
        for (const [name, call] of takers(secrets, secret, value)) {
          const { message } = refused("TypeError", `${typeof value} given to ${name}`, call);
          check(!/171|205/.test(message), `the error of ${name} quotes its argument`);
        }
      }
      const taken = new Uint8Array(new ArrayBuffer(8));
      structuredClone(taken.buffer, { transfer: [taken.buffer] });
      for (const value of [new Uint8Array(0), taken]) {
        for (const [name, call] of takers(secrets, secret, value))
          refused("RangeError", name, call);
      }
      refused("TypeError", "an object given to encode", () =>
        secrets.encode({ byteLength: 4 } as never, "hex"),
      );
      const encoding = "binary" as "hex";
      refused("TypeError", "unknown encoding", () => secrets.decode(sample(4), encoding));
    },
  },
];

/** Every function that takes secret bytes, as one that passes it `value`. */
function takers(
  secrets: Secrets,
  secret: SecretBuffer,
  value: unknown,
): readonly [string, () => unknown][] {
  const bytes = value as Uint8Array;
  return [
    ["move", () => secrets.move(bytes)],
    ["decode", () => secrets.decode(bytes, "hex")],
    ["equals", () => secret.equals(bytes)],
  ];
}
