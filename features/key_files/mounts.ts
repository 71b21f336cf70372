import { codeOf, type Task } from "./task.ts";

/**
 * The mount whose mount point an open file itself is, or null when it is none: by proc_pid_fdinfo(5)
 * and proc_pid_mountinfo(5).
 *
 * @throws {LetheError} `ERR_LETHE_KEY_DENIED` when /proc does not tell
 */
export function mountOf(task: Task, descriptor: number): { readonly readOnly: boolean } | null {
  const { id, path, mounts } = read(task, descriptor);
  const line = mounts.split("\n").find((mount) => mount.startsWith(`${id} `));
  if (id === undefined || line === undefined) return null;
  const [, , , , point = "", options = ""] = line.split(" ");
  return unescaped(point) === path ? { readOnly: options.split(",").includes("ro") } : null;
}

function read(
  task: Task,
  descriptor: number,
): { readonly id: string | undefined; readonly path: string; readonly mounts: string } {
  const { calls } = task;
  try {
    const own = calls.readSystemText(`/proc/self/fdinfo/${descriptor}`);
    return {
      id: /^mnt_id:\t(\d+)$/m.exec(own)?.[1],
      path: calls.readSystemLink(`/proc/self/fd/${descriptor}`),
      mounts: calls.readSystemText("/proc/self/mountinfo"),
    };
  } catch (error) {
    return task.refuse(
      "ERR_LETHE_KEY_DENIED",
      `/proc does not tell whether it is a separate mount; mount /proc in the container (${codeOf(error)})`,
    );
  }
}

/** Space, tab, newline and backslash stand there as octal numbers. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
