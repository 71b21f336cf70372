import type { CodeBlock } from "./code_blocks.ts";

/** Why a block is not run where the others are, and which test runs it. */
export const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  "conformance/SPEC.md 1": "a whole suite: conformance/*.test.ts",
  "conformance/SPEC.md 2": "waits for the suite: conformance/*.test.ts",
  "lethe/conformance bindReport 1": "a suite over your subject: conformance/*.test.ts",
  "lethe/conformance describeReport 1": "a suite over your subject: conformance/*.test.ts",
  "lethe/conformance expectNoResidue 1": "takes a target: conformance/forensics/*.test.ts",
  "lethe/sources OpenDescriptorSource 1": "reads standard input: features/sources/sources.test.ts",
  "lethe/conformance runConformance 1": "a suite over your memory: conformance/*.test.ts",
  "lethe/conformance scanCore 1": "takes a core file: conformance/forensics/*.test.ts",
  "lethe/conformance serveTarget 1": "waits for the suite: conformance/*.test.ts",
  "docs/agent.md 2": "takes a server: features/agent/ssh2.environment.test.ts",
  "docs/agent.md 3": "takes a certificate: features/agent/certificate.test.ts",
  "docs/command_line.md 1": "takes a descriptor of lethe run: cli/run/run.test.ts",
  "docs/recipes.md 1": "takes a file: examples/recipes/recipes.test.ts",
  "docs/recipes.md 2": "takes a server: examples/recipes/recipes.test.ts",
  "docs/recipes.md 3": "serves until it is stopped: examples/recipes/recipes.test.ts",
  "docs/recipes.md 6": "takes a server: examples/recipes/recipes.test.ts",
  "docs/writing_a_memory.md 1": "one of five modules: examples/wasm_memory/certify.test.ts",
  "docs/writing_a_memory.md 2": "one of five modules: examples/wasm_memory/certify.test.ts",
  "docs/writing_a_memory.md 3": "one of five modules: examples/wasm_memory/certify.test.ts",
  "docs/writing_a_memory.md 4": "one of five modules: examples/wasm_memory/certify.test.ts",
  "docs/writing_a_memory.md 5": "one of five modules: examples/wasm_memory/certify.test.ts",
};

/** Blocks that are modules of one program, or rest on your own: they do not compile alone. */
export function isPartOfProgram(name: string): boolean {
  return (
    name.startsWith("docs/writing_a_memory.md") ||
    (name.startsWith("lethe/conformance ") && RUN_ELSEWHERE[name] !== undefined)
  );
}

/** What a block finds when it starts. */
export interface Given {
  /** Lines that somebody types; they come on standard input, in a session without a terminal. */
  readonly input?: string;
  /** Whether `id_ed25519` lies in its folder, a key without a passphrase or under `input`. */
  readonly key?: "plain" | "encrypted";
  /** The runtimes that can run it; all unless said otherwise. */
  readonly only?: readonly string[];
}

/** Node alone has OpenSSL's secure heap. */
const NODES = ["node 24", "node 26"];

/** Bun serves what such a module exports until it is stopped. */
const NOT_BUN = ["node 24", "node 26", "deno"];

export const GIVEN: Readonly<Record<string, Given>> = {
  "docs/web.md 2": { only: NOT_BUN },
  "docs/custodian.md 1": { input: "pass phrase\n", only: NODES },
  "docs/custodian.md 2": { only: NODES },
  "docs/tour.md 1": { input: "pass phrase\npass phrase\n" },
  "docs/keys.md 1": { input: "pass phrase\n", key: "encrypted" },
};

/** What a block needs, by what its code does. */
export function givenTo({ name, code }: CodeBlock): Given {
  const asked = code.match(/\bpromptSecret\(|from: "stdin"/g) ?? [];
  return {
    ...(asked.length > 0 ? { input: "pass phrase\n".repeat(asked.length) } : {}),
    ...(code.includes('"id_ed25519') ? { key: "plain" } : {}),
    ...GIVEN[name],
  };
}
