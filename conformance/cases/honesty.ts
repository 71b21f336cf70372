import {
  GUARANTEE_NAMES,
  type GuaranteeLevel,
  type GuaranteeName,
  type Guarantees,
  type SecretBuffer,
  type Secrets,
} from "../../core/mod.ts";
import { check, refused, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import { end, SIZES } from "./samples.ts";

/** What is said, against what is given, as far as the process itself can tell. */
export const HONESTY: readonly ConformanceCase[] = [
  {
    id: "G1",
    title: "a guarantee that is not enforced is refused when it is required, with the reason",
    run(trial) {
      const { guarantees } = trial.secrets();
      for (const name of GUARANTEE_NAMES) {
        if (guarantees[name].level !== "enforced") requireRefused(trial, name);
      }
    },
  },
  {
    id: "G2",
    title: "a guarantee that is enforced can be required, and each secret made then has it",
    run(trial) {
      const { guarantees } = trial.secrets();
      const require = GUARANTEE_NAMES.filter((name) => guarantees[name].level === "enforced");
      const secrets = trial.secrets({ require });
      const held = attempt(secrets);
      for (const secret of held) {
        for (const name of require) {
          same(secret.guarantees[name].level, "enforced", `${name} of a secret`);
        }
      }
      trial.saw(`required together: ${require.join(", ")}; ${held.length} secrets`);
    },
  },
  {
    id: "G3",
    title:
      "every row of a table has a known level and its evidence; only what is enforced is verified",
    run(trial) {
      const secrets = trial.secrets();
      checkTable(trial.memory.guarantees);
      for (const table of [secrets.guarantees, secrets.allocate(32).guarantees]) checkTable(table);
    },
  },
  {
    id: "M4",
    title: "a region claims at most what its memory claims",
    rests: ["G3"],
    run({ memory, saw }) {
      for (const size of SIZES) {
        const region = memory.allocate(size);
        const claims = region.guarantees;
        end(region);
        for (const name of GUARANTEE_NAMES) {
          const [own, most] = [claims[name].level, memory.guarantees[name].level];
          check(
            RANK[own] <= RANK[most],
            `a region of ${size} bytes claims ${name} ${own}, its memory ${most}`,
          );
        }
      }
      saw(`${GUARANTEE_NAMES.length} rows of regions of ${SIZES.join(", ")} bytes`);
    },
  },
  {
    id: "G4",
    title: "wrong options are TypeErrors, and a name that is not a memory ERR_LETHE_UNAVAILABLE",
    run(trial) {
      const open = (options: object): (() => unknown) => {
        return () => trial.secrets(options);
      };
      refused("TypeError", "an unknown guarantee", open({ require: ["unbreakable"] }));
      refused("TypeError", "require that is a string", open({ require: "locked" }));
      refused("TypeError", "an unknown onMisuse", open({ onMisuse: "ignore" }));
      refused("TypeError", "a memory that is none", open({ memory: {} }));
      refused("TypeError", "a memory that is null", open({ memory: null }));
      refused("ERR_LETHE_UNAVAILABLE", "an unknown memory", open({ memory: "lead" }));
    },
  },
];

const RANK: Readonly<Record<GuaranteeLevel, number>> = { none: 0, "best-effort": 1, enforced: 2 };

/** Requiring `name` of the memory under test must be refused, with the code and a reason. */
export function requireRefused(trial: Trial, name: GuaranteeName): void {
  const code = name === "locked" ? "ERR_LETHE_LOCK" : "ERR_LETHE_REQUIRE";
  const { message } = refused(code, `require: ["${name}"]`, () =>
    trial.secrets({ require: [name] }),
  );
  check(message.includes(name), `the refusal of ${name} does not name it: ${message}`);
}

function checkTable(table: Guarantees): void {
  same(Object.keys(table).length, GUARANTEE_NAMES.length, "number of rows");
  for (const name of GUARANTEE_NAMES) {
    const { level, verified, evidence } = table[name];
    check(Object.hasOwn(RANK, level), `the level of ${name} is ${level}`);
    check(evidence.length > 0, `${name} has no evidence`);
    check(!verified || level === "enforced", `${name} is verified, and ${level}`);
  }
  check(Object.isFrozen(table), "the table can be changed");
}

/** A few secrets, or fewer where the machine cannot give each all that is required. */
function attempt(secrets: Secrets): readonly SecretBuffer[] {
  const held: SecretBuffer[] = [];
  try {
    for (const size of [1, 32, 4097]) held.push(secrets.allocate(size));
  } catch (error) {
    const refusals = ["ERR_LETHE_LOCK", "ERR_LETHE_REQUIRE", "ERR_LETHE_EXHAUSTED"];
    if (!refusals.includes((error as { code?: string }).code ?? "")) throw error;
  }
  return held;
}
