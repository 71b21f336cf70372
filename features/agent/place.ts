import { chmodSync, lstatSync, mkdtempSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import type { Permission } from "../../system/deno.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";

/** Where an agent's socket is. */
export interface AgentPlace {
  readonly path: string;
  /** Lets nobody but this user connect to the socket, which is there now. */
  protect(): void;
  /** Removes what was made. */
  remove(): void;
}

/**
 * The place of a socket: a folder that lets nobody else in, and a new one unless the caller has one.
 *
 * @throws {LetheError} `ERR_LETHE_AGENT`
 */
export function makePlace(path: string | undefined): AgentPlace {
  checkPermitted(path);
  const folder = path === undefined ? makeFolder() : dirname(path);
  const socket = path ?? join(folder, "agent.sock");
  checkFolder(folder);
  checkFree(socket);
  let isMade = false;
  return {
    path: socket,
    protect() {
      isMade = true;
      attempt("protect its socket", () => chmodSync(socket, 0o600));
    },
    remove() {
      if (isMade) quietly(() => unlinkSync(socket)); // the runtime has done that, as a rule
      if (path === undefined) quietly(() => rmdirSync(folder));
    },
  };
}

/** Deno would ask on the terminal, which may be showing a prompt of `confirm`. */
function checkPermitted(path: string | undefined): void {
  const folder = path === undefined ? temporaryFolder() : dirname(path);
  const host = path === undefined ? undefined : `unix:${path}`; // in a folder to be made: of any name
  const needed: readonly (readonly [Permission, string])[] = [
    [{ name: "read", path: folder }, `--allow-read=${folder}`],
    [{ name: "write", path: folder }, `--allow-write=${folder}`],
    [{ name: "sys", kind: "uid" }, "--allow-sys=uid"],
    [
      { name: "net", ...(host === undefined ? {} : { host }) },
      host === undefined ? "--allow-net" : `--allow-net=${host}`,
    ],
  ];
  const missing = needed.flatMap(([permission, flag]) => (isPermitted(permission) ? [] : [flag]));
  if (missing.length > 0) refuse(`Deno does not allow its socket; grant ${missing.join(" and ")}`);
}

function makeFolder(): string {
  return attempt("make a folder for its socket", () =>
    mkdtempSync(join(temporaryFolder(), "lethe-agent-")),
  );
}

/** On Deno `tmpdir` reads three variables, each of which takes a permission. */
function temporaryFolder(): string {
  const isPermittedHere = ["TMPDIR", "TMP", "TEMP"].every((variable) =>
    isPermitted({ name: "env", variable }),
  );
  return isPermittedHere ? tmpdir() : "/tmp";
}

function checkFolder(folder: string): void {
  const facts = attempt("look at the folder of its socket", () => lstatSync(folder));
  if (!facts.isDirectory()) refuse("the folder of its socket is none, or a symbolic link");
  if (process.platform === "win32") return; // its users have no numbers
  if (facts.uid !== process.geteuid?.()) {
    refuse("the folder of its socket belongs to another user; give one of this user");
  }
  if ((facts.mode & 0o077) === 0) return;
  refuse("others may enter the folder of its socket; run chmod 700 on it, or give another one");
}

/** Nothing is taken away from an agent that listens there. */
function checkFree(socket: string): void {
  try {
    lstatSync(socket);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    refuse(`it could not look at the path of its socket: ${errorCode(error) ?? "it failed"}`);
  }
  refuse("there is something at the path of its socket; if no agent runs there, remove it");
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    return refuse(`it could not ${what}: ${errorCode(error) ?? "it failed"}`);
  }
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // It is gone already, or cannot be removed: the folder lets nobody in.
  }
}

function refuse(reason: string): never {
  throw new LetheError("ERR_LETHE_AGENT", `Cannot open agent: ${reason}`);
}
