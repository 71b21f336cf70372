/** Prints docs/hostile.md. */
import { isTyped } from "../typed_end.ts";

/** A program that was run on a machine that lacks something. */
export interface HostileRow {
  readonly machine: string;
  readonly runtime: string;
  readonly commit: string;
  readonly program: string;
  /** `held`, or what did not. */
  readonly end: string;
  readonly detail: string;
}

const HEAD = `# Hostile machines

<!-- Printed by npm run hostile: change tools/hostile/page.ts instead. -->

\`npm run hostile\` runs Lethe on machines that lack something: file systems, limits, system calls. On each of them
the programs must do their work, or fail with an error of Lethe that says why; nothing else may be printed, no copy of
the secret may be left when it is destroyed, and a key file is whole.

- *held*: every step did its work, and another process found no copy.
- \`STEP: ERR_LETHE_…\`: that step was refused with this error; the others did their work.
- *the runtime itself does not start*: it ends before it has run a line of a program, with an empty one too.

A life of secrets is crypto, key files (create, read, rotate, seal, open, remove), a prompt and hardening, in one
process. Limits are set once the runtime has started. Root runs it all, whom the limit of locked memory does not hold.

`;

/** What a run would meet by chance alone has a test that brings it about. */
const TESTS: readonly (readonly [condition: string, test: string, held: string])[] = [
  ["a full disk", "features/key_files/disk.test.ts", "an old or a new key file, whole"],
  ["SIGKILL at any call of a change", "features/key_files/kill.test.ts", "the same"],
  [
    "a file system that is read-only",
    "features/key_files/disk.test.ts",
    "what is there is read, and nothing is made",
  ],
  [
    "the OOM killer",
    "features/custodian/start/machine.hostile.test.ts",
    "a custodian that the kernel ended is named as such",
  ],
  [
    "each end of the application or the custodian",
    "features/custodian/ends.test.ts",
    "the other one ends, or refuses",
  ],
  [
    "a clock that is set back or forth",
    "features/custodian/vault/expiry.attack.test.ts",
    "a secret has expired by either clock",
  ],
  [
    "filters of each call that a memory makes",
    "memories/pages/filters.hostile.test.ts",
    "another memory, and the reason",
  ],
  [
    "no keyrings in the kernel",
    "features/keyrings/kernel_keyring.hostile.test.ts",
    "a typed error",
  ],
  [
    "no /proc, read-only folders, a small /dev/shm",
    "cli/machine.hostile.test.ts",
    "the command line says what it cannot do",
  ],
];

/** @param machines the names of all of them */
export function page(rows: readonly HostileRow[], machines: readonly string[]): string {
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  const count = (of: (row: HostileRow) => boolean): number => rows.filter(of).length;
  const isHeld = ({ end }: HostileRow): boolean => end === "held";
  const isRefused = ({ end }: HostileRow): boolean => isTyped(end);
  const isNotStarted = ({ end }: HostileRow): boolean => end.startsWith("the runtime itself");
  const [held, refused, none] = [count(isHeld), count(isRefused), count(isNotStarted)];
  const sum = `${rows.length} runs: ${held} held, ${refused} were refused with an error of Lethe, ${none} did not start a runtime, ${rows.length - held - refused - none} ended in another way.`;
  const programs = [...new Set(rows.map(({ program }) => program))];
  const tables = runtimes.map((runtime) => {
    const own = rows.filter((row) => row.runtime === runtime);
    const missing = machines.filter((name) => !own.some(({ machine }) => machine === name));
    const left = missing.length === 0 ? "" : `\nNot in this run: machines ${missing.join(", ")}.\n`;
    return `## ${runtime}\n\nAt ${own[0]?.commit}.\n\n${table(own, programs)}\n${left}`;
  });
  const tests = TESTS.map(([what, test, how]) => `| ${what} | \`${test}\` | ${how} |`);
  return `${HEAD}${sum}\n\n${tables.join("\n")}
## What other tests bring about

\`npm run soak\` runs these, and every runtime on the machines above.

| condition | test | what holds |
|---|---|---|
${tests.join("\n")}

## What nothing can answer

A filter that kills for a call ends the process with SIGSYS, without a word. Lethe tries in a child process first what
runtimes do without: memfd_secret, ftruncate and mlock for memories, keyctl and add_key for keyrings. For the calls of
key files (flock, fsync, linkat, renameat) it does not: a filter must refuse these with an error, or allow them.
`;
}

function table(rows: readonly HostileRow[], programs: readonly string[]): string {
  const machines = [...new Set(rows.map(({ machine }) => machine))];
  const cell = (machine: string, program: string): string => {
    const row = rows.find((one) => one.machine === machine && one.program === program);
    if (row === undefined) return "";
    const detail = isTyped(row.end) ? "" : row.detail;
    return [row.end, detail]
      .filter((text) => text !== "")
      .join("; ")
      .replaceAll("|", "/");
  };
  const lines = machines.map(
    (machine) =>
      `| ${[machine, ...programs.map((program) => cell(machine, program))].join(" | ")} |`,
  );
  return [
    `| a machine | ${programs.join(" | ")} |`,
    `|${"---|".repeat(programs.length + 1)}`,
    ...lines,
  ].join("\n");
}
