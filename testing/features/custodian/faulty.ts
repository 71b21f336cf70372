import type { CustodianCommand } from "../../../features/custodian/mod.ts";
import { ROOT, RUNTIMES } from "../prompt/pty.ts";

const NODE: readonly string[] = [
  ...["--secure-heap=32768", "--secure-heap-min=32", "--expose-gc"],
  ...["--permission", "--allow-addons"],
  ...["--allow-fs-read=*", "--allow-fs-write=/dev/tty", "--no-warnings"],
];

/** As little as the custodian of the runtime has. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  "node-26": [...NODE, "--allow-ffi"],
  deno: [
    ...["run", "--quiet", "--no-prompt", "--no-check"],
    ...["--allow-ffi", "--allow-read", "--allow-sys=inspector"],
  ],
  bun: [],
};

/** Guarded, and yet to be looked into from outside. */
const MEMORY: Readonly<Record<string, string>> = {
  "node-26": "pages",
  deno: "pages",
  bun: "pages",
};

/** Starts faulty_main.ts as a custodian, with a fault of that kind. */
export function faultyCommand(name: string, fault: string): CustodianCommand {
  const [file = ""] = RUNTIMES[name] ?? [];
  const program = `${ROOT}testing/features/custodian/faulty_main.ts`;
  return { file, parameters: [...(FLAGS[name] ?? NODE), program, fault, MEMORY[name] ?? "sodium"] };
}
