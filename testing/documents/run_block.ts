/** A block of a document as a program in an empty project. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CodeBlock } from "./code_blocks.ts";
import { givenTo } from "./needs.ts";

/** What the text around a block says to install. */
export const BESIDE: readonly string[] = [
  ...["@types/node", "@types/pg", "undici-types", "pg-types", "pg-protocol", "pg", "jose"],
  ...["@hpke/core", "@hpke/common"],
  ...["ssh2", "@types/ssh2"],
  ...["@noble/ciphers", "@noble/curves", "@noble/hashes", "libsodium-sumo"],
];

/** How a careful project compiles it. */
export const STRICT: Readonly<Record<string, unknown>> = {
  ...{ strict: true, noEmit: true, target: "es2022", module: "nodenext" },
  ...{ lib: ["esnext"], types: ["node"], allowImportingTsExtensions: true },
};

/** Puts packages of this tree into a project; `lethe` is the tree itself. */
export function linkPackages(project: string, names: readonly string[]): void {
  for (const name of names) {
    const place = join(project, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(resolve(name === "lethe" ? "." : join("node_modules", name)), place);
  }
}

/** The name of the block as one of a file. */
export function fileOf(name: string): string {
  return `${name.replaceAll(/\W+/g, "_")}.ts`;
}

/** Writes `program.ts` and what it finds into `folder`. @returns what to give it on standard input */
export function writeBlock(folder: string, block: CodeBlock): string {
  const { input = "", key } = givenTo(block);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "program.ts"), block.code);
  if (key !== undefined) makeKey(folder, key, input.trim());
  return input;
}

/** Runs `program.ts` without a terminal, on the runtime whose program is `executable`. */
export function blockCommand(runtime: string, executable: string): readonly string[] {
  const words = runtime === "deno" ? ["run", "--allow-all", "--no-prompt"] : [];
  return ["setsid", "-w", executable, ...words, "program.ts"];
}

function makeKey(folder: string, kind: "plain" | "encrypted", passphrase: string): void {
  const file = join(folder, "id_ed25519");
  const words = ["-q", "-t", "ed25519", "-N", kind === "plain" ? "" : passphrase, "-f", file];
  const { status, stderr } = spawnSync("ssh-keygen", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
}
