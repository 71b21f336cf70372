/** Prints docs/systems.md. */
import { isTyped } from "../typed_end.ts";

/** A program that was run in a runtime on a system. */
export interface Row {
  readonly runtime: string;
  readonly program: string;
  /** `held`, or what did not. */
  readonly end: string;
  readonly detail: string;
}

/** The last run on a system. */
export interface Results {
  readonly system: string;
  /** Run here, emulated, or why not run. */
  readonly how: string;
  readonly commit: string;
  readonly rows: readonly Row[];
}

const HEAD = `# Systems

<!-- Printed by npm run systems: change tools/systems/page.ts instead. -->

Lethe runs on more systems than its authors have. This page says on which of them it was run, and how. Nothing is
assumed of the others: there \`lethe doctor\` is the first thing to run.

`;

/** What no run of this page reaches, and what is known all the same. */
const OTHERS: readonly (readonly [system: string, how: string, known: string])[] = [
  [
    "Linux, arm64, hardware",
    "never run",
    "see the emulated one; memfd_secret(2), what mlock(2) counts, and reads of `/proc/self/mem` past the protection of a page",
  ],
  [
    "Linux, arm64, musl",
    "never run",
    "nothing; the registry has no Node.js for musl, and koffi's binary for it was not loaded",
  ],
  ["Linux, riscv64", "never run", "it shares the numbers of system calls with arm64"],
  ["macOS, arm64 and x86-64", "never run", "written and type-checked; a job of CI is written too"],
  ["Windows, x86-64", "never run", "the same; it has heap memory, and that of sodium-native"],
];

/** What the emulator answers by itself, so that nothing follows from a run for a kernel of arm64. */
const EMULATED = `## What the emulator decides

qemu-user translates each instruction, and hands system calls to the kernel of the host. What Lethe's code for arm64
does is run: its numbers of calls, its flags, its structures, the calling convention of FFI, the binaries of the
runtimes, of koffi and of sodium-native. What a kernel of arm64 would do is not:

- memfd_secret(2) is a call that qemu 7.2 does not have (ENOSYS): secretmem is passed over, and \`pages\` is taken.
- qemu makes \`/proc/self/maps\` and \`smaps\` by itself: flags such as \`dd\` are not in it, and \`no-dump\` is therefore
  unverified there.
- Pages have 4 KiB. A kernel with pages of 16 or 64 KiB was never run: the size is asked for, and not assumed.
- Copies are counted in the memory of the emulating process, in which the whole memory of the program lies.
- The custodian of Deno held in the last run. In earlier ones it did not answer within 300 seconds under qemu-user 7.2, and a
  program of three lines without Lethe, which starts \`/bin/true\` by \`node:child_process\`, did not come to its end there
  either. Why was not found out: \`npm run soak\` leaves this program out.

## What musl lacks

The registry has Bun for musl and no Node.js. Bun gets there the same secret memory as with glibc.
sodium-native has no binary that loads there: what needs an engine (crypto, sealed keys, the custodian) is refused with
\`ERR_LETHE_UNAVAILABLE\`, and the message names \`lethe/noble\` and \`lethe/libsodium\`. Bun needs a C++ library, which
Debian has for glibc alone: the run takes that one, with what it needs of glibc written for it
(\`testing/system/musl_shim.c\`). A system such as Alpine, which has its own, was never run.

## What is compared instead

A compiler compares every number that the sources have from the C headers with those of x86-64 and arm64 (glibc), and
of x86-64 (musl): each constant whose name is one of C, the numbers of system calls, the names of errors, the offsets
in \`struct statx\`, \`termios\`, \`sigaction\`, \`pollfd\` and \`ucred\`. A new constant is compared without further ado:
\`testing/system/kernel_numbers.environment.test.ts\`.
`;

export function page(results: readonly Results[]): string {
  const lines = results.map(({ system, how, commit, rows }) => {
    const held = rows.filter(({ end }) => end === "held").length;
    const refused = rows.filter(({ end }) => isTyped(end)).length;
    const failed = rows.length - held - refused;
    const figures = `${held} of ${rows.length} programs held, ${refused} said what they lack, ${failed} failed, at ${commit}`;
    return `| ${system} | ${how} | ${rows.length === 0 ? "" : figures} |`;
  });
  const others = OTHERS.map((cells) => `| ${cells.join(" | ")} |`);
  const overview = ["| system | how | |", "|---|---|---|", ...lines, ...others].join("\n");
  return `${HEAD}${overview}\n\n${results.map(table).join("\n")}\n${EMULATED}`;
}

function table({ system, rows }: Results): string {
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  const programs = [...new Set(rows.map(({ program }) => program))];
  const cell = (program: string, runtime: string): string => {
    const row = rows.find((one) => one.program === program && one.runtime === runtime);
    if (row === undefined) return "not run";
    return [row.end, row.detail]
      .filter((text) => text !== "")
      .join("; ")
      .replaceAll("|", "/");
  };
  const lines = programs.map(
    (program) =>
      `| ${[program, ...runtimes.map((runtime) => cell(program, runtime))].join(" | ")} |`,
  );
  const head = `| ${["", ...runtimes].join(" | ")} |`;
  return `## ${system}\n\n${[head, `|${"---|".repeat(runtimes.length + 1)}`, ...lines].join("\n")}\n`;
}
