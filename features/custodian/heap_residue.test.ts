import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { formatFinding, type Needle } from "../../conformance/mod.ts";
import { nonceOf, putKeysOf } from "../../testing/features/custodian/computed_needles.ts";
import {
  Application,
  commandFor,
  expectClean,
  Gates,
  scanned,
  WITNESS,
} from "../../testing/features/custodian/stage.ts";
import { INSTALLED, MISSING, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

const ARENA_BYTES = 32_768n;

/** How often each secret number lies in the arena: an RSA exponent stands in the place of a second one. */
const HELD: Readonly<Record<string, number>> = {
  "p256 scalar": 1,
  "p384 scalar": 1,
  "p521 scalar": 1,
  "x25519 key": 1,
  seed: 1,
  "rsa d": 2,
};

let gates: Gates | undefined;
let stage: Application | undefined;
afterEach(async () => {
  await stage?.close();
  gates?.remove();
  stage = undefined;
  gates = undefined;
});

/** What the nonces of the signatures were that the custodian gave. */
function nonces(folder: string, keys: ReturnType<typeof putKeysOf>): readonly Needle[] {
  return [...keys.scalars].map(([curve, scalar]) => ({
    label: `${curve} nonce of OpenSSL`,
    bytes: nonceOf(curve, scalar, keys.signed, readFileSync(`${folder}/${curve}.signature`)),
  }));
}

/** How often each needle was found, all of them whole and in the arena of the secure heap. */
function heldIn(pid: number, needles: readonly Needle[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const finding of scanned(pid, [...needles, WITNESS]).findings) {
    const { needle, complete, mapping } = finding;
    if (needle === WITNESS.label) continue;
    const isArena = mapping.end - mapping.start === ARENA_BYTES && mapping.flags.includes("dd");
    const where = isArena && complete ? needle : formatFinding(finding);
    counts[where] = (counts[where] ?? 0) + 1;
  }
  return counts;
}

const NODES = INSTALLED.filter((name) => name.startsWith("node"));

describe.skipIf(MISSING !== null).each(SOAK ? NODES : ["node-24"])(
  "key pairs in the secure heap on %s",
  (name) => {
    it("lie there and nowhere else, nor does what they made, and leave nothing behind", async () => {
      gates = new Gates();
      const keys = putKeysOf(gates.folder);
      const settings = JSON.stringify({ place: "secure heap" });
      stage = new Application(
        commandFor(RUNTIMES[name] ?? [], "computed", gates, "sodium", settings),
      );
      const step = async (which: string): Promise<number> => {
        const [, , custodian] = await (stage as Application).saw(
          new RegExp(`step ${which} (\\d+) (\\d+)`),
        );
        await new Promise((resolve) => setTimeout(resolve, 100));
        return Number(custodian);
      };
      const custodian = await step("held");
      const needles = [...keys.needles, ...nonces(gates.folder, keys)];
      expect(heldIn(custodian, needles)).toEqual(HELD);
      gates.open("held");
      await step("exposed");
      expectClean(custodian, needles);
      gates.open("exposed");
    });
  },
);
