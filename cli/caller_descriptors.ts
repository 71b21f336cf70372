import { fstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A descriptor from 3 on that was open when `lethe run` was started. */
export interface CallerDescriptor {
  readonly number: number;
  /** It would be closed when a program is started, unless it is handed on. */
  readonly closes: boolean;
}

/** An open descriptor, as /proc describes it, proc_pid_fd(5) and proc_pid_fdinfo(5). */
interface Open extends CallerDescriptor {
  /** A path, `socket:[5]`, `pipe:[6]`, `anon_inode:[eventpoll]` ... */
  readonly target: string;
  readonly waits: boolean;
}

interface Bun {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CLOSE_ON_EXEC = 0o2000000;
const NON_BLOCKING = 0o4000;

/**
 * What the caller handed to this process from 3 on, as it was when this module was loaded: main.ts loads
 * it before anything that opens descriptors, of which an import of `node:process` is one (its streams).
 *
 * Node sets FD_CLOEXEC on all that it inherits, so that nothing but its kind tells the caller's
 * descriptors from Node's own. The kinds that Node opens for its event loops count as Node's: epoll,
 * io_uring, eventfds that do not wait, and pipes of which both ends are here. A caller's epoll, io_uring
 * and such an eventfd are therefore left out. Bun does the same, and keeps the folder of its compile cache open.
 *
 * @returns null without /proc, where nothing is known
 */
export function callerDescriptors(): readonly CallerDescriptor[] | null {
  return AT_START;
}

function readCallers(): readonly CallerDescriptor[] | null {
  const open = openDescriptors();
  if (open === null) return null;
  const own = new Set(ownPipes(open));
  const callers = open.filter(({ closes, target, waits }) => {
    if (!closes) return true;
    if ("Deno" in globalThis) return false; // it leaves the flag of what it inherits as it was
    if (target === "anon_inode:[eventpoll]" || target === "anon_inode:[io_uring]") return false;
    if (target === "anon_inode:[eventfd]") return waits;
    return !own.has(target) && !isCompileCache(target);
  });
  // Bun closes all that is not handed on, whatever its flag is.
  return callers.map(({ number, closes }) => ({ number, closes: closes || "Bun" in globalThis }));
}

/** Whether it is Bun's folder in NODE_COMPILE_CACHE, as `v1.4.5-x86_64-a7733435c-0`. */
function isCompileCache(target: string): boolean {
  const { Bun } = globalThis as { readonly Bun?: Bun };
  return (
    Bun?.env["NODE_COMPILE_CACHE"] !== undefined && basename(target).startsWith(`v${Bun.version}-`)
  );
}

/**
 * Pipes that an event loop writes to itself: neither end waits. And one whose ends both wait, libuv's
 * lock of its signal handlers: the youngest, because a caller's pipe (a jobserver's) was there before.
 */
function ownPipes(open: readonly Open[]): readonly string[] {
  const pipes = Map.groupBy(
    open.filter(({ target }) => target.startsWith("pipe:")),
    ({ target }) => target,
  );
  const whole = [...pipes].filter(([, ends]) => ends.length === 2);
  const loops = whole.filter(([, ends]) => ends.every(({ waits }) => !waits));
  const locks = whole
    .filter(([, ends]) => ends.every(({ waits, closes }) => waits && closes))
    .sort(([, [one]], [, [other]]) => madeAt(other) - madeAt(one))
    .slice(0, "Bun" in globalThis ? 0 : 1);
  return [...loops, ...locks].map(([target]) => target);
}

/** When a pipe was made, unless it was both read and written since. */
function madeAt(end: Open | undefined): number {
  if (end === undefined) return 0;
  const { atimeMs, mtimeMs, ctimeMs } = fstatSync(end.number);
  return Math.min(atimeMs, mtimeMs, ctimeMs);
}

function openDescriptors(): readonly Open[] | null {
  const names = listed();
  if (names === null) return null;
  return names
    .map(Number)
    .filter((number) => number >= 3)
    .sort((one, other) => one - other)
    .flatMap((number) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${number}`);
        const info = readFileSync(`/proc/self/fdinfo/${number}`, "latin1");
        const flags = Number.parseInt(/^flags:\s+([0-7]+)$/m.exec(info)?.[1] ?? "0", 8);
        const closes = (flags & CLOSE_ON_EXEC) !== 0;
        return [{ number, target, closes, waits: (flags & NON_BLOCKING) === 0 }];
      } catch {
        return []; // the one by which the folder was read
      }
    });
}

function listed(): readonly string[] | null {
  try {
    return readdirSync("/proc/self/fd");
  } catch {
    return null;
  }
}

// Below everything that it calls.
const AT_START: readonly CallerDescriptor[] | null = readCallers();
