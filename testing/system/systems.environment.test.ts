import { beforeAll, describe, expect, it } from "vitest";
import { shared } from "../environments/shared_folder.ts";
import { SOAK } from "../tier.ts";
import { EMULATED_PATIENCE, emulatedIn, installEmulated, missingEmulator } from "./emulated.ts";
import { installMusl, missingMusl, muslIn } from "./musl.ts";
import type { OtherSystem } from "./other_system.ts";
import { PROGRAMS } from "./programs.ts";

/** What the registry has no binary for: sodium-native on musl. Each is a typed error that says so. */
const NO_ENGINE = /^([a-z ]+: )?ERR_LETHE_UNAVAILABLE(, [a-z ]+: ERR_LETHE_UNAVAILABLE)*$/;

const SYSTEMS = [
  {
    name: "an emulated arm64",
    why: SOAK ? missingEmulator() : "",
    open: () => emulatedIn(shared("arm64", installEmulated)),
    runtimes: ["node-22", "node-24", "node-26", "deno", "bun"],
    lacks: undefined,
    // Under qemu-user 7.2 a program without Lethe that starts another one by Deno ends in some runs only.
    without: ["the custodian on deno"],
  },
  {
    name: "musl",
    why: SOAK ? missingMusl() : "",
    open: () => muslIn(shared("musl", installMusl)),
    runtimes: ["bun"],
    lacks: NO_ENGINE,
    without: [],
  },
] as const;

for (const { name, why, open, runtimes, lacks, without } of SYSTEMS) {
  describe.skipIf(!SOAK || why !== "")(`${why === "" ? "" : `NOT RUN, ${why}: `}on ${name}`, () => {
    let system: OtherSystem | undefined;
    beforeAll(() => {
      system = open();
    }, 240_000);

    const cases = Object.keys(PROGRAMS)
      .flatMap((program) => runtimes.map((runtime) => ({ program, runtime })))
      .filter(({ program, runtime }) => !without.some((one) => one === `${program} on ${runtime}`));
    it.for(cases)(
      "$program on $runtime holds",
      { timeout: 500_000 },
      async ({ program, runtime }) => {
        const command = system?.runtimes[runtime] ?? [];
        const place = { around: system?.around ?? [], command, patience: EMULATED_PATIENCE };
        const { end } = (await PROGRAMS[program]?.(place)) ?? { end: "not run" };
        if (lacks === undefined || end === "held") expect(end).toBe("held");
        else expect(end).toMatch(lacks);
      },
    );
  });
}
