import { check, NotRun, refused, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { write } from "./samples.ts";

/** Damage beside a secret. */
export const CANARY: readonly ConformanceCase[] = [
  {
    id: "G11",
    title:
      "damage just before the first byte is ERR_LETHE_CANARY on destroy, and destroys all the same",
    guarantee: "canary",
    rests: ["M7"],
    run(trial) {
      const secrets = trial.secrets();
      for (const size of [1, 32, 4097]) {
        const secret = secrets.allocate(size);
        write(secret);
        secret.modify((bytes) => {
          if (bytes.byteOffset === 0) {
            throw new NotRun("the byte before the data cannot be reached from JavaScript here");
          }
          const before = new Uint8Array(bytes.buffer, bytes.byteOffset - 1, 1);
          before[0] = (before[0] as number) ^ 0x01;
        });
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
