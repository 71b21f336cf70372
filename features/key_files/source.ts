import { dirname } from "node:path";
import { LetheError } from "../../core/mod.ts";
import type { FileCalls, FileFacts } from "./file_calls.ts";
import { type Place, withDirectory, withPlace } from "./place.ts";
import type { Task } from "./task.ts";
import { checkFile, checkLinkFacts, type Trust } from "./trust.ts";

/** A key file to be read: a name in a checked directory, or a descriptor that somebody handed in. */
export interface Source {
  readonly trust: Trust;
  readonly open: (calls: FileCalls) => number;
  /** Nowhere for a descriptor. */
  readonly place: Place | null;
}

/** The key file at a name of a checked directory. */
export function sourceIn(place: Place, trust: Trust = "strict"): Source {
  const { directory, name } = place;
  return { trust, place, open: (calls) => calls.openFile(directory, name) };
}

/**
 * Finds the key file at `path` for reading, by the rules of a profile. `/dev/fd/N` is the descriptor N
 * of this process itself: whoever opened it chose the file, so that no directory is checked, and the
 * file is.
 *
 * @throws {LetheError} why the profile refuses it, and which other one would take it
 */
export function withSource<T>(
  task: Task,
  path: string,
  trust: Trust,
  use: (source: Source) => T,
): T {
  try {
    return find(task, path, trust, use);
  } catch (error) {
    if (error instanceof LetheError && error.code === "ERR_LETHE_KEY_DENIED") {
      throw new LetheError(error.code, `${error.message}${accessFor(task, path)}`);
    }
    if (trust !== "strict" || !isRefusal(error)) throw error;
    throw new LetheError(error.code, `${error.message}${adviceFor(task, path)}`);
  }
}

/** Opens a source, checks the file on the descriptor, and closes what it opened after `use`. */
export function withFile<T>(
  task: Task,
  { open, trust, place }: Source,
  use: (descriptor: number, facts: FileFacts) => T,
): T {
  const check = (descriptor: number): T => use(descriptor, checkFile(task, descriptor, trust));
  return place === null ? check(task.do(open)) : task.using(open, check);
}

function find<T>(task: Task, path: string, trust: Trust, use: (source: Source) => T): T {
  const descriptor = /^\/(?:dev|proc\/self)\/fd\/(0|[1-9]\d{0,6})$/.exec(path)?.[1];
  if (descriptor !== undefined) {
    return use({ trust, place: null, open: (calls) => calls.inherited(Number(descriptor)) });
  }
  return withPlace(task, path, "lookup", trust, (place) => {
    if (trust !== "kubernetes") return use(sourceIn(place, trust));
    return follow(task, place, (real) => use(sourceIn(real, trust)));
  });
}

/** The file behind NAME -> ..data/NAME and ..data -> ..TIME, as kubelet writes a volume; else the name itself. */
function follow<T>(task: Task, place: Place, use: (place: Place) => T): T {
  const { directory, name } = place;
  const facts = task.do((calls) => calls.statName(directory, name));
  if (facts.kind !== "link") return use(place);
  checkLinkFacts(task, facts);
  checkLinkFacts(
    task,
    task.do((calls) => calls.statName(directory, DATA)),
  );
  const target = task.do((calls) => calls.readLink(directory, name));
  const folder = task.do((calls) => calls.readLink(directory, DATA));
  if (target !== `${DATA}/${name}` || !/^\.\.[^/.][^/]*$/.test(folder)) {
    task.refuse(
      "ERR_LETHE_KEY_IRREGULAR",
      `it is a symbolic link, and not the one to ${DATA} that kubelet makes; give the path of the file itself`,
    );
  }
  const open = (): Place["directory"] => task.do((calls) => calls.openFolder(directory, folder));
  return withDirectory(task, open, "kubernetes", (real) => use({ directory: real, name }));
}

/**
 * What to do about a refusal of the strict profile, where another one would take the file, or the path
 * looks as if its platform had made it. Nothing of the file is read.
 */
function adviceFor(task: Task, path: string): string {
  const answers = new Map(
    OTHERS.map((trust) => [trust, refusalOf(() => find(task, path, trust, glance(task)))]),
  );
  const accepting = OTHERS.find((trust) => answers.get(trust) === null);
  if (accepting !== undefined) {
    return `; or, if ${PLACED_BY[accepting]} placed it there, read it with trust: "${accepting}" (--trust ${accepting})`;
  }
  const likely = platformOf(task, path);
  const refusal = likely === undefined ? null : answers.get(likely);
  return refusal
    ? `; or, if ${PLACED_BY[likely as Trust]} placed it there, it takes trust: "${likely}" (--trust ${likely}), where ${refusal.message.slice(task.message("").length)}${
        refusal.code === "ERR_LETHE_KEY_DENIED" ? accessFor(task, path) : ""
      }`
    : "";
}

/** How the user of the platform lets this process read what it may not read. */
function accessFor(task: Task, path: string): string {
  const likely = platformOf(task, path);
  return likely === undefined ? "" : `; ${PLACED_BY[likely]} lets it in by ${ACCESS[likely]}`;
}

/** The platform that makes such paths. */
function platformOf(task: Task, path: string): (typeof OTHERS)[number] | undefined {
  return OTHERS.find((trust) => PLACES[trust].test(path) || isVolume(task, path, trust));
}

function glance(task: Task): (source: Source) => void {
  return (source) => withFile(task, source, () => undefined);
}

function refusalOf(look: () => void): LetheError | null {
  try {
    look();
    return null;
  } catch (error) {
    if (error instanceof LetheError) return error;
    throw error;
  }
}

/** Whether kubelet's link stands beside the name. */
function isVolume(task: Task, path: string, trust: Trust): boolean {
  if (trust !== "kubernetes") return false;
  return (
    task.try((calls) => {
      const directory = calls.openDirectory(dirname(path), "lookup");
      try {
        return calls.statName(directory, DATA).kind === "link";
      } finally {
        calls.close(directory.descriptor);
      }
    }) === true
  );
}

function isRefusal(error: unknown): error is LetheError {
  return error instanceof LetheError && REFUSALS.has(error.code);
}

/** The link that kubelet swaps. */
export const DATA = "..data";
const OTHERS = ["kubernetes", "systemd", "compose"] as const;
const PLACES: Readonly<Record<(typeof OTHERS)[number], RegExp>> = {
  kubernetes: /\/\.\.data\//,
  systemd: /\/credentials\//,
  compose: /^\/run\/secrets\//,
};
const PLACED_BY: Readonly<Record<Trust, string>> = {
  strict: "this user",
  kubernetes: "Kubernetes",
  systemd: "systemd",
  compose: "Compose or Swarm",
};
const ACCESS: Readonly<Record<(typeof OTHERS)[number], string>> = {
  kubernetes: "fsGroup in the securityContext of the pod, with defaultMode: 0440 of the volume",
  systemd: "LoadCredential= in the unit that runs this process, with the User= of this process",
  compose: "uid and mode: 0400 of the secret in the service, or the owner of its file on the host",
};
/** What a profile decides on. */
const REFUSALS: ReadonlySet<string> = new Set([
  "ERR_LETHE_KEY_IRREGULAR",
  "ERR_LETHE_KEY_OWNER",
  "ERR_LETHE_KEY_MODE",
  "ERR_LETHE_KEY_DIRECTORY",
]);
