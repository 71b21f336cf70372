import { check, NotRun, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { Observer } from "./sightings.ts";

const CHURN = { do: "churn", count: 2_000, byteLength: 65_536 } as const;

/** What shows only in numbers, or only in a process of its own. */
export const ENDURANCE: readonly ConformanceCase[] = [
  {
    id: "M2",
    title:
      "without room `allocate` is ERR_LETHE_EXHAUSTED; what was made is whole, and ending it makes room",
    needs: "target",
    async run(trial) {
      const { exhaust } = trial.subject;
      if (exhaust === undefined) throw new NotRun("the subject does not say how much is too much");
      // A process of its own: where the refusal fails, it dies.
      const target = await trial.doomed();
      const seen = await target.ask({ do: "exhaust", count: exhaust });
      check(seen.name !== null, `${seen.made} secrets were made and none was refused`);
      same(seen.name, "LetheError", `error after ${seen.made} secrets (${seen.message})`);
      same(seen.code, "ERR_LETHE_EXHAUSTED", `code after ${seen.made} secrets`);
      check(/;|\bdestroy\b|\braise\b/.test(seen.message), `no remedy in: ${seen.message}`);
      same(seen.intact, seen.made, "secrets that were still whole");
      check(seen.again === null, `all were destroyed, and none can be made: ${seen.again}`);
      trial.saw(`${seen.made} secrets, then ${seen.code}: ${seen.message}`);
    },
  },
  {
    id: "M8",
    title: "`release` gives the memory back before it returns, without a turn of the event loop",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      // Once over first: what is kept for the next secret is not a leak.
      await target.ask({ ...CHURN, count: 200 });
      const [bytes, mappings] = [await target.residentBytes(), (await target.mappings()).length];
      await target.ask(CHURN);
      const grown = (await target.residentBytes()) - bytes;
      const more = (await target.mappings()).length - mappings;
      const churned = CHURN.count * CHURN.byteLength;
      check(grown < churned / 2, `${mega(churned)} MB of secrets left ${mega(grown)} MB behind`);
      check(more < CHURN.count / 4, `${CHURN.count} secrets left ${more} mappings behind`);
      trial.saw(
        `${CHURN.count} secrets, ${mega(churned)} MB: ${mega(grown)} MB, ${more} mappings more`,
      );
    },
  },
  {
    id: "R5",
    title: "no method of the console shows a byte of a secret or stumbles over it, in any state",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      const before = (await target.complaints()).length;
      const { needle } = await (await Observer.of(target)).hold("modify");
      await target.ask({ do: "print" });
      const printed = (await target.complaints()).slice(before);
      check(printed.includes("redacted"), "the console printed nothing");
      for (const [form, text] of formsOf(needle.bytes)) {
        check(!printed.toLowerCase().includes(text), `the console printed the secret as ${form}`);
      }
      trial.saw(`${printed.length} characters on standard error, none of them of the secret`);
    },
  },
];

/** Four bytes in a row, in the forms that consoles print. */
function formsOf(bytes: Uint8Array): readonly (readonly [string, string])[] {
  const few = [...bytes.subarray(0, 4)];
  const hex = few.map((byte) => byte.toString(16).padStart(2, "0"));
  return [
    ["hex", hex.join("")],
    ["spaced hex", hex.join(" ")],
    ["0x hex", hex.map((digits) => `0x${digits}`).join(", ")],
    ["decimal", few.join(", ")],
    ["dense decimal", few.join(",")],
    ["lines of decimal", few.join(",\n")],
    ["JSON", few.map((byte, index) => `"${index}":${byte}`).join(",")],
    ["base64", btoa(String.fromCharCode(...few.slice(0, 3))).toLowerCase()],
  ];
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
