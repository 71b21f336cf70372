import type { SpawnSyncOptionsWithStringEncoding } from "node:child_process";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { bare, optional } from "../core/arguments/own.ts";
import { type DenoNamespace, findDeno } from "./deno.ts";
import { childProcess, fs, TextDecoder } from "./node_builtins.ts";
import { isPermitted } from "./permitted.ts";
import { refuseRedirection } from "./redirection.ts";

const { lstatSync, readlinkSync } = fs;

/** Where an operating system keeps its own programs. Never PATH: npx puts `node_modules/.bin` first there. */
const FOLDERS: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** The environment of a program that finds others. */
const FINDING = { PATH: FOLDERS.join(":") } as const;

/** As many links as the kernel follows, path_resolution(7). */
const MOST_LINKS = 40;

/** Milliseconds. */
const PATIENCE = 10_000;

/** A program of the system, or why there is none that may be started. */
export type SystemProgram =
  | { readonly path: string }
  | { readonly path: null; readonly reason: string };

/** What a program is run with. */
export interface ProgramOptions {
  readonly stdin?: number;
  readonly milliseconds?: number;
  /** Lets it find other programs of the system, as a compiler has to: the one variable is PATH. */
  readonly findsOthers?: boolean;
}

/** How a program ended, and what it printed. */
export interface ProgramResult {
  /** Its exit status, or null when it did not start or did not end by itself; `reason` says why. */
  readonly status: number | null;
  /** Its standard output. */
  readonly output: string;
  /** Why its status is null, or the last line of its standard error. */
  readonly reason: string;
}

/**
 * Finds a program of the operating system by its name.
 *
 * A path that it gives is one that only root can change: the file, each directory above it and each
 * link on the way belong to root, and neither a group nor others may write there. It may be handed to
 * `spawn` as it is; give the child an environment of its own and the descriptors that it needs. The
 * path is not resolved, because a program such as BusyBox acts by the name that it was started by.
 *
 * On Deno it needs the permissions to read and to run that path, and never asks for them. It finds
 * nothing on Windows, nor where a system keeps its programs in other folders, as NixOS does.
 *
 *     const prlimit = findSystemProgram("prlimit");
 *     if (prlimit.path === null) return notDone(prlimit.reason);
 */
export function findSystemProgram(name: string): SystemProgram {
  const flaws: string[] = [];
  for (const folder of FOLDERS) {
    const path = `${folder}/${name}`;
    const flaw = flawOf(path) ?? (mayRun(path) ? null : `Deno has no --allow-run=${path}`);
    if (flaw === null) return { path };
    if (flaw !== ABSENT) flaws.push(flaw);
  }
  const reason = flaws[0] ?? `there is no ${name} in ${FOLDERS.join(", ")}`;
  return { path: null, reason };
}

/**
 * Runs a program of the operating system to its end, as {@link findSystemProgram} finds it: without a
 * shell, with an empty environment, in `/`, and with nothing on its standard input but `stdin`. It is
 * for programs that are done at once: after `milliseconds`, ten seconds unless it is said, they are
 * ended (on Deno they are waited for). It never throws.
 *
 * Descriptors that another program left open in this process without FD_CLOEXEC may reach it: no
 * runtime closes those. On Deno `stdin` can be 0 alone; let a program open what it needs by its path
 * (`stty -F /dev/tty`).
 *
 *     const { status, output, reason } = runSystemProgram("stty", ["-g"], { stdin: terminal });
 */
export function runSystemProgram(
  name: string,
  parameters: readonly string[],
  options: ProgramOptions = {},
): ProgramResult {
  const found = findSystemProgram(name);
  if (found.path === null) return failed(found.reason);
  const { path } = found;
  try {
    refuseRedirection();
    return findDeno() === undefined
      ? runOnNode(path, parameters, bare(options))
      : runOnDeno(path, parameters, bare(options));
  } catch (error) {
    return failed(`${path} did not start: ${codeOf(error)}`);
  }
}

function runOnNode(
  path: string,
  parameters: readonly string[],
  { stdin, milliseconds = PATIENCE, findsOthers = false }: ProgramOptions,
): ProgramResult {
  const options: SpawnSyncOptionsWithStringEncoding = {
    encoding: "latin1",
    // Node copies this one from process.env unless it is there, with any value.
    env: bare({ NODE_V8_COVERAGE: undefined, ...(findsOthers ? FINDING : {}) }),
    cwd: "/",
    shell: false,
    stdio: [stdin ?? "ignore", "pipe", "pipe"],
    timeout: milliseconds,
    killSignal: "SIGKILL",
    input: undefined,
    // In a session of its own it has no terminal, unless it is given one.
    ...({ detached: stdin === undefined } as object),
  };
  const result = childProcess().spawnSync(path, parameters, bare(options));
  const { status, signal, stdout, stderr } = result;
  const error = optional(result, "error");
  if (error !== undefined) return failed(`${path} did not start: ${codeOf(error)}`);
  if (status === null) return failed(`${path} was ended by ${signal}`);
  return { status, output: stdout, reason: lastLine(stderr) };
}

/** By Deno's own call: its `spawnSync` of Node hands on the whole environment, whatever it is given. */
function runOnDeno(
  path: string,
  parameters: readonly string[],
  { stdin, findsOthers = false }: ProgramOptions,
): ProgramResult {
  if (stdin !== undefined && stdin !== 0) return failed("Deno hands no descriptor on but 0");
  const Command = (findDeno() as DenoNamespace).Command;
  const options = {
    args: parameters,
    clearEnv: true,
    env: bare(findsOthers ? FINDING : {}),
    cwd: "/",
    stdin: stdin === 0 ? "inherit" : "null",
    stdout: "piped",
    stderr: "piped",
  };
  const command = new Command(path, bare(options));
  const { code, stdout, stderr } = command.outputSync();
  const [output, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { status: code, output: output ?? "", reason: lastLine(complaint ?? "") };
}

const ABSENT = "absent";
const DENIED = "Deno has no --allow-read=";

/**
 * Why somebody else than root and `user` could decide which program is behind an absolute path, or why it is
 * none; null for one that may be started. On Deno it needs the permission to read the path.
 */
export function programFlaw(path: string, user: number): ProgramFlaw | null {
  return asFlaw(flawOf(path, [0, user]), "program");
}

/** The same for a library, which is loaded into this process: a file that need not be executable. */
export function libraryFlaw(path: string, user: number): ProgramFlaw | null {
  return asFlaw(flawOf(path, [0, user], "library"), "library");
}

function asFlaw(reason: string | null, kind: "program" | "library"): ProgramFlaw | null {
  if (reason === null) return null;
  const isDenied = reason.startsWith(DENIED);
  return { isAbsent: reason === ABSENT, isDenied, reason, remedy: remedyFor(reason, kind) };
}

function remedyFor(reason: string, kind: "program" | "library"): string {
  if (reason === ABSENT) return "correct the path";
  if (/^Deno has no | cannot be read: /.test(reason)) {
    return "let this process read it, each folder above it and each link on the way";
  }
  if (reason.endsWith(" has too many links")) return "give the path that they lead to";
  if (!reason.endsWith(` is not a ${kind}`)) return "give the path of one that only they change";
  return kind === "program"
    ? "give the path of a file that may be executed, or give it that permission"
    : "give the path of the file";
}

/** What is wrong with a program or a library. */
export interface ProgramFlaw {
  readonly isAbsent: boolean;
  /** Deno does not let it be looked at: `reason` names the flag. */
  readonly isDenied: boolean;
  readonly reason: string;
  /** What the caller can do about it. */
  readonly remedy: string;
}

/** Why somebody else than `owners` could decide what is behind this path. @returns null when nobody can */
function flawOf(
  path: string,
  owners: readonly number[] = [0],
  kind: "program" | "library" = "program",
): string | null {
  let at = "/";
  const parts = ["/", ...path.split("/").filter(isPart)];
  for (let links = 0; parts.length > 0; ) {
    const next = join(at, parts.shift() as string);
    if (!mayRead(next)) return `${DENIED}${next}`;
    const stats = statOf(next);
    if (typeof stats === "string") return stats;
    if (stats.isSymbolicLink()) {
      if (++links > MOST_LINKS) return `${path} has too many links`;
      const target = readlinkSync(next);
      if (target.startsWith("/")) at = "/";
      parts.unshift(...target.split("/").filter(isPart));
      continue;
    }
    const byRoot = owners.length === 1 ? "root" : "root or this user";
    if (!owners.includes(stats.uid)) return `${next} does not belong to ${byRoot}`;
    // In a folder like /tmp, whose bit keeps others from what is not theirs.
    const isSticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0 && parts.length > 0;
    if ((stats.mode & 0o022) !== 0 && !(isSticky && owners.length > 1)) {
      return `others than ${byRoot} can write to ${next}`;
    }
    const isRight = stats.isFile() && (kind === "library" || (stats.mode & 0o111) !== 0);
    if (parts.length === 0 ? !isRight : !stats.isDirectory()) return `${next} is not a ${kind}`;
    at = next;
  }
  return null;
}

function isPart(part: string): boolean {
  return part !== "" && part !== ".";
}

/** @returns what the path is, or why that cannot be said */
function statOf(path: string): Stats | string {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" || code === "ENOTDIR" ? ABSENT : `${path} cannot be read: ${code}`;
  }
}

function mayRead(path: string): boolean {
  return isPermitted({ name: "read", path });
}

function mayRun(path: string): boolean {
  return isPermitted({ name: "run", command: path });
}

function failed(reason: string): ProgramResult {
  return { status: null, output: "", reason };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? "refused";
}
