import { check, NotRun, refused, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import { addressOf, tracerOf } from "./raw_touch.ts";
import { write } from "./samples.ts";
import { Observer } from "./sightings.ts";

/** Damage beside a secret. */
export const CANARY: readonly ConformanceCase[] = [
  {
    id: "G11",
    title:
      "damage just before the first byte is ERR_LETHE_CANARY on destroy, and destroys all the same",
    guarantee: "canary",
    rests: ["M7"],
    async run(trial) {
      const secrets = trial.secrets();
      for (const size of [1, 32, 4097]) {
        const secret = secrets.allocate(size);
        write(secret);
        const reached = secret.modify((bytes) => {
          if (bytes.byteOffset === 0) return false;
          const before = new Uint8Array(bytes.buffer, bytes.byteOffset - 1, 1);
          before[0] = (before[0] as number) ^ 0x01;
          return true;
        });
        if (!reached) return fromOutside(trial);
        refused("ERR_LETHE_CANARY", `destroy of ${size} bytes`, () => secret.destroy());
        same(secret.state, "destroyed", "state");
        secret.destroy();
        const next = secrets.allocate(size);
        write(next);
        next.destroy();
        check(next.state === "destroyed", "a secret without damage is destroyed in peace");
      }
    },
  },
];

/** Where JavaScript cannot reach the byte, the process is made to write it by its own instruction. */
async function fromOutside(trial: Trial): Promise<void> {
  if (trial.subject.target === undefined) {
    throw new NotRun("the byte before the data cannot be reached from JavaScript, and no target");
  }
  const target = await trial.target();
  const tracer = tracerOf(target);
  const observer = await Observer.of(target);
  // Also where the length is that of a page, so that the byte before lies on another one.
  for (const size of [32, 4096]) {
    const held = await observer.hold("modify", size);
    const address = await addressOf(trial, observer, held);
    await target.ask({ do: "enter", scope: "modify" });
    const raised = await tracer.touch("store", address - 1n);
    check(raised === "survived", `writing before ${size} bytes: ${raised}`);
    await target.ask({ do: "leave" });
    const error = await refusalOf(target.ask({ do: "end", how: "destroy" }));
    check(error.includes("ERR_LETHE_CANARY"), `destroy of ${size} bytes threw ${error}`);
    if (size === 32) {
      const seen = await observer.look(held.needle);
      check(seen.copiesOf(held.needle).length === 0, "the secret is still there after destroy");
    }
    await observer.hold("modify", size);
    await target.ask({ do: "end", how: "destroy" }); // one without damage is destroyed in peace
    trial.saw(`a byte before ${size} bytes: ${error}`);
  }
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "nothing",
    (error: Error) => error.message,
  );
}
