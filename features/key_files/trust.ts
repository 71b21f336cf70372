import { namesOnly } from "./access_list.ts";
import type { FileFacts } from "./file_calls.ts";
import { mountOf } from "./mounts.ts";
import { octal } from "./octal.ts";
import type { Task } from "./task.ts";

/**
 * Whom a key file may come from. Each profile is checked, on open descriptors; none skips a check.
 *
 * - `"strict"`, the default: the file and no one but its owner. It is this user's, of mode 0400 or 0600,
 *   no symbolic link, in a directory of this user or root that nobody else may write to. Nobody but
 *   this user and root can have read or changed it.
 * - `"kubernetes"`: a volume of a Secret, projected or not, also with fsGroup or OpenShift's arbitrary
 *   user. The file is root's or this user's, may be read by its group if this process is in that group,
 *   and by nobody else; PATH may be the link to `..data/NAME` that kubelet makes, if each link is
 *   root's or this user's. Its directories are root's or this user's, and nobody else may write to them,
 *   unless they are sticky. So only root can have put it there or change it, and the members of the
 *   pod's own group read it.
 * - `"systemd"`: a credential of LoadCredential or SetCredential. The file and its directory are root's
 *   or this user's, and nobody else may write to either; the file may be read by its owner and this
 *   user. A mode of 0440 stands for an access list: where the runtime can read it (Deno, Bun) it must
 *   name no other user and no group; Node cannot, and there root's word is taken for it.
 * - `"compose"`: a secret of Docker Compose or Swarm, which is mounted read-only as a separate file:
 *   what /proc says of that mount is checked. Its owner may be anyone, because nobody in this container
 *   can change it through the mount, and it may be readable by all, as Swarm makes it: the container is
 *   the boundary. Nobody but its owner may have permission to write it on the host.
 */
export type Trust = "strict" | "kubernetes" | "systemd" | "compose";

export const TRUSTS: readonly Trust[] = ["strict", "kubernetes", "systemd", "compose"];

/** What a directory must be like under a profile. */
export function checkDirectoryFacts(task: Task, facts: FileFacts, trust: Trust): void {
  const { owner, mode } = facts;
  if (task.calls.access !== "checked") return;
  const user = task.calls.user();
  if (owner !== 0 && owner !== user) {
    task.refuse(
      "ERR_LETHE_KEY_DIRECTORY",
      `its directory belongs to user ${owner}, who can put another file there; keep keys in a directory of this user or of root`,
    );
  }
  // Also with the sticky bit: others could still take the name first, or fill the directory.
  if ((mode & OTHERS_WRITE) === 0) return;
  if (trust === "kubernetes" && (mode & STICKY) !== 0) return;
  task.refuse(
    "ERR_LETHE_KEY_DIRECTORY",
    `its directory has mode ${octal(mode)}, so that others can put files there; ${
      owner === user ? "chmod go-w it" : "make one of this user's own in it, with mkdir -m 700"
    }`,
  );
}

/** A link that a profile follows: it must lead where root or this user had it lead. */
export function checkLinkFacts(task: Task, { owner, kind }: FileFacts): void {
  if (kind === "link" && (owner === 0 || owner === task.calls.user())) return;
  task.refuse(
    "ERR_LETHE_KEY_IRREGULAR",
    `it is reached by a link of user ${owner}, who can point it elsewhere; have it made by root`,
  );
}

/** What a file must be like under a profile. @returns what was asked of the descriptor */
export function checkFile(task: Task, descriptor: number, trust: Trust): FileFacts {
  const facts = task.do((calls) => calls.stat(descriptor));
  if (facts.kind !== "file") {
    const what = facts.kind === "directory" ? "a directory" : "a FIFO, a socket or a device";
    task.refuse("ERR_LETHE_KEY_IRREGULAR", `it is ${what}; give the path of a regular file`);
  }
  if (task.calls.access === "checked") CHECKS[trust](task, facts, descriptor);
  return facts;
}

type Check = (task: Task, facts: FileFacts, descriptor: number) => void;

const CHECKS: Readonly<Record<Trust, Check>> = {
  strict(task, facts) {
    const { owner, mode } = facts;
    const user = task.calls.user();
    if (owner !== user) refuseOwner(task, owner, user);
    if (mode === 0o400 || mode === 0o600) return;
    task.refuse(
      "ERR_LETHE_KEY_MODE",
      (mode & OTHERS) === 0
        ? `its mode is ${octal(mode)}, which no key file has; chmod it to 0400`
        : `its mode is ${octal(mode)}, so that others may have read it; replace the key, or chmod it to 0400 when nobody can have`,
    );
  },
  kubernetes(task, facts) {
    placed(task, facts, "set defaultMode: 0440 (or 0400) in the volume of the pod");
    if ((facts.mode & GROUP_READ) === 0 || task.calls.groups().includes(facts.group)) return;
    task.refuse(
      "ERR_LETHE_KEY_MODE",
      `group ${facts.group} may read it, and this process is not in that group; set fsGroup in the pod's securityContext`,
    );
  },
  systemd(task, facts, descriptor) {
    placed(task, facts, "pass it by LoadCredential= or SetCredential=");
    if ((facts.mode & GROUP_READ) === 0) return;
    const { accessList } = task.calls;
    const list = accessList === undefined ? undefined : task.do(() => accessList(descriptor));
    const named = list === undefined ? !inGroup(task, facts) : namesOnly(list, task.calls.user());
    if (named) return;
    task.refuse(
      "ERR_LETHE_KEY_MODE",
      `its mode is ${octal(facts.mode)}, and no access list names this user alone, as systemd makes it; pass it by LoadCredential= or SetCredential=`,
    );
  },
  compose(task, { owner, mode }, descriptor) {
    const mount = mountOf(task, descriptor);
    if (mount === null || !mount.readOnly) {
      task.refuse(
        "ERR_LETHE_KEY_OWNER",
        `it is not a separate read-only mount, as Compose and Swarm make one, so that user ${owner} can change it here; list it under secrets: of the service, or set its uid and mode: 0400 there`,
      );
    }
    if ((mode & (OTHERS_WRITE | SPECIAL)) === 0) return;
    task.refuse(
      "ERR_LETHE_KEY_MODE",
      `its mode is ${octal(mode)}, so that others can change it on the host; chmod go-w it there`,
    );
  },
};

/** What root or this user put there for this user, and for its group at most. */
function placed(task: Task, { owner, mode }: FileFacts, remedy: string): void {
  const user = task.calls.user();
  if (owner !== 0 && owner !== user) refuseOwner(task, owner, user);
  if ((mode & ~(0o600 | GROUP_READ)) === 0) return;
  task.refuse(
    "ERR_LETHE_KEY_MODE",
    `its mode is ${octal(mode)}, so that others may have read or changed it; ${remedy}`,
  );
}

function refuseOwner(task: Task, owner: number, user: number): never {
  return task.refuse(
    "ERR_LETHE_KEY_OWNER",
    `it belongs to user ${owner}, who can read and change it; ${
      user === 0 ? "chown it, or run as that user" : "run as that user, or have root chown it"
    }`,
  );
}

/** Then the group's permission explains that this process can read it, and no access list. */
function inGroup(task: Task, { group }: FileFacts): boolean {
  return task.calls.groups().includes(group);
}

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const GROUP_READ = 0o040;
const STICKY = 0o1000;
/** Set-user-ID, set-group-ID, sticky, and every permission to execute. */
const SPECIAL = 0o7111;
