import type { Directory } from "./file_calls.ts";
import { withDirectory } from "./place.ts";
import { DIRECTORY_REASONS, type Reasons } from "./reasons.ts";
import { DATA, type Source, sourceIn } from "./source.ts";
import type { Task } from "./task.ts";
import { checkLinkFacts } from "./trust.ts";

/** The files of a volume by their names, all of one state. */
export interface Volume {
  /** Kubelet makes another name for each state. */
  readonly state: string;
  readonly files: readonly (readonly [name: string, source: Source])[];
}

/**
 * A volume of a Kubernetes Secret, by the rules of that profile: the files of the folder that `..data` leads to.
 * Kubelet swaps that one link, so that files of two states are never mixed. A folder that it took away meanwhile
 * is `ERR_LETHE_KEY_CHANGED`.
 */
export function withVolume<T>(task: Task, path: string, use: (volume: Volume) => T): T {
  const open = (): Directory =>
    task.do((calls) => calls.openDirectory(path, "lookup"), DIRECTORY_REASONS);
  return withDirectory(task, open, "kubernetes", (directory) => {
    checkLinkFacts(
      task,
      task.do((calls) => calls.statName(directory, DATA), NO_VOLUME),
    );
    const state = task.do((calls) => calls.readLink(directory, DATA));
    if (!/^\.\.[^/.][^/]*$/.test(state)) {
      task.refuse(
        "ERR_LETHE_KEY_IRREGULAR",
        `its ${DATA} does not lead where kubelet lets it lead; give the path of one file`,
      );
    }
    const openState = (): Directory =>
      task.do((calls) => calls.openFolder(directory, state), SWAPPED);
    return withDirectory(task, openState, "kubernetes", (folder) => {
      const names = task.do((calls) => calls.list(folder), SWAPPED);
      const files = names
        .filter((name) => !name.startsWith("."))
        .map((name) => [name, sourceIn({ directory: folder, name }, "kubernetes")] as const);
      return use({ state, files });
    });
  });
}

const NO_VOLUME: Reasons = {
  ENOENT: [
    "ERR_LETHE_KEY_IRREGULAR",
    `it is not a volume of a Kubernetes Secret, which has ${DATA} in it; give the path of one file`,
  ],
};
const SWAPPED: Reasons = {
  ENOENT: ["ERR_LETHE_KEY_CHANGED", "kubelet changed the volume; read it again"],
};
