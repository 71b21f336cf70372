import { LetheError } from "../../core/mod.ts";
import type { FileCalls, FileFacts } from "./file_calls.ts";
import { type Place, withDirectory, withPlace } from "./place.ts";
import type { Task } from "./task.ts";
import { checkFile, checkLinkFacts, TRUSTS, type Trust } from "./trust.ts";

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
    if (!(error instanceof LetheError) || trust !== "strict" || !REFUSALS.has(error.code))
      throw error;
    const other = TRUSTS.slice(1).find((profile) => accepts(task, path, profile));
    if (other === undefined) throw error;
    throw new LetheError(
      error.code,
      `${error.message}; or, if ${PLACED_BY[other]} placed it there, read it with trust: "${other}" (--trust ${other})`,
    );
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

/** Whether a profile would take it; nothing of the file is read. */
function accepts(task: Task, path: string, trust: Trust): boolean {
  return (
    task.try(() => {
      find(task, path, trust, (source) => withFile(task, source, () => undefined));
      return true;
    }) === true
  );
}

const DATA = "..data";
const PLACED_BY: Readonly<Record<Trust, string>> = {
  strict: "this user",
  kubernetes: "Kubernetes",
  systemd: "systemd",
  compose: "Compose or Swarm",
};
/** What a profile decides on. */
const REFUSALS: ReadonlySet<string> = new Set([
  "ERR_LETHE_KEY_IRREGULAR",
  "ERR_LETHE_KEY_OWNER",
  "ERR_LETHE_KEY_MODE",
  "ERR_LETHE_KEY_DIRECTORY",
]);
