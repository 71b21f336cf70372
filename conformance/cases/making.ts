import { offHeapBytes } from "../../core/mod.ts";
import { check, refused, same, sameBytes, zero } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { hasDispose } from "../dispose.ts";
import { read, SIZES, sample, write } from "./samples.ts";

/** Secrets as they are made: empty, random, or from bytes. */
export const MAKING: readonly ConformanceCase[] = [
  {
    id: "A1",
    title: "`allocate` gives a secret of exactly that many zero bytes, guarded and not frozen",
    rests: ["M1"],
    run(trial) {
      const secrets = trial.secrets();
      for (const size of SIZES) {
        const secret = secrets.allocate(size);
        same(secret.byteLength, size, "byteLength");
        same(secret.state, "guarded", "state of a new secret");
        same(secret.frozen, false, "frozen of a new secret");
        secret.expose((bytes) => {
          same(bytes.length, size, "length of the view");
          zero(bytes, `a new secret of ${size} bytes`);
        });
        secret.destroy();
      }
    },
  },
  {
    id: "A5",
    title: "`random` fills every byte, and no two secrets alike",
    rests: ["M11"],
    run(trial) {
      const secrets = trial.secrets();
      for (const size of [1, 32, 65, 4097, 65_536, 65_537, 200_000]) {
        const seen = new Uint8Array(new ArrayBuffer(size));
        // A byte is zero in all of 8 draws once in 2^64.
        for (let draw = 0; draw < 8; draw++) {
          const secret = secrets.random(size);
          secret.expose((bytes) => {
            for (let at = 0; at < size; at++) seen[at] = (seen[at] ?? 0) | (bytes[at] ?? 0);
          });
          secret.destroy();
        }
        const missed = seen.indexOf(0);
        check(missed === -1, `byte ${missed} of ${size} was zero in 8 random secrets`);
        trial.saw(`8 secrets of ${size} bytes: each byte other than zero in one of them`);
      }
      check(!secrets.random(32).equals(secrets.random(32)), "two random secrets are equal");
    },
  },
  {
    id: "A6",
    title: "`move` copies the bytes in and wipes its source; a refused one leaves it untouched",
    rests: ["M11"],
    run(trial) {
      const secrets = trial.secrets();
      for (const size of SIZES) {
        const source = offHeapBytes(size);
        source.set(sample(size));
        const secret = secrets.move(source);
        zero(source, `the source of a move of ${size} bytes`);
        sameBytes(read(secret), sample(size), `a moved secret of ${size} bytes`);
        secret.destroy();
      }
      if (!hasDispose()) return;
      const closed = trial.secrets();
      closed[Symbol.dispose]();
      const source = sample(32);
      refused("ERR_LETHE_DESTROYED", "move after dispose", () => closed.move(source));
      sameBytes(source, sample(32), "the source of a refused move");
    },
  },
  {
    id: "A7",
    title: "`stats` counts live secrets, their bytes and the scopes, and nothing of their content",
    run(trial) {
      const secrets = trial.secrets();
      const before = secrets.stats.exposes;
      const [first, second] = [secrets.allocate(32), secrets.allocate(65)];
      write(first);
      read(first);
      const { live, bytes, exposes } = secrets.stats;
      same(live, 2, "live");
      same(bytes, 97, "bytes");
      same(exposes - before, 2, "exposes");
      first.destroy();
      second.destroy();
      same(secrets.stats.live, 0, "live after destroy");
      same(secrets.stats.bytes, 0, "bytes after destroy");
    },
  },
];
