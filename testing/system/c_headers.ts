/** Compares numbers with the C headers of a system, by a compiler of this machine. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** A system whose headers are installed here. */
export interface Headers {
  readonly name: string;
  /** As Node calls it. */
  readonly architecture: string;
  /** A header that is there where the rest is, and the package of Debian that has it. */
  readonly found: string;
  readonly from: string;
  readonly parameters: readonly string[];
}

const gcc = spawnSync("cc", ["-print-file-name=include"], { encoding: "utf8" });
const builtin = gcc.status === 0 ? gcc.stdout.trim() : null;
const instead = (...folders: readonly string[]): readonly string[] => [
  "-nostdinc",
  ...[builtin ?? "", ...folders].flatMap((folder) => ["-isystem", folder]),
];

/** Both are 64-bit systems with the sizes and the alignment of the host: its compiler lays their structures out. */
export const HEADERS: readonly Headers[] = [
  {
    name: "x86-64, glibc",
    architecture: "x64",
    found: "/usr/include/x86_64-linux-gnu/asm/unistd.h",
    from: "libc6-dev",
    parameters: [],
  },
  {
    name: "x86-64, musl",
    architecture: "x64",
    found: "/usr/include/x86_64-linux-musl/fcntl.h",
    from: "musl-dev",
    parameters: instead(
      "/usr/include/x86_64-linux-musl",
      "/usr/include/x86_64-linux-gnu",
      "/usr/include",
    ),
  },
  {
    name: "arm64, glibc",
    architecture: "arm64",
    found: "/usr/aarch64-linux-gnu/include/asm/unistd.h",
    from: "libc6-dev-arm64-cross",
    parameters: [
      ...["-U__x86_64__", "-U__x86_64", "-D__aarch64__", "-D__AARCH64EL__"],
      ...instead("/usr/aarch64-linux-gnu/include"),
    ],
  },
];

/** Why they cannot be read here, or nothing. */
export function missing({ found, from }: Headers): string {
  if (process.platform !== "linux" || process.arch !== "x64") return "it takes Linux on x86-64";
  if (builtin === null) return "it takes a C compiler";
  return existsSync(found) ? "" : `it takes ${from} of Debian`;
}

const INCLUDES = `#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <linux/memfd.h>
`;

/** What came of a comparison. */
export interface Compared {
  readonly equal: readonly string[];
  readonly different: readonly string[];
  /** No macro of these headers. */
  readonly unknown: readonly string[];
}

/** @param values by macro, or by another expression of C */
export function compareWith(
  { parameters }: Headers,
  values: ReadonlyMap<string, number | bigint>,
): Compared {
  const asserted = (name: string, value: number | bigint): string =>
    `_Static_assert((unsigned long)(${name}) == (unsigned long)(${value}), "different ${name}");`;
  const lines = [...values].map(([name, value]) =>
    /^\w+$/.test(name)
      ? `#ifdef ${name}\n${asserted(name, value)}\n#else\n_Static_assert(0, "unknown ${name}");\n#endif`
      : asserted(name, value),
  );
  const { stderr } = spawnSync("cc", ["-fsyntax-only", "-w", ...parameters, "-xc", "-"], {
    input: `${INCLUDES}${lines.join("\n")}\n`,
    encoding: "utf8",
  });
  const said = [...stderr.matchAll(/error: static assertion failed: "(different|unknown) (.+)"/g)];
  const errors = stderr.match(/error:/g)?.length ?? 0;
  if (errors !== said.length) throw new Error(stderr);
  const those = (verdict: string): readonly string[] =>
    said.filter(([, each]) => each === verdict).map(([, , name = ""]) => name);
  const [different, unknown] = [those("different"), those("unknown")];
  const equal = [...values.keys()].filter(
    (name) => !different.includes(name) && !unknown.includes(name),
  );
  return { equal, different, unknown };
}
